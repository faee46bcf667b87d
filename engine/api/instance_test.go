package api

import (
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

func inInstance(name string) func(*Config) { return func(c *Config) { c.Instance = name } }

func TestUnknownInstanceIsFoundOnTheList(t *testing.T) {
	const list = `[{"instanceID":"acme"},{"instanceID":"globex"}]`
	for _, tc := range []struct {
		name      string
		instances string
		given     []any
		kind      fault.Kind
		want      []string
	}{
		{"not on the list", list, []any{"instanceID", "acne"}, fault.NotFound,
			[]string{"there is no instance acne (the server said: no reason at all)", "moonpost call GetInstances instanceFilter='*'"}},
		{"not on the list, from the configuration", list, nil, fault.NotFound, []string{"there is no instance initech"}},
		{"on the list", list, []any{"instanceID", "ACME"}, fault.Server, []string{"no reason at all"}},
		{"no list", `null`, []any{"instanceID", "acne"}, fault.Server, []string{"no reason at all"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newEdition(t, catalogue.SPE)
			s.on("GetUsers", answerText(refused("no reason at all")))
			s.on("GetInstances", answer(tc.instances))
			c := s.client(t, inInstance("initech"))
			for range 3 {
				_, err := invoke(c, "GetUsers", tc.given...)
				wantKind(t, "GetUsers", err, tc.kind, tc.want...)
			}
			if got := s.last("GetInstances").args.Get("instanceFilter"); got != "*" {
				t.Errorf("instanceFilter = %q, want *", got)
			}
			if n := s.sent("GetInstances"); tc.kind == fault.Server && n != 1 {
				t.Errorf("GetInstances arrived %d times, want 1", n)
			}
		})
	}
}

func TestServerWithoutInstancesIsRefused(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	c := s.client(t, inInstance("acme"))
	for range 2 {
		_, err := invoke(c, "GetUsers")
		wantKind(t, "GetUsers", err, fault.Usage, "this server has no instances", "Service Provider Edition")
		_, err = c.About(t.Context())
		wantKind(t, "About", err, fault.Usage, "this server has no instances")
		_, err = c.Functions(t.Context())
		wantKind(t, "Functions", err, fault.Usage, "this server has no instances")
	}
	if s.sent("GetUsers")+s.sent("GetServerInfo") != 0 || s.sent(getMetadata) != 1 {
		t.Error("more was sent than one request for the metadata")
	}
}

func TestMissingInstanceIsAskedFor(t *testing.T) {
	s := newEdition(t, catalogue.SPE)
	_, err := invoke(s.client(t), "CreateUser", createUser("ada")...)
	wantKind(t, "CreateUser", err, fault.Invalid, "missing argument instanceID", `--instance NAME, or api.instance("NAME")`)
}
