package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"moonpost/bindings"
	"moonpost/engine"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
	"moonpost/engine/values"
	"moonpost/scripts"
)

// playbook is what an operand of run stands for.
type playbook struct {
	name string // as people see it
	dir  string // its folder: modules, file defaults and relative paths
	text []byte

	shipped bool
}

// playbook reads the file of that name or, where there is none, the shipped
// playbook. Relative paths of a shipped one begin in the current folder: it has
// no folder of its own, and what it writes should be found.
func (p *program) playbook(name string) (playbook, error) {
	file := playbook{name: name, dir: filepath.Dir(p.path(name))}
	info, err := os.Stat(p.path(name))
	if !strings.ContainsAny(name, `/\`) && !strings.HasSuffix(name, ".lua") && (errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir()) {
		if shipped, ok := scripts.Find(name); ok {
			return playbook{name: name, dir: p.Dir, text: shipped.Source, shipped: true}, nil
		}
		if err != nil {
			return file, unknownPlaybook(name)
		}
	}
	f, err := os.Open(p.path(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file, misuse("run", "there is no file "+name, "")
	case err != nil:
		return file, misuse("run", err.Error(), "")
	}
	defer f.Close()
	file.text, err = io.ReadAll(io.LimitReader(f, maxPlaybook+1))
	switch {
	case err != nil:
		return file, misuse("run", err.Error(), "")
	case len(file.text) > maxPlaybook:
		return file, misuse("run", fmt.Sprintf("%s is no playbook: it is larger than %d bytes", name, maxPlaybook), "")
	}
	return file, nil
}

// maxPlaybook bounds what is read of a file that may be anything.
const maxPlaybook = 4 << 20

// unknownPlaybook is the error for a name that neither a file nor a shipped
// playbook has.
func unknownPlaybook(name string) error {
	var names []string
	for _, s := range scripts.All() {
		names = append(names, s.Name)
	}
	hint := strings.TrimSpace(fault.DidYouMean(name, names) + " shipped are: " + strings.Join(names, ", "))
	return misuse("run", fmt.Sprintf("there is no file %s, and no shipped playbook of that name", name), hint)
}

// describe writes what the playbook says of itself.
func (o *runOptions) describe(w io.Writer, operands []string) (bool, error) {
	if len(operands) == 0 {
		return false, nil
	}
	book, err := o.program.playbook(operands[0])
	if err != nil {
		return false, err
	}
	declared, err := engine.Describe(book.name, book.text)
	if err != nil {
		return false, err
	}
	writePlaybook(w, book.name, declared)
	return true, nil
}

// values returns what the playbook keeps between runs. Those of a private
// sandbox mean nothing to the next one.
func (b playbook) values(p *program, target, instance string, private bool) bindings.Values {
	if private {
		return values.Memory()
	}
	name := b.name
	if !b.shipped {
		name = p.path(b.name)
	}
	return values.New(p.StateDir, values.Owner{Playbook: name, Target: target, Instance: instance})
}

// readSecret asks for a secret input of the playbook that was not given.
func (b playbook) readSecret(p *program, name string) (secret.Secret, error) {
	if !p.attended() {
		return secret.Secret{}, misuse("run", "the secret input "+name+" is not given", "give it as "+name+"=@FILE or "+name+"=@-")
	}
	declared, err := engine.Describe(b.name, b.text)
	if err != nil {
		return secret.Secret{}, err
	}
	prompt := name
	for _, in := range declared.Inputs {
		if in.Name == name && in.About != "" {
			prompt += " (" + fault.Visible(strings.Join(strings.Fields(in.About), " ")) + ")"
		}
	}
	return p.ask("run", prompt+": ", "the secret input "+name+" was not given")
}
