package world

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

var maintenanceFunctions = map[string]handler{
	"CompactMasterDatabase":       compactMasterDatabase,
	"MaintainFileSystemDatabases": maintainFileSystemDatabases,
	"CreateBackup":                createBackup,
	"RenewMasterKey":              renewMasterKey,
}

func compactMasterDatabase(c *Call) (any, error) {
	c.Effect()
	return &Work{Stages: []Stage{
		{Log: "Compacting master database..."},
		{Takes: 5 * time.Second, Percent: 50},
		{Takes: 5 * time.Second, Percent: 100, Log: "Finished."},
	}}, nil
}

// maintainFileSystemDatabases goes over the master database and over all stores
// that keep theirs in files.
func maintainFileSystemDatabases(c *Call) (any, error) {
	c.Effect()
	stages := []Stage{
		{Log: "Maintaining master database..."},
		{Takes: 5 * time.Second},
	}
	stores := c.archive.Stores
	for i, s := range stores {
		percent := share(i+1, len(stores))
		switch err := s.usable(); {
		case err != nil:
			stages = append(stages, Stage{Percent: percent, Log: err.Error()})
		case s.Kind != fileSystem:
			stages = append(stages, Stage{Percent: percent, Log: fmt.Sprintf("Archive store #%d (%s) has no file system database.", s.ID, s.Name)})
		default:
			stages = append(stages, Stage{
				Takes: s.takes() / 2, Percent: percent,
				Log: fmt.Sprintf("Database of archive store #%d (%s) maintained.", s.ID, s.Name),
			})
		}
	}
	return &Work{Stages: append(stages, Stage{Percent: 100, Log: "Finished."})}, nil
}

// createBackup copies the master database and all stores into a directory. The
// directory is there from the start: what a cancelled backup leaves behind is
// in the way of the next one.
func createBackup(c *Call) (any, error) {
	path := strings.TrimRight(c.Text("path"), `\`)
	if !absolute(path) {
		return nil, problem("'%s' is not a valid path.", "'%s' ist kein gültiger Pfad.", c.Text("path"))
	}
	taken := slices.Contains(c.archive.Backups, fold(path))
	if taken && !c.opts.Behaviour.OverwriteBackup {
		return nil, notEmpty(path)
	}
	if !taken {
		c.archive.Backups = append(slices.Clone(c.archive.Backups), fold(path))
	}
	c.Effect(c.Text("path"))
	stages := []Stage{
		{Log: fmt.Sprintf("Creating a backup in '%s'...", path)},
		{Takes: 5 * time.Second, Log: "Master database copied."},
	}
	stores := c.archive.Stores
	for i, s := range stores {
		what := "archive store"
		if c.Flag("excludeSearchIndexes") {
			what = "archive store without search indexes"
		}
		stages = append(stages, Stage{
			Takes: s.takes(), Percent: share(i+1, len(stores)),
			Text: fmt.Sprintf("%d of %d archive stores", i+1, len(stores)),
			Log:  fmt.Sprintf("Copied %s #%d (%s).", what, s.ID, s.Name),
		})
	}
	return &Work{Stages: append(stages, Stage{Percent: 100, Log: "Backup finished."})}, nil
}

// absolute reports whether a path begins with a drive or a share.
func absolute(path string) bool {
	return len(path) > 2 && (path[1:3] == `:\` || path[:2] == `\\`)
}

func notEmpty(path string) *Problem {
	return problem("The directory '%s' is not empty.", "Das Verzeichnis '%s' ist nicht leer.", path)
}

// renewMasterKey cannot be undone, and no function shows it.
func renewMasterKey(c *Call) (any, error) {
	c.archive.MasterKeys++
	c.Effect()
	return nil, nil
}
