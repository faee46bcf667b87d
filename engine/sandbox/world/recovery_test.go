package world

import (
	"slices"
	"strings"
	"testing"

	"moonpost/engine/sandbox/answer"
)

func TestALockedStoreIsAttachedAndUnlocked(t *testing.T) {
	w := New(Options{Users: 1, Stores: 2, History: -1})
	a := w.Archives[""]
	call(t, w, "AttachStore", "name=Old", "type=FileSystemInternal", "databasePath="+LockedDirectory)
	s := a.Stores[2]
	if got := call(t, w, "GetStores"); !strings.Contains(got, `"error":"The archive store is locked. A passphrase is required.","statisticsCount":5000,`) {
		t.Errorf("GetStores() = %s, want the store locked", got)
	}
	if a.Folders.at("former.employee") != nil {
		t.Error("the folders of a locked store show")
	}
	run(t, w, []step{
		fails("VerifyStore", "The archive store 'Old' is not available.", "id=3"),
		fails("UnlockStore", "The passphrase of the archive store 'Old' is wrong.", "id=3", "passphrase=x"),
		fails("UnlockStore", "The archive store '2024-01' is not protected by a passphrase.", "id=1", "passphrase=x"),
		fails("UnlockStore", "The archive store 9 does not exist.", "id=9", "passphrase=x"),
		fails("RecoverStore", "The passphrase of the archive store 'Old' is wrong.", "id=3"),
		do("RetryOpenStores", "null"),
	})
	if s.Fault != locked {
		t.Error("RetryOpenStores unlocks a store")
	}
	call(t, w, "UnlockStore", "id=3", "passphrase="+LockedPassphrase)
	call(t, w, "UnlockStore", "id=3", "passphrase="+LockedPassphrase) // is open already
	if ids, _ := mail(t, w, "former.employee/Exchange former.employee/Inbox"); len(ids) != 3000 || ids[0] != "3:1" {
		t.Errorf("the store shows %d messages, want 3000", len(ids))
	}
	agree(t, w)
	call(t, w, "DetachStore", "id=3")
	call(t, w, "AttachStore", "name=Old", "type=FileSystemInternal", "databasePath="+LockedDirectory)
	if got := a.Stores[2].Fault; got != locked {
		t.Errorf("the store is %q after it was attached again, want it locked", got)
	}
	if s := finish(t, w, "RecoverStore", "id=4", "encryptionKey="+LockedPassphrase); s.Code != answer.Succeeded || a.Stores[2].Fault != "" {
		t.Errorf("RecoverStore(4) with its key = %s, store is %q", s.Code, a.Stores[2].Fault)
	}
	want := []string{"AttachStore Old again", "RetryOpenStores", "UnlockStore 3 again", "DetachStore 3", "RecoverStore 4"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestFaultsOfStores(t *testing.T) {
	tests := []struct {
		fault storeFault
		text  string
		cures []string
	}{
		{unreachable, `The directory 'D:\\MailStore\\2024-03' cannot be reached.`, []string{"RetryOpenStores", "RecoverStore"}},
		{broken, `The database in 'D:\\MailStore\\2024-03' is damaged.`, []string{"RepairStoreDatabase", "RecoverStore"}},
	}
	for _, tt := range tests {
		for _, cure := range []string{"RetryOpenStores", "RepairStoreDatabase", "RecoverStore"} {
			w := New(Options{Users: 1, Stores: 3, History: -1})
			s := w.Archives[""].Stores[2]
			s.Fault = tt.fault
			if got := call(t, w, "GetStores"); !strings.Contains(got, `"error":"`+tt.text+`"`) {
				t.Errorf("GetStores() = %s, want the error %s", got, tt.text)
			}
			if cure == "RetryOpenStores" {
				call(t, w, cure)
			} else {
				finish(t, w, cure, "id=3")
			}
			if cured := s.Fault == ""; cured != slices.Contains(tt.cures, cure) {
				t.Errorf("%s cures a store that is %s: %v", cure, tt.fault, cured)
			}
		}
	}
	w := New(Options{Stores: 3, ErrorTexts: German})
	w.Archives[""].Stores[0].Fault = broken
	if got := call(t, w, "GetStores"); !strings.Contains(got, "ist beschädigt.") {
		t.Errorf("GetStores() = %s, want the error in German", got)
	}
}

func TestHalfOfTheStoresAreRetried(t *testing.T) {
	w := New(Options{Users: -1, Stores: 4, History: -1})
	stores := w.Archives[""].Stores
	for _, s := range stores {
		s.Fault = unreachable
	}
	w.Invoke("RetryOpenStores", nil, Half)
	if stores[1].Fault != "" || stores[2].Fault != unreachable {
		t.Errorf("faults after half of RetryOpenStores: %q and %q", stores[1].Fault, stores[2].Fault)
	}
}

func TestWhatIsNotForStoresInADatabase(t *testing.T) {
	w := bare()
	run(t, w, []step{
		do("CreateStore", "null", "name=sql", "type=SQLServer", "serverName=db", "databaseName=mail", "userName=sa", "password=p"),
		fails("RepairStoreDatabase", "The archive store 'sql' has no embedded database.", "id=1"),
		do("SetStoreProperties", "null", "id=1", "contentPath=", "databaseName=mail2"),
		fails("RecreateRecoveryRecords", "The archive store 'sql' keeps its content in a database.", "id=1"),
		fails("SetStoreProperties", "A store of type SQLServer needs serverName and databaseName.", "id=1", "serverName="),
		fails("SetStoreProperties", "The directory '' cannot be used.", "id=1", "databasePath="),
	})
	if got := call(t, w, "GetStores"); !strings.Contains(got, `"databaseName":"mail2","serverName":"db","userName":"sa","requestedState":`) || strings.Contains(got, "assword") {
		t.Errorf("GetStores() = %s", got)
	}
}

// TestVerificationsTellOfDamage looks for the findings in the log: the call
// succeeds.
func TestVerificationsTellOfDamage(t *testing.T) {
	w := New(Options{Users: 1, Stores: 2, History: -1})
	s := w.Archives[""].Stores[1]
	s.damage(12)
	one, all := finish(t, w, "VerifyStore", "id=2"), finish(t, w, "VerifyStores", "includeIndexes=false")
	for _, v := range []answer.Status{one, all} {
		if v.Code != answer.Succeeded || strings.Count(v.Log, " Error: message 2:") != maxFindings ||
			!strings.Contains(v.Log, "12 messages of archive store #2 (2024-02) are damaged.") || !strings.Contains(v.Log, "Finished. Errors were found: 12.\r\n") {
			t.Errorf("verification = %s, log:\n%s", v.Code, v.Log)
		}
	}
	if v := finish(t, w, "VerifyStore", "id=1"); !strings.Contains(v.Log, "No errors were found.") {
		t.Errorf("VerifyStore(1): log\n%s", v.Log)
	}
	s.NeedsUpgrade = false
	call(t, w, "SetStoreRequestedState", "id=2", "requestedState=disabled")
	finish(t, w, "RecoverStore", "id=2")
	call(t, w, "SetStoreRequestedState", "id=2", "requestedState=normal")
	if v := finish(t, w, "VerifyStore", "id=2"); !strings.Contains(v.Log, "No errors were found.") {
		t.Errorf("VerifyStore(2) after its recovery: log\n%s", v.Log)
	}
}

func TestIndexes(t *testing.T) {
	w := New(Options{Users: 2, Stores: 2, Seed: 3, History: -1})
	stores := w.Archives[""].Stores
	stores[0].NeedsRebuild, stores[1].NeedsRebuild = false, false
	tops := []string{}
	for _, f := range w.Archives[""].Folders.Children {
		tops = append(tops, f.Name)
	}
	row := func(store, top, state string) string {
		return `{"storeId":` + store + `,"folder":"` + top + `","state":"` + state + `"}`
	}
	both := func(store, first, second string) string {
		return row(store, tops[0], first) + "," + row(store, tops[1], second)
	}
	run(t, w, []step{
		do("GetStoreIndexes", "["+both("1", "ok", "ok")+","+both("2", "ok", "ok")+"]"),
		do("SelectAllStoreIndexesForRebuild", "null"),
		do("GetStoreIndexes", "["+both("2", "needsRebuild", "needsRebuild")+"]", "id=2"),
		fails("GetStoreIndexes", "The archive store 3 does not exist.", "id=3"),
		fails("RebuildStoreIndex", "The archive store '2024-02' has no search index of 'zoe'.", "id=2", "folder=zoe"),
		fails("RebuildStoreIndex", "The archive store 3 does not exist.", "id=3", "folder=x"),
	})
	finish(t, w, "RebuildStoreIndex", "id=2", "folder="+tops[1])
	run(t, w, []step{do("GetStoreIndexes", "["+both("2", "needsRebuild", "ok")+"]", "id=2")})
	if !stores[1].NeedsRebuild {
		t.Error("a store with an index to rebuild does not say so")
	}
	finish(t, w, "RebuildStoreIndex", "id=2", "folder="+strings.ToUpper(tops[0]))
	if stores[1].NeedsRebuild || !stores[0].NeedsRebuild {
		t.Errorf("stores need a rebuild: %v and %v, want true and false", stores[0].NeedsRebuild, stores[1].NeedsRebuild)
	}
	finish(t, w, "RebuildSelectedStoreIndexes")
	run(t, w, []step{do("GetStoreIndexes", "["+both("1", "ok", "ok")+"]", "id=1")})
	if got := effects(w); !slices.Contains(got, "RebuildStoreIndex 2|"+tops[1]) {
		t.Errorf("effects = %q, want one of the store and the folder", got)
	}
}
