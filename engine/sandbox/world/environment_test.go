package world

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

func TestTheEnvironmentNamesTheCaller(t *testing.T) {
	w := spe()
	call(t, w, "CreateSystemAdministrator", `config={"userName":"Ada"}`, "password=x")
	for by, want := range map[string]string{"admin": "admin", "ADA": "Ada"} {
		got := compact(t, w.InvokeAs(by, "GetEnvironmentInfo", nil, Straight).Result)
		if !strings.Contains(got, `"userName":"`+want+`"`) || !strings.Contains(got, `"serverName":"MAILSTORE"`) {
			t.Errorf("GetEnvironmentInfo() by %s = %s, want userName %s", by, got, want)
		}
	}
}

// serviceStatus is what GetServiceStatus answers.
type serviceStatus struct {
	ServerInfos []struct {
		ServerName, ServerType string
		Port                   int
		Active                 bool
		NumberOfInstances      *int
		Running                *int `json:"numberOfRunningInstances"`
	}
	Messages []struct {
		Type, Text string
		IsSubItem  bool
	}
}

func readStatus(t *testing.T, w *World) (roles, messages []string) {
	t.Helper()
	var s serviceStatus
	if err := json.Unmarshal([]byte(call(t, w, "GetServiceStatus")), &s); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.ServerInfos {
		line := fmt.Sprintf("%s %s:%d %v", r.ServerType, r.ServerName, r.Port, r.Active)
		if r.NumberOfInstances != nil {
			line += fmt.Sprintf(" %d of %d", *r.Running, *r.NumberOfInstances)
		}
		roles = append(roles, line)
	}
	for _, m := range s.Messages {
		messages = append(messages, m.Type+map[bool]string{true: " - ", false: " "}[m.IsSubItem]+m.Text)
	}
	return roles, messages
}

func TestTheServiceStatusFollowsTheState(t *testing.T) {
	w := New(Options{Edition: catalogue.SPE, Users: -1, Stores: 2, History: -1})
	roles, messages := readStatus(t, w)
	wantRoles := []string{"managementServer MAILSTORE:8471 true", "instanceHost MAILSTORE:8472 true 3 of 3", "clientAccessServer MAILSTORE:8473 true"}
	want := []string{"warning There are archive stores that need an upgrade."}
	for _, id := range []string{"alpha", "bravo", "charlie"} {
		want = append(want, "warning - "+id+": #1 2024-01", "warning - "+id+": #2 2024-02")
	}
	if !slices.Equal(roles, wantRoles) || !slices.Equal(messages, want) {
		t.Errorf("roles %q, messages %q; want %q, %q", roles, messages, wantRoles, want)
	}

	for _, id := range []string{"alpha", "bravo", "charlie"} {
		if s := finish(t, w, "UpgradeStores", "instanceID="+id); s.Code != answer.Succeeded {
			t.Fatalf("UpgradeStores(%s) = %s", id, s.Code)
		}
	}
	if _, messages := readStatus(t, w); len(messages) != 0 {
		t.Errorf("messages of a sound environment = %q, want none", messages)
	}

	w.Archives["alpha"].Stores[0].Fault = broken
	call(t, w, "SetStoreRequestedState", "instanceID=charlie", "id=2", "requestedState=normal")
	a := w.Archives["charlie"]
	a.JobResults = append(a.JobResults, jobResult{Job: 1, Result: answer.Succeeded}, jobResult{Job: 1, Result: answer.Failed}, jobResult{Job: 2, Result: answer.Succeeded})
	call(t, w, "StopInstances", "instanceFilter=bravo")
	call(t, w, "FreezeInstances", "instanceFilter=charlie")
	call(t, w, "CreateClientAccessServer", `config={"serverName":"cas2","port":443,"serverCertificate":{"thumbprint":"`+strings.Repeat("00", 20)+`"}}`)
	roles, messages = readStatus(t, w)
	wantRoles = []string{
		"managementServer MAILSTORE:8471 true", "instanceHost MAILSTORE:8472 true 2 of 3",
		"clientAccessServer cas2:443 false", "clientAccessServer MAILSTORE:8473 true",
	}
	want = []string{
		"error The server cas2 does not answer on port 443.",
		"error There are archive stores with errors.", "error - alpha: #1 2024-01: The database in 'D:\\MailStoreSPE\\alpha\\2024-01' is damaged.",
		"error There is no archive store to archive into.", "error - charlie",
		"warning There are instances that should be running.", "warning - bravo",
		"warning There are jobs whose last run failed.", "warning - charlie: Verify all stores",
		"information There are instances that are frozen.", "information - charlie",
	}
	if !slices.Equal(roles, wantRoles) || !slices.Equal(messages, want) {
		t.Errorf("roles %q, messages %q; want %q, %q", roles, messages, wantRoles, want)
	}
}

