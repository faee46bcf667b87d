package world

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestAnEnvironmentIsKeptOverARestart(t *testing.T) {
	w := spe()
	call(t, w, "CreateInstance", config("delta", `,"displayName":"Delta"`))
	call(t, w, "StopInstances", "instanceFilter=bravo")
	call(t, w, "FreezeInstances", "instanceFilter=charlie")
	call(t, w, "SetArchiveAdminEnabled", "instanceID=alpha", "enabled=false")
	call(t, w, "CreateClientAccessServer", newServer)
	call(t, w, "CreateDirectoryOnInstanceHost", "serverName=MAILSTORE", `path=D:\New`)
	call(t, w, "InitializeSystemAdministratorMFA", "userName=admin")
	password := strings.Trim(call(t, w, "CreateSystemAdministratorAPIPassword", "userName=admin"), `"`)
	reads := []struct {
		fn   string
		form []string
	}{
		{"GetInstances", []string{"instanceFilter=*"}},
		{"GetInstanceConfiguration", []string{"instanceID=delta"}},
		{"GetArchiveAdminEnabled", []string{"instanceID=alpha"}},
		{"GetServiceStatus", nil},
		{"GetDirectoriesOnInstanceHost", []string{"serverName=MAILSTORE", `path=D:\`}},
		{"GetSystemAdministrators", nil},
	}
	again := reload(t, w)
	for _, r := range reads {
		if got, want := call(t, again, r.fn, r.form...), call(t, w, r.fn, r.form...); got != want {
			t.Errorf("%s(%v) after a restart = %s, want %s", r.fn, r.form, got, want)
		}
	}
	if got := again.Login("admin", "Passw0rd"); got != Unknown {
		t.Errorf("the password of an administrator with multi-factor login is %d after a restart, want %d", got, Unknown)
	}
	if got := again.Login("admin", password); got != Granted {
		t.Errorf("the API password is %d after a restart, want %d", got, Granted)
	}
	if got, want := effects(again), effects(w); !slices.Equal(got, want) {
		t.Errorf("effects after a restart = %q, want %q", got, want)
	}
	last := w.Environment.LastProcessID
	call(t, again, "StartInstances", "instanceFilter=delta")
	if got := again.Archives["delta"].Instance.Process.ID; got <= last {
		t.Errorf("a process after the restart has the ID %d, want one beyond %d", got, last)
	}
}

func TestAFileThatNoEnvironmentWroteIsRefused(t *testing.T) {
	tests := []struct{ name, old, new, want string }{
		{"no environment", `"Environment":{`, `"Environment":null,"Archives":{},"Ledger":{"Salt":"","Rows":null},"Started":true}}`, "the environment is missing"},
		{"an instance on a host that is not there", `"Host":"MAILSTORE"`, `"Host":"OTHER"`, "has no host"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var file bytes.Buffer
			if err := spe().Save(&file); err != nil {
				t.Fatal(err)
			}
			before, after, found := strings.Cut(file.String(), tt.old)
			if !found {
				t.Fatalf("the file lacks %s", tt.old)
			}
			text := before + tt.new
			if !strings.HasSuffix(tt.new, "}}") {
				text += after
			}
			if _, err := Load(strings.NewReader(text), Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Load() = %v, want %s", err, tt.want)
			}
		})
	}
}
