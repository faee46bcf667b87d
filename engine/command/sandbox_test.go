package command

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"moonpost/engine/process"
)

// served starts the sandbox command and returns its output, what a signal does
// to it, and its exit code.
func served(t *testing.T, args ...string) (out *bufio.Reader, signal func(os.Signal), code <-chan int) {
	t.Helper()
	t.Cleanup(func() { goleak.VerifyNone(t) })
	r, w := io.Pipe()
	signals, codes := make(chan os.Signal), make(chan int, 1)
	p := &process.Process{
		Args: append([]string{"sandbox"}, args...), Env: func(string) (string, bool) { return "", false },
		Stdin: strings.NewReader(""), Stdout: w, Stderr: io.Discard, Dir: t.TempDir(), Now: time.Now,
		Width:  func() int { return 80 },
		Notify: func() (<-chan os.Signal, func()) { return signals, func() {} },
	}
	go func() {
		codes <- Main(context.Background(), p)
		w.Close()
	}()
	return bufio.NewReader(r), func(s os.Signal) { signals <- s }, codes
}

func TestSandboxSaysInOneLineWhenItIsReady(t *testing.T) {
	out, signal, code := served(t, "--output", "json", "--users", "0", "--user", "root")
	line, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(line))
	d.DisallowUnknownFields()
	var ready struct{ URL, User, Password, Fingerprint string }
	if err := d.Decode(&ready); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	for _, part := range []struct{ name, got, want string }{
		{"url", ready.URL, `^https://127\.0\.0\.1:\d+$`},
		{"user", ready.User, `^root$`},
		{"password", ready.Password, `^.{6,}$`},
		{"fingerprint", ready.Fingerprint, `^[0-9a-f]{64}$`},
	} {
		if !regexp.MustCompile(part.want).MatchString(part.got) {
			t.Errorf("%s = %q, want %s", part.name, part.got, part.want)
		}
	}
	signal(os.Interrupt)
	if got := <-code; got != 0 {
		t.Errorf("ended with %d, want 0", got)
	}
	if rest, _ := io.ReadAll(out); len(rest) > 0 {
		t.Errorf("wrote %q after the line", rest)
	}
}

func TestSandboxObeysItsBehaviour(t *testing.T) {
	for _, test := range []struct {
		args []string
		want int
	}{
		{nil, http.StatusUnauthorized},
		{[]string{"--behaviour", "wrong-login=failed", "--behaviour", "cancelled=canceled"}, http.StatusOK},
	} {
		out, signal, code := served(t, append(test.args, "--output", "json")...)
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		var ready struct{ URL string }
		if err := json.Unmarshal([]byte(line), &ready); err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, ready.URL+"/api/invoke/GetServerInfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("admin", "wrong")
		client := http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true,
		}}
		reply, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		reply.Body.Close()
		if reply.StatusCode != test.want {
			t.Errorf("sandbox %q answers a wrong login with %d, want %d", test.args, reply.StatusCode, test.want)
		}
		signal(os.Interrupt)
		<-code
	}
}

func TestSandboxShowsHowToCallIt(t *testing.T) {
	for edition, first := range map[string]string{"server": "GetServerInfo", "spe": "GetEnvironmentInfo"} {
		out, signal, code := served(t, "--edition", edition)
		var shown strings.Builder
		for !strings.Contains(shown.String(), "Ctrl-C") {
			line, err := out.ReadString('\n')
			if err != nil {
				t.Fatalf("%v after %q", err, shown.String())
			}
			shown.WriteString(line)
		}
		example := regexp.MustCompile(`MOONPOST_PASSWORD=\S+ moonpost call ` + first + ` --target https://127\.0\.0\.1:\d+ --user admin --fingerprint [0-9a-f]{64}\n`)
		if !example.MatchString(shown.String()) {
			t.Errorf("%s shows %q, want a command to copy in it", edition, shown.String())
		}
		signal(os.Interrupt)
		if got := <-code; got != 0 {
			t.Errorf("ended with %d, want 0", got)
		}
	}
}

func TestQuotedIsOneWordOfAShell(t *testing.T) {
	for text, want := range map[string]string{
		"":           "''",
		"Passw0rd":   "Passw0rd",
		"two words":  "'two words'",
		"it's":       `'it'"'"'s'`,
		"$HOME":      "'$HOME'",
		"pässwörd":   "'pässwörd'",
		"a@b.c/d-e_": "a@b.c/d-e_",
	} {
		if got := quoted(text); got != want {
			t.Errorf("quoted(%q) = %s, want %s", text, got, want)
		}
	}
}
