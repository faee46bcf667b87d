package world

import (
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// TestARenamedUserKeepsProfilesAndJobs renames an owner while a profile of his
// runs.
func TestARenamedUserKeepsProfilesAndJobs(t *testing.T) {
	w := bare()
	run(t, w, []step{
		do("CreateStore", "null", "name=s", "requestedState=current"),
		do("CreateUser", "null", "userName=ada", "privileges=login"),
		do("CreateProfile", "1", strings.Replace(profileOfAda, "ada", "Ada", 1), "raw=true"),
		do("CreateJob", "4", "name=j", "action=VerifyStores", "owner=ada", "timeZoneId=UTC", "interval=60"),
	})
	s := w.Invoke("RunProfile", args("id=1"), Straight)
	run(t, w, []step{do("RenameUser", "null", "oldUserName=ada", "newUserName=eva")})
	w.Advance(time.Hour)
	if s = status(t, w, s.Token, 0, 0); s.Code != answer.Succeeded {
		t.Errorf("the run ends as %s %+v", s.Code, s.Error)
	}
	for fn, form := range map[string]string{"GetProfiles": "raw=true", "GetJobs": ""} {
		if got := call(t, w, fn, args2(form)...); !strings.Contains(got, `"owner":"eva"`) || strings.Contains(got, `"owner":"ada"`) {
			t.Errorf("%s = %s", fn, got)
		}
	}
	window := proofForms["GetWorkerResults"]
	if got := call(t, w, "GetWorkerResults", window...); !strings.Contains(got, `"userName":"eva"`) {
		t.Errorf("GetWorkerResults = %s", got)
	}
}

// args2 returns a form of one argument or none.
func args2(form string) []string {
	if form == "" {
		return nil
	}
	return []string{form}
}

// TestRightsFollowTheirFolder moves the archive of a user who was renamed.
func TestRightsFollowTheirFolder(t *testing.T) {
	w := stage(catalogue.Server, nil)
	rights := func() string {
		_, after, _ := strings.Cut(call(t, w, "GetUserInfo", "userName=ada"), `"privilegesOnFolders":`)
		return strings.TrimSuffix(after, "}")
	}
	run(t, w, []step{
		do("CreateUser", "null", "userName=ada", "privileges=login"),
		do("SetUserPrivilegesOnFolder", "null", "userName=ada", "folder=Mail", "privileges=read,write,read"),
		do("SetUserPrivilegesOnFolder", "null", "userName=ada", "folder=moved", "privileges=delete"),
		do("SetUserPrivilegesOnFolder", "null", "userName=ada", "folder=other", "privileges=read"),
		do("MoveFolder", "null", "fromFolder=mail/Inbox", "toFolder=mail/In"),
	})
	if got, want := rights(), `[{"folder":"Mail","privileges":["read","write"]},{"folder":"moved","privileges":["delete"]},{"folder":"other","privileges":["read"]}]`; got != want {
		t.Errorf("rights before the move are %s, want %s", got, want)
	}
	run(t, w, []step{do("MoveFolder", "null", "fromFolder=mail", "toFolder=moved")})
	if got, want := rights(), `[{"folder":"moved","privileges":["read","write"]},{"folder":"other","privileges":["read"]}]`; got != want {
		t.Errorf("rights after the move are %s, want %s", got, want)
	}
	w.Archives[""].makeFolder("top")
	run(t, w, []step{do("MoveFolder", "null", "fromFolder=moved", "toFolder=top/below")})
	if got, want := rights(), `[{"folder":"other","privileges":["read"]}]`; got != want {
		t.Errorf("rights on a folder that is at the top no more are %s, want %s", got, want)
	}
}

// TestASyncLeavesAloneWhoChangedMeanwhile renames and makes users while a
// directory sync runs.
func TestASyncLeavesAloneWhoChangedMeanwhile(t *testing.T) {
	w := bare()
	call(t, w, "SetDirectoryServicesConfiguration", `config={"type":"activeDirectory","deleteUsers":true}`)
	call(t, w, "CreateUser", "userName=old", "privileges=login", "authentication=directoryServices")
	s := w.Invoke("SyncUsersWithDirectoryServices", args("dryRun=false"), Straight)
	run(t, w, []step{
		do("RenameUser", "null", "oldUserName=old", "newUserName=kept"),
		do("CreateUser", "null", "userName=old", "privileges=login"),
		do("CreateUser", "null", "userName=agnes.szabo", "privileges=login", "fullName=Mine"),
	})
	w.Advance(time.Hour)
	s = status(t, w, s.Token, 0, 0)
	const want = `[{"userName":"bjoern.dahl","change":"added"},{"userName":"chloe.martin","change":"added"},{"userName":"dirk.aus","change":"added"}]`
	if got := compact(t, s.Result); got != want {
		t.Errorf("the sync says %s, want %s", got, want)
	}
	users := call(t, w, "GetUsers")
	for _, name := range []string{`"old"`, `"kept"`, `"Mine"`} {
		if !strings.Contains(users, name) {
			t.Errorf("%s is gone: %s", name, users)
		}
	}
}

func TestOddNumbersAreReadOrRefused(t *testing.T) {
	w := stage(catalogue.Server, nil)
	out := OutOfRange().Error()
	run(t, w, []step{
		do("SetJobSchedule", "null", "id=1", "timeZoneId=UTC", "time=02:00", "dayOfMonth=05"),
		fails("SetProfileServerSideExecution", out, "id=1", "automatic=true", "automaticPauseBetweenExecutions=-1"),
		fails("CreateProfile", out, `properties={"name":"n","owner":"admin","connector":"Imap","serverSideExecution":{"automaticPauseBetweenExecutions":-1}}`, "raw=true"),
		fails("CreateProfile", "The API argument properties.details has the wrong shape.", `properties={"name":"n","owner":"admin","connector":"Imap","details":[]}`, "raw=true"),
		fails("SetStoreRequestedState", "Requested value ' current' was not found.", "id=1", "requestedState= current"),
		do("DeleteMessage", "null", "id=+1:002", "reason=r"),
	})
	if got := call(t, w, "GetJobs"); !strings.Contains(got, `"dayOfMonth":"5"`) || strings.Contains(got, `"nextStartDateTimeUtc":null`) {
		t.Errorf("GetJobs = %s", got)
	}
	if got := effects(w); got[len(got)-1] != "DeleteMessage 1:2" {
		t.Errorf("effects = %q, want the message by its ID at the end", got)
	}
}

// TestDamageStaysWhereItIs adds mail to a damaged store and deletes a damaged
// message.
func TestDamageStaysWhereItIs(t *testing.T) {
	w := stage(catalogue.Server, func(a *archive) { a.Stores[0].damage(2) })
	toEnd(t, w, "MergeStore", []string{"id=1", "sourceId=2"})
	call(t, w, "DeleteMessage", "id=1:3", "reason=r")
	log := finish(t, w, "VerifyStore", "id=1").Log
	if !strings.Contains(log, " Error: message 1:2 does not") || strings.Count(log, " Error: ") != 1 || !strings.Contains(log, "Errors were found: 1.") {
		t.Errorf("the log says\n%s", log)
	}
}
