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

// store is an archive store.
type store struct {
	id           int64
	name         string
	kind         string // Server only
	state        string // requestedState
	fault        string // error
	count        int64  // messages
	size         int64  // bytes
	needsUpgrade bool
	needsRebuild bool // its indexes are selected for a rebuild
	database     string
	content      string
	index        string
}

func (s *store) key() string { return strconv.FormatInt(s.id, 10) }

// store returns the store named by an argument.
func (c *Call) store(arg string) (*store, error) {
	id := c.Number(arg)
	i := slices.IndexFunc(c.archive.stores, func(s *store) bool { return s.id == id })
	if i < 0 {
		return nil, problem("The archive store %d does not exist.", "Der Archivspeicher %d ist nicht vorhanden.", id)
	}
	return c.archive.stores[i], nil
}

// storeAt returns the store whose database lies at a path; nil when there is
// none.
func storeAt(stores []*store, path string) *store {
	i := slices.IndexFunc(stores, func(s *store) bool { return fold(s.database) == fold(path) })
	if i < 0 {
		return nil
	}
	return stores[i]
}

func getStores(c *Call) (any, error) {
	list := make(answer.List, 0, len(c.archive.stores))
	for _, s := range c.archive.stores {
		o := answer.Obj("id", s.id, "name", s.name)
		if c.opts.Edition == catalogue.Server {
			o = o.Add("type", s.kind)
		}
		list = append(list, o.Add(
			"requestedState", s.state,
			"error", answer.OrNull(s.fault),
			"statisticsCount", s.count,
			"statisticsSize", s.size,
			"needsUpgrade", s.needsUpgrade,
			"searchIndexesNeedRebuild", s.needsRebuild,
			"databasePath", s.database,
			"contentPath", s.content,
			"indexPath", s.index,
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
	s := &store{name: name, kind: "FileSystemInternal", state: "normal"}
	if c.Has("type") {
		s.kind = c.Text("type")
	}
	if c.Has("requestedState") {
		s.state = c.Text("requestedState")
	}
	if s.kind != "FileSystemInternal" && (c.Text("serverName") == "" || c.Text("databaseName") == "") {
		return nil, problem("A store of type %s needs serverName and databaseName.",
			"Ein Speicher vom Typ %s benötigt serverName und databaseName.", s.kind)
	}
	s.database = c.Text("databasePath")
	if s.database == "" {
		s.database = c.baseDirectory() + `\` + name
	}
	s.content, s.index = c.Text("contentPath"), c.Text("indexPath")
	if s.content == "" {
		s.content = s.database
	}
	if s.index == "" {
		s.index = s.database + `\Index`
	}
	if other := storeAt(c.archive.stores, s.database); other != nil {
		return nil, problem("The directory '%s' is in use by the archive store '%s'.",
			"Das Verzeichnis '%s' wird vom Archivspeicher '%s' verwendet.", s.database, other.name)
	}
	return s, nil
}

func emptyName() *Problem {
	return problem("The name must not be empty.", "Der Name darf nicht leer sein.")
}

func (c *Call) baseDirectory() string {
	if c.archive.instanceID != "" {
		return `D:\MailStoreSPE\` + c.archive.instanceID
	}
	return `D:\MailStore`
}

// add puts a store into the archive and counts the effect.
func (c *Call) add(s *store) {
	s.id = c.archive.nextID("store")
	c.archive.stores = append(c.archive.stores, s)
	c.archive.setState(s, s.state)
	c.Effect(s.name)
}

func createStore(c *Call) (any, error) {
	s, err := c.newStore()
	if err != nil {
		return nil, err
	}
	if storeAt(c.archive.detached, s.database) != nil {
		return nil, problem("The directory '%s' is not empty.", "Das Verzeichnis '%s' ist nicht leer.", s.database)
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
	old := storeAt(c.archive.detached, s.database)
	if old == nil {
		return nil, problem("There is no archive store in the directory '%s'.",
			"Im Verzeichnis '%s' befindet sich kein Archivspeicher.", s.database)
	}
	c.archive.detached = slices.DeleteFunc(c.archive.detached, func(d *store) bool { return d == old })
	s.count, s.size, s.needsUpgrade, s.needsRebuild = old.count, old.size, old.needsUpgrade, old.needsRebuild
	c.add(s)
	return nil, nil
}

func detachStore(c *Call) (any, error) {
	s, err := c.store("id")
	if err != nil {
		return nil, err
	}
	c.archive.stores = slices.DeleteFunc(c.archive.stores, func(x *store) bool { return x == s })
	c.archive.detached = append(c.archive.detached, s)
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
	s.name = c.Text("name")
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
		for _, other := range a.stores {
			if other.state == "current" {
				other.state = "normal"
			}
		}
	}
	s.state = state
}

var setStorePath = changeStore(func(c *Call, s *store) error {
	path := c.Text("path")
	if other := storeAt(c.archive.stores, path); path == "" || other != nil && other != s {
		return problem("The directory '%s' cannot be used.", "Das Verzeichnis '%s' kann nicht verwendet werden.", path)
	}
	s.database, s.content, s.index = path, path, path+`\Index`
	return nil
})

var setStoreProperties = changeStore(func(c *Call, s *store) error {
	for arg, field := range map[string]*string{
		"type": &s.kind, "databasePath": &s.database, "contentPath": &s.content, "indexPath": &s.index,
	} {
		if c.Has(arg) {
			*field = c.Text(arg)
		}
	}
	return nil
})

// usable returns the reason for which work on a store is refused; nil when
// there is none.
func (s *store) usable() error {
	if s.state == "disabled" || s.fault != "" {
		return problem("The archive store '%s' is not available.", "Der Archivspeicher '%s' ist nicht verfügbar.", s.name)
	}
	return nil
}
