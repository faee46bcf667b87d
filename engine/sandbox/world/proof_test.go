package world

import (
	"slices"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// naturalKey returns the key of a call as behaviour.json says: values of
// arguments, and of keys in JSON ones.
func naturalKey(fn string, form []Arg) string {
	parts := []string{}
	for _, path := range catalogue.BehaviourOf(fn).Key {
		name, key, inside := strings.Cut(path, ".")
		for _, a := range form {
			if a.Name != name {
				continue
			}
			value := a.Value
			if inside {
				object, _ := answer.Parse(value)
				value = object.(answer.Object).Text(key)
			}
			parts = append(parts, value)
		}
	}
	return strings.Join(parts, "|")
}

// TestEffectsOfAnSPEShowInTheirProof makes one good call of every changing
// function of the whole SPE: its effect is counted under its natural key,
// and the read that behaviour.json names for it answers something else after.
func TestEffectsOfAnSPEShowInTheirProof(t *testing.T) {
	server := `config={"serverName":"new","port":444,"serverCertificate":{"thumbprint":"` + strings.Repeat("01", 20) + `"}}`
	own := strings.Replace(server, `"new"`, `"MAILSTORE"`, 1)
	tests := []struct {
		fn    string
		form  []string
		proof []string // arguments of the proof
		first []string // a call before it: function and arguments
	}{
		{"CreateInstance", []string{config("delta", "")}, []string{"instanceFilter=delta"}, nil},
		{"SetInstanceConfiguration", []string{config("alpha", "")}, []string{"instanceID=alpha"}, nil},
		{"StopInstances", []string{"instanceFilter=*"}, []string{"instanceFilter=*"}, nil},
		{"StartInstances", []string{"instanceFilter=*"}, []string{"instanceFilter=*"}, []string{"StopInstances", "instanceFilter=bravo"}},
		{"RestartInstances", []string{"instanceFilter=alpha"}, []string{"instanceFilter=alpha"}, nil},
		{"FreezeInstances", []string{"instanceFilter=alpha,bravo"}, []string{"instanceFilter=alpha,bravo"}, nil},
		{"ThawInstances", []string{"instanceFilter=a*"}, []string{"instanceFilter=a*"}, []string{"FreezeInstances", "instanceFilter=alpha"}},
		{"DeleteInstances", []string{"instanceFilter=bravo"}, []string{"instanceFilter=bravo"}, []string{"StopInstances", "instanceFilter=bravo"}},
		{"CreateInstanceHost", []string{server}, []string{"serverNameFilter=new"}, nil},
		{"SetInstanceHostConfiguration", []string{own}, []string{"serverNameFilter=MAILSTORE"}, nil},
		{"DeleteInstanceHost", []string{"serverName=new"}, []string{"serverNameFilter=new"}, []string{"CreateInstanceHost", server}},
		{"CreateDirectoryOnInstanceHost", []string{"serverName=MAILSTORE", `path=D:\New`}, []string{"serverName=MAILSTORE", `path=D:\`}, nil},
		{"CreateClientAccessServer", []string{server}, []string{"serverNameFilter=new", "withServiceStatus=false"}, nil},
		{"SetClientAccessServerConfiguration", []string{own}, []string{"serverNameFilter=MAILSTORE", "withServiceStatus=false"}, nil},
		{"DeleteClientAccessServer", []string{"serverName=MAILSTORE"}, []string{"serverNameFilter=MAILSTORE", "withServiceStatus=false"}, nil},
		{"PairWithManagementServer", []string{"serverType=instanceHost", "serverName=new", "port=444", "thumbprint=" + strings.Repeat("01", 20)}, nil, nil},
		{"CreateSystemAdministrator", []string{`config={"userName":"ada"}`, "password=x"}, nil, nil},
		{"SetSystemAdministratorConfiguration", []string{`config={"userName":"admin","fullName":"A"}`}, nil, nil},
		{"SetSystemAdministratorPassword", []string{"userName=admin", "password=x"}, nil, nil},
		{"DeleteSystemAdministrator", []string{"userName=ada"}, nil, []string{"CreateSystemAdministrator", `config={"userName":"ada"}`, "password=x"}},
		{"CreateSystemAdministratorAPIPassword", []string{"userName=admin"}, nil, nil},
		{"InitializeSystemAdministratorMFA", []string{"userName=admin"}, nil, nil},
		{"DeactivateSystemAdministratorMFA", []string{"userName=admin"}, nil, nil},
		{"SetSystemSmtpConfiguration", []string{`config={"hostname":"x"}`}, nil, nil},
		{"TestSystemSmtpConfiguration", nil, nil, nil},
		{"ReloadBranding", nil, nil, nil},
		{"CreateLicenseRequest", nil, nil, nil},
		{"SetArchiveAdminEnabled", []string{"instanceID=alpha", "enabled=false"}, []string{"instanceID=alpha"}, nil},
		{"CreateClientOneTimeUrlForArchiveAdmin", []string{"instanceID=alpha", "instanceUrl=https://x.example"}, nil, nil},
		{"TransferStores", nil, nil, nil},
	}
	left := map[string]bool{}
	for _, f := range catalogue.All() {
		inside := slices.ContainsFunc(f.Args, func(a catalogue.Arg) bool { return a.Name == "instanceID" })
		if f.In(catalogue.SPE) && !inside && catalogue.Changing(f.Name) {
			left[f.Name] = true
		}
	}
	for _, tt := range tests {
		t.Run(tt.fn, func(t *testing.T) {
			delete(left, tt.fn)
			w := spe()
			if tt.first != nil {
				call(t, w, tt.first[0], tt.first[1:]...)
			}
			proof, before := catalogue.BehaviourOf(tt.fn).Proof, ""
			if proof != nil {
				before = call(t, w, proof.Fn, tt.proof...)
			}
			counted := len(w.Effects())
			if s := w.Invoke(tt.fn, args(tt.form...), Straight); s.Error != nil {
				t.Fatalf("error %q", s.Error.Message)
			}
			all := w.Effects()[counted:]
			if want := naturalKey(tt.fn, args(tt.form...)); len(all) != 1 || all[0].Fn != tt.fn || all[0].Key != want || all[0].Count != 1 {
				t.Errorf("effects = %+v, want one of key %q", all, want)
			}
			if proof != nil && call(t, w, proof.Fn, tt.proof...) == before {
				t.Errorf("%s(%v) answers what it did before: %s", proof.Fn, tt.proof, before)
			}
		})
	}
	for fn := range left {
		t.Errorf("%s was not called", fn)
	}
}
