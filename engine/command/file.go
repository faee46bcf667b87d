package command

import (
	"os"
	"path/filepath"
)

// create opens a file to write that may hold personal data. A relative name
// begins in the current folder.
func (p *program) create(op, flag, name string) (*os.File, error) {
	if name == "-" {
		return nil, misuse(op, flag+" takes a file", "")
	}
	f, err := os.OpenFile(p.path(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, misuse(op, flag+": "+err.Error(), "")
	}
	return f, nil
}

// path returns name as seen from the current folder of the process.
func (p *program) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.Dir, name)
}
