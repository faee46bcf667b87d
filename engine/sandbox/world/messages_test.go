package world

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"moonpost/engine/sandbox/answer"
)

// mail reads the messages of a folder.
func mail(t *testing.T, w *World, folder string) (ids []string, size int64) {
	t.Helper()
	s := w.Invoke("GetMessages", args("folder="+folder), Straight)
	if s.Code == answer.Running {
		s = finish(t, w, "GetMessages", "folder="+folder)
	}
	for _, m := range s.Result.(answer.List) {
		o := m.(answer.Object)
		ids = append(ids, o.Text("id"))
		size += o.Get("size").(int64)
	}
	return ids, size
}

type folderRow struct {
	Folder      string
	Count, Size int64
}

func folderRows(t *testing.T, w *World) []folderRow {
	t.Helper()
	s := w.Invoke("GetFolderStatistics", nil, Straight)
	if s.Code == answer.Running {
		s = finish(t, w, "GetFolderStatistics")
	}
	var rows []folderRow
	for _, f := range s.Result.(answer.List) {
		o := f.(answer.Object)
		rows = append(rows, folderRow{o.Text("folder"), o.Get("count").(int64), o.Get("size").(int64)})
	}
	return rows
}

// agree holds the messages of every folder to its statistics, and those of all
// folders to the statistics of the stores.
func agree(t *testing.T, w *World) {
	t.Helper()
	count, inStores := int64(0), int64(0)
	ids := map[string]bool{}
	for _, row := range folderRows(t, w) {
		found, size := mail(t, w, row.Folder)
		if int64(len(found)) != row.Count || size != row.Size {
			t.Errorf("%s holds %d messages of %d bytes, its statistics say %d of %d", row.Folder, len(found), size, row.Count, row.Size)
		}
		for _, id := range found {
			if ids[id] {
				t.Fatalf("there are two messages %s", id)
			}
			ids[id] = true
		}
		count += row.Count
	}
	for _, s := range w.Archives[""].Stores {
		if s.usable() == nil {
			inStores += s.Count
		}
	}
	if count != inStores {
		t.Errorf("the folders hold %d messages, the stores %d", count, inStores)
	}
}

func TestMessagesAgreeWithStatistics(t *testing.T) {
	w := New(Options{Users: 3, Stores: 3, Seed: 5, History: -1})
	for _, s := range w.Archives[""].Stores {
		for i, p := range s.Mail {
			s.Mail[i] = p.to(min(p.Count, 50))
		}
		s.refresh()
	}
	agree(t, w)
	call(t, w, "CreateProfile", mailbox, "raw=true")
	finish(t, w, "RunProfile", "id=2")
	call(t, w, "SetStoreRequestedState", "id=2", "requestedState=disabled") // its mail does not show
	agree(t, w)
	finish(t, w, "MergeStore", "id=1", "sourceId=3") // the mail of the source shows twice
	call(t, w, "SetStoreRequestedState", "id=2", "requestedState=normal")
	agree(t, w)
	call(t, w, "DetachStore", "id=3")
	agree(t, w)
}

