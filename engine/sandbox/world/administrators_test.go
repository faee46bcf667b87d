package world

import (
	"slices"
	"strings"
	"testing"
)

func TestSystemAdministrators(t *testing.T) {
	w := spe()
	admin := `{"userName":"admin","fullName":"Administrator","emailAddress":""}`
	ada := func(name, address string) string {
		return `{"userName":"Ada","fullName":"` + name + `","emailAddress":"` + address + `"}`
	}
	run(t, w, []step{
		do("GetSystemAdministrators", "["+admin+"]"),
		fails("CreateSystemAdministrator", "The property userName must not be empty.", "config={}", "password=x"),
		fails("CreateSystemAdministrator", "'a/b' is not a valid user name.", `config={"userName":"a/b"}`, "password=x"),
		fails("CreateSystemAdministrator", "'nowhere' is not a valid e-mail address.", `config={"userName":"a","emailAddress":"nowhere"}`, "password=x"),
		fails("CreateSystemAdministrator", "The password must not be empty.", `config={"userName":"a"}`, "password="),
		fails("CreateSystemAdministrator", "A user with the name 'ADMIN' already exists.", `config={"userName":"ADMIN"}`, "password=x"),
		do("CreateSystemAdministrator", "null", "config="+ada("Ada L.", "ada@example.com"), "password=x"),
		do("GetSystemAdministrators", "["+ada("Ada L.", "ada@example.com")+","+admin+"]"),
		do("SetSystemAdministratorConfiguration", "null", `config={"userName":"ADA","fullName":"Countess"}`), // the rest is cleared
		fails("SetSystemAdministratorConfiguration", "The user 'bob' does not exist.", `config={"userName":"bob"}`),
		do("GetSystemAdministrators", "["+ada("Countess", "")+","+admin+"]"),
		fails("SetSystemAdministratorPassword", "The password must not be empty.", "userName=ada", "password="),
		fails("SetSystemAdministratorPassword", "The user 'bob' does not exist.", "userName=bob", "password=x"),
		do("SetSystemAdministratorPassword", "null", "userName=ada", "password=y"),
		do("DeleteSystemAdministrator", "null", "userName=ADMIN"), // the account of the call
		fails("DeleteSystemAdministrator", "The last system administrator cannot be deleted.", "userName=ada"),
		fails("DeleteSystemAdministrator", "The user 'admin' does not exist.", "userName=admin"),
		do("GetSystemAdministrators", "["+ada("Countess", "")+"]"),
	})
	want := []string{
		"CreateSystemAdministrator Ada", "SetSystemAdministratorConfiguration Ada", "SetSystemAdministratorPassword Ada", "DeleteSystemAdministrator admin",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestHalfAnAdministrator(t *testing.T) {
	w := spe()
	form := args(`config={"userName":"ada","fullName":"Ada","emailAddress":"ada@example.com"}`, "password=x")
	want := map[string]string{
		"CreateSystemAdministrator":           `{"userName":"ada","fullName":"","emailAddress":""}`,
		"SetSystemAdministratorConfiguration": `{"userName":"ada","fullName":"Ada","emailAddress":""}`,
	}
	for _, fn := range []string{"CreateSystemAdministrator", "SetSystemAdministratorConfiguration"} {
		if s := w.Invoke(fn, form[:len(w.functions[fn].args)], Half); s.Error == nil {
			t.Errorf("%s by half = %s, want an error", fn, s.Code)
		}
		if got := call(t, w, "GetSystemAdministrators"); !strings.HasPrefix(got, "["+want[fn]) {
			t.Errorf("after %s by half: %s, want %s", fn, got, want[fn])
		}
	}
}

func TestLoginsOfAdministrators(t *testing.T) {
	w := spe()
	call(t, w, "CreateSystemAdministrator", `config={"userName":"Ada"}`, "password=löve")
	expect := func(when, password string, want Login) {
		t.Helper()
		if got := w.Login("ADA", password); got != want {
			t.Errorf("%s: Login(ADA, %s) = %d, want %d", when, password, got, want)
		}
	}
	changed := func(fn string, form ...string) string {
		t.Helper()
		before := w.Logins()
		result := call(t, w, fn, form...)
		if w.Logins() == before {
			t.Errorf("%s does not count as a change of logins", fn)
		}
		return strings.Trim(result, `"`)
	}
	expect("created", "löve", Granted)
	expect("created", "love", Unknown)
	expect("created", "", Unknown)

	first := changed("CreateSystemAdministratorAPIPassword", "userName=ada")
	expect("with an API password", first, Granted)
	expect("with an API password", "löve", Granted)
	second := changed("CreateSystemAdministratorAPIPassword", "userName=ada")
	expect("with another API password", first, Unknown)
	expect("with another API password", second, Granted)

	if secret := changed("InitializeSystemAdministratorMFA", "userName=ada"); secret == "null" {
		t.Error("InitializeSystemAdministratorMFA() = null, want a secret")
	}
	expect("with multi-factor login", "löve", Unknown)
	expect("with multi-factor login", second, Granted)
	changed("DeactivateSystemAdministratorMFA", "userName=ada")
	expect("without multi-factor login", "löve", Granted)

	changed("SetSystemAdministratorPassword", "userName=ada", "password=new")
	expect("with a new password", "löve", Unknown)
	expect("with a new password", "new", Granted)
	changed("DeleteSystemAdministrator", "userName=ada")
	expect("deleted", "new", Unknown)
	expect("deleted", second, Unknown)

	for _, fn := range []string{"CreateSystemAdministratorAPIPassword", "InitializeSystemAdministratorMFA", "DeactivateSystemAdministratorMFA"} {
		if got, want := refused(t, w, fn, "userName=ada"), "The user 'ada' does not exist."; got != want {
			t.Errorf("%s(ada) = %q, want %q", fn, got, want)
		}
	}
	want := []string{
		"CreateSystemAdministrator Ada", "CreateSystemAdministratorAPIPassword Ada again", "InitializeSystemAdministratorMFA Ada",
		"DeactivateSystemAdministratorMFA Ada", "SetSystemAdministratorPassword Ada", "DeleteSystemAdministrator Ada",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}
