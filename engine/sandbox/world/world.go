// Package world is the MailStore behind the sandbox's network: its state and
// its functions, without HTTP. World.Invoke runs one call, World.Status and
// World.Cancel serve the calls that run as jobs.
//
// A function is one row in the table of its area (users.go, stores.go, …) and
// one handler next to it: func(*Call) (any, error). Arguments reach the handler
// checked against the catalogue. A handler names the key of each effect itself
// with Call.Effect, so that a test can count how often a change took place, and
// returns a *Work when it takes time.
//
// Everything below World is guarded by its lock. Slices and objects that have
// been put into the state are replaced and never changed in place, so a result
// may carry them out of the lock.
package world

import (
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// Options say what the world looks like. The zero value of a field is the
// default named with it. Those that are saved say what the world is, the others
// how it behaves.
type Options struct {
	Edition  catalogue.Edition // catalogue.Server
	User     string            // administrator; "admin"
	Password string            // the administrator's; "Passw0rd"

	Users  int    // archive users besides the administrator; 25, negative: none
	Stores int    // archive stores; 12, negative: none
	Seed   uint64 // of names, sizes and histories; 1

	History time.Duration // how far back runs of profiles and jobs go; 14 days, negative: none, 600 days at most

	Version     string // "25.3.1.23062"
	MachineName string // "MAILSTORE"

	Certificates Certificates `json:"-"` // of the service; nil: two that exist by name only

	ErrorTexts Texts         `json:"-"` // Vendor
	JobSpeed   float64       `json:"-"` // seconds of a job's time per second; 60
	JobAfter   time.Duration `json:"-"` // calls that take longer, in a job's time, run as jobs; 2 s, negative: every call
	Behaviour  Behaviour     `json:"-"`
}

// Behaviour holds the points on which nothing is known for sure about the real
// server. The zero value is what is most likely.
type Behaviour struct {
	Cancelled         string // code of a cancelled job; "cancelled"
	RepeatLog         bool   // a status repeated after a time-out repeats its log lines
	IgnoreExtraArgs   bool   // arguments, and keys of a configuration, that are not known are ignored instead of refused
	IncludeIndexesReq bool   // includeIndexes of VerifyStore is required, as in the reference of 2024
	StartNewInstances bool   // CreateInstance starts what has start mode automatic
	OverwriteBackup   bool   // CreateBackup takes a directory that holds a backup already
	ListRuns          bool   // GetWorkerResults lists runs of profiles that have not ended
	StaleStatistics   bool   // what GetStores counts changes with RefreshAllStoreStatistics only
	EnforceLicence    bool   // no more users can be created than are licensed
}

func (o Options) withDefaults() Options {
	set(&o.Edition, catalogue.Server)
	set(&o.User, "admin")
	set(&o.Password, "Passw0rd") // with admin the login of using-the-api.txt
	set(&o.Users, 25)
	set(&o.Stores, 12)
	set(&o.Seed, 1)
	set(&o.History, 14*24*time.Hour)
	set(&o.Version, "25.3.1.23062")
	set(&o.MachineName, "MAILSTORE")
	set(&o.ErrorTexts, Vendor)
	set(&o.JobSpeed, 60)
	set(&o.JobAfter, 2*time.Second)
	set(&o.Behaviour.Cancelled, answer.Cancelled)
	if o.Certificates == nil {
		o.Certificates = newPaperCertificates()
	}
	o.Users, o.Stores, o.History = max(o.Users, -1), max(o.Stores, -1), max(o.History, -1)
	return o
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// World is one simulated MailStore. It is safe for concurrent use.
type World struct {
	opts      Options
	functions map[string]*function // those of the edition
	metadata  []byte
	logins    atomic.Uint64 // counts changes of who may log in

	mu      sync.Mutex
	clock   clock
	work    jobs
	source  *rand.PCG
	rng     *rand.Rand // draws from source
	changes uint64     // counts what may have changed the state

	sessions    map[string]*session // by folded user
	lastSession int

	state
}

// state is what a server knows, and keeps when it is started anew. Whatever a
// function changes belongs below it, in exported fields and without a second
// way to the same object, so that it can be written to a file and read back.
type state struct {
	Environment *environment        // nil on a Server
	Archives    map[string]*archive // by folded instance; "" on a Server
	Ledger      ledger
	Started     bool // the first token was given out
}

// archive is one mail archive: that of a MailStore Server, or one instance of
// an SPE.
type archive struct {
	InstanceID  string           // "" on a Server
	Instance    *instance        // nil on a Server
	Users       map[string]*user // by folded name
	Stores      []*store
	Detached    []*store // what lies on disk and can be attached
	Folders     folder   // the root
	Profiles    []*profile
	Runs        []*result // of profiles, under way
	Results     []result  // oldest first
	Jobs        []*serverJob
	JobResults  []jobResult     // oldest first
	Settings    answer.Map      // by the function that reads them
	Directory   []directoryUser // what the directory service knows
	Credentials []credential
	Backups     []string // folded directories that hold one
	MasterKeys  int64    // how often the master key was renewed
	LastID      map[string]int64
}

func newArchive(id string) *archive {
	a := &archive{
		InstanceID: id, Users: map[string]*user{}, LastID: map[string]int64{}, Settings: answer.Map{},
	}
	for _, s := range settings() {
		a.Settings[s.get] = s.initial
	}
	return a
}

// nextID returns the next number of a kind of object, from 1.
func (a *archive) nextID(kind string) int64 {
	a.LastID[kind]++
	return a.LastID[kind]
}

// New makes a world as the options say; the same seed gives the same world.
func New(o Options) *World {
	w := empty(o.withDefaults())
	w.state = state{Archives: map[string]*archive{}, Ledger: newLedger()}
	w.seed()
	return w
}

// empty returns a world without state.
func empty(o Options) *World {
	source := rand.NewPCG(o.Seed, 0x6d6f6f6e)
	w := &World{
		opts: o, source: source, rng: rand.New(source), clock: newClock(o.JobSpeed), work: newJobs(),
		sessions: map[string]*session{},
	}
	w.functions = functionsOf(o)
	w.metadata = metadataOf(w.functions)
	return w
}

// Options returns what the world was made of, defaults filled in.
func (w *World) Options() Options { return w.opts }

// Metadata returns the answer of get-metadata. It must not be changed.
func (w *World) Metadata() []byte { return w.metadata }

// Has reports whether the edition has a function of that name.
func (w *World) Has(fn string) bool { return w.functions[fn] != nil }

// Effects returns how often each changing call took effect, in the order of the
// first time.
func (w *World) Effects() []Effect {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	return w.Ledger.all()
}

// Advance moves the time of running jobs forward.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock.advance(d)
	w.settle()
}

// fold returns the form of a name under which it is looked up: MailStore does
// not tell names apart by case.
func fold(name string) string { return strings.ToLower(name) }

// date formats a time as the server does: without zone and fraction.
func date(t time.Time) string {
	var text [len(time.RFC3339)]byte
	return string(t.AppendFormat(text[:0], time.RFC3339)[:19]) // three times as fast as with a layout
}