func TestMessages(t *testing.T) {
	w := bare()
	a := w.Archives[""]
	call(t, w, "CreateStore", "name=a", "requestedState=current")
	noon := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	a.Stores[0].put(portion{Folder: a.makeFolder("ada/Inbox").ID, Count: 3, Origin: a.origin(3), Mean: 1600, Start: noon.Unix(), Step: 60})
	a.Stores[0].refresh()

	all := call(t, w, "GetMessages", "folder=ada/Inbox")
	if !strings.HasPrefix(all, `[{"id":"1:1","subject":"`) || strings.Count(all, `"archiveDateUtc":"2024-06-01T12:0`) != 3 {
		t.Errorf("GetMessages(ada/Inbox) = %s", all)
	}
	size := a.Stores[0].Size
	run(t, w, []step{
		do("GetMessages", "[]", "folder=ada"),
		fails("GetMessages", "The folder 'zoe' does not exist.", "folder=zoe"),
		fails("GetMessages", "Nullable object must have a value."),
		fails("DeleteMessage", "'1' is not a valid message ID.", "id=1", "reason=r"),
		fails("DeleteMessage", "The message '1:4' does not exist.", "id=1:4", "reason=r"),
		fails("DeleteMessage", "The message '2:1' does not exist.", "id=2:1", "reason=r"),
		fails("DeleteMessage", "A message cannot be deleted without a reason.", "id=1:2", "reason= "),
		do("SetStoreRequestedState", "null", "id=1", "requestedState=writeProtected"),
		fails("DeleteMessage", "The archive store 'a' is write-protected.", "id=1:2", "reason=r"),
		do("SetStoreRequestedState", "null", "id=1", "requestedState=normal"),
		do("SetComplianceConfiguration", "null", `config={"legalHoldEnabled":true}`),
		fails("DeleteMessage", "No messages can be deleted while legal hold is enabled.", "id=1:2", "reason=r"),
		do("SetComplianceConfiguration", "null", `config={"legalHoldEnabled":false}`),
		do("DeleteMessage", "null", "id=1:2", "reason=asked for"),
		fails("DeleteMessage", "The message '1:2' does not exist.", "id=1:2", "reason=r"),
	})
	if ids, _ := mail(t, w, "ada/Inbox"); !slices.Equal(ids, []string{"1:1", "1:3"}) {
		t.Errorf("messages after DeleteMessage = %q, want 1:1 and 1:3", ids)
	}
	if left := call(t, w, "GetMessages", "folder=ada/Inbox"); !strings.Contains(all, strings.Trim(left[strings.Index(left, "},{")+2:], "]")) {
		t.Errorf("the third message was %s, and is %s", all, left)
	}
	if s := a.Stores[0]; s.Count != 2 || s.Size != size {
		t.Errorf("the store says %d messages and %d bytes, want 2, and %d till it is compacted", s.Count, s.Size, size)
	}
	if finish(t, w, "CompactStore", "id=1"); a.Stores[0].Size >= size {
		t.Errorf("the store takes %d bytes after it was compacted, want fewer than %d", a.Stores[0].Size, size)
	}
	agree(t, w)
	if got := effects(w); !slices.Contains(got, "DeleteMessage 1:2") {
		t.Errorf("effects = %q, want one of DeleteMessage 1:2", got)
	}
}

func TestStatisticsMayWaitForTheirRefresh(t *testing.T) {
	w := New(Options{Users: 1, Stores: 1, History: -1, Behaviour: Behaviour{StaleStatistics: true}})
	before := w.Archives[""].Stores[0].Count
	ids, _ := mail(t, w, folderRows(t, w)[3].Folder)
	call(t, w, "DeleteMessage", "id="+ids[0], "reason=r")
	if got := w.Archives[""].Stores[0].Count; got != before {
		t.Errorf("the store says %d messages, want %d till the statistics are refreshed", got, before)
	}
	if finish(t, w, "RefreshAllStoreStatistics"); w.Archives[""].Stores[0].Count != before-1 {
		t.Errorf("the store says %d messages after the refresh, want %d", w.Archives[""].Stores[0].Count, before-1)
	}
}

// TestFoldersComeBackWithTheirStore deletes the folders of a store that is not
// there.
func TestFoldersComeBackWithTheirStore(t *testing.T) {
	w := New(Options{Users: 2, Stores: 1, History: -1})
	before := folderRows(t, w)
	call(t, w, "DetachStore", "id=1")
	for _, row := range folderRows(t, w) {
		if row.Count != 0 {
			t.Errorf("%s holds %d messages, although their store is detached", row.Folder, row.Count)
		}
	}
	call(t, w, "DeleteEmptyFolders")
	if rows := folderRows(t, w); len(rows) != 0 {
		t.Errorf("folders = %v, want none", rows)
	}
	call(t, w, "AttachStore", "name=again", "type=FileSystemInternal", `databasePath=D:\MailStore\2024-01`)
	after := folderRows(t, w)
	for _, row := range before {
		if row.Count > 0 && !slices.Contains(after, row) {
			t.Errorf("%v did not come back: %v", row, after)
		}
	}
}

func TestPortions(t *testing.T) {
	p := portion{Count: 100, Origin: 7, Mean: 1600, Start: 1000, Step: 10}
	if got := p.archived(3).Unix(); got != 1030 {
		t.Errorf("message 3 was archived at %d, want 1030", got)
	}
	for n := int64(0); n <= 40; n++ {
		head, tail := p.to(n), p.from(n)
		if head.bytes()+tail.bytes() != p.bytes() || head.Count+tail.Count != p.Count {
			t.Errorf("cut at %d the parts have %d and %d bytes, want %d together", n, head.bytes(), tail.bytes(), p.bytes())
		}
		sum := int64(0)
		for i := range tail.Count {
			sum += tail.size(i)
			if tail.size(i) != p.size(n+i) || tail.archived(i) != p.archived(n+i) {
				t.Fatalf("message %d changes when the portion is cut at %d", n+i, n)
			}
		}
		if sum != tail.bytes() {
			t.Errorf("the messages from %d on have %d bytes, want %d", n, sum, tail.bytes())
		}
	}
	for at, want := range map[int64]int64{999: 0, 1000: 0, 1001: 1, 1010: 1, 1011: 2, 1990: 99, 1991: 100, 5000: 100} {
		if got := p.before(time.Unix(at, 0)); got != want {
			t.Errorf("%d messages were archived before %d, want %d", got, at, want)
		}
	}
	if got := (portion{Count: 5, Start: 10}).before(time.Unix(11, 0)); got != 5 {
		t.Errorf("of a batch %d messages were archived before its next second, want 5", got)
	}
}

