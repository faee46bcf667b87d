package engine

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"moonpost/engine/fault"
)

// modules finds the Lua modules that a playbook requires: "lib.names" is the
// file lib/names.lua in the playbook's folder. A name cannot leave the folder,
// nor can a link in it.
type modules struct {
	dir  string
	root *os.Root
}

func newModules(dir string) (*modules, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the playbook's folder: %w", err)
	}
	return &modules{dir: dir, root: root}, nil
}

func (m *modules) close() { _ = m.root.Close() }

// find returns the file of the module, as people see it, and its source. The
// error wraps fs.ErrNotExist when there is no such module.
func (m *modules) find(name string) (string, []byte, error) {
	file := strings.ReplaceAll(name, ".", "/") + ".lua"
	if strings.ContainsAny(name, `/\:`+"\x00") || !fs.ValidPath(file) || strings.HasPrefix(path.Clean(file), ".") {
		return "", nil, &fault.Error{
			Kind: fault.Script, Op: "require " + name, Message: "not a module's name",
			Hint: `a module is a file beside the playbook: require("lib.names") is lib/names.lua`,
		}
	}
	shown := filepath.Join(m.dir, filepath.FromSlash(file))
	info, err := m.root.Stat(filepath.FromSlash(file)) // before Open, which would wait at a pipe
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return shown, nil, fmt.Errorf("no module %s here: %w", name, fs.ErrNotExist)
	case err != nil:
		return shown, nil, &fault.Error{Kind: fault.Permission, Op: "require " + name, Err: err}
	case !info.Mode().IsRegular():
		return shown, nil, &fault.Error{Kind: fault.Permission, Op: "require " + name, Message: shown + " is no regular file"}
	}
	f, err := m.root.Open(filepath.FromSlash(file))
	if err != nil {
		return shown, nil, &fault.Error{Kind: fault.Permission, Op: "require " + name, Err: err}
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxModule+1))
	if err != nil {
		return shown, nil, fmt.Errorf("read %s: %w", shown, err)
	}
	if len(text) > maxModule {
		return shown, nil, &fault.Error{Kind: fault.Limit, Op: "require " + name, Message: fmt.Sprintf("%s is larger than %d bytes", shown, maxModule)}
	}
	return shown, text, nil
}

// maxModule bounds what is read before the parser sees it.
const maxModule = 4 << 20
