package stdlib_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"moonpost/engine/event"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/luatest"
	"moonpost/engine/sandbox"
	"moonpost/engine/secret"
	"moonpost/stdlib"
)

func TestMain(m *testing.M) {
	// Away from UTC on both sides of the year, so that a mix-up shows.
	time.Local = time.FixedZone("TEST", -3*60*60-30*60)
	goleak.VerifyTestMain(m)
}

func TestModules(t *testing.T) { luatest.Files(t, "testdata/*.lua", options) }
func TestExamples(t *testing.T) {
	luatest.Examples(t, func(t *testing.T) luavm.Options { return withServer(t, options(t), sandbox.Options{Users: 3}) })
}

// options gives a state the modules, in a folder of its own with a few files,
// and the module host to look behind them.
func options(t *testing.T) luavm.Options {
	b := &behind{dir: t.TempDir(), given: filepath.Join(t.TempDir(), "given.txt"), secrets: secret.NewRedactor()}
	if err := os.WriteFile(b.given, []byte("given"), 0o640); err != nil {
		t.Fatal(err)
	}
	b.write(t, "users.csv", "userName,fullName,password\nada,Ada Lovelace,swordfish\nbob,\"Bob, Junior\",hunter22\n")
	modules := stdlib.Modules(stdlib.Host{
		Dir: b.dir, Inputs: []string{b.given}, Sink: b, Secrets: b.secrets,
		Now:    func() time.Time { return time.Date(2026, 11, 22, 9, 30, 15, 250e6, time.UTC) },
		Screen: stdlib.Screen{Width: 40, ASCII: true},
	})
	return luavm.Options{Modules: append(modules, b.module(t))}
}

// behind is what a test sees behind the modules.
type behind struct {
	dir     string
	given   string // a declared input in another folder
	secrets *secret.Redactor

	mu      sync.Mutex
	printed strings.Builder
	logged  []string
}

func (b *behind) Emit(e event.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := e.(type) {
	case event.Printed:
		b.printed.WriteString(e.Text)
	case event.Log:
		b.logged = append(b.logged, string(e.Level)+" "+e.Message)
	}
}

func (b *behind) write(t *testing.T, name, text string) {
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
}

func (b *behind) module(t *testing.T) luavm.Module {
	text := func(name string) luavm.Param { return luavm.Param{Name: name, Type: luavm.String} }
	return luavm.Module{Name: "host", Global: true, Funcs: []luavm.Func{
		{
			Name: "write", Params: []luavm.Param{text("name"), text("content")}, Example: `host.write("x", "y")`,
			Call: func(c *luavm.Call) error {
				b.write(t, c.String(0), c.String(1))
				return c.Return(filepath.Join(b.dir, c.String(0)))
			},
		},
		{
			Name: "content", Params: []luavm.Param{text("name")}, Example: `host.content("users.csv")`,
			Call: func(c *luavm.Call) error {
				content, err := os.ReadFile(filepath.Join(b.dir, c.String(0)))
				if errors.Is(err, fs.ErrNotExist) {
					return c.Return(nil)
				}
				if err != nil {
					return err
				}
				return c.Return(content)
			},
		},
		{
			Name: "files", Example: `host.files()`,
			Call: func(c *luavm.Call) error {
				var names []string
				entries, err := os.ReadDir(b.dir)
				for _, e := range entries {
					names = append(names, e.Name())
				}
				if err != nil {
					return err
				}
				return c.Return(strings.Join(names, " "))
			},
		},
		{Name: "dir", Example: `host.dir()`, Call: func(c *luavm.Call) error { return c.Return(b.dir) }},
		{Name: "given", Example: `host.given()`, Call: func(c *luavm.Call) error { return c.Return(b.given) }},
		{
			Name: "link", Params: []luavm.Param{text("to"), text("name")}, Example: `host.link("users.csv", "link.csv")`,
			Call: func(c *luavm.Call) error {
				if err := os.Symlink(c.String(0), filepath.Join(b.dir, c.String(1))); err != nil {
					t.Skip("no links here:", err)
				}
				return nil
			},
		},
		{Name: "printed", Example: `host.printed()`, Call: func(c *luavm.Call) error { return c.Return(b.printed.String()) }},
		{Name: "logged", Example: `host.logged()`, Call: func(c *luavm.Call) error { return c.Return(strings.Join(b.logged, "\n")) }},
		{
			Name: "live", Example: `host.live()`,
			Call: func(c *luavm.Call) error {
				var now runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&now)
				return c.Return(int64(now.HeapAlloc))
			},
		},
		{
			Name: "redacted", Params: []luavm.Param{text("text")}, Example: `host.redacted("x")`,
			Call: func(c *luavm.Call) error { return c.Return(b.secrets.Redact(c.String(0))) },
		},
		{
			Name: "secret", Params: []luavm.Param{text("text")}, Example: `host.secret("x")`,
			Call: func(c *luavm.Call) error { return c.Return(secret.New(c.String(0))) },
		},
		{
			Name: "spawn", Params: []luavm.Param{{Name: "fn", Type: luavm.Function}}, Example: `host.spawn(function() end)`,
			Call: func(c *luavm.Call) error {
				_, err := c.Spawn(c.Context(), c.Func(0))
				return err
			},
		},
	}}
}

func TestTheLibraryHoldsEveryModule(t *testing.T) {
	library := stdlib.Library(stdlib.Host{})
	for name, declare := range library {
		if got := declare().Name; got != name {
			t.Errorf("Library()[%q] declares %q", name, got)
		}
	}
	files, err := filepath.Glob("*.lua")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d modules in Lua, %v", len(files), err)
	}
	for _, file := range files {
		if library[strings.TrimSuffix(file, ".lua")] == nil {
			t.Errorf("%s is no module of the library", file)
		}
	}
}
