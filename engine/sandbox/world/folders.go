package world

import (
	"slices"
	"strings"
	"time"

	"moonpost/engine/sandbox/answer"
)

var folderFunctions = map[string]handler{
	"GetChildFolders":     getChildFolders,
	"GetFolderStatistics": getFolderStatistics,
	"MoveFolder":          moveFolder,
	"DeleteEmptyFolders":  deleteEmptyFolders,
}

// folder is a folder of an archive. The root's children are the archives of the
// users. What lies in a folder is known by the stores.
type folder struct {
	ID       int64
	Name     string
	Children []*folder
}

// child returns the child of a name and its place; nil when there is none.
func (f *folder) child(name string) (*folder, int) {
	i := slices.IndexFunc(f.Children, func(c *folder) bool { return fold(c.Name) == fold(name) })
	if i < 0 {
		return nil, -1
	}
	return f.Children[i], i
}

// at returns the folder of a path below f; nil when there is none.
func (f *folder) at(path string) *folder {
	for name := range strings.SplitSeq(path, "/") {
		if f, _ = f.child(name); f == nil {
			return nil
		}
	}
	return f
}

// makeFolder returns the folder of a path; it and all that is missing on the
// way is made.
func (a *archive) makeFolder(path string) *folder {
	f := &a.Folders
	for name := range strings.SplitSeq(path, "/") {
		next, _ := f.child(name)
		if next == nil {
			next = a.newFolder(name)
			f.insert(next)
		}
		f = next
	}
	return f
}

// newFolder makes a folder that is nowhere yet.
func (a *archive) newFolder(name string, children ...*folder) *folder {
	return &folder{ID: a.nextID("folder"), Name: name, Children: children}
}

// tops returns the name of the archive that each folder belongs to, by its ID.
func (a *archive) tops() map[int64]string {
	all := map[int64]string{}
	for _, top := range a.Folders.Children {
		all[top.ID] = top.Name
		top.walk("", func(_ string, f *folder) { all[f.ID] = top.Name })
	}
	return all
}

// paths returns the path of each folder, by its ID.
func (a *archive) paths() map[int64]string {
	all := map[int64]string{}
	a.Folders.walk("", func(path string, f *folder) { all[f.ID] = path })
	return all
}

func byName(a, b *folder) int { return strings.Compare(fold(a.Name), fold(b.Name)) }

// insert keeps the children sorted by name.
func (f *folder) insert(child *folder) {
	i, _ := slices.BinarySearchFunc(f.Children, child, byName)
	f.Children = slices.Insert(f.Children, i, child)
}

// walk calls visit for every folder below f, parents first, with its path.
func (f *folder) walk(path string, visit func(path string, f *folder)) {
	for _, c := range f.Children {
		below := c.Name
		if path != "" {
			below = path + "/" + c.Name
		}
		visit(below, c)
		c.walk(below, visit)
	}
}

// prune deletes the folders below f that hold no mail, innermost first, and
// returns how many.
func (f *folder) prune(mail map[int64]tally) int {
	deleted := 0
	kept := make([]*folder, 0, len(f.Children))
	for _, c := range f.Children {
		deleted += c.prune(mail)
		if mail[c.ID].count == 0 && len(c.Children) == 0 {
			deleted++
			continue
		}
		kept = append(kept, c)
	}
	f.Children = kept
	return deleted
}

// folder returns the folder named by an argument; the root when it was left
// out.
func (c *Call) folder(arg string) (*folder, error) {
	if !c.Has(arg) {
		return &c.archive.Folders, nil
	}
	f := c.archive.Folders.at(c.Text(arg))
	if f == nil {
		return nil, noFolder(c.Text(arg))
	}
	return f, nil
}

func noFolder(path string) *Problem {
	return problem("The folder '%s' does not exist.", "Der Ordner '%s' ist nicht vorhanden.", path)
}

// getChildFolders answers nested folders; the key names of the real answer are
// not known.
func getChildFolders(c *Call) (any, error) {
	f, err := c.folder("folder")
	if err != nil {
		return nil, err
	}
	levels := int64(1 << 30)
	if c.Has("maxLevels") {
		if levels = c.Number("maxLevels"); levels < 1 {
			return nil, OutOfRange()
		}
	}
	return childFolders(f, levels), nil
}

func childFolders(f *folder, levels int64) answer.List {
	list := make(answer.List, 0, len(f.Children))
	for _, child := range f.Children {
		below := answer.List{}
		if levels > 1 {
			below = childFolders(child, levels-1)
		}
		list = append(list, answer.Obj("name", child.Name, "childFolders", below))
	}
	return list
}

// getFolderStatistics counts a folder every 5 ms of a job's time, so a larger
// archive answers with a job, as SPE 25.3 evidently did.
func getFolderStatistics(c *Call) (any, error) {
	folders := 0
	c.archive.Folders.walk("", func(string, *folder) { folders++ })
	a := c.archive
	return &Work{
		Stages: []Stage{
			{Log: "Counting messages..."},
			{Takes: time.Duration(folders) * 5 * time.Millisecond, Percent: 100},
		},
		Done: func() (any, error) {
			a.reunite() // a store may have become usable since the call began
			list, mail := answer.List{}, a.tallies()
			a.Folders.walk("", func(path string, f *folder) {
				list = append(list, answer.Obj("folder", path, "count", mail[f.ID].count, "size", mail[f.ID].bytes))
			})
			return list, nil
		},
	}, nil
}

func moveFolder(c *Call) (any, error) {
	from, to := c.Text("fromFolder"), c.Text("toFolder")
	root := &c.archive.Folders
	moved := root.at(from)
	switch {
	case from == "" || moved == nil:
		return nil, noFolder(from)
	case slices.Contains(strings.Split(to, "/"), ""):
		return nil, problem("'%s' is not a valid folder name.", "'%s' ist kein gültiger Ordnername.", to)
	case strings.HasPrefix(fold(to), fold(from)+"/"):
		return nil, problem("The folder '%s' cannot be moved into itself.",
			"Der Ordner '%s' kann nicht in sich selbst verschoben werden.", from)
	}
	if there := root.at(to); there != nil && there != moved {
		return nil, problem("The folder '%s' already exists.", "Der Ordner '%s' ist bereits vorhanden.", to)
	}
	parent, target, name := root, root, to
	if above, _, ok := cutLast(from); ok {
		parent = root.at(above)
	}
	if above, last, ok := cutLast(to); ok {
		if target, name = root.at(above), last; target == nil {
			return nil, noFolder(above)
		}
	}
	_, i := parent.child(moved.Name)
	parent.Children = slices.Delete(parent.Children, i, i+1)
	moved.Name = name
	target.insert(moved)
	if parent == root {
		c.archive.followTop(from, to)
	}
	c.Effect(from)
	return nil, nil
}

// cutLast cuts a path before its last part.
func cutLast(path string) (above, last string, ok bool) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path, false
	}
	return path[:i], path[i+1:], true
}

func deleteEmptyFolders(c *Call) (any, error) {
	f, err := c.folder("folder")
	if err != nil {
		return nil, err
	}
	if c.half && len(f.Children) > 0 {
		f = f.Children[0]
	}
	paths := c.archive.paths()
	if f.prune(c.archive.tallies()) == 0 {
		return nil, nil
	}
	c.archive.remember(paths)
	c.Effect(c.Text("folder"))
	return nil, nil
}
