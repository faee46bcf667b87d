-- Runs and what they recorded. Times are microseconds since 1970; NULL: never.
CREATE TABLE run (
	num      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	state    TEXT NOT NULL,
	epoch    INTEGER NOT NULL,
	owner    TEXT NOT NULL,
	playbook TEXT NOT NULL,
	target   TEXT NOT NULL,
	instance TEXT NOT NULL,
	started  INTEGER NOT NULL,
	code     BLOB,
	metadata BLOB,
	ended    INTEGER,
	outcome  TEXT NOT NULL DEFAULT '',
	exit     INTEGER NOT NULL DEFAULT 0,
	counts   BLOB,
	error    BLOB
) STRICT;

CREATE TABLE source (
	run  INTEGER PRIMARY KEY REFERENCES run(num) ON DELETE CASCADE,
	data BLOB NOT NULL -- JSON
) STRICT;

CREATE TABLE step (
	run      INTEGER NOT NULL REFERENCES run(num) ON DELETE CASCADE,
	seq      INTEGER NOT NULL,
	scope    INTEGER NOT NULL,
	target   TEXT NOT NULL,
	fn       TEXT NOT NULL,
	key      TEXT NOT NULL,
	args     BLOB NOT NULL,
	nth      INTEGER NOT NULL,
	names    TEXT,  -- JSON list
	objects  TEXT,  -- JSON list
	before   BLOB,
	epoch    INTEGER NOT NULL,
	attempt  INTEGER NOT NULL,
	intended INTEGER NOT NULL,
	state    TEXT NOT NULL,
	ended    INTEGER,
	proof    TEXT NOT NULL,
	evidence TEXT NOT NULL,
	result   BLOB,
	error    BLOB,
	PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

-- "Who changed user anna": without it every question reads every step.
CREATE INDEX step_key ON step (key, run) WHERE key <> '';

CREATE TABLE scope (
	run    INTEGER NOT NULL REFERENCES run(num) ON DELETE CASCADE,
	id     INTEGER NOT NULL,
	parent INTEGER NOT NULL,
	key    TEXT NOT NULL,
	nth    INTEGER NOT NULL,
	state  TEXT NOT NULL,
	plain  INTEGER NOT NULL,
	value  BLOB,
	PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE read (
	run    INTEGER NOT NULL REFERENCES run(num) ON DELETE CASCADE,
	scope  INTEGER NOT NULL,
	seq    INTEGER NOT NULL,
	target TEXT NOT NULL,
	fn     TEXT NOT NULL,
	args   BLOB NOT NULL,
	answer BLOB,
	PRIMARY KEY (run, scope, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
	run     INTEGER NOT NULL REFERENCES run(num) ON DELETE CASCADE,
	seq     INTEGER NOT NULL,
	step    INTEGER NOT NULL,
	target  TEXT NOT NULL,
	fn      TEXT NOT NULL,
	label   TEXT NOT NULL,
	token   TEXT NOT NULL,
	version INTEGER NOT NULL,
	status  TEXT NOT NULL,
	started INTEGER NOT NULL,
	ended   INTEGER,
	PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

-- The audit chain outlives the runs: run is their id, not their number.
CREATE TABLE link (
	seq    INTEGER PRIMARY KEY,
	run    TEXT NOT NULL,
	step   INTEGER NOT NULL,
	state  TEXT NOT NULL,
	digest BLOB NOT NULL,
	sum    BLOB NOT NULL
) STRICT;

-- Where the chain begins, signed; and which state key signs.
CREATE TABLE anchor (
	one    INTEGER PRIMARY KEY CHECK (one = 1),
	signer TEXT NOT NULL,
	seq    INTEGER NOT NULL,
	sum    BLOB NOT NULL,
	proof  BLOB NOT NULL
) STRICT;
