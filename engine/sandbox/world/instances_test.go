package world

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/catalogue"
)

// config makes the argument config of an instance of the seeded host.
func config(id, more string) string {
	return `config={"instanceID":"` + id + `","instanceHost":"MAILSTORE"` + more + `}`
}

func instanceLine(id, rest string) string {
	return `[{"instanceID":"` + id + `","alias":"","displayName":"","instanceHost":"MAILSTORE",` + rest + `}]`
}

func TestInstances(t *testing.T) {
	w := spe()
	stopped := `"startMode":"automatic","processID":0,"status":"stopped","startStopError":null`
	run(t, w, []step{
		fails("GetUsers", "Missing API argument instanceID."),
		fails("GetUsers", "The instance 'delta' does not exist.", "instanceID=delta"),
		do("CreateUser", "null", "instanceID=Alpha", "userName=ada", "privileges=login"),
		fails("GetUserInfo", "The user 'ada' does not exist.", "instanceID=bravo", "userName=ada"),

		fails("CreateInstance", "The API argument config has the wrong shape.", "config=[]"),
		fails("CreateInstance", "The property instanceID must not be empty.", `config={"instanceHost":"MAILSTORE"}`),
		fails("CreateInstance", "The property instanceHost must not be empty.", `config={"instanceID":"delta"}`),
		fails("CreateInstance", "'../x' is not a valid instance ID.", config("../x", "")),
		fails("CreateInstance", "'a b' is not a valid instance ID.", config("delta", `,"alias":"a b"`)),
		fails("CreateInstance", "The instance host 'OTHER' does not exist.", `config={"instanceID":"delta","instanceHost":"OTHER"}`),
		fails("CreateInstance", "Requested value 'boot' was not found.", config("delta", `,"startMode":"boot"`)),
		fails("CreateInstance", `'\\nas\x' is not the path of a directory on a drive of the host.`, config("delta", `,"baseDirectory":"\\\\nas\\x"`)),
		fails("CreateInstance", `The directory 'd:\mailstorespe\ALPHA' is in use by the instance 'alpha'.`,
			config("delta", `,"baseDirectory":"d:\\mailstorespe\\ALPHA\\"`)),
		fails("CreateInstance", "Unknown property displayname.", config("delta", `,"displayname":"Delta"`)),
		fails("CreateInstance", "The API argument displayName has the wrong shape.", config("delta", `,"displayName":7`)),
		fails("CreateInstance", "The API argument debugLogEnabled has the wrong shape.", config("delta", `,"debugLogEnabled":"true"`)),
		fails("CreateInstance", "The instance ID 'bravo' is in use.", config("delta", `,"alias":"Bravo"`)),
		fails("CreateInstance", "The instance 'ALPHA' already exists.", config("ALPHA", "")),
		do("GetInstances", "[]", "instanceFilter=delta"),

		do("CreateInstance", "null", config("Delta", "")),
		do("GetInstances", instanceLine("Delta", stopped), "instanceFilter=DELTA"),
		fails("GetStores", "The instance 'Delta' is not running.", "instanceID=delta"),
		do("GetInstanceConfiguration", `{"instanceID":"Delta","alias":"","displayName":"","instanceHost":"MAILSTORE","startMode":"automatic",`+
			`"baseDirectory":"D:\\MailStoreSPE\\Delta","debugLogEnabled":false,"imapServerConnectionLogEnabled":false,`+
			`"vssWriterEnabled":true,"vssWriterExcludeIndexes":false}`, "instanceID=delta"),
		do("StartInstances", "null", "instanceFilter=delta"),
		do("GetUsers", "[]", "instanceID=delta"),
		do("GetProfiles", "[]", "instanceID=delta", "raw=true"),
		do("GetStores", `[{"id":1,"name":"Store 1","requestedState":"current","error":null,"statisticsCount":0,"statisticsSize":0,`+
			`"needsUpgrade":false,"searchIndexesNeedRebuild":false,"databasePath":"D:\\MailStoreSPE\\Delta\\Store 1",`+
			`"contentPath":"D:\\MailStoreSPE\\Delta\\Store 1","indexPath":"D:\\MailStoreSPE\\Delta\\Store 1\\Index"}]`, "instanceID=delta"),
		do("CreateUser", "null", "instanceID=delta", "userName=ada", "privileges=login"), // not that of alpha
	})
	want := []string{"CreateUser alpha|ada", "CreateInstance Delta", "StartInstances delta", "CreateUser Delta|ada"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestTheConfigurationOfAnInstance(t *testing.T) {
	w := spe()
	whole := `{"instanceID":"alpha","alias":"acme","displayName":"Acme","instanceHost":"MAILSTORE","startMode":"manual",` +
		`"baseDirectory":"D:\\MailStoreSPE\\alpha","debugLogEnabled":true,"imapServerConnectionLogEnabled":true,` +
		`"vssWriterEnabled":false,"vssWriterExcludeIndexes":true}`
	process := w.Archives["alpha"].Instance.Process.ID
	run(t, w, []step{
		do("SetInstanceConfiguration", "null", "config="+whole),
		do("GetInstanceConfiguration", whole, "instanceID=alpha"),
		fails("SetInstanceConfiguration", "The instance 'delta' does not exist.", config("delta", "")),
		fails("SetInstanceConfiguration", "The instance ID 'acme' is in use.", config("bravo", `,"alias":"ACME"`)),
		fails("SetInstanceConfiguration", "The instance 'alpha' must be stopped.", config("alpha", `,"baseDirectory":"D:\\Moved"`)),
		do("StopInstances", "null", "instanceFilter=alpha"),
		do("SetInstanceConfiguration", "null", config("alpha", `,"baseDirectory":"D:\\Moved","vssWriterEnabled":null`)), // the rest is back at its default
		do("GetInstanceConfiguration", `{"instanceID":"alpha","alias":"","displayName":"","instanceHost":"MAILSTORE","startMode":"automatic",`+
			`"baseDirectory":"D:\\Moved","debugLogEnabled":false,"imapServerConnectionLogEnabled":false,`+
			`"vssWriterEnabled":true,"vssWriterExcludeIndexes":false}`, "instanceID=alpha"),
		do("StartInstances", "null", "instanceFilter=alpha"),
		do("GetInstances", instanceLine("alpha", fmt.Sprintf(`"startMode":"automatic","processID":%d,"status":"running","startStopError":null`, process+12)),
			"instanceFilter=alpha"),
	})
	want := []string{"SetInstanceConfiguration alpha", "StopInstances alpha", "SetInstanceConfiguration alpha", "StartInstances alpha"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestHalfAnInstance(t *testing.T) {
	w := spe()
	for _, fn := range []string{"CreateInstance", "SetInstanceConfiguration"} {
		if s := w.Invoke(fn, args(config("delta", `,"displayName":"Delta","startMode":"manual"`)), Half); s.Error == nil {
			t.Errorf("%s by half = %s, want an error", fn, s.Code)
		}
	}
	call(t, w, "StartInstances", "instanceFilter=delta")
	run(t, w, []step{do("GetStores", "[]", "instanceID=delta")})
	if got, want := effects(w), []string{"CreateInstance delta", "SetInstanceConfiguration delta", "StartInstances delta"}; !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestNewInstancesCanBeStarted(t *testing.T) {
	w := New(Options{Edition: catalogue.SPE, Behaviour: Behaviour{StartNewInstances: true}})
	call(t, w, "CreateInstance", config("delta", ""))
	call(t, w, "CreateInstance", config("echo", `,"startMode":"manual"`))
	for id, want := range map[string]string{"delta": "running", "echo": "stopped"} {
		if got := call(t, w, "GetInstances", "instanceFilter="+id); !strings.Contains(got, `"status":"`+want+`"`) {
			t.Errorf("GetInstances(%s) = %s, want %s", id, got, want)
		}
	}
}

func TestUnknownKeysCanBeIgnored(t *testing.T) {
	w := New(Options{Edition: catalogue.SPE, Users: -1, Stores: -1, History: -1, Behaviour: Behaviour{IgnoreExtraArgs: true}})
	call(t, w, "CreateInstance", config("delta", `,"displayname":"Delta","colour":7`))
	if got := call(t, w, "GetInstanceConfiguration", "instanceID=delta"); !strings.Contains(got, `"displayName":""`) {
		t.Errorf("GetInstanceConfiguration(delta) = %s, want no name", got)
	}
}

func TestFilters(t *testing.T) {
	tests := []struct {
		filter, name string
		want         bool
	}{
		{"*", "", true},
		{"*", "alpha", true},
		{"alpha", "alpha", true},
		{"ALPHA", "Alpha", true},
		{"alpha", "alpha2", false},
		{"al*", "alpha", true},
		{"al*", "bravo", false},
		{"*a", "alpha", true},
		{"a*a", "a", false},
		{"a*a", "aa", true},
		{"*p*", "alpha", true},
		{"*x*", "alpha", false},
		{"a*ph*a", "alpha", true},
		{"a*ph*ha", "alpha", false},
		{"bravo, alpha", "alpha", true},
		{"bravo,charlie", "alpha", false},
		{"", "alpha", false},
	}
	for _, tt := range tests {
		if got := newFilter(tt.filter).matches(tt.name); got != tt.want {
			t.Errorf("newFilter(%q).matches(%q) = %v, want %v", tt.filter, tt.name, got, tt.want)
		}
	}
}