func TestRetention(t *testing.T) {
	w := bare()
	a := w.Archives[""]
	call(t, w, "CreateStore", "name=a")
	day := 24 * time.Hour
	old := time.Now().Add(-100 * day)
	for _, path := range []string{"ada/Inbox", "bob/Inbox"} {
		a.Stores[0].put(portion{Folder: a.makeFolder(path).ID, Count: 100, Origin: a.origin(100), Mean: 1600, Start: old.Unix(), Step: int64(day / time.Second)})
	}
	a.Stores[0].refresh()
	counts := func() string {
		rows := folderRows(t, w)
		return fmt.Sprint(rows[1].Count, " ", rows[3].Count)
	}
	process := func(want string, log ...string) {
		t.Helper()
		s := finish(t, w, "ProcessRetentionPolicies")
		if got := counts(); s.Code != answer.Succeeded || got != want {
			t.Errorf("after ProcessRetentionPolicies, %s, there are %s messages, want %s", s.Code, got, want)
		}
		for _, line := range log {
			if !strings.Contains(s.Log, line) {
				t.Errorf("log lacks %q:\n%s", line, s.Log)
			}
		}
		agree(t, w)
	}
	set := func(policies string) { call(t, w, "SetRetentionPolicies", "config="+policies) }
	run(t, w, []step{
		fails("SetRetentionPolicies", "The API argument config has the wrong shape.", "config=[1]"),
		fails("SetRetentionPolicies", "Requested value 'week' was not found.", `config=[{"periodInterval":"week"}]`),
		fails("SetRetentionPolicies", "Specified argument was out of the range of valid values.", `config=[{"period":0}]`),
	})
	process("100 100", "0 messages deleted.")
	set(`[{"name":"off","enabled":false,"period":10,"periodInterval":"day","delete":true}]`)
	process("100 100")
	set(`[{"name":"keeps","enabled":true,"period":10,"periodInterval":"day","delete":false}]`)
	process("100 100")
	set(`[{"name":"sought","enabled":true,"period":1,"periodInterval":"day","delete":true,"searchCriteria":{"query":"invoice"}}]`)
	process("100 100", "Policy 'sought' was passed over")
	set(`[{"name":"three months","enabled":true,"period":90,"periodInterval":"day","delete":true,"searchCriteria":{"excludedArchives":["BOB"]}}]`)
	process("90 100", "Archive store #1 (a): 10 messages deleted.", "Finished: 10 messages deleted.")
	process("90 100", "Finished: 0 messages deleted.")

	// Of two policies the longer one lets the mail be deleted, the shorter one
	// keeps it that long from DeleteMessage.
	set(`[{"enabled":true,"period":80,"periodInterval":"day","delete":true},{"enabled":true,"period":10,"periodInterval":"day","delete":true}]`)
	process("80 80")
	last, _ := mail(t, w, "ada/Inbox")
	if got, want := refused(t, w, "DeleteMessage", "id="+last[79], "reason=r"), "The message '"+last[79]+"' is kept by a retention policy."; got != want {
		t.Errorf("DeleteMessage of a message of yesterday = %q, want %q", got, want)
	}
	call(t, w, "DeleteMessage", "id="+last[0], "reason=r")

	call(t, w, "SetComplianceConfiguration", `config={"legalHoldEnabled":true}`)
	if got, want := refused(t, w, "ProcessRetentionPolicies"), "No messages can be deleted while legal hold is enabled."; got != want {
		t.Errorf("ProcessRetentionPolicies under legal hold = %q, want %q", got, want)
	}
	call(t, w, "SetComplianceConfiguration", `config={"legalHoldEnabled":false}`)
	call(t, w, "SetStoreRequestedState", "id=1", "requestedState=writeProtected")
	set(`[{"enabled":true,"period":1,"periodInterval":"month","delete":true}]`)
	process("79 80", "The archive store 'a' is write-protected.")
}
