package world

import (
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// naturalKey returns the key of a call as behaviour.json says: values of
// arguments, and of keys in JSON ones.
func naturalKey(fn string, form []Arg) string {
	parts := []string{}
	for _, path := range catalogue.BehaviourOf(fn).Key {
		keys := strings.Split(path, ".")
		for _, a := range form {
			if a.Name != keys[0] {
				continue
			}
			value := any(a.Value)
			if len(keys) > 1 {
				value, _ = answer.Parse(a.Value)
			}
			for _, key := range keys[1:] {
				object, _ := value.(answer.Object)
				value = object.Get(key)
			}
			if text, ok := value.(string); ok {
				parts = append(parts, text)
			}
			break
		}
	}
	return strings.Join(parts, "|")
}

// effectTest is one good call of a changing function.
type effectTest struct {
	fn    string
	form  []string // instanceID=alpha is added where it is taken
	proof []string // arguments of the read that proves it
	first []string // a call before it: function and arguments
}

// TestEffectsShowInTheirProof makes one good call of every changing function:
// its effect is counted under its natural key, and the read that behaviour.json
// names for it answers something else after.
func TestEffectsShowInTheirProof(t *testing.T) {
	left := map[string]bool{}
	for name := range handlers() {
		left[name] = catalogue.Changing(name)
	}
	for _, tt := range slices.Concat(environmentEffects(), userEffects(), storeEffects(), jobEffects()) {
		left[tt.fn] = false
		t.Run(tt.fn, tt.run)
	}
	for fn, missing := range left {
		if missing {
			t.Errorf("%s was not called", fn)
		}
	}
}

func (tt effectTest) run(t *testing.T) {
	f, _ := catalogue.Find(tt.fn)
	o := Options{Edition: catalogue.SPE, Users: 2, Stores: 5, History: -1}
	if !f.In(catalogue.SPE) {
		o.Edition = catalogue.Server
	}
	w := New(o)
	a := w.Archives["alpha"]
	if a == nil {
		a = w.Archives[""]
	}
	a.Stores[2].Fault, a.Stores[3].Fault = broken, unreachable
	known := someMail(a)
	read := func(fn string, form ...string) answer.Status {
		if w.functions[fn].index("instanceID") >= 0 && !slices.Contains(form, "instanceID=alpha") {
			form = append([]string{"instanceID=alpha"}, form...)
		}
		form = known(form)
		s := w.Invoke(fn, args(form...), Straight)
		if token := s.Token; token != "" {
			w.Advance(time.Hour)
			s = status(t, w, token, 0, 0)
		}
		return s
	}
	call := func(fn string, form ...string) {
		t.Helper()
		if s := read(fn, form...); s.Error != nil {
			t.Fatalf("%s(%v) = error %q", fn, form, s.Error.Message)
		}
	}
	call("CreateUser", "userName=ada", "privileges=login", "password=x")
	if tt.first != nil {
		call(tt.first[0], tt.first[1:]...)
	}
	proof, before := catalogue.BehaviourOf(tt.fn).Proof, ""
	if proof != nil {
		before = said(read(proof.Fn, tt.proof...))
	}
	counted := map[string]int{}
	for _, e := range w.Effects() {
		counted[e.Fn+e.Key+e.Args] = e.Count
	}
	call(tt.fn, tt.form...)
	w.Advance(time.Hour) // for what runs without a token
	form := known(tt.form)
	if o.Edition == catalogue.SPE {
		form = append([]string{"instanceID=alpha"}, form...)
	}
	want := naturalKey(tt.fn, args(form...))
	keys := []string{}
	for _, e := range w.Effects() {
		if e.Fn == tt.fn && e.Count == counted[e.Fn+e.Key+e.Args]+1 {
			keys = append(keys, e.Key)
		}
	}
	if !slices.Equal(keys, []string{want}) {
		t.Errorf("effects are counted under %q, want %q", keys, want)
	}
	if proof == nil {
		return
	}
	if after := said(read(proof.Fn, tt.proof...)); after == before {
		t.Errorf("%s(%v) answers what it did before: %s", proof.Fn, tt.proof, after)
	}
}

// someMail returns what puts a message, its folder and its archive in the place
// of their names in a form.
func someMail(a *archive) func(form []string) []string {
	var names *strings.Replacer
	a.Folders.walk("", func(path string, f *folder) {
		if names != nil {
			return
		}
		if list := a.messagesIn(f.ID); len(list) > 0 {
			top, _, _ := strings.Cut(path, "/")
			names = strings.NewReplacer("{message}", list[0].(answer.Object).Text("id"), "{folder}", path, "{archive}", top)
		}
	})
	return func(form []string) []string {
		out := []string{}
		for _, pair := range form {
			out = append(out, names.Replace(pair))
		}
		return out
	}
}

// said returns what an answer says, be it a result or an error.
func said(s answer.Status) string {
	s.Token, s.Version = "", 0
	return string(s.Append(nil))
}

const newServer = `config={"serverName":"new","port":444,"serverCertificate":{"thumbprint":"0123456789012345678901234567890123456789"}}`

func environmentEffects() []effectTest {
	own := strings.Replace(newServer, `"new"`, `"MAILSTORE"`, 1)
	return []effectTest{
		{"CreateInstance", []string{config("delta", "")}, []string{"instanceFilter=delta"}, nil},
		{"SetInstanceConfiguration", []string{config("alpha", "")}, []string{"instanceID=alpha"}, nil},
		{"StopInstances", []string{"instanceFilter=*"}, []string{"instanceFilter=*"}, nil},
		{"StartInstances", []string{"instanceFilter=*"}, []string{"instanceFilter=*"}, []string{"StopInstances", "instanceFilter=bravo"}},
		{"RestartInstances", []string{"instanceFilter=alpha"}, []string{"instanceFilter=alpha"}, nil},
		{"FreezeInstances", []string{"instanceFilter=alpha,bravo"}, []string{"instanceFilter=alpha,bravo"}, nil},
		{"ThawInstances", []string{"instanceFilter=a*"}, []string{"instanceFilter=a*"}, []string{"FreezeInstances", "instanceFilter=alpha"}},
		{"DeleteInstances", []string{"instanceFilter=bravo"}, []string{"instanceFilter=bravo"}, []string{"StopInstances", "instanceFilter=bravo"}},
		{"CreateInstanceHost", []string{newServer}, []string{"serverNameFilter=new"}, nil},
		{"SetInstanceHostConfiguration", []string{own}, []string{"serverNameFilter=MAILSTORE"}, nil},
		{"DeleteInstanceHost", []string{"serverName=new"}, []string{"serverNameFilter=new"}, []string{"CreateInstanceHost", newServer}},
		{"CreateDirectoryOnInstanceHost", []string{"serverName=MAILSTORE", `path=D:\New`}, []string{"serverName=MAILSTORE", `path=D:\`}, nil},
		{"CreateClientAccessServer", []string{newServer}, []string{"serverNameFilter=new", "withServiceStatus=false"}, nil},
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
}

func userEffects() []effectTest {
	ada := func(more ...string) []string { return append([]string{"userName=ada"}, more...) }
	box := strings.Replace(mailbox, `"admin"`, `"ada"`, 1)
	box = strings.Replace(box, `"host": "h"`, `"host": "h", "emailAddress": "ada@example.com"`, 1)
	return []effectTest{
		{"CreateUser", []string{"userName=eve", "privileges=login"}, []string{"userName=eve"}, nil},
		{"DeleteUser", ada(), nil, nil},
		{"RenameUser", []string{"oldUserName=ada", "newUserName=countess"}, nil, nil},
		{"SetUserFullName", ada("fullName=A"), ada(), nil},
		{"SetUserDistinguishedName", ada("distinguishedName=CN=A"), ada(), nil},
		{"SetUserAuthentication", ada("authentication=directoryServices"), ada(), nil},
		{"SetUserEmailAddresses", ada("emailAddresses=a@x.y"), ada(), nil},
		{"SetUserPop3UserNames", ada("pop3UserNames=a"), ada(), nil},
		{"SetUserPassword", ada("password=y"), nil, nil},
		{"SetUserPrivileges", ada("privileges=export"), ada(), nil},
		{"SetUserLoginPrivileges", ada("loginPrivileges=web"), ada(), nil},
		{"SetUserPrivilegesOnFolder", ada("folder=ada", "privileges=read"), ada(), nil},
		{"SetUserPrivilegesOnAllFolders", ada("privileges=read"), ada(), nil},
		{"ClearUserPrivilegesOnFolders", ada(), ada(), []string{"SetUserPrivilegesOnFolder", "userName=ada", "folder=ada", "privileges=read"}},
		{"InitializeMFA", ada(), nil, nil},
		{"DisableMFA", ada(), ada(), []string{"InitializeMFA", "userName=ada"}},
		{"DeleteAppPasswords", ada(), nil, nil},
		{"SyncUsersWithDirectoryServices", []string{"dryRun=false"}, nil, nil},
		{"SetDirectoryServicesConfiguration", []string{`config={"type":"activeDirectory"}`}, nil, nil},
		{"CreateCredential", []string{"type=a", "description=b", "settings={}"}, nil, nil},
		{"SetCredentialSettings", []string{"id=1", "settings={}"}, nil, nil},
		{"DeleteCredential", []string{"id=1"}, nil, nil},
		{"SetComplianceConfiguration", []string{`config={"legalHoldEnabled":true}`}, nil, nil},
		{"SetSmtpSettings", []string{`settings={"hostname":"x"}`}, nil, nil},
		{"TestSmtpSettings", nil, nil, nil},
		{"SendStatusReport", []string{"timespan=today", "timeZoneId=UTC", "recipients=a@x.y"}, nil, nil},
		{"CreateProfile", []string{box, "raw=true"}, []string{"raw=true"}, nil},
		{"DeleteProfile", []string{"id=1"}, []string{"raw=true"}, nil},
		{"SetProfileServerSideExecution", []string{"id=1", "automatic=false"}, []string{"raw=true"}, nil},
		{"RunProfile", []string{"id=1"}, today(), nil},
		{"RunTemporaryProfile", []string{box, "raw=true"}, today(), nil},
	}
}

func storeEffects() []effectTest {
	return []effectTest{
		{"CreateStore", []string{"name=new"}, nil, nil},
		{"AttachStore", []string{"name=2024-01", "databasePath=D:\\MailStoreSPE\\alpha\\2024-01"}, nil, []string{"DetachStore", "id=1"}},
		{"DetachStore", []string{"id=1"}, nil, nil},
		{"RenameStore", []string{"id=1", "name=x"}, nil, nil},
		{"SetStoreRequestedState", []string{"id=2", "requestedState=current"}, nil, nil},
		{"SetStorePath", []string{"id=1", "path=D:\\Other"}, nil, nil},
		{"SetStoreProperties", []string{"id=1", "indexPath=D:\\Index"}, nil, nil},
		{"SetStoreAutoCreateConfiguration", []string{`config={"enabled":true}`}, nil, nil},
		{"SetIndexConfiguration", []string{`config={"includeAttachmentsOfPDFs":true}`}, nil, nil},
		{"SetRetentionPolicies", []string{`config=[{"name":"ten years"}]`}, nil, nil},
		{"SelectAllStoreIndexesForRebuild", nil, nil, nil},
		{"RebuildSelectedStoreIndexes", nil, nil, []string{"SelectAllStoreIndexesForRebuild"}},
		{"CompactStore", []string{"id=2"}, nil, nil},
		{"MergeStore", []string{"id=2", "sourceId=1"}, nil, nil},
		{"RecoverStore", []string{"id=3"}, nil, nil},
		{"RecreateRecoveryRecords", []string{"id=2"}, nil, nil},
		{"RepairStoreDatabase", []string{"id=3"}, nil, nil},
		{"RetryOpenStores", nil, nil, nil},
		{"UnlockStore", []string{"id=6", "passphrase=" + LockedPassphrase}, nil, []string{"AttachStore", "name=x", "databasePath=" + LockedDirectory}},
		{"RebuildStoreIndex", []string{"id=1", "folder={archive}"}, []string{"id=1"}, []string{"SelectAllStoreIndexesForRebuild"}},
		{"ProcessRetentionPolicies", nil, nil, nil},
		{"DeleteMessage", []string{"id={message}", "reason=x"}, []string{"folder={folder}"}, nil},
		{"UpgradeStore", []string{"id=2"}, nil, nil},
		{"UpgradeStores", nil, nil, nil},
		{"RefreshAllStoreStatistics", nil, nil, nil},
		{"MaintainFileSystemDatabases", nil, nil, nil},
		{"CompactMasterDatabase", nil, nil, nil},
		{"CreateBackup", []string{"path=E:\\Backup"}, nil, nil},
		{"RenewMasterKey", nil, nil, nil},
		{"MoveFolder", []string{"fromFolder={archive}", "toFolder=moved"}, nil, nil},
		{"DeleteEmptyFolders", nil, nil, nil},
	}
}

func jobEffects() []effectTest {
	return []effectTest{
		{"CreateJob", []string{"name=x", "action=Ping", "owner=admin", "timeZoneId=UTC", "interval=60"}, nil, nil},
		{"DeleteJob", []string{"id=1"}, nil, nil},
		{"RenameJob", []string{"id=1", "name=x"}, nil, nil},
		{"SetJobEnabled", []string{"id=1", "enabled=false"}, nil, nil},
		{"SetJobSchedule", []string{"id=1", "timeZoneId=UTC", "interval=60"}, nil, nil},
		{"RunJobAsync", []string{"id=1"}, nil, nil},
		{"CancelJobAsync", []string{"id=1"}, nil, []string{"RunJobAsync", "id=1"}},
		{"SetServiceCertificate", []string{"thumbprint=" + strings.Repeat("ABCDEF0123", 4)}, nil, nil},
	}
}
