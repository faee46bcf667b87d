package targets

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

var pin = strings.Repeat("ab", 32)

// handwritten is a file that people have worked on.
const handwritten = `# Servers of the Example Ltd.

# the big one
[target.prod]
url = "https://mail.example.com"   # behind the load balancer
user = 'admin'
# ca = "old.pem"

# ---- tests ----

[target.test]
comment = """
two
[lines]"""
url = "https://test.example.com:9000"
`

func open(t *testing.T, text string) Book {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "moonpost")
	if text != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Open(dir, nil)
}

func text(t *testing.T, b Book) string {
	t.Helper()
	text, err := os.ReadFile(b.File())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestChangesLeaveTheRestAsItIs(t *testing.T) {
	prod := Target{Name: "prod", URL: "https://mail.example.com", User: "admin"}
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	for _, tc := range []struct {
		name   string
		before string
		change func(Book) error
		want   string
	}{
		{"the first target begins the file", "", func(b Book) error {
			return b.Put(Target{
				Name: "prod", URL: "https://a:8463", User: "admin", Instance: "alpha", Edition: catalogue.SPE,
				Fingerprint: pin, PasswordIn: File, Comment: "it's \"here\"\\\nand there", Sandbox: true,
			})
		}, heading + `
[target.prod]
url = 'https://a:8463'
user = 'admin'
instance = 'alpha'
edition = 'spe'
fingerprint = '` + pin + `'
password_in = 'file'
comment = "it's \"here\"\\\nand there"
sandbox = true
`},
		{"a new one stands at the end", handwritten, func(b Book) error { return b.Put(Target{Name: "third", URL: "https://c"}) },
			handwritten + "\n[target.third]\nurl = 'https://c'\n"},
		{"a value changes in its place, another comes in", handwritten, func(b Book) error {
			p := prod
			p.URL, p.Fingerprint = "https://new.example.com", pin
			return b.Put(p)
		}, strings.NewReplacer(
			`"https://mail.example.com"`, `'https://new.example.com'`,
			"user = 'admin'\n", "user = 'admin'\nfingerprint = '"+pin+"'\n").Replace(handwritten)},
		{"two values come in, in their order", "[target.prod]\nurl = 'https://a'", func(b Book) error {
			return b.Put(Target{Name: "prod", URL: "https://a", User: "u", Fingerprint: pin})
		}, "[target.prod]\nurl = 'https://a'\nuser = 'u'\nfingerprint = '" + pin + "'\n"},
		{"values go and come", "[target.prod]\nurl = 'https://a'\nca = 'x.pem'\n", func(b Book) error {
			return b.Put(Target{Name: "prod", URL: "https://a", Fingerprint: pin})
		}, "[target.prod]\nurl = 'https://a'\nfingerprint = '" + pin + "'\n"},
		{"what says the same stays", handwritten, func(b Book) error { return b.Put(prod) }, handwritten},
		{"an empty value stays", "[target.prod]\nurl = \"https://a\"\nuser = \"\"\nsandbox = false\n", func(b Book) error {
			return b.Put(Target{Name: "prod", URL: "https://a"})
		}, "[target.prod]\nurl = \"https://a\"\nuser = \"\"\nsandbox = false\n"},
		{"a value in three quotes changes as a whole", handwritten, func(b Book) error {
			return b.Put(Target{Name: "test", URL: "https://test.example.com:9000", Comment: "one"})
		}, strings.Replace(handwritten, "\"\"\"\ntwo\n[lines]\"\"\"", "'one'", 1)},
		{"a section goes with its comments and no others", handwritten, func(b Book) error { return removed(b, "prod") },
			"# Servers of the Example Ltd.\n\n# ---- tests ----\n" + handwritten[strings.Index(handwritten, "\n[target.test]"):]},
		{"the last section goes", handwritten, func(b Book) error { return removed(b, "test") },
			handwritten[:strings.Index(handwritten, "\n\n[target.test]")] + "\n"},
		{"line ends of Windows stay", crlf(handwritten), func(b Book) error {
			p := prod
			p.Fingerprint = pin
			return errors.Join(b.Put(p), removed(b, "test"))
		}, crlf(strings.Replace(handwritten[:strings.Index(handwritten, "\n\n[target.test]")]+"\n",
			"user = 'admin'\n", "user = 'admin'\nfingerprint = '"+pin+"'\n", 1))},
		{"a byte order mark is no part of the text", "\xef\xbb\xbf[target.a]\nurl = 'https://a'\n", func(b Book) error {
			return b.Put(Target{Name: "b", URL: "https://b"})
		}, "[target.a]\nurl = 'https://a'\n\n[target.b]\nurl = 'https://b'\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := open(t, tc.before)
			if err := tc.change(b); err != nil {
				t.Fatal(err)
			}
			if got := text(t, b); got != tc.want {
				t.Errorf("the file is\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func removed(b Book, name string) error {
	_, err := b.Remove(name)
	return err
}

func TestTargetsAreReadInTheirOrder(t *testing.T) {
	all, err := open(t, handwritten).All()
	want := []Target{
		{Name: "prod", URL: "https://mail.example.com", User: "admin"},
		{Name: "test", URL: "https://test.example.com:9000", Comment: "two\n[lines]"},
	}
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("All() = %+v, %v, want %+v", all, err, want)
	}
	if all, err = open(t, "").All(); err != nil || len(all) != 0 {
		t.Errorf("All() without a file = %+v, %v, want none", all, err)
	}
}

func TestABrokenFileSaysWhereAndWhatToDo(t *testing.T) {
	for _, tc := range []struct{ name, text, place, message, hint string }{
		{"no TOML", "[target.a]\nurl = \"https://x\n", "2:17", "basic strings cannot have new lines", "mend the file"},
		{"a key nobody knows", "[target.a]\nurl = 'https://x'\nusr = 'b'\n", "3:1", "unknown key usr", "did you mean user?"},
		{"a password", "[target.a]\nurl = 'https://x'\npassword = 'hunter2'\n", "3:1", "a password has no place here", "moonpost targets add a URL --replace"},
		{"a password for its place", "[target.a]\nurl = 'https://x'\npassword_in = 'hunter2'\n", "3:1", "keychain or file", "moonpost targets add a"},
		{"a password in the address", "[target.a]\n\n  url = 'https://u:hunter2@x'\n", "3:3", "the address holds a login", "take it out"},
		{"a table of another kind", "[targets.a]\nurl = 'https://x'\n", "1:2", "unknown key targets", "[target.NAME]"},
		{"a key in capitals", "[target.a]\nURL = 'https://x'\n", "2:1", "not in lower case", "keys of a target are url"},
		{"a table in capitals", "[Target.a]\nurl = 'https://x'\n", "1:2", "not in lower case", "keys of a target are url"},
		{"a number for a text", "[target.a]\nurl = 7\n", "2:7", "no value for target.a.url", "mend"},
		{"no address", "\n[target.a]\nuser = 'x'\n", "2:2", "target a has no url", "write https://host"},
		{"no https", "[target.a]\nurl = 'http://x'\n", "2:1", "no address of a server", "write https://host"},
		{"a path", "[target.a]\nurl = 'https://x/api'\n", "2:1", "no address of a server", "write https://host"},
		{"a name that cannot be typed", "[target.'a b']\nurl = 'https://x'\n", "1:2", "cannot have this name", "letters, digits"},
		{"a name twice", "[target.a]\nurl = 'https://x'\n[target.a]\nurl = 'https://y'\n", "3:2", "already exists", "mend"},
		{"names that differ in case", "[target.a]\nurl = 'https://x'\n[target.A]\nurl = 'https://y'\n", "3:2", "differs from a in case alone", "rename"},
		{"two kinds of trust", "[target.a]\nurl = 'https://x'\nfingerprint = 'ab'\nca = 'x.pem'\n", "4:1", "ca has no effect", "leave out"},
		{"an edition nobody knows", "[target.a]\nurl = 'https://x'\nedition = 'home'\n", "3:1", "no such edition", "server and spe"},
		{"an instance of a Server", "[target.a]\nurl = 'https://x'\nedition = 'server'\ninstance = 'a'\n", "4:1", "has no instances", "spe"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := open(t, tc.text)
			_, err := b.All()
			e, ok := errors.AsType[*fault.Error](err)
			if !ok || e.Kind != fault.Usage || !strings.HasSuffix(e.Op, FileName+":"+tc.place) ||
				!strings.Contains(e.Message, tc.message) || !strings.Contains(e.Hint, tc.hint) {
				t.Errorf("All() = %v (%+v), want a usage error at %s that says %q, hint %q", err, e, tc.place, tc.message, tc.hint)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, e), "hunter2") {
				t.Errorf("%v shows a password", err)
			}
			if err := b.Put(Target{Name: "b", URL: "https://b"}); err == nil || text(t, b) != tc.text {
				t.Errorf("Put into it = %v, want an error and the file as it was", err)
			}
		})
	}
}

func TestOtherWaysToWriteATargetAreReadAndLeftAlone(t *testing.T) {
	const text = "[target]\na = { url = 'https://x' }\nb.url = 'https://y'\n"
	b := open(t, text)
	if found, err := b.Find("b"); err != nil || found.URL != "https://y" {
		t.Errorf("Find(b) = %+v, %v, want https://y", found, err)
	}
	for _, name := range []string{"a", "b"} {
		for what, err := range map[string]error{"Remove": removed(b, name), "Put": b.Put(Target{Name: name, URL: "https://z"})} {
			if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "is not written as [target."+name+"]") {
				t.Errorf("%s(%s) = %v, want a usage error that says how it is not written", what, name, err)
			}
		}
	}
}

func TestAnUnknownNameSaysWhatThereIs(t *testing.T) {
	for _, tc := range []struct{ text, name, message, hint string }{
		{"", "prod", "there is no target prod, and none at all in ", "add it: moonpost targets add prod https://HOST"},
		{handwritten, "prdo", "there is no target prdo", "did you mean prod? list them: moonpost targets list"},
		{handwritten, "elsewhere", "there is no target elsewhere", "list them: moonpost targets list"},
	} {
		_, err := open(t, tc.text).Find(tc.name)
		e, ok := errors.AsType[*fault.Error](err)
		if !ok || e.Kind != fault.Usage || !strings.HasPrefix(e.Message, tc.message) || e.Hint != tc.hint {
			t.Errorf("Find(%s) = %v, hint %q, want %q, hint %q", tc.name, err, e.Hint, tc.message, tc.hint)
		}
	}
}

func TestAFolderThatCannotBeUsedIsNamed(t *testing.T) {
	_, err := Open("", errors.New("neither $XDG_CONFIG_HOME nor $HOME are defined")).Find("prod")
	if fault.KindOf(err) != fault.Usage || !strings.Contains(err.Error(), "names no configuration folder: neither $XDG") {
		t.Errorf("without a folder: %v, want a usage error", err)
	}
	if err := Open("", errors.New("none")).Put(Target{Name: "a", URL: "https://a"}); fault.KindOf(err) != fault.Usage {
		t.Errorf("Put without a folder = %v, want a usage error", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err = Open(filepath.Join(file, "moonpost"), nil).Put(Target{Name: "a", URL: "https://a"})
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.State || !strings.Contains(e.Hint, file) {
		t.Errorf("Put below a file = %v, want kind state that names the folder", err)
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are those of the folder there")
	}
	b := open(t, "")
	if err := b.Put(Target{Name: "a", URL: "https://a"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{b.File(): 0o600, filepath.Dir(b.File()): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v, want %v", name, info.Mode(), err, want)
		}
	}
	left, err := os.ReadDir(filepath.Dir(b.File()))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v, want the file alone", left, err)
	}
	// A file that is a link, as those do who keep their settings elsewhere.
	elsewhere := filepath.Join(t.TempDir(), "kept.toml")
	if err := errors.Join(os.Rename(b.File(), elsewhere), os.Symlink(elsewhere, b.File()), b.Put(Target{Name: "b", URL: "https://b"})); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(b.File()); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v, want it to stay one", info.Mode(), err)
	}
	if all, err := b.All(); err != nil || len(all) != 2 {
		t.Errorf("All() = %v, %v, want two", all, err)
	}
}

func TestChangesAtOnceAreAllThere(t *testing.T) {
	b := open(t, handwritten)
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			if err := b.Put(Target{Name: fmt.Sprintf("t%d", i), URL: "https://x"}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if all, err := b.All(); err != nil || len(all) != 22 || !strings.HasPrefix(text(t, b), handwritten) {
		t.Errorf("%d targets, %v, want 22 below what was there", len(all), err)
	}
}

func TestAddressIsOneSpelling(t *testing.T) {
	for _, tc := range []struct {
		t    Target
		want string
	}{
		{Target{URL: "https://Mail.Example.com"}, "https://mail.example.com:8463"},
		{Target{URL: "https://mail/", Instance: "alpha"}, "https://mail:8474"},
		{Target{URL: "https://mail", Edition: catalogue.SPE}, "https://mail:8474"},
		{Target{URL: "https://[::1]:9"}, "https://[::1]:9"},
		{Target{URL: "no address"}, "no address"},
	} {
		if got := tc.t.Address(); got != tc.want {
			t.Errorf("Address of %+v = %s, want %s", tc.t, got, tc.want)
		}
	}
}

// FuzzPut changes whatever is a file of targets and looks whether the rest of
// it means what it meant.
func FuzzPut(f *testing.F) {
	for _, text := range []string{handwritten, "", "[target.a]\nurl='https://x'", "[target]\na.url='https://x'\n[target.prod]\r\nurl='https://y'\r\n#c", "[target.prod] #\nurl='https://y' # z\nuser=''"} {
		f.Add(text, "ada", pin)
	}
	f.Fuzz(func(t *testing.T, text, user, print string) {
		d, err := parse("f", []byte(text))
		if err != nil {
			return
		}
		put := Target{Name: "prod", URL: "https://new", User: user, Fingerprint: print}
		changed, err := d.put(put)
		if err != nil {
			return
		}
		after, err := parse("f", changed)
		if err != nil {
			t.Fatalf("put into %q gives %q: %v", text, changed, err)
		}
		want := slices.DeleteFunc(slices.Clone(d.targets), func(o Target) bool { return o.Name == "prod" })
		got := slices.DeleteFunc(slices.Clone(after.targets), func(o Target) bool { return o.Name == "prod" })
		if there, _ := after.find("prod"); there != put || !slices.Equal(got, want) {
			t.Fatalf("put into %q gives %q: %+v and %+v, want %+v and %+v", text, changed, there, got, put, want)
		}
		without, err := after.without("prod")
		if err != nil {
			t.Fatalf("remove from %q: %v", changed, err)
		}
		if last, err := parse("f", without); err != nil || !slices.Equal(last.targets, want) {
			t.Fatalf("remove from %q gives %q: %v", changed, without, err)
		}
	})
}
