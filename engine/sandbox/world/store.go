package world

// fileSystem is the kind of a store that keeps everything in files.
const fileSystem = "FileSystemInternal"

// store is an archive store.
type store struct {
	ID           int64
	Name         string
	Kind         string // Server only
	State        string // requestedState
	Fault        storeFault
	Count        int64 // messages, when the statistics were made
	Size         int64 // bytes, then
	NeedsUpgrade bool
	NeedsRebuild bool     // its indexes are selected for a rebuild
	Rebuilt      []string // folded archives whose index was rebuilt since then
	Database     string
	Content      string
	Index        string
	SQL          sqlSource
	Passphrase   string // of a store that is locked when it is attached

	Mail        []portion
	LastMessage int64            // number
	Waste       int64            // bytes of deleted messages, till it is compacted
	Damaged     int64            // messages that VerifyStore finds fault with
	DamagedFrom int64            // number of the first of them
	Lost        map[int64]string // paths of folders that are gone, by ID

	detached bool // work on it is to end; not saved, since no work outlives the server
}

// sqlSource says where a store that is no file system store keeps its data.
type sqlSource struct{ Server, Database, User string }

// storeFault is what keeps a store from being opened; "" when nothing does.
type storeFault string

// The faults.
const (
	unreachable storeFault = "unreachable" // its directory was not there; it is when somebody tries again
	broken      storeFault = "broken"      // its database is damaged
	locked      storeFault = "locked"      // it needs its passphrase
)

// problem says what is wrong with a store; nil when nothing is.
func (s *store) problem() *Problem {
	switch s.Fault {
	case unreachable:
		return problem("The directory '%s' cannot be reached.", "Auf das Verzeichnis '%s' kann nicht zugegriffen werden.", s.Database)
	case broken:
		return problem("The database in '%s' is damaged.", "Die Datenbank in '%s' ist beschädigt.", s.Database)
	case locked:
		return problem("The archive store is locked. A passphrase is required.",
			"Der Archivspeicher ist gesperrt. Eine Passphrase wird benötigt.")
	}
	return nil
}

// usable returns the reason for which work on a store is refused; nil when
// there is none.
func (s *store) usable() error {
	if s.State == "disabled" || s.Fault != "" || s.detached {
		return problem("The archive store '%s' is not available.", "Der Archivspeicher '%s' ist nicht verfügbar.", s.Name)
	}
	return nil
}

// writable returns the reason for which no mail of a store can be changed; nil
// when there is none.
func (s *store) writable() error {
	if err := s.usable(); err != nil {
		return err
	}
	if s.State == "writeProtected" {
		return problem("The archive store '%s' is write-protected.", "Der Archivspeicher '%s' ist schreibgeschützt.", s.Name)
	}
	return nil
}
