package api

import (
	"net/http"
	"sync"
	"testing"

	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

func wrongPassword(c *Config) { c.Password = secret.New("not the password") }

// A few wrong passwords can lock an account, so many tasks try one once.
func TestWrongPasswordIsTriedOnce(t *testing.T) {
	s := newServer(t)
	c := s.client(t, wrongPassword)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				_, err := invoke(c, "CreateUser", createUser("ada")...)
				if fault.KindOf(err) != fault.Denied {
					t.Errorf("CreateUser = %v, want kind denied", err)
				}
			}
		})
	}
	all.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.requests); n != 1 {
		t.Errorf("%d requests with a wrong password, want 1", n)
	}
}

// MailStore Server lets anyone read the metadata (protocol.md 2).
func TestLoginIsProvenBeforeTheFirstChange(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"401", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }},
		{"200 failed", answerText(refused("Benutzer oder Kennwort ist falsch."))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.on("GetServerInfo", tc.answer)
			s.on("CreateUser", answer("null"))
			c := s.client(t)
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					_, err := invoke(c, "CreateUser", createUser("ada")...)
					if fault.KindOf(err) != fault.Denied {
						t.Errorf("CreateUser = %v, want kind denied", err)
					}
				})
			}
			all.Wait()
			if n := s.sent("GetServerInfo"); n != 1 {
				t.Errorf("the login was probed %d times, want 1", n)
			}
			if n := s.sent("CreateUser"); n != 0 {
				t.Errorf("CreateUser arrived %d times, want 0", n)
			}
			_, err := invoke(c, "GetUsers")
			wantKind(t, "GetUsers after it", err, fault.Denied)
			if n := s.sent("GetUsers"); n != 0 {
				t.Errorf("GetUsers arrived %d times after the refusal, want 0", n)
			}
		})
	}
}

// A read that comes first may be refused because of the password, or for a
// reason of its own: the probe tells.
func TestRefusedFirstReadIsProbed(t *testing.T) {
	no := answerText(refused("Benutzer oder Kennwort ist falsch."))
	strange := answerText(envelopeText("null", "", 2, "strange", "null", "", "null", ""))
	for _, tc := range []struct {
		name        string
		read, probe http.HandlerFunc
		fn          string
		kind        fault.Kind
		probes      int
	}{
		{"wrong password", no, no, "GetStores", fault.Denied, 1},
		{"wrong password without a reason", answerText(envelopeText("null", "", 2, "failed", "null", "", "null", "")), no, "GetStores", fault.Denied, 1},
		{"right password", no, answer(`{"version":"25"}`), "GetStores", fault.Server, 1},
		{"the call is the probe", no, no, "GetServerInfo", fault.Denied, 1},
		{"probe that says nothing", no, strange, "GetStores", fault.Server, 1},
		{"answer that is no refusal", strange, no, "GetStores", fault.Server, 0},
		{"answer of the probe that is no refusal", strange, strange, "GetServerInfo", fault.Server, 1},
		{"probe before a change that is no refusal", nil, strange, "CreateUser", fault.Server, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.on(tc.fn, tc.read)
			s.on("GetServerInfo", tc.probe)
			c := s.client(t)
			args := []any{}
			if tc.fn == "CreateUser" {
				args = createUser("ada")
			}
			_, err := invoke(c, tc.fn, args...)
			if e := wantKind(t, tc.fn, err, tc.kind); e.Fn != tc.fn {
				t.Errorf("%s: Fn = %q, want the function of the call", tc.fn, e.Fn)
			}
			if n := s.sent("GetServerInfo"); n != tc.probes {
				t.Errorf("GetServerInfo arrived %d times, want %d", n, tc.probes)
			}
			if tc.kind == fault.Denied {
				_, err := invoke(c, "GetUsers")
				wantKind(t, "GetUsers after it", err, fault.Denied)
				if n := s.sent("GetUsers"); n != 0 {
					t.Errorf("GetUsers arrived %d times after the refusal, want 0", n)
				}
			}
		})
	}
}

