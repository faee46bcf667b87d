package sandbox

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// kept returns options of a server whose state lies in a file of its own.
func kept(t *testing.T, o Options) Options {
	o.State = filepath.Join(t.TempDir(), "kept")
	return o
}

func TestAServerGoesOnWhereItStopped(t *testing.T) {
	for _, edition := range []catalogue.Edition{catalogue.Server, catalogue.SPE} {
		t.Run(string(edition), func(t *testing.T) {
			o := kept(t, Options{Edition: edition, Users: 3})
			instance := map[catalogue.Edition]string{catalogue.SPE: "&instanceID=alpha"}[edition]
			first := start(t, o)
			c := dial(t, first)
			c.call("CreateUser", "userName=ada&privileges=login"+instance)
			users := c.call("GetUsers", strings.TrimPrefix(instance, "&")).Result
			running := *c.call("VerifyStore", "id=1"+instance).Token
			first.Close()
			if err := first.StateError(); err != nil {
				t.Fatalf("StateError() = %v", err)
			}

			second := start(t, Options{State: o.State})
			if second.Edition() != edition || second.Fingerprint() != first.Fingerprint() || second.User() != first.User() || second.Password() != first.Password() {
				t.Errorf("it is a %s with %s, login %s, want the one of before", second.Edition(), second.Fingerprint(), second.User())
			}
			c = dial(t, second)
			if got := c.call("GetUsers", strings.TrimPrefix(instance, "&")).Result; !bytes.Equal(got, users) {
				t.Errorf("users = %s, want %s", got, users)
			}
			if got := second.Effects(); len(got) != 1 || got[0] != first.Effects()[0] {
				t.Errorf("effects = %v, want %v", got, first.Effects())
			}
			if r, err := c.post("/api/get-status", "token="+running+"&lastKnownStatusVersion=1&millisecondsTimeout=0"); err != nil || r.status != 404 {
				t.Errorf("the token of before = %d, %v, want 404", r.status, err)
			}
		})
	}
}

func TestACertificateInUseIsKept(t *testing.T) {
	o := kept(t, Options{})
	first := start(t, o)
	spare := first.Certificates()[1]
	if e := dial(t, first).call("SetServiceCertificate", "thumbprint="+spare.Thumbprint); e.Error != nil {
		t.Fatalf("SetServiceCertificate = %+v", e.Error)
	}
	first.Close()
	second := start(t, o)
	if got := second.Certificates(); len(got) != 2 || !got[1].Active || got[1].Fingerprint != spare.Fingerprint || second.Fingerprint() != spare.Fingerprint {
		t.Errorf("certificates = %+v, want two, the second one active", got)
	}
	if got := string(dial(t, second).call("GetServiceConfiguration", "").Result); !strings.Contains(got, spare.Thumbprint) {
		t.Errorf("GetServiceConfiguration = %s, want the thumbprint %s", got, spare.Thumbprint)
	}
}

// TestTheStateIsWrittenWhileTheServerRuns copies the file of a running server,
// as its death would leave it.
func TestTheStateIsWrittenWhileTheServerRuns(t *testing.T) {
	o := kept(t, Options{})
	s := start(t, o)
	dial(t, s).call("CreateUser", "userName=ada&privileges=login")
	left := filepath.Join(t.TempDir(), "left")
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		text, err := os.ReadFile(o.State)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(`"CreateUser"`)) {
			if err := os.WriteFile(left, text, 0o600); err != nil {
				t.Fatal(err)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the change was not written")
		}
	}
	if got := start(t, Options{State: left}).Effects(); len(got) != 1 || got[0].Key != "ada" {
		t.Errorf("effects = %v, want those of the server that died", got)
	}
}

func TestAnUnchangedStateIsNotWrittenAgain(t *testing.T) {
	s := start(t, kept(t, Options{}))
	dial(t, s).call("GetUsers", "")
	if err := os.Remove(s.opts.State); err != nil {
		t.Fatal(err)
	}
	if err := s.save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.opts.State); err == nil {
		t.Error("a read has the state written again")
	}
	dial(t, s).call("SetUserFullName", "userName=admin&fullName=x")
	if err := s.save(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(s.opts.State)
	if err != nil {
		t.Fatalf("a change does not have the state written: %v", err)
	}
	if runtime.GOOS != "windows" && info.Mode() != 0o600 {
		t.Errorf("its mode is %v, want 0600", info.Mode())
	}
}

