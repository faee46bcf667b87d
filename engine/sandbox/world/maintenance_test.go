package world

import (
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/sandbox/answer"
)

func TestMaintenance(t *testing.T) {
	w := New(Options{Stores: 3, Users: -1, History: -1})
	stores := w.Archives[""].Stores
	stores[0].State, stores[1].Kind = "disabled", "PostgreSQL"
	tests := []struct {
		fn   string
		form []string
		logs []string
	}{
		{"CompactMasterDatabase", nil, []string{"Compacting master database...", "Finished."}},
		{"MaintainFileSystemDatabases", nil, []string{
			"Maintaining master database...", "'2024-01' is not available", "#2 (2024-02) has no file system database",
			"Database of archive store #3 (2024-03) maintained.", "Finished.",
		}},
		{"CreateBackup", []string{`path=E:\Backup`}, []string{
			`Creating a backup in 'E:\Backup'...`, "Master database copied.", "Copied archive store #1", "#3 (2024-03).", "Backup finished.",
		}},
		{"CreateBackup", []string{`path=\\nas\backup\`, "excludeSearchIndexes=true"}, []string{`'\\nas\backup'`, "store without search indexes #2"}},
	}
	for _, tt := range tests {
		s := finish(t, w, tt.fn, tt.form...)
		if s.Code != answer.Succeeded {
			t.Errorf("%s(%v) = %s, want succeeded", tt.fn, tt.form, s.Code)
		}
		for _, want := range tt.logs {
			if !strings.Contains(s.Log, want) {
				t.Errorf("%s(%v): log lacks %q:\n%s", tt.fn, tt.form, want, s.Log)
			}
		}
	}
	run(t, w, []step{
		do("RenewMasterKey", "null"),
		do("RenewMasterKey", "null"),
		fails("CreateBackup", "'backup' is not a valid path.", "path=backup"),
		fails("CreateBackup", `The directory 'e:\backup' is not empty.`, `path=e:\backup\`),
	})
	if n := w.Archives[""].MasterKeys; n != 2 {
		t.Errorf("the master key was renewed %d times, want 2", n)
	}
	want := []string{
		"CompactMasterDatabase", "MaintainFileSystemDatabases", `CreateBackup E:\Backup`, `CreateBackup \\nas\backup\`, "RenewMasterKey again",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestABackupMayBeOverwritten(t *testing.T) {
	w := New(Options{Users: -1, Stores: 1, Behaviour: Behaviour{OverwriteBackup: true}})
	for range 2 {
		if s := finish(t, w, "CreateBackup", `path=E:\b`); s.Code != answer.Succeeded {
			t.Errorf("CreateBackup() = %s, want succeeded", s.Code)
		}
	}
}

func TestACancelledBackupIsInTheWay(t *testing.T) {
	w := New(Options{Users: -1, Stores: 4, History: -1})
	s := w.Invoke("CreateBackup", args(`path=E:\b`), Straight)
	w.Advance(8 * time.Second)
	w.Cancel(s.Token)
	w.Advance(time.Minute)
	s = status(t, w, s.Token, 0, 0)
	if s.Code != answer.Cancelled || strings.Contains(s.Log, "Backup finished") {
		t.Errorf("a cancelled backup = %s with log %q", s.Code, s.Log)
	}
	if got, want := refused(t, w, "CreateBackup", `path=E:\b`), `The directory 'E:\b' is not empty.`; got != want {
		t.Errorf("CreateBackup() again = %q, want %q", got, want)
	}
}

func TestServiceCertificate(t *testing.T) {
	w := bare()
	spare := newPaperCertificates().known[1]
	config := func(thumbprint string) string {
		return `{"baseDirectory":"D:\\MailStore","serverCertificate":{"thumbprint":"` + thumbprint + `"},"debugLog":false,"auditLogLocation":"windowsEventLog"}`
	}
	run(t, w, []step{
		do("GetServiceConfiguration", config(newPaperCertificates().active)),
		fails("SetServiceCertificate", "There is no certificate with the thumbprint 'ab cd' in the certificate store.", "thumbprint=ab cd"),
		do("SetServiceCertificate", "null", "thumbprint="+strings.ToLower(spare[:2]+" "+spare[2:])),
		do("GetServiceConfiguration", config(spare)),
	})
	if got := effects(w); !slices.Equal(got, []string{"SetServiceCertificate"}) {
		t.Errorf("effects = %q, want one of SetServiceCertificate", got)
	}
}

func TestMail(t *testing.T) {
	w := bare()
	report := func(recipients string) []string {
		return []string{"timespan=lastweek", "timeZoneId=$Local", "recipients=" + recipients}
	}
	run(t, w, []step{
		do("TestSmtpSettings", "null"),
		do("SendStatusReport", "null", report("a@example.com, b@example.com")...),
		fails("SendStatusReport", "The report has no recipients.", report("")...),
		fails("SendStatusReport", "'b' is not a valid e-mail address.", report("a@example.com,b")...),
		fails("SendStatusReport", "Requested value 'ever' was not found.", "timespan=ever", "timeZoneId=UTC", "recipients=a@example.com"),
		fails("SendStatusReport", "The time zone ID 'CET' was not found on the local computer.", "timespan=today", "timeZoneId=CET", "recipients=a@example.com"),
		do("SetSmtpSettings", "null", `settings={"hostname":"mail.example.invalid"}`),
		fails("TestSmtpSettings", "The server 'mail.example.invalid' could not be reached: no such host is known."),
		fails("SendStatusReport", "The server 'mail.example.invalid' could not be reached: no such host is known.", report("a@example.com")...),
		do("SetSmtpSettings", "null", `settings={}`),
		fails("TestSmtpSettings", "The server '' could not be reached: no such host is known."),
	})
	want := []string{"TestSmtpSettings", "SendStatusReport lastweek|$Local|a@example.com, b@example.com", "SetSmtpSettings", "SetSmtpSettings"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestTheLicence(t *testing.T) {
	w := New(Options{Users: 99, Stores: -1, History: -1})
	if got, want := call(t, w, "GetLicenseInformation"), `{"namedUsers":100,"maxNamedUsers":198}`; got != want {
		t.Errorf("GetLicenseInformation() = %s, want %s", got, want)
	}
	w = New(Options{Users: -1, Stores: -1, History: -1, Behaviour: Behaviour{EnforceLicence: true}})
	for i := range 99 {
		call(t, w, "CreateUser", "userName=u"+strings.Repeat("i", i+1), "privileges=login")
	}
	if got, want := refused(t, w, "CreateUser", "userName=one", "privileges=login"), "The license allows 100 named users."; got != want {
		t.Errorf("CreateUser() beyond the licence = %q, want %q", got, want)
	}
}