// Once a call was accepted, a refusal of the probe is about something else.
func TestProvenLoginIsNotDoubted(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	s.on("GetServerInfo", answerText(refused("not now")))
	c := s.client(t)
	if _, err := invoke(c, "GetUsers"); err != nil {
		t.Fatal(err)
	}
	_, err := invoke(c, "GetServerInfo")
	wantKind(t, "GetServerInfo", err, fault.Server, "not now")
	_, err = c.About(t.Context())
	wantKind(t, "About", err, fault.Server, "not now")
}

// Reads at the same time wait for one of them to be accepted.
func TestReadsAtOnceTryTheLoginTwiceAtMost(t *testing.T) {
	s := newServer(t)
	no := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }
	s.on("GetServerInfo", no)
	s.on("GetUsers", no)
	c := s.client(t)
	if _, err := c.Functions(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := invoke(c, "GetUsers")
			if fault.KindOf(err) != fault.Denied {
				t.Errorf("GetUsers = %v, want kind denied", err)
			}
		})
	}
	all.Wait()
	if n := s.sent("GetUsers") + s.sent("GetServerInfo"); n > 2 {
		t.Errorf("the login was tried %d times, want at most 2", n)
	}
}

func TestFirstReadProvesTheLogin(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	s.on("CreateUser", answer("null"))
	c := s.client(t)
	if _, err := invoke(c, "GetUsers"); err != nil {
		t.Fatal(err)
	}
	if _, err := invoke(c, "CreateUser", createUser("ada")...); err != nil {
		t.Fatal(err)
	}
	if n := s.sent("GetServerInfo"); n != 0 {
		t.Errorf("the login was probed %d times after a call was accepted, want 0", n)
	}
}

func TestRefusalInMidRunStopsEverything(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	s.on("CreateUser", answer("null"))
	c := s.client(t)
	if _, err := invoke(c, "CreateUser", createUser("ada")...); err != nil {
		t.Fatal(err)
	}
	s.on("GetUsers", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) })
	_, err := invoke(c, "GetUsers")
	e := wantKind(t, "GetUsers", err, fault.Denied, c.target+" refused the login of admin", "login privilege api")
	if e.Status != 401 {
		t.Errorf("status = %d, want 401", e.Status)
	}
	before := s.sent("CreateUser")
	_, err = invoke(c, "CreateUser", "userName", "bob", "privileges", "login")
	wantKind(t, "CreateUser", err, fault.Denied)
	if n := s.sent("CreateUser"); n != before {
		t.Errorf("CreateUser was sent after the login was refused")
	}
}

func TestServiceProviderEditionIsProbedItsWay(t *testing.T) {
	s := newEdition(t, "spe")
	s.on("CreateUser", answer("null"))
	c := s.client(t, func(c *Config) { c.Instance = "acme" })
	if _, err := invoke(c, "CreateUser", createUser("ada")...); err != nil {
		t.Fatal(err)
	}
	if s.sent("GetEnvironmentInfo") != 1 || s.sent("GetServerInfo") != 0 {
		t.Error("the login of an SPE was not probed with GetEnvironmentInfo")
	}
	if got := s.last("CreateUser").args.Get("instanceID"); got != "acme" {
		t.Errorf("instanceID = %q, want acme", got)
	}
}

// Any call may answer as a job, that which proves the login too.
func TestIntroductionMayRunAsAJob(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		s.on("GetServerInfo", running(3, "0", ""))
		s.on(getStatus, answerText(envelopeText("null", "", 5, "succeeded", "null", "", `{"version":"25.9"}`, "")))
		about, err := s.client(t).About(t.Context())
		if err != nil || about.Version != "25.9" {
			t.Errorf("About = %+v, %v, want version 25.9", about, err)
		}
	})
}
