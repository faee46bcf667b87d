package api

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
	"moonpost/engine/luavm/decl"
)

func findFunction(t *testing.T, all []call.Function, name string) call.Function {
	t.Helper()
	i := slices.IndexFunc(all, func(f call.Function) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no function %s in the list", name)
	}
	return all[i]
}

func TestFunctionsMergeMetadataAndCatalogue(t *testing.T) {
	s := newServer(t)
	// A server of another version: an argument is gone, one is new, one is
	// required now, one has another type, and there is a function nobody knows.
	s.on(getMetadata, answerText("\xef\xbb\xbf"+`[
		{"name":"GetServerInfo","args":[]},
		{"name":"VerifyStore","args":[{"name":"id","type":"number","nullable":false},{"name":"includeIndexes","type":"bool","nullable":false}]},
		{"name":"CreateUser","args":[
			{"name":"userName","type":"string","nullable":false},
			{"name":"privileges","type":"String","nullable":false},
			{"name":"authentication","type":"string","nullable":true},
			{"name":"password","type":"string","nullable":true},
			{"name":"quota","type":"number","nullable":true}]},
		{"name":"SetSmtpSettings","args":[{"name":"settings","type":"json","nullable":false}]},
		{"name":"BrandNew","args":[{"name":"x","type":"json"}],"description":"not in the documentation"}]`))
	all, err := s.client(t).Functions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	if want := "BrandNew CreateUser GetServerInfo SetSmtpSettings VerifyStore"; strings.Join(names, " ") != want {
		t.Errorf("functions = %v, want %s", names, want)
	}

	user := findFunction(t, all, "CreateUser")
	if !user.Changing || user.Effect != decl.Writes || user.Class != "K" || user.Source != "both" || user.Edition != "server" || user.LongRunning != "no" || user.Doc == "" {
		t.Errorf("CreateUser = %+v, want what the catalogue knows of it", user)
	}
	params := map[string]decl.Param{}
	for _, p := range user.Params {
		params[p.Name] = p
	}
	if len(params) != 5 {
		t.Errorf("CreateUser has parameters %v, want the five of the server", user.Params)
	}
	if p := params["privileges"]; p.Type.Kind != decl.KindList || p.Type.Elem.Kind != decl.KindEnum || p.Optional || p.Doc == "" {
		t.Errorf("privileges = %+v, want a required list of an enum with its sentence", p)
	}
	if p := params["authentication"]; p.Type.Kind != decl.KindEnum || !p.Optional {
		t.Errorf("authentication = %+v, want an optional enum", p)
	}
	if p := params["password"]; p.Type.Kind != decl.KindSecret {
		t.Errorf("password = %+v, want a secret", p)
	}
	if p := params["quota"]; p.Type.Kind != decl.KindNumber || p.Doc != "" {
		t.Errorf("quota = %+v, want a number of which nothing is known", p)
	}

	verify := findFunction(t, all, "VerifyStore")
	if verify.Changing || verify.Effect != decl.Reads || verify.LongRunning != "yes" {
		t.Errorf("VerifyStore = %+v, want a long call that reads", verify)
	}
	if p := verify.Params[1]; p.Name != "includeIndexes" || !p.Optional || p.Default != "false" {
		t.Errorf("includeIndexes = %+v, want the default filled in, as this server requires it", p)
	}

	unknown := findFunction(t, all, "BrandNew")
	if !unknown.Changing || unknown.Class != "X" || unknown.Source != "metadata" || unknown.LongRunning != "unknown" || !unknown.Params[0].Optional {
		t.Errorf("BrandNew = %+v, want it to count as changing, and its argument as optional", unknown)
	}
}

func TestInstanceIsOptionalWhenItIsFilledIn(t *testing.T) {
	s := newEdition(t, catalogue.SPE)
	all, err := s.client(t, func(c *Config) { c.Instance = "acme" }).Functions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := findFunction(t, all, "GetUsers").Params[0]
	if p.Name != "instanceID" || !p.Optional || p.Default != "acme" {
		t.Errorf("instanceID = %+v, want it optional with default acme", p)
	}
}

func TestMetadataIsAskedOnce(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	c := s.client(t)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := invoke(c, "GetUsers"); err != nil {
				t.Errorf("GetUsers = %v", err)
			}
		})
	}
	all.Wait()
	if _, err := c.Functions(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := s.sent(getMetadata); n != 1 {
		t.Errorf("metadata was asked for %d times, want 1", n)
	}
}

func TestMetadataThatIsNone(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		kind       fault.Kind
		want       string
	}{
		{"web page", "<html>", fault.Server, "web page"},
		{"empty list", "[]", fault.Server, "lists no function"},
		{"object", `{"functions":[]}`, fault.Server, "no list of functions"},
		{"other list", `[1,2]`, fault.Server, "no list of functions"},
		{"cut off", metadataOf("server")[:500], fault.Server, "not JSON"},
		{"login refused with 200", refused("Access denied."), fault.Denied, "Access denied."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := newServer(t)
			s.on(getMetadata, answerText(tc.body))
			c := s.client(t)
			_, err := c.Functions(t.Context())
			wantKind(t, "Functions", err, tc.kind, tc.want, "read the functions of the server")
			_, err = invoke(c, "CreateUser", createUser("ada")...)
			e := wantKind(t, "CreateUser", err, tc.kind)
			if e.Fn != "CreateUser" || s.sent("CreateUser") != 0 {
				t.Errorf("CreateUser = %+v, arrived %d times, want its name in the error and nothing sent", e, s.sent("CreateUser"))
			}
		})
	}
}

