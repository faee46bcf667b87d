package world

import "slices"

// What brings a store back that cannot be opened.
var recoveryFunctions = map[string]handler{
	"RecoverStore":            recoverStore,
	"RecreateRecoveryRecords": recreateRecoveryRecords,
	"RepairStoreDatabase":     repairStoreDatabase,
	"RetryOpenStores":         retryOpenStores,
	"UnlockStore":             unlockStore,
}

// Every archive that has stores also has one that is detached and locked: in
// this directory, with this passphrase. The help of moonpost sandbox names both.
const (
	LockedDirectory  = `E:\Legacy`
	LockedPassphrase = "correct horse"
)

// repairStoreDatabase works on a store with an embedded database (vendor's
// function reference), whether it can be opened or not.
var repairStoreDatabase = upkeep("Repairing the database of", func(_ *Call, s *store) error {
	if s.Kind != fileSystem {
		return problem("The archive store '%s' has no embedded database.",
			"Der Archivspeicher '%s' hat keine eingebettete Datenbank.", s.Name)
	}
	return nil
}, func(_ *Call, s *store) {
	if s.Fault == broken {
		s.Fault = ""
	}
})

// recreateRecoveryRecords is not for stores that keep content in an SQL
// database (vendor's function reference).
var recreateRecoveryRecords = upkeep("Creating recovery records of", func(_ *Call, s *store) error {
	if s.Kind != fileSystem && s.Content == "" {
		return problem("The archive store '%s' keeps its content in a database.",
			"Der Archivspeicher '%s' speichert seinen Inhalt in einer Datenbank.", s.Name)
	}
	return s.usable()
}, nothing)

// recoverStore works on a store that is disabled or broken and of the newest
// format (vendor's function reference). A locked one needs its encryptionKey.
var recoverStore = upkeep("Recovering", func(c *Call, s *store) error {
	if s.usable() == nil || s.NeedsUpgrade {
		return problem("The archive store '%s' must be disabled and upgraded.",
			"Der Archivspeicher '%s' muss deaktiviert und aktualisiert sein.", s.Name)
	}
	if s.Fault == locked && c.Text("encryptionKey") != s.Passphrase {
		return wrongPassphrase(s)
	}
	return nil
}, func(c *Call, s *store) { s.Fault, s.Damaged = "", 0 })

// retryOpenStores finds the directories there that were not; other faults stay.
func retryOpenStores(c *Call) (any, error) {
	failed := slices.DeleteFunc(slices.Clone(c.archive.Stores), func(s *store) bool { return s.Fault != unreachable })
	for _, s := range firstHalf(c, failed) {
		s.Fault = ""
	}
	c.Effect()
	return nil, nil
}

// unlockStore opens a locked store; one that is open already stays so.
var unlockStore = changeStore(func(c *Call, s *store) error {
	if s.Passphrase == "" {
		return problem("The archive store '%s' is not protected by a passphrase.",
			"Der Archivspeicher '%s' ist nicht durch eine Passphrase geschützt.", s.Name)
	}
	if c.Text("passphrase") != s.Passphrase {
		return wrongPassphrase(s)
	}
	if s.Fault == locked {
		s.Fault = ""
	}
	return nil
})

func wrongPassphrase(s *store) *Problem {
	return problem("The passphrase of the archive store '%s' is wrong.", "Die Passphrase des Archivspeichers '%s' ist falsch.", s.Name)
}
