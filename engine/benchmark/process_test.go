//go:build linux

package benchmark

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds the package once for all benchmarks and returns its path.
func program(tb testing.TB, name, pkg string) string {
	tb.Helper()
	path, err := built(name, pkg)
	if err != nil {
		tb.Fatal(err)
	}
	return path
}

var (
	builds   sync.Mutex
	binaries = map[string]string{}
)

func built(name, pkg string) (string, error) {
	builds.Lock()
	defer builds.Unlock()
	if path := binaries[name]; path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "moonpost-benchmark-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as releases are built: one file, no C library
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", err
	}
	binaries[name] = path
	return path, nil
}

// moonpost returns the program to measure: the one that MOONPOST_BINARY names,
// or one built from this tree.
func moonpost(tb testing.TB) string {
	if path := os.Getenv("MOONPOST_BINARY"); path != "" {
		return path
	}
	return program(tb, "moonpost", "moonpost")
}

func hello(tb testing.TB) string { return program(tb, "hello", "./testdata/hello") }

// sandbox starts the simulated server in a process of its own and returns the
// environment that points a client to it.
func sandbox(tb testing.TB, flags ...string) []string {
	tb.Helper()
	cmd := exec.Command(moonpost(tb), append([]string{"sandbox", "--output", "json"}, flags...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	var ready struct{ URL, User, Password, Fingerprint string }
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&ready); err != nil {
		tb.Fatalf("sandbox did not say that it is ready: %v", err)
	}
	return append(os.Environ(),
		"MOONPOST_TARGET="+ready.URL, "MOONPOST_USER="+ready.User,
		"MOONPOST_PASSWORD="+ready.Password, "MOONPOST_FINGERPRINT="+ready.Fingerprint)
}

// connections asks the sandbox of env how many were opened for its API.
func connections(tb testing.TB, env []string) float64 {
	tb.Helper()
	url := ""
	for _, variable := range env {
		if value, ok := strings.CutPrefix(variable, "MOONPOST_TARGET="); ok {
			url = value + "/sandbox/requests"
		}
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, // loopback only
	}}
	resp, err := client.Get(url)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	var told struct{ Connections float64 }
	if err := json.NewDecoder(resp.Body).Decode(&told); err != nil {
		tb.Fatal(err)
	}
	return told.Connections
}

// usage is what one process cost.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes
	out       []byte
}

func measure(tb testing.TB, env []string, name string, args ...string) usage {
	tb.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = env
	cmd.Stderr = os.Stderr
	started := time.Now()
	out, err := cmd.Output()
	wall := time.Since(started)
	if err != nil {
		tb.Fatalf("%s %v: %v\n%s", filepath.Base(name), args, err, out)
	}
	rusage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return usage{
		wall: wall,
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		peak: rusage.Maxrss * 1024,
		out:  out,
	}
}

// bare runs the bare client; its garbage collector is set as moonpost's own.
func bare(tb testing.TB, env []string, work string, args ...string) usage {
	tb.Helper()
	return measure(tb, append(slices.Clone(env), rawVariable+"="+work, "GOGC=400"), os.Args[0], args...)
}

func decode[T any](tb testing.TB, out []byte) T {
	tb.Helper()
	var value T
	if err := json.Unmarshal(out, &value); err != nil {
		tb.Fatalf("decode %q: %v", out, err)
	}
	return value
}

// alternate calls a and b in turn, n rounds, the order changing each round.
func alternate(n int, a, b func()) {
	for i := range n {
		if i%2 == 0 {
			a()
			b()
		} else {
			b()
			a()
		}
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// ratio is the median of a[i]/b[i].
func ratio(a, b []float64) float64 {
	each := make([]float64, len(a))
	for i := range a {
		each[i] = a[i] / b[i]
	}
	return median(each)
}

func itoa(n int) string { return strconv.Itoa(n) }
