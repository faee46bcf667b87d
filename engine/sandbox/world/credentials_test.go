package world

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCredentials(t *testing.T) {
	w := spe()
	alpha := func(form ...string) []string { return append([]string{"instanceID=alpha"}, form...) }
	seeded := call(t, w, "GetCredentials", alpha()...)
	if day := time.Now().UTC().AddDate(0, 0, 40).Format("2006-01-02"); !strings.HasPrefix(seeded, `[{"ID":1,"Type":"Office365_Modern","Description":"`) ||
		!strings.HasSuffix(seeded, `"CertificateExpirationDate":"`+day+`T00:00:00Z"}}]`) {
		t.Errorf("GetCredentials() = %s", seeded)
	}
	run(t, w, []step{
		do("CreateCredential", "2", alpha("type=Basic", "description=Second", `settings={"user":"u","password":"p"}`)...),
		do("GetCredentials", seeded[:len(seeded)-1]+`,{"ID":2,"Type":"Basic","Description":"Second","Settings":{"user":"u","password":null}}]`, alpha()...),
		do("GetCredentialSettings", `{"user":"u","password":null}`, alpha("id=2")...),
		do("SetCredentialSettings", "null", alpha("id=2", `settings={"user":"v"}`)...),
		do("GetCredentialSettings", `{"user":"v"}`, alpha("id=2")...),
		fails("CreateCredential", "Missing API argument type.", alpha()...),
		fails("CreateCredential", "Missing API argument settings.", alpha("type=a", "description=b")...),
		fails("CreateCredential", "The API argument settings has the wrong shape.", alpha("type=a", "description=b", "settings=[]")...),
		fails("SetCredentialSettings", "Missing API argument settings.", alpha("id=2")...),
		fails("SetCredentialSettings", "The credential 3 does not exist.", alpha("id=3", "settings={}")...),
		fails("GetCredentialSettings", "Missing API argument id.", alpha()...),
		fails("DeleteCredential", "The credential 3 does not exist.", alpha("id=3")...),
		do("DeleteCredential", "null", alpha("id=2")...),
		do("GetCredentials", seeded, alpha()...),
		do("GetCredentials", seeded, "instanceID=bravo"),
	})
	want := []string{"CreateCredential alpha", "SetCredentialSettings alpha", "DeleteCredential alpha"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}