func TestAStateThatCannotBeWrittenIsTold(t *testing.T) {
	s := start(t, kept(t, Options{}))
	if err := os.RemoveAll(filepath.Dir(s.opts.State)); err != nil {
		t.Skipf("the folder cannot be taken away: %v", err)
	}
	c := dial(t, s)
	c.call("SetUserFullName", "userName=admin&fullName=x")
	s.Close()
	if err := s.StateError(); fault.KindOf(err) != fault.State || !strings.Contains(err.Error(), "keep the state of the sandbox in "+s.opts.State) {
		t.Errorf("StateError() = %v, want that it could not be written", err)
	}
}

func TestOneServerHasAStateAtATime(t *testing.T) {
	o := kept(t, Options{})
	first := start(t, o)
	if _, err := New(o); fault.KindOf(err) != fault.Busy {
		t.Errorf("a second server = %v, want it refused as busy", err)
	}
	first.Close()
	for _, wrong := range []Options{{State: o.State, Users: 7}, {State: o.State, Faults: []string{"x"}}} {
		if _, err := New(wrong); fault.KindOf(err) != fault.Usage {
			t.Errorf("New(%+v) = %v, want a usage error", wrong, err)
		}
	}
	start(t, o) // those that were refused do not hold it
}

func TestAFileThatIsNoStateIsLeftAlone(t *testing.T) {
	good := kept(t, Options{Users: 1, Stores: 1})
	start(t, good).Close()
	text, err := os.ReadFile(good.State)
	if err != nil {
		t.Fatal(err)
	}
	head, world, _ := strings.Cut(string(text), "\n")
	replace := func(old, new string) string { return strings.Replace(string(text), old, new, 1) }
	for name, tt := range map[string]struct{ text, want string }{
		"an empty file":            {"", "no sandbox wrote it"},
		"another file":             {"hello\nworld\n", "no sandbox wrote it"},
		"a long line":              {strings.Repeat("x", maxHead+1) + "\n", "no sandbox wrote it"},
		"other JSON":               {"{}\n{}\n", "no sandbox wrote it"},
		"a later version":          {replace(`"version":1`, `"version":2`), "it has version 2, and this moonpost knows version 1"},
		"the head alone":           {head + "\n", "unexpected EOF"},
		"cut in the middle":        {string(text[:len(text)-200]), "unexpected EOF"},
		"more than a state":        {string(text) + "{}", "more text after the end"},
		"another world":            {head + "\n" + strings.Replace(world, `"Edition":"server"`, `"Edition":"desk"`, 1), `there is no edition "desk"`},
		"a certificate that is no": {replace(`"certificate":"`, `"certificate":"AAAA`), "x509: malformed certificate"},
		"a key that is none":       {replace(`"key":"`, `"key":"AAAA`), "x509: failed to parse EC private key"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, []byte(tt.text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := New(Options{State: file})
			if fault.KindOf(err) != fault.State || !strings.Contains(err.Error(), file+" cannot be used as its state: "+tt.want) {
				t.Errorf("New() = %v, want that %s", err, tt.want)
			}
			if after, err := os.ReadFile(file); err != nil || string(after) != tt.text {
				t.Errorf("the file was changed to %.80q, %v", after, err)
			}
		})
	}
	if _, err := New(Options{State: filepath.Join(t.TempDir(), "nowhere", "file")}); fault.KindOf(err) != fault.State || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there = %v", err)
	}
}

func TestACertificatePastItsTimeIsReplaced(t *testing.T) {
	o := kept(t, Options{})
	first := start(t, o)
	old, err := newIdentityUntil(time.Now().Add(-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	first.certificates.add(old)
	first.certificates.Use(old.thumbprint)
	first.Close()
	second := start(t, o)
	if second.Fingerprint() == old.fingerprint {
		t.Error("a certificate past its time is used")
	}
	if got := dial(t, second).conn.ConnectionState().PeerCertificates[0].NotAfter; got.Before(time.Now()) {
		t.Errorf("the new certificate ended at %v", got)
	}
}
