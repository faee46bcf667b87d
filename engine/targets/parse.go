package targets

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// entry is a target as it stands in the file. The order is that in which the
// keys of a new one are written.
type entry struct {
	URL         string `toml:"url,omitempty"`
	User        string `toml:"user,omitempty"`
	Instance    string `toml:"instance,omitempty"`
	Edition     string `toml:"edition,omitempty"`
	Fingerprint string `toml:"fingerprint,omitempty"`
	CA          string `toml:"ca,omitempty"`
	PasswordIn  string `toml:"password_in,omitempty"`
	Comment     string `toml:"comment,omitempty"`
	Sandbox     bool   `toml:"sandbox,omitempty"`
}

func (e entry) target(name string) Target {
	return Target{
		Name: name, URL: e.URL, User: e.User, Instance: e.Instance, Fingerprint: e.Fingerprint, CA: e.CA,
		Edition: catalogue.Edition(e.Edition), Comment: e.Comment, PasswordIn: Place(e.PasswordIn), Sandbox: e.Sandbox,
	}
}

func (t Target) entry() entry {
	return entry{
		URL: t.URL, User: t.User, Instance: t.Instance, Edition: string(t.Edition), Fingerprint: t.Fingerprint,
		CA: t.CA, PasswordIn: string(t.PasswordIn), Comment: t.Comment, Sandbox: t.Sandbox,
	}
}

// fileForm is the whole file.
type fileForm struct {
	Target map[string]entry `toml:"target"`
}

// document is the text of the file with what it means.
type document struct {
	file    string
	text    []byte
	targets []Target // in the order of the file
	layout  layout
}

// parse reads the text of a file. What is wrong with it is a usage error that
// names the place; values are not repeated, one may be a password gone astray.
func parse(file string, text []byte) (*document, error) {
	d := &document{file: file, text: bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))}
	var form fileForm
	decoder := toml.NewDecoder(bytes.NewReader(d.text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&form); err != nil {
		return nil, d.broken(err)
	}
	d.layout = newLayout(d.text)
	if len(d.layout.odd) > 0 {
		line, column := d.position(d.layout.odd[0])
		return nil, d.at(line, column, "this key is not in lower case", keysHint())
	}
	for name, e := range form.Target {
		if err := d.check(name, e); err != nil {
			return nil, err
		}
		d.targets = append(d.targets, e.target(name))
	}
	slices.SortFunc(d.targets, func(a, b Target) int { return d.layout.place(a.Name, "") - d.layout.place(b.Name, "") })
	for i, t := range d.targets {
		for _, before := range d.targets[:i] {
			if strings.EqualFold(before.Name, t.Name) {
				return nil, d.refuse(t.Name, "", "this name differs from "+before.Name+" in case alone", "rename one of them")
			}
		}
	}
	return d, nil
}

// check says what is wrong with one target.
func (d *document) check(name string, e entry) error {
	const form = "write https://host or https://host:port"
	u, err := url.Parse(e.URL)
	switch {
	case !IsName(name):
		return d.refuse(name, "", CheckName(name).(*fault.Error).Message, nameRule)
	case e.URL == "":
		return d.refuse(name, "", "target "+name+" has no url", form)
	case err != nil || u.Scheme != "https" || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return d.refuse(name, "url", "this is no address of a server", form)
	case u.User != nil:
		return d.refuse(name, "url", "the address holds a login", "take it out: the password is stored with moonpost targets add "+name+" URL --replace")
	case e.Fingerprint != "" && e.CA != "":
		return d.refuse(name, "ca", "ca has no effect beside fingerprint", "leave out one of them")
	case e.Edition != "" && e.Edition != string(catalogue.Server) && e.Edition != string(catalogue.SPE):
		return d.refuse(name, "edition", "there is no such edition", "editions are server and spe")
	case e.Instance != "" && e.Edition == string(catalogue.Server):
		return d.refuse(name, "instance", "a MailStore Server has no instances", "leave out instance, or make it edition = \"spe\"")
	case e.PasswordIn != "" && e.PasswordIn != string(Keychain) && e.PasswordIn != string(File):
		return d.refuse(name, "password_in", "password_in says where the password is kept: keychain or file", passwordHint(name))
	}
	return nil
}

// passwordHint says how a password is stored.
func passwordHint(name string) string {
	return "the password itself never stands in this file: moonpost targets add " + name + " URL --replace stores it"
}

// refuse is the usage error about one key of a target, or about all of it.
func (d *document) refuse(name, key, message, hint string) error {
	line, column := d.position(d.layout.place(name, key))
	return d.at(line, column, message, hint)
}

func (d *document) at(line, column int, message, hint string) error {
	return &fault.Error{
		Kind: fault.Usage, Op: fmt.Sprintf("%s:%d:%d", d.file, line, column), Message: message, Hint: hint,
	}
}

// position returns the line and column of an offset, from 1.
func (d *document) position(offset int) (line, column int) {
	before := d.text[:min(offset, len(d.text))]
	return bytes.Count(before, []byte("\n")) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// broken explains an error of the decoder.
func (d *document) broken(err error) error {
	const mend = "mend the file with an editor"
	if unknown, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, column := first.Position()
		key := first.Key()
		name := key[len(key)-1]
		switch {
		case len(key) == 3 && name == "password":
			return d.at(line, column, "a password has no place here", passwordHint(key[1]))
		case len(key) == 3:
			hint := fault.DidYouMean(name, keys)
			if hint == "" {
				hint = keysHint()
			}
			return d.at(line, column, "unknown key "+name, hint)
		}
		return d.at(line, column, "unknown key "+strings.Join(key, "."), "a target is written as [target.NAME] with url and user below it")
	}
	if bad, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := bad.Position()
		message := strings.TrimPrefix(bad.Error(), "toml: ")
		if key := bad.Key(); strings.HasPrefix(message, "cannot decode") { // in terms of Go's types
			message = "this is no value for " + strings.Join(key, ".")
		}
		return d.at(line, column, message, mend)
	}
	return &fault.Error{Kind: fault.Usage, Op: d.file, Hint: mend, Err: err}
}

// keys are the keys of a target, in the order of entry.
var keys = []string{"url", "user", "instance", "edition", "fingerprint", "ca", "password_in", "comment", "sandbox"}

func keysHint() string { return "keys of a target are " + strings.Join(keys, ", ") }

// find returns the target of that exact name.
func (d *document) find(name string) (Target, bool) {
	i := slices.IndexFunc(d.targets, func(t Target) bool { return t.Name == name })
	if i < 0 {
		return Target{}, false
	}
	return d.targets[i], true
}
