package process

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"moonpost/engine/fault"
)

// The tests need a program of its own in many surroundings: this test binary,
// told by MOONPOST_TEST_CHILD what to do.
func TestMain(m *testing.M) {
	if child := os.Getenv("MOONPOST_TEST_CHILD"); child != "" {
		children[child]()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var children = map[string]func(){}

func TestFromOS(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("MOONPOST_TEST_SET", "")
	p := FromOS()
	if !slices.Equal(p.Args, os.Args[1:]) {
		t.Errorf("Args = %q, want %q", p.Args, os.Args[1:])
	}
	if got, want := realPath(t, p.Dir), realPath(t, dir); got != want {
		t.Errorf("Dir = %q, want %q", got, want)
	}
	if value, set := p.Env("MOONPOST_TEST_SET"); value != "" || !set {
		t.Errorf("Env of an empty variable = %q, %v, want \"\", true", value, set)
	}
	if _, set := p.Env("MOONPOST_TEST_UNSET"); set {
		t.Error("Env of a missing variable says that it is set")
	}
	if p.Now().IsZero() {
		t.Error("Now() is zero")
	}
}

func realPath(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFolders(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the names are those of Linux")
	}
	for _, c := range []struct {
		name   string
		env    map[string]string
		dir    func() (string, error)
		want   string
		failed bool
	}{
		{"configuration is below .config", nil, configDir, "/home/ada/.config/moonpost", false},
		{"state is below .local/state", nil, stateDir, "/home/ada/.local/state/moonpost", false},
		{"cache is below .cache", nil, cacheDir, "/home/ada/.cache/moonpost", false},
		{"XDG_CONFIG_HOME wins", map[string]string{"XDG_CONFIG_HOME": "/etc/x"}, configDir, "/etc/x/moonpost", false},
		{"XDG_STATE_HOME wins", map[string]string{"XDG_STATE_HOME": "/var/x"}, stateDir, "/var/x/moonpost", false},
		{"XDG_CACHE_HOME wins", map[string]string{"XDG_CACHE_HOME": "/tmp/x"}, cacheDir, "/tmp/x/moonpost", false},
		{"a relative XDG_STATE_HOME is refused", map[string]string{"XDG_STATE_HOME": "x"}, stateDir, "", true},
		{"state needs a home", map[string]string{"HOME": ""}, stateDir, "", true},
		{"configuration needs a home", map[string]string{"HOME": ""}, configDir, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"} {
				t.Setenv(name, "")
			}
			t.Setenv("HOME", "/home/ada")
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			got, err := c.dir()
			if got != c.want || (err != nil) != c.failed {
				t.Errorf("got %q, %v, want %q, an error: %v", got, err, c.want, c.failed)
			}
		})
	}
}

func TestSoftLimit(t *testing.T) {
	const meminfo = "MemTotal:        1048576 kB\nMemFree:          100 kB\n"
	for _, c := range []struct {
		name, meminfo, memoryMax string
		want                     int64
	}{
		{"unknown memory gives the most", "", "", 2 << 30},
		{"half of the machine's memory", meminfo, "max\n", 512 << 20},
		{"half of the container's memory", meminfo, "268435456\n", 128 << 20},
		{"a large machine gives the most", "MemTotal: 999999999 kB\n", "max\n", 2 << 30},
		{"a tiny container gives the least", meminfo, "1048576\n", 64 << 20},
		{"a file that reads otherwise is passed over", "MemTotal: x kB\nMemTotal:\n", "x", 2 << 30},
	} {
		if got := softLimit(c.meminfo, c.memoryMax); got != c.want {
			t.Errorf("%s: softLimit(%q, %q) = %d, want %d", c.name, c.meminfo, c.memoryMax, got, c.want)
		}
	}
}

func kindOf(err error) fault.Kind {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		return e.Kind
	}
	return ""
}