func TestSystemSMTPSettings(t *testing.T) {
	w := spe()
	run(t, w, []step{
		do("GetSystemSmtpConfiguration", `{"hostname":"mail.example.com","port":587,"protocol":"SMTP-TLS","userName":"mailstore","password":null,`+
			`"fromEmailAddress":"mailstore@example.com"}`),
		do("TestSystemSmtpConfiguration", "null"),
		fails("SetSystemSmtpConfiguration", "The API argument config has the wrong shape.", "config=[]"),
		do("SetSystemSmtpConfiguration", "null", `config={"hostname":"","port":25,"password":"secret"}`),
		do("GetSystemSmtpConfiguration", `{"hostname":"","port":25,"password":null}`),
		fails("TestSystemSmtpConfiguration", "The server '' could not be reached: no such host is known."),
		do("SetSystemSmtpConfiguration", "null", `config={"hostname":"mail.invalid"}`),
		fails("TestSystemSmtpConfiguration", "The server 'mail.invalid' could not be reached: no such host is known."),
		do("ReloadBranding", "null"),
	})
	if got := call(t, w, "GetSmtpSettings", "instanceID=alpha"); !strings.Contains(got, `"hostname":"mail.example.com"`) {
		t.Errorf("the settings of an instance = %s, want those it had", got)
	}
	want := []string{"TestSystemSmtpConfiguration", "SetSystemSmtpConfiguration", "SetSystemSmtpConfiguration", "ReloadBranding"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestALicenceRequestSaysWhatIsLicensed(t *testing.T) {
	w := spe()
	text, err := base64.StdEncoding.DecodeString(strings.Trim(call(t, w, "CreateLicenseRequest"), `"`))
	if want := "licensee=Example Hosting GmbH;machine=MAILSTORE;version=25.3.1.23062;instances=3;users=6;"; err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("CreateLicenseRequest() = %q (%v), want %q", text, err, want)
	}
	if got, want := effects(w), []string{"CreateLicenseRequest"}; !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestStoresFollowTheirInstance(t *testing.T) {
	w := spe()
	call(t, w, "StopInstances", "instanceFilter=alpha")
	call(t, w, "SetInstanceConfiguration", config("alpha", `,"baseDirectory":"D:\\Moved"`))
	call(t, w, "StartInstances", "instanceFilter=alpha")
	call(t, w, "SetStorePath", "instanceID=alpha", "id=2", `path=D:\Other\2024-01`) // two of one name
	if s := finish(t, w, "TransferStores"); s.Code != answer.Succeeded || strings.Count(s.Log, "Moving archive store") != 2 {
		t.Errorf("TransferStores() = %s, log:\n%s\nwant two stores moved", s.Code, s.Log)
	}
	paths := []string{}
	for _, s := range w.Archives["alpha"].Stores {
		paths = append(paths, s.Database)
	}
	if want := []string{`D:\Moved\2024-01`, `D:\Moved\2024-01 2`}; !slices.Equal(paths, want) {
		t.Errorf("stores lie in %q, want %q", paths, want)
	}
	if s := finish(t, w, "TransferStores"); strings.Contains(s.Log, "Moving") {
		t.Errorf("a second TransferStores() = %s, want nothing to move", s.Log)
	}
	if got := effects(w); got[len(got)-1] != "TransferStores again" {
		t.Errorf("effects = %q, want TransferStores twice", got)
	}
}
