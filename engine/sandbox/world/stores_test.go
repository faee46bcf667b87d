package world

import (
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/sandbox/answer"
)

// finish runs a call as a job to its end and returns its last status, with all
// log lines.
func finish(t *testing.T, w *World, fn string, form ...string) answer.Status {
	t.Helper()
	s := w.Invoke(fn, args(form...), Straight)
	if s.Code != answer.Running {
		t.Fatalf("%s(%v) = %s (%+v), want a job", fn, form, s.Code, s.Error)
	}
	w.Advance(time.Hour)
	s, err := w.Status(t.Context(), s.Token, 0, 0)
	if err != nil {
		t.Fatalf("status of %s(%v) = %v", fn, form, err)
	}
	return s
}

func storeLine(name, state string, upgrade, rebuild bool) string {
	flag := map[bool]string{true: "true", false: "false"}
	return `"name":"` + name + `","type":"FileSystemInternal","requestedState":"` + state +
		`","error":null,"statisticsCount":0,"statisticsSize":0,"needsUpgrade":` + flag[upgrade] +
		`,"searchIndexesNeedRebuild":` + flag[rebuild] + `,"databasePath":"D:\\MailStore\\a","contentPath":"D:\\MailStore\\a","indexPath":"D:\\MailStore\\a\\Index"}`
}

