package world

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"moonpost/engine/sandbox/answer"
)

var hostFunctions = map[string]handler{
	"GetInstanceHosts":              instanceHosts.list(instanceHost),
	"CreateInstanceHost":            instanceHosts.create,
	"SetInstanceHostConfiguration":  instanceHosts.configure,
	"DeleteInstanceHost":            deleteInstanceHost,
	"GetDirectoriesOnInstanceHost":  getDirectoriesOnInstanceHost,
	"CreateDirectoryOnInstanceHost": createDirectoryOnInstanceHost,
}

var instanceHosts = roleKind{
	of:      func(e *environment) map[string]*serverRole { return e.Hosts },
	missing: noHost,
	base:    true,
}

func noHost(name string) *Problem {
	return problem("The instance host '%s' does not exist.", "Der Instance Host '%s' ist nicht vorhanden.", name)
}

// unreachable refuses work on a host that the management server does not reach.
func (r *serverRole) unreachable() *Problem {
	if r.active() {
		return nil
	}
	return problem("The instance host '%s' is not available.", "Der Instance Host '%s' ist nicht verfügbar.", r.Name)
}

func instanceHost(_ *Call, r *serverRole) answer.Object {
	return r.object().Add("baseDirectory", answer.OrNull(r.Base))
}

// instancesOn returns the instances of a host.
func (w *World) instancesOn(host string) []*archive {
	found := []*archive{}
	for _, a := range w.Archives {
		if fold(a.Instance.Host) == fold(host) {
			found = append(found, a)
		}
	}
	return found
}

// deleteInstanceHost refuses while the host has instances.
func deleteInstanceHost(c *Call) (any, error) {
	if n := len(c.instancesOn(c.Text("serverName"))); n > 0 {
		return nil, problem("The instance host '%s' has %d instances.", "Der Instance Host '%s' hat %d Instanzen.", c.Text("serverName"), n)
	}
	return instanceHosts.remove(c)
}

// drives are the drives of every instance host.
var drives = []string{`C:`, `D:`, `E:`}

var absolutePath = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z]:(\\[^\\/:*?"<>|]+)*\\?$`) })

// onDrive reports whether a path is one of a directory on a drive of a host.
func onDrive(path string) bool {
	return absolutePath().MatchString(path) && slices.Contains(drives, strings.ToUpper(path[:2]))
}

func badPath(path string) *Problem {
	return problem("'%s' is not the path of a directory on a drive of the host.",
		"'%s' ist kein Pfad eines Verzeichnisses auf einem Laufwerk des Hosts.", path)
}

// directories returns all paths that a host has, by folded path: those made
// there, and those in which its instances and their stores lie. Every parent of
// a path is one as well.
func (w *World) directories(host *serverRole) map[string]string {
	all := map[string]string{}
	put := func(path string) {
		for path = strings.TrimRight(path, `\`); len(path) > 2; path = path[:strings.LastIndexByte(path, '\\')] {
			all[fold(path)] = path
		}
	}
	for _, path := range append(slices.Clone(host.Directories), host.Base) {
		put(path)
	}
	for _, a := range w.instancesOn(host.Name) {
		put(a.Instance.Base)
		for _, s := range slices.Concat(a.Stores, a.Detached) {
			for _, path := range []string{s.Database, s.Content, s.Index} {
				if onDrive(path) { // a network path is none of the host's
					put(path)
				}
			}
		}
	}
	for _, drive := range drives {
		all[fold(drive)] = drive
	}
	return all
}

// getDirectoriesOnInstanceHost answers the names of the directories in a path,
// and the drives without one. The real shape is not known.
func getDirectoriesOnInstanceHost(c *Call) (any, error) {
	host, err := c.reachableHost()
	if err != nil {
		return nil, err
	}
	if !c.Has("path") {
		roots := []string{}
		for _, drive := range drives {
			roots = append(roots, drive+`\`)
		}
		return roots, nil
	}
	all := c.directories(host)
	path := fold(strings.TrimRight(c.Text("path"), `\`))
	if _, ok := all[path]; !ok {
		return nil, problem("Could not find a part of the path '%s'.", "Ein Teil des Pfades '%s' konnte nicht gefunden werden.", c.Text("path"))
	}
	names := []string{}
	for key, full := range all {
		if name, below := strings.CutPrefix(key, path+`\`); below && !strings.Contains(name, `\`) {
			names = append(names, full[strings.LastIndexByte(full, '\\')+1:])
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(fold(a), fold(b)) })
	return names, nil
}

func (c *Call) reachableHost() (*serverRole, error) {
	host, err := instanceHosts.role(c)
	if err != nil {
		return nil, err
	}
	if err := host.unreachable(); err != nil {
		return nil, err
	}
	return host, nil
}

// createDirectoryOnInstanceHost also makes the parents. That it refuses one
// that is there is a guess.
func createDirectoryOnInstanceHost(c *Call) (any, error) {
	host, err := c.reachableHost()
	if err != nil {
		return nil, err
	}
	path := strings.TrimRight(c.Text("path"), `\`)
	if !onDrive(path) {
		return nil, badPath(c.Text("path"))
	}
	if _, there := c.directories(host)[fold(path)]; there {
		return nil, problem("The directory '%s' already exists.", "Das Verzeichnis '%s' ist bereits vorhanden.", path)
	}
	host.Directories = append(slices.Clone(host.Directories), path)
	c.Effect(host.Name, path)
	return nil, nil
}
