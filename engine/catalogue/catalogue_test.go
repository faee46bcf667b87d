package catalogue

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestFilesHoldNoUnknownFields(t *testing.T) {
	for _, file := range []struct {
		name string
		data []byte
		into any
	}{
		{"functions.json", functionsJSON, new([]Function)},
		{"behaviour.json", behaviourJSON, new([]Behaviour)},
	} {
		d := json.NewDecoder(bytes.NewReader(file.data))
		d.DisallowUnknownFields()
		if err := d.Decode(file.into); err != nil {
			t.Errorf("%s: %v", file.name, err)
		}
	}
}

func TestFunctionsAreSane(t *testing.T) {
	all := All()
	if len(all) != 141 {
		t.Errorf("len(All()) = %d, want the 141 functions of the catalogue", len(all))
	}
	if !slices.IsSortedFunc(all, func(a, b Function) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("functions.json is not sorted by name")
	}
	types := []string{"string", "number", "bool", "json"}
	for _, f := range all {
		if len(f.Editions) == 0 || f.Summary == "" || f.Source == "" {
			t.Errorf("%s: edition, summary or source is missing", f.Name)
		}
		seen := map[string]bool{}
		for _, a := range f.Args {
			if !slices.Contains(types, a.Type) {
				t.Errorf("%s.%s: type %q, want one of %v", f.Name, a.Name, a.Type, types)
			}
			if seen[a.Name] {
				t.Errorf("%s.%s: argument twice", f.Name, a.Name)
			}
			seen[a.Name] = true
		}
	}
}

func TestEveryChangingFunctionHasARow(t *testing.T) {
	for _, f := range All() {
		_, ok := behaviours().find(f.Name)
		if !f.ReadOnly && !ok {
			t.Errorf("behaviour.json: %s changes the server and has no row", f.Name)
		}
		if Changing(f.Name) == f.ReadOnly {
			t.Errorf("Changing(%s) = %v, and functions.json says readOnly %v", f.Name, Changing(f.Name), f.ReadOnly)
		}
	}
}

func TestRowsNameWhatExists(t *testing.T) {
	// Rows whose arguments are not documented anywhere: the key is a guess.
	guessed := []string{"CreateCredential", "DeleteCredential", "SetCredentialSettings"}
	for _, b := range behaviours().all {
		f, ok := Find(b.Name)
		if !ok {
			t.Errorf("%s: no such function", b.Name)
			continue
		}
		if b.Class.Info().Class != b.Class {
			t.Errorf("%s: class %q does not exist", b.Name, b.Class)
		}
		if b.Proof != nil {
			proof, ok := Find(b.Proof.Fn)
			if !ok || !proof.ReadOnly || b.Proof.How == "" {
				t.Errorf("%s: proof %q is no read, or does not say how", b.Name, b.Proof.Fn)
			}
		}
		paths := slices.Concat(b.Key, b.Unreadable, b.SecretArgs, b.ClearsWhenOmitted)
		for name := range b.Defaults {
			paths = append(paths, name)
		}
		if w := b.Window; w != nil {
			paths = append(paths, w.From, w.To, w.Zone)
		}
		for _, path := range paths {
			name, rest, deep := strings.Cut(path, ".")
			i := slices.IndexFunc(f.Args, func(a Arg) bool { return a.Name == name })
			switch {
			case i < 0 && !slices.Contains(guessed, b.Name):
				t.Errorf("%s: names argument %q, which functions.json does not have", b.Name, path)
			case i >= 0 && deep && f.Args[i].Type != "json":
				t.Errorf("%s: %q walks into %q, which is no JSON argument", b.Name, rest, name)
			}
		}
		for _, name := range b.ClearsWhenOmitted {
			i := slices.IndexFunc(f.Args, func(a Arg) bool { return a.Name == name })
			if i >= 0 && !f.Args[i].Optional {
				t.Errorf("%s: %s clears when left out, but is required", b.Name, name)
			}
		}
	}
}

