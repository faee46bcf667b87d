package world

import (
	"regexp"
	"strings"
	"sync"

	"moonpost/engine/sandbox/answer"
)

var instanceFunctions = map[string]handler{
	"GetInstances":             getInstances,
	"CreateInstance":           createInstance,
	"GetInstanceConfiguration": getInstanceConfiguration,
	"SetInstanceConfiguration": setInstanceConfiguration,
}

// The start modes of an instance. Only automatic was seen; the others are those
// of a Windows service.
const (
	automatic = "automatic"
	manual    = "manual"
	disabled  = "disabled"
)

// instance is what the management server knows of an archive.
type instance struct {
	Alias, Name, Host string
	StartMode         string
	Base              string // directory
	DebugLog          bool
	IMAPLog           bool
	VSSWriter         bool
	VSSWithoutIndexes bool

	Process    *process // nil: it is stopped
	Frozen     bool
	StartError string // why it did not start
	NoAccess   bool   // service provider access is switched off
}

// status is one of running, stopped and frozen. Only running was seen.
func (i *instance) status() string {
	switch {
	case i.Process == nil:
		return "stopped"
	case i.Frozen:
		return "frozen"
	}
	return "running"
}

func getInstances(c *Call) (any, error) {
	list := answer.List{}
	for _, a := range c.matching("instanceFilter") {
		i, process := a.Instance, int64(0)
		if i.Process != nil {
			process = i.Process.ID
		}
		list = append(list, answer.Obj(
			"instanceID", a.InstanceID,
			"alias", i.Alias,
			"displayName", i.Name,
			"instanceHost", i.Host,
			"startMode", i.StartMode,
			"processID", process,
			"status", i.status(),
			"startStopError", answer.OrNull(i.StartError),
		))
	}
	return list, nil
}

func getInstanceConfiguration(c *Call) (any, error) {
	i := c.archive.Instance
	return answer.Obj(
		"instanceID", c.archive.InstanceID,
		"alias", i.Alias,
		"displayName", i.Name,
		"instanceHost", i.Host,
		"startMode", i.StartMode,
		"baseDirectory", i.Base,
		"debugLogEnabled", i.DebugLog,
		"imapServerConnectionLogEnabled", i.IMAPLog,
		"vssWriterEnabled", i.VSSWriter,
		"vssWriterExcludeIndexes", i.VSSWithoutIndexes,
	), nil
}

var instanceID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`) })

// instanceConfig reads the argument config: the id of an instance and what it
// is to look like. A key that was left out gets its default.
func (c *Call) instanceConfig() (string, *instance, error) {
	config, err := c.config(answer.Obj(
		"instanceID", "", "alias", "", "displayName", "", "instanceHost", "", "startMode", automatic, "baseDirectory", "",
		"debugLogEnabled", false, "imapServerConnectionLogEnabled", false, "vssWriterEnabled", true, "vssWriterExcludeIndexes", false,
	))
	if err != nil {
		return "", nil, err
	}
	id, err := named(config, "instanceID")
	if err != nil {
		return "", nil, err
	}
	host, err := named(config, "instanceHost")
	if err != nil {
		return "", nil, err
	}
	i := &instance{
		Alias: config.Text("alias"), Name: config.Text("displayName"), Host: host,
		StartMode: config.Text("startMode"), Base: strings.TrimRight(config.Text("baseDirectory"), `\`),
	}
	for key, flag := range map[string]*bool{
		"debugLogEnabled": &i.DebugLog, "imapServerConnectionLogEnabled": &i.IMAPLog,
		"vssWriterEnabled": &i.VSSWriter, "vssWriterExcludeIndexes": &i.VSSWithoutIndexes,
	} {
		*flag = config.Get(key) == true
	}
	return id, i, c.checkInstance(id, i)
}

// checkInstance refuses a configuration that an instance cannot have, and fills
// in its base directory.
func (c *Call) checkInstance(id string, i *instance) error {
	host := c.Environment.Hosts[fold(i.Host)]
	switch {
	case !instanceID().MatchString(id):
		return badInstanceID(id)
	case i.Alias != "" && !instanceID().MatchString(i.Alias):
		return badInstanceID(i.Alias)
	case host == nil:
		return noHost(i.Host)
	case i.StartMode != automatic && i.StartMode != manual && i.StartMode != disabled:
		return notFound(i.StartMode)
	}
	i.Host = host.Name
	if i.Base == "" {
		i.Base = strings.TrimRight(host.Base, `\`) + `\` + id
	}
	if !onDrive(i.Base) {
		return badPath(i.Base)
	}
	for key, other := range c.Archives {
		if key == fold(id) {
			continue
		}
		for _, name := range []string{key, fold(other.Instance.Alias)} {
			if name == fold(id) || name != "" && name == fold(i.Alias) {
				return problem("The instance ID '%s' is in use.", "Die Instanz-ID '%s' wird bereits verwendet.", name)
			}
		}
		if fold(other.Instance.Host) == fold(i.Host) && fold(other.Instance.Base) == fold(i.Base) {
			return problem("The directory '%s' is in use by the instance '%s'.",
				"Das Verzeichnis '%s' wird von der Instanz '%s' verwendet.", i.Base, other.InstanceID)
		}
	}
	return nil
}

func badInstanceID(id string) *Problem {
	return problem("'%s' is not a valid instance ID.", "'%s' ist keine gültige Instanz-ID.", id)
}

// createInstance makes an instance with one empty store. It does not start it
// unless the behaviour new-instance says so.
func createInstance(c *Call) (any, error) {
	id, i, err := c.instanceConfig()
	if err != nil {
		return nil, err
	}
	if c.Archives[fold(id)] != nil {
		return nil, problem("The instance '%s' already exists.", "Die Instanz '%s' ist bereits vorhanden.", id)
	}
	if err := c.Environment.Hosts[fold(i.Host)].unreachable(); err != nil {
		return nil, err
	}
	a := newArchive(id)
	a.Instance = i
	c.Archives[fold(id)] = a
	c.Effect(id)
	if c.half {
		return nil, Injected()
	}
	path := i.Base + `\Store 1`
	a.Stores = append(a.Stores, &store{
		ID: a.nextID("store"), Name: "Store 1", Kind: "FileSystemInternal", State: "current",
		Database: path, Content: path, Index: path + `\Index`,
	})
	c.seedDirectory(a)
	if c.opts.Behaviour.StartNewInstances && i.StartMode == automatic {
		i.start(c.World)
	}
	return nil, nil
}

// setInstanceConfiguration replaces the whole configuration. An instance that
// runs cannot move to another host or directory; what moves is the instance,
// its stores stay where they are.
func setInstanceConfiguration(c *Call) (any, error) {
	id, i, err := c.instanceConfig()
	if err != nil {
		return nil, err
	}
	a := c.Archives[fold(id)]
	if a == nil {
		return nil, noInstance(id)
	}
	old := a.Instance
	if old.Process != nil && (fold(i.Host) != fold(old.Host) || fold(i.Base) != fold(old.Base)) {
		return nil, problem("The instance '%s' must be stopped.", "Die Instanz '%s' muss beendet sein.", a.InstanceID)
	}
	old.Alias, old.Name = i.Alias, i.Name
	c.Effect(a.InstanceID)
	if c.half {
		return nil, Injected()
	}
	i.Process, i.Frozen, i.StartError, i.NoAccess = old.Process, old.Frozen, old.StartError, old.NoAccess
	a.Instance = i
	return nil, nil
}