func TestStores(t *testing.T) {
	w := bare()
	run(t, w, []step{
		do("GetStores", "[]"),
		do("CreateStore", "null", "name=a", "requestedState=current"),
		do("GetStores", `[{"id":1,`+storeLine("a", "current", false, false)+`]`),
		fails("CreateStore", `The directory 'D:\MailStore\a' is in use by the archive store 'a'.`, "name=a"),
		fails("CreateStore", "The name must not be empty.", "name= "),
		fails("CreateStore", "A store of type SQLServer needs serverName and databaseName.", "name=b", "type=SQLServer"),
		do("CreateStore", "null", "name=a", `databasePath=E:\a`, "requestedState=current"), // names need not be unique
		fails("SetStoreRequestedState", "Nullable object must have a value.", "id=1"),
		do("SetStoreRequestedState", "null", "id=1", "requestedState=disabled"),
		do("DetachStore", "null", "id=2"),
		do("RenameStore", "null", "id=1", "name=first"),
		do("GetStores", `[{"id":1,`+storeLine("first", "disabled", false, false)+`]`),
		fails("VerifyStore", "The archive store 'first' is not available.", "id=1"),
		fails("DetachStore", "The archive store 2 does not exist.", "id=2"),

		do("DetachStore", "null", "id=1"),
		fails("CreateStore", `The directory 'D:\MailStore\a' is not empty.`, "name=a"),
		fails("AttachStore", `There is no archive store in the directory 'D:\MailStore\b'.`, "name=b", "type=FileSystemInternal"),
		do("AttachStore", "null", "name=a", "type=FileSystemInternal"),
		do("SetStoreProperties", "null", "id=3", `indexPath=D:\MailStore\a\Index`),
		do("GetStores", `[{"id":3,`+storeLine("a", "normal", false, false)+`]`),
	})
	want := []string{
		"CreateStore a", "CreateStore a", "SetStoreRequestedState 1", "DetachStore 2", "RenameStore 1", "DetachStore 1",
		"AttachStore a", "SetStoreProperties 3",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestOneStoreIsCurrent(t *testing.T) {
	w := New(Options{Stores: 3, History: -1})
	call(t, w, "SetStoreRequestedState", "id=1", "requestedState=current")
	got := []string{}
	for _, s := range w.Archives[""].Stores {
		got = append(got, s.State)
	}
	if want := []string{"current", "normal", "normal"}; !slices.Equal(got, want) {
		t.Errorf("states = %q, want %q", got, want)
	}
}

func TestUpkeepChangesWhatGetStoresSays(t *testing.T) {
	w := New(Options{Stores: 4, History: -1})
	stores := w.Archives[""].Stores
	size, count := stores[0].Size, stores[0].Count

	if s := finish(t, w, "UpgradeStore", "id=1"); s.Code != answer.Succeeded || stores[0].NeedsUpgrade {
		t.Errorf("UpgradeStore(1) = %s, needs upgrade %v; want succeeded, false", s.Code, stores[0].NeedsUpgrade)
	}
	if finish(t, w, "UpgradeStores"); stores[1].NeedsUpgrade {
		t.Error("UpgradeStores() left a store that needs an upgrade")
	}
	if finish(t, w, "CompactStore", "id=1"); stores[0].Size >= size {
		t.Errorf("size after CompactStore(1) = %d, want less than %d", stores[0].Size, size)
	}
	call(t, w, "SelectAllStoreIndexesForRebuild")
	if !stores[0].NeedsRebuild || !stores[3].NeedsRebuild {
		t.Error("SelectAllStoreIndexesForRebuild() left stores out")
	}
	if finish(t, w, "RebuildSelectedStoreIndexes"); stores[0].NeedsRebuild || stores[3].NeedsRebuild {
		t.Error("RebuildSelectedStoreIndexes() left stores to rebuild")
	}
	if finish(t, w, "MergeStore", "id=1", "sourceId=2"); stores[0].Count != count+stores[1].Count || len(w.Archives[""].Stores) != 4 {
		t.Errorf("count after MergeStore(1, 2) = %d, want %d", stores[0].Count, count+stores[1].Count)
	}
	run(t, w, []step{
		fails("MergeStore", "The archive store '2024-01' cannot be merged into itself.", "id=1", "sourceId=1"),
		fails("RecoverStore", "The archive store '2024-01' must be disabled and upgraded.", "id=1"),
		do("SetStoreRequestedState", "null", "id=1", "requestedState=disabled"),
	})
	if s := finish(t, w, "RecoverStore", "id=1"); s.Code != answer.Succeeded {
		t.Errorf("RecoverStore(1) = %s, want succeeded", s.Code)
	}
}

func TestHalfOfAnUpgrade(t *testing.T) {
	w := New(Options{Stores: 2, History: -1})
	s := w.Invoke("UpgradeStores", nil, Half)
	w.Advance(time.Hour)
	s, err := w.Status(t.Context(), s.Token, 0, 0)
	if err != nil || s.Code != answer.Failed || s.Error == nil {
		t.Fatalf("UpgradeStores() by half = %s, %v, want failed", s.Code, err)
	}
	stores := w.Archives[""].Stores
	if stores[0].NeedsUpgrade || !stores[1].NeedsUpgrade {
		t.Errorf("stores need an upgrade: %v and %v, want false and true", stores[0].NeedsUpgrade, stores[1].NeedsUpgrade)
	}
}

func TestVerifyStoresTellsOfEveryStore(t *testing.T) {
	w := New(Options{Stores: 3, History: -1})
	call(t, w, "SetStoreRequestedState", "id=2", "requestedState=disabled")
	s := finish(t, w, "VerifyStores", "includeIndexes=true")
	for _, want := range []string{"file group #1...", "'2024-02' is not available", "file group #3...", "Verifying search indexes...", "No errors"} {
		if !strings.Contains(s.Log, want) {
			t.Errorf("log lacks %q:\n%s", want, s.Log)
		}
	}
	if got := effects(w); !slices.Equal(got, []string{"SetStoreRequestedState 2"}) {
		t.Errorf("effects = %q, want none of VerifyStores", got)
	}
}

func TestFolders(t *testing.T) {
	w := bare()
	a := w.Archives[""]
	call(t, w, "CreateStore", "name=a")
	for _, f := range []struct {
		path  string
		count int64
	}{{"ada/Inbox", 32}, {"ada/Sent", 0}, {"bob/Old/Empty", 0}, {"bob/Inbox", 16}} {
		a.Stores[0].put(portion{Folder: a.makeFolder(f.path).ID, Count: f.count, Mean: 1600})
	}
	run(t, w, []step{
		do("GetChildFolders", `[{"name":"ada","childFolders":[]},{"name":"bob","childFolders":[]}]`, "maxLevels=1"),
		do("GetChildFolders", `[{"name":"Inbox","childFolders":[]},{"name":"Old","childFolders":[{"name":"Empty","childFolders":[]}]}]`, "folder=BOB"),
		fails("GetChildFolders", "The folder 'zoe' does not exist.", "folder=zoe"),
		fails("GetChildFolders", "Specified argument was out of the range of valid values.", "maxLevels=0"),
		do("GetFolderStatistics", `[{"folder":"ada","count":0,"size":0},{"folder":"ada/Inbox","count":32,"size":51200},{"folder":"ada/Sent","count":0,"size":0},`+
			`{"folder":"bob","count":0,"size":0},{"folder":"bob/Inbox","count":16,"size":25600},{"folder":"bob/Old","count":0,"size":0},{"folder":"bob/Old/Empty","count":0,"size":0}]`),

		fails("MoveFolder", "The folder 'zoe' does not exist.", "fromFolder=zoe", "toFolder=x"),
		fails("MoveFolder", "The folder 'bob' already exists.", "fromFolder=ada", "toFolder=bob"),
		fails("MoveFolder", "The folder 'bob' cannot be moved into itself.", "fromFolder=bob", "toFolder=bob/Old/bob"),
		fails("MoveFolder", "'ada//x' is not a valid folder name.", "fromFolder=bob", "toFolder=ada//x"),
		fails("MoveFolder", "The folder 'zoe' does not exist.", "fromFolder=bob", "toFolder=zoe/bob"),
		do("MoveFolder", "null", "fromFolder=ada", "toFolder=countess"),
		do("MoveFolder", "null", "fromFolder=bob/Inbox", "toFolder=countess/From Bob"),
		do("DeleteEmptyFolders", "null", "folder=bob"),
		do("DeleteEmptyFolders", "null"),
		do("DeleteEmptyFolders", "null"), // nothing is left to do
		do("GetChildFolders", `[{"name":"countess","childFolders":[{"name":"From Bob","childFolders":[]},{"name":"Inbox","childFolders":[]}]}]`),
	})
	want := []string{"CreateStore a", "MoveFolder ada", "MoveFolder bob/Inbox", "DeleteEmptyFolders bob", "DeleteEmptyFolders"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}