func TestPasswordsAreSecretEverywhere(t *testing.T) {
	for _, f := range All() {
		for _, a := range f.Args {
			name := strings.ToLower(a.Name)
			if !strings.Contains(name, "pass") && !strings.Contains(name, "encryptionkey") || strings.Contains(name, "name") {
				continue
			}
			if !SecretArg(f.Name, a.Name) {
				t.Errorf("SecretArg(%s, %s) = false, want true", f.Name, a.Name)
			}
		}
	}
}

func TestBehaviourOfWhatHasNoRow(t *testing.T) {
	for name, want := range map[string]Class{"GetUsers": ClassRead, "NewInVersion99": ClassUnlisted, "CreateUser": ClassCreateKeyed} {
		if got := BehaviourOf(name).Class; got != want {
			t.Errorf("BehaviourOf(%s).Class = %s, want %s", name, got, want)
		}
	}
	if !Changing("NewInVersion99") {
		t.Error("Changing(NewInVersion99) = false: what nobody knows must count as changing")
	}
}

func TestArgsInEdition(t *testing.T) {
	f, _ := Find("AttachStore")
	optional := func(e Edition, name string) (optional, present bool) {
		for _, a := range f.ArgsIn(e) {
			if a.Name == name {
				return a.Optional, true
			}
		}
		return false, false
	}
	if _, present := optional(Server, "instanceID"); present {
		t.Error("AttachStore on Server takes instanceID, want it on SPE only")
	}
	if opt, present := optional(SPE, "databasePath"); !present || opt {
		t.Errorf("AttachStore on SPE: databasePath present %v, optional %v, want present and required", present, opt)
	}
	if opt, present := optional(Server, "databasePath"); !present || !opt {
		t.Errorf("AttachStore on Server: databasePath present %v, optional %v, want present and optional", present, opt)
	}
}

func TestSecretPaths(t *testing.T) {
	if got := SecretPaths("CreateProfile", "properties"); !slices.Equal(got, []string{"details.password"}) {
		t.Errorf(`SecretPaths("CreateProfile", "properties") = %v, want [details.password]`, got)
	}
}

func TestClassesAreDescribed(t *testing.T) {
	used := map[Class]bool{}
	for _, f := range All() {
		used[BehaviourOf(f.Name).Class] = true
	}
	for _, c := range Classes() {
		if !strings.HasSuffix(c.Does, ".") || !strings.HasSuffix(c.Doubt, ".") {
			t.Errorf("class %s: %q %q are no sentences", c.Class, c.Does, c.Doubt)
		}
		if !used[c.Class] {
			t.Errorf("class %s has no function", c.Class)
		}
	}
	if got := Class("?").Info().Class; got != ClassUnlisted {
		t.Errorf("a class that nobody knows counts as %s, want %s", got, ClassUnlisted)
	}
}

func TestEveryFunctionHasAnArea(t *testing.T) {
	sizes := map[string]int{}
	for _, f := range All() {
		sizes[AreaOf(f.Name).Name]++
	}
	for _, a := range Areas() {
		if sizes[a.Name] < 3 || sizes[a.Name] > 40 {
			t.Errorf("area %s has %d functions, want a page's worth", a.Name, sizes[a.Name])
		}
	}
	for name, want := range map[string]string{
		"CreateUser": "users", "SetUserPrivilegesOnFolder": "users", "MoveFolder": "folders", "VerifyStore": "stores",
		"CreateProfile": "profiles", "RunJobAsync": "jobs", "CreateInstance": "instances", "CreateInstanceHost": "hosts",
		"SyncUsersWithDirectoryServices": "users", "GetServerInfo": "server", "NewInVersion99": "server",
	} {
		if got := AreaOf(name).Name; got != want {
			t.Errorf("AreaOf(%s) = %s, want %s", name, got, want)
		}
	}
}