func TestMetadataIsAskedAgainAfterAFailure(t *testing.T) {
	s := newServer(t)
	s.on("GetUsers", answer("[]"))
	s.on(getMetadata, answerText("<html>"))
	c := s.client(t)
	if _, err := invoke(c, "GetUsers"); err == nil {
		t.Fatal("GetUsers succeeded without metadata")
	}
	s.on(getMetadata, answerText(metadataOf("server")))
	if _, err := invoke(c, "GetUsers"); err != nil {
		t.Errorf("GetUsers = %v, want success once there is metadata", err)
	}
}

// The one who asks first may go away; the others must not suffer.
func TestOneWhoLeavesDoesNotSpoilIt(t *testing.T) {
	s := newServer(t)
	started, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	s.on(getMetadata, func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() { close(started) })
		<-release
		answerText(metadataOf("server"))(w, r)
	})
	c := s.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := c.Functions(ctx)
		first <- err
	}()
	<-started
	second := make(chan error, 1)
	go func() {
		_, err := c.Functions(t.Context())
		second <- err
	}()
	cancel()
	wantKind(t, "first Functions", <-first, fault.Cancelled)
	close(release)
	if err := <-second; err != nil {
		t.Errorf("second Functions = %v, want success", err)
	}
}

func TestCopyOfTheMetadata(t *testing.T) {
	dir := t.TempDir()
	s := newServer(t)
	c := s.client(t, func(c *Config) { c.CacheDir = dir })
	live, err := c.Functions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept, err := Cached(dir, c.target)
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) != len(live) || findFunction(t, kept, "CreateUser").Class != "K" {
		t.Errorf("Cached gives %d functions, want the %d of the server", len(kept), len(live))
	}
	info, err := os.Stat(cacheFile(dir, c.target))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("copy has mode %v, %v, want 0600", info.Mode(), err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("%d files in the folder, want the copy alone", len(entries))
	}

	if _, err := Cached(dir, "other.example.com:8463"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Cached of a target that was never asked = %v, want fs.ErrNotExist", err)
	}
	if err := os.WriteFile(cacheFile(dir, c.target), []byte("[{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Cached(dir, c.target)
	wantKind(t, "Cached of a damaged copy", err, fault.State, "damaged")
}

func TestCopyThatCannotBeWrittenIsNoError(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(t)
	if _, err := s.client(t, func(c *Config) { c.CacheDir = file }).Functions(t.Context()); err != nil {
		t.Errorf("Functions = %v, want success", err)
	}
}

func TestTargetsHaveFilesOfTheirOwn(t *testing.T) {
	seen := map[string]string{}
	for _, target := range []string{"a:8463", "a:8474", "b:8463", "[::1]:8463", "../../etc/passwd", "a_8463"} {
		file := cacheFile("dir", target)
		if other, twice := seen[file]; twice && other != target {
			t.Errorf("cacheFile(%s) = cacheFile(%s) = %s", target, other, file)
		}
		seen[file] = target
		if filepath.Dir(file) != "dir" {
			t.Errorf("cacheFile(%s) = %s, which leaves the folder", target, file)
		}
	}
}

func TestKnownHasBothEditions(t *testing.T) {
	server, spe := Known(catalogue.Server), Known(catalogue.SPE)
	if f := findFunction(t, server, "CreateUser"); f.Source != "catalogue" || len(f.Params) != 7 {
		t.Errorf("CreateUser of Server = %+v, want 7 parameters from the catalogue", f)
	}
	if f := findFunction(t, spe, "CreateUser"); len(f.Params) != 8 || f.Params[0].Name != "instanceID" {
		t.Errorf("CreateUser of SPE = %+v, want instanceID first", f)
	}
	if slices.ContainsFunc(server, func(f call.Function) bool { return f.Name == "GetInstances" }) {
		t.Error("Known(Server) has GetInstances")
	}
}

func TestAbout(t *testing.T) {
	for edition, version := range map[catalogue.Edition]string{catalogue.Server: "25.3.1.1", catalogue.SPE: "25.3.1.2"} {
		s := newEdition(t, edition)
		c := s.client(t)
		for range 2 {
			got, err := c.About(t.Context())
			if want := (call.About{Target: c.target, Edition: string(edition), Version: version}); err != nil || got != want {
				t.Errorf("About = %+v, %v, want %+v", got, err, want)
			}
		}
		if n := s.sent(introductions[edition]); n != 1 {
			t.Errorf("%s was asked %d times, want 1", introductions[edition], n)
		}
	}
}
