package world

import (
	"slices"
	"strconv"
	"strings"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

var storeFunctions = map[string]handler{
	"GetStores":              getStores,
	"CreateStore":            createStore,
	"AttachStore":            attachStore,
	"DetachStore":            detachStore,
	"RenameStore":            renameStore,
	"SetStoreRequestedState": setStoreRequestedState,
	"SetStorePath":           setStorePath,
	"SetStoreProperties":     setStoreProperties,
}

func (s *store) key() string { return strconv.FormatInt(s.ID, 10) }

// store returns the store named by an argument.
func (c *Call) store(arg string) (*store, error) {
	id := c.Number(arg)
	i := slices.IndexFunc(c.archive.Stores, func(s *store) bool { return s.ID == id })
	if i < 0 {
		return nil, problem("The archive store %d does not exist.", "Der Archivspeicher %d ist nicht vorhanden.", id)
	}
	return c.archive.Stores[i], nil
}

// storeAt returns the store whose database lies at a path; nil when there is
// none.
func storeAt(stores []*store, path string) *store {
	place := func(path string) string { return fold(strings.TrimRight(path, `\`)) }
	path = place(path)
	i := slices.IndexFunc(stores, func(s *store) bool { return place(s.Database) == path })
	if i < 0 {
		return nil
	}
	return stores[i]
}

func getStores(c *Call) (any, error) {
	list := make(answer.List, 0, len(c.archive.Stores))
	for _, s := range c.archive.Stores {
		o := answer.Obj("id", s.ID, "name", s.Name)
		if c.opts.Edition == catalogue.Server {
			o = o.Add("type", s.Kind)
		}
		if s.Kind != fileSystem {
			o = o.Add("databaseName", s.SQL.Database, "serverName", s.SQL.Server, "userName", s.SQL.User)
		}
		fault := any(nil)
		if p := s.problem(); p != nil {
			fault = p.text(c.opts.ErrorTexts)
		}
		list = append(list, o.Add(
			"requestedState", s.State,
			"error", fault,
			"statisticsCount", s.Count,
			"statisticsSize", s.Size,
			"needsUpgrade", s.NeedsUpgrade,
			"searchIndexesNeedRebuild", s.NeedsRebuild,
			"databasePath", s.Database,
			"contentPath", s.Content,
			"indexPath", s.Index,
		))
	}
	return list, nil
}

// newStore reads the arguments that CreateStore and AttachStore share. Names
// need not be unique, as far as is known; the directory has to be.
func (c *Call) newStore() (*store, error) {
	name := c.Text("name")
	if strings.TrimSpace(name) == "" {
		return nil, emptyName()
	}
	s := &store{Name: name, Kind: fileSystem, State: "normal"}
	if c.Has("type") {
		s.Kind = c.Text("type")
	}
	if c.Has("requestedState") {
		s.State = c.Text("requestedState")
	}
	s.SQL = sqlSource{c.Text("serverName"), c.Text("databaseName"), c.Text("userName")}
	if err := s.complete(); err != nil {
		return nil, err
	}
	s.Database = c.Text("databasePath")
	if s.Database == "" {
		s.Database = c.archive.base() + `\` + name
	}
	s.Content, s.Index = c.Text("contentPath"), c.Text("indexPath")
	if s.Content == "" {
		s.Content = s.Database
	}
	if s.Index == "" {
		s.Index = s.Database + `\Index`
	}
	if other := storeAt(c.archive.Stores, s.Database); other != nil {
		return nil, problem("The directory '%s' is in use by the archive store '%s'.",
			"Das Verzeichnis '%s' wird vom Archivspeicher '%s' verwendet.", s.Database, other.Name)
	}
	return s, nil
}

// complete refuses a store in a database that is not named.
func (s *store) complete() error {
	if s.Kind != fileSystem && (s.SQL.Server == "" || s.SQL.Database == "") {
		return problem("A store of type %s needs serverName and databaseName.",
			"Ein Speicher vom Typ %s benötigt serverName und databaseName.", s.Kind)
	}
	return nil
}

func emptyName() *Problem {
	return problem("The name must not be empty.", "Der Name darf nicht leer sein.")
}

// base returns the directory in which new stores go by default.
func (a *archive) base() string {
	if a.Instance != nil {
		return a.Instance.Base
	}
	return `D:\MailStore`
}

// add puts a store into the archive and counts the effect.
func (c *Call) add(s *store) {
	s.ID = c.archive.nextID("store")
	c.archive.Stores = append(c.archive.Stores, s)
	c.archive.setState(s, s.State)
	c.Effect(s.Name)
}

func createStore(c *Call) (any, error) {
	s, err := c.newStore()
	if err != nil {
		return nil, err
	}
	if storeAt(c.archive.Detached, s.Database) != nil {
		return nil, notEmpty(s.Database)
	}
	c.add(s)
	return nil, nil
}

// attachStore takes back a store that was detached.
func attachStore(c *Call) (any, error) {
	s, err := c.newStore()
	if err != nil {
		return nil, err
	}
	old := storeAt(c.archive.Detached, s.Database)
	if old == nil {
		return nil, problem("There is no archive store in the directory '%s'.",
			"Im Verzeichnis '%s' befindet sich kein Archivspeicher.", s.Database)
	}
	c.archive.Detached = slices.DeleteFunc(c.archive.Detached, func(d *store) bool { return d == old })
	now := *old
	now.detached = false
	now.Name, now.Kind, now.State, now.SQL = s.Name, s.Kind, s.State, s.SQL
	now.Database, now.Content, now.Index = s.Database, s.Content, s.Index
	if now.Passphrase != "" {
		now.Fault = locked
	}
	c.add(&now)
	return nil, nil
}

func detachStore(c *Call) (any, error) {
	s, err := c.store("id")
	if err != nil {
		return nil, err
	}
	c.archive.Stores = slices.DeleteFunc(c.archive.Stores, func(x *store) bool { return x == s })
	c.archive.Detached = append(c.archive.Detached, s)
	s.detached = true
	c.Effect(s.key())
	return nil, nil
}

// changeStore runs f on the store that id names and counts it as the effect.
func changeStore(f func(c *Call, s *store) error) handler {
	return func(c *Call) (any, error) {
		s, err := c.store("id")
		if err != nil {
			return nil, err
		}
		if err := f(c, s); err != nil {
			return nil, err
		}
		c.Effect(s.key())
		return nil, nil
	}
}

var renameStore = changeStore(func(c *Call, s *store) error {
	if strings.TrimSpace(c.Text("name")) == "" {
		return emptyName()
	}
	s.Name = c.Text("name")
	return nil
})

var setStoreRequestedState = changeStore(func(c *Call, s *store) error {
	if !c.Has("requestedState") {
		return NoValue() // optional in the reference, and nothing to do without it
	}
	c.archive.setState(s, c.Text("requestedState"))
	return nil
})

// setState makes a store current, normal, write-protected or disabled. There is
// one current store at most.
func (a *archive) setState(s *store, state string) {
	if state == "current" {
		for _, other := range a.Stores {
			if other.State == "current" {
				other.State = "normal"
			}
		}
	}
	s.State = state
}

var setStorePath = changeStore(func(c *Call, s *store) error {
	path := c.Text("path")
	if !c.archive.free(path, s) {
		return badDirectory(path)
	}
	s.Database, s.Content, s.Index = path, path, path+`\Index`
	return nil
})

var setStoreProperties = changeStore(func(c *Call, s *store) error {
	now := *s
	for _, x := range firstHalf(c, []struct {
		arg   string
		field *string
	}{
		{"databasePath", &now.Database}, {"contentPath", &now.Content}, {"indexPath", &now.Index}, {"type", &now.Kind},
		{"databaseName", &now.SQL.Database}, {"serverName", &now.SQL.Server}, {"userName", &now.SQL.User},
	}) {
		if c.Has(x.arg) {
			*x.field = c.Text(x.arg)
		}
	}
	if err := now.complete(); err != nil {
		return err
	}
	if !c.archive.free(now.Database, s) {
		return badDirectory(now.Database)
	}
	*s = now
	return nil
})

// free reports whether a store can lie in a directory: no other one does,
// attached or not.
func (a *archive) free(path string, s *store) bool {
	other := storeAt(a.Stores, path)
	return path != "" && (other == nil || other == s) && storeAt(a.Detached, path) == nil
}

func badDirectory(path string) *Problem {
	return problem("The directory '%s' cannot be used.", "Das Verzeichnis '%s' kann nicht verwendet werden.", path)
}
