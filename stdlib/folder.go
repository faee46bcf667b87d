package stdlib

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"moonpost/engine/fault"
	"moonpost/stdlib/csvfile"
)

// folder is what a playbook may reach of the files of its machine: all in its own
// folder, where links cannot lead out of it, and for reading the file inputs
// that it declares.
type folder struct {
	op     string // the function that asks, for messages
	dir    string // full path
	inputs []string
}

func (h Host) folder(op string) (folder, error) {
	dir, err := filepath.Abs(h.Dir)
	if err != nil {
		return folder{}, &fault.Error{Kind: fault.Internal, Op: op, Err: err}
	}
	return folder{op: op, dir: dir, inputs: h.Inputs}, nil
}

// local returns the name of a path within the folder; false when it leads out.
func (f folder) local(path string) (string, bool) {
	name := filepath.FromSlash(path)
	if filepath.IsAbs(name) {
		var err error
		if name, err = filepath.Rel(f.dir, name); err != nil {
			return "", false
		}
	}
	name = filepath.Clean(name)
	return name, filepath.IsLocal(name)
}

// input returns the full path of a declared input.
func (f folder) input(path string) (string, bool) {
	name := filepath.FromSlash(path)
	if !filepath.IsAbs(name) {
		name = filepath.Join(f.dir, name)
	}
	i := slices.IndexFunc(f.inputs, func(input string) bool {
		same := filepath.Clean(input)
		return same == filepath.Clean(name) || runtime.GOOS == "windows" && strings.EqualFold(same, filepath.Clean(name))
	})
	if i < 0 {
		return "", false
	}
	return f.inputs[i], true
}

// read calls fn with a path in the folder, or with that of a declared input,
// whose root is the folder it lies in.
func (f folder) read(path string, fn func(root *os.Root, name string) error) error {
	dir := f.dir
	name, ok := f.local(path)
	if !ok || path == "" {
		input, declared := f.input(path)
		if !declared {
			return f.outside(path, "reads")
		}
		real, err := filepath.EvalSymlinks(input) // whoever gave the input may use links
		if err != nil {
			return f.fault(path, err)
		}
		dir, name = filepath.Dir(real), filepath.Base(real)
	}
	return f.in(dir, path, name, fn)
}

// change calls fn with a path in the folder, where what is there may be changed.
func (f folder) change(path string, fn func(root *os.Root, name string) error) error {
	name, ok := f.local(path)
	if !ok || path == "" {
		return f.outside(path, "changes")
	}
	return f.in(f.dir, path, name, fn)
}

// create is change for a path where something may be made.
func (f folder) create(path string, fn func(root *os.Root, name string) error) error {
	name, ok := f.local(path)
	if !ok {
		return f.change(path, fn)
	}
	if problem := unsafeName(filepath.ToSlash(name)); problem != "" {
		return &fault.Error{
			Kind: fault.Invalid, Op: f.op, Message: csvfile.Shown(path) + " " + problem,
			Hint: "names are those that Windows takes too; to make one of any text, see text.slug",
		}
	}
	return f.change(path, fn)
}

func (f folder) in(dir, path, name string, fn func(root *os.Root, name string) error) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return f.fault(path, err)
	}
	defer root.Close()
	if err := fn(root, name); err != nil {
		if _, outside := root.Lstat(".."); errors.Is(cause(err), cause(outside)) {
			return &fault.Error{Kind: fault.Permission, Op: f.op, Message: csvfile.Shown(path) + " is a link that leads out of the folder of the playbook"}
		}
		return f.fault(path, err)
	}
	return nil
}

// outside is the error for a path that is not the playbook's to reach.
func (f folder) outside(path, does string) error {
	if path == "" {
		return &fault.Error{Kind: fault.Invalid, Op: f.op, Message: "the path is empty"}
	}
	e := &fault.Error{
		Kind: fault.Permission, Op: f.op,
		Message: fmt.Sprintf("%s is outside of %s, the folder of the playbook", csvfile.Shown(path), csvfile.Shown(f.dir)),
		Hint:    `a playbook ` + does + ` files in its own folder alone`,
	}
	if does == "reads" {
		e.Hint = `declare the file: playbook { inputs = { file = { type = "file" } } }, and read inputs.file`
	}
	return e
}

// fault makes the error of a playbook out of one of the system.
func (f folder) fault(path string, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	e := &fault.Error{Kind: fault.Invalid, Op: f.op, Message: csvfile.Shown(path), Err: cause(err)}
	missing, isFolder := errors.AsType[*noFolderError](err)
	switch {
	case isFolder:
		e.Kind, e.Hint = fault.NotFound, "make it first: fs.mkdir("+fmt.Sprintf("%q", filepath.ToSlash(missing.folder))+")"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		e.Kind, e.Message, e.Err = fault.NotFound, "there is no "+csvfile.Shown(path), nil
	case errors.Is(err, fs.ErrExist):
		e.Kind, e.Message, e.Err = fault.Exists, "there is a "+csvfile.Shown(path)+" already", nil
	case errors.Is(err, fs.ErrPermission):
		e.Kind = fault.Permission
	}
	return e
}

// reserved are the names of devices, which Windows takes for no file whatever
// their extension is.
var reserved = []string{
	"con", "conin$", "conout$", "prn", "aux", "nul", "com¹", "com²", "com³", "lpt¹", "lpt²", "lpt³", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
	"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
}

// unsafeName says what makes a name one that only some systems take; "" for
// nothing.
func unsafeName(path string) string {
	switch {
	case !utf8.ValidString(path):
		return "is not UTF-8"
	case strings.Contains(path, `\`):
		return `has a \ in it: write / between folders`
	}
	for part := range strings.SplitSeq(path, "/") {
		base, _, _ := strings.Cut(strings.ToLower(part), ".")
		switch {
		case part == ".":
		case strings.ContainsAny(part, `<>:"|?*`) || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' }):
			return `has one of < > : " | ? * or a control character in its name`
		case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
			return "ends with a point or a blank"
		case slices.Contains(reserved, strings.TrimRight(base, " ")):
			return "is the name of a device"
		}
	}
	return ""
}
