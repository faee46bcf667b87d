package world

import (
	"strings"
	"testing"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// TestWorkOnAStoreEndsWhenTheStoreGoes takes stores away from under the jobs
// that work on them: such a job fails, and has no effect on a store that is
// elsewhere by then.
func TestWorkOnAStoreEndsWhenTheStoreGoes(t *testing.T) {
	disable := []string{"SetStoreRequestedState", "id=1", "requestedState=disabled"}
	detach := []string{"DetachStore", "id=1"}
	tests := []struct {
		name string
		job  []string
		then []string
		want string
	}{
		{"compact, detach", []string{"CompactStore", "id=1"}, detach, answer.Failed},
		{"compact, disable", []string{"CompactStore", "id=1"}, disable, answer.Failed},
		{"upgrade, detach", []string{"UpgradeStore", "id=1"}, detach, answer.Failed},
		{"verify, detach", []string{"VerifyStore", "id=1"}, detach, answer.Failed},
		{"repair, detach", []string{"RepairStoreDatabase", "id=1"}, detach, answer.Failed},
		{"repair, disable", []string{"RepairStoreDatabase", "id=1"}, disable, answer.Succeeded},
		{"index, detach", []string{"RebuildStoreIndex", "id=1", "folder=mail"}, detach, answer.Failed},
		{"merge, source detached", []string{"MergeStore", "id=2", "sourceId=1"}, detach, answer.Failed},
		{"merge, target write-protected", []string{"MergeStore", "id=1", "sourceId=2"}, []string{"SetStoreRequestedState", "id=1", "requestedState=writeProtected"}, answer.Failed},
		{"merge, source renamed", []string{"MergeStore", "id=2", "sourceId=1"}, []string{"RenameStore", "id=1", "name=x"}, answer.Succeeded},
		{"all stores, one detached", []string{"UpgradeStores"}, detach, answer.Succeeded},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := stage(catalogue.Server, func(a *archive) { a.Stores[0].Waste = 1000; a.Stores[0].refresh() })
			s := w.Invoke(tt.job[0], args(tt.job[1:]...), Straight)
			if s.Code != answer.Running {
				t.Fatalf("%q = %s %+v, want running", tt.job, s.Code, s.Error)
			}
			call(t, w, tt.then[0], tt.then[1:]...)
			before := compact(t, storeByName(w, "2024-01").object())
			w.Advance(time.Hour)
			if s = status(t, w, s.Token, 0, 0); s.Code != tt.want {
				t.Errorf("%q ends as %s %+v, want %s", tt.job, s.Code, s.Error, tt.want)
			}
			if after := compact(t, storeByName(w, "2024-01").object()); tt.want == answer.Failed && after != before {
				t.Errorf("%q left the store as\n%s\nwant\n%s", tt.job, after, before)
			}
		})
	}
}

// storeByName returns a store, attached or not.
func storeByName(w *World, name string) *store {
	a := w.Archives[""]
	for _, s := range append(a.Stores[:len(a.Stores):len(a.Stores)], a.Detached...) {
		if s.Name == name {
			return s
		}
	}
	return &store{}
}

// object tells what work may change of a store.
func (s *store) object() answer.Object {
	return answer.Obj("upgrade", s.NeedsUpgrade, "rebuild", s.NeedsRebuild, "count", s.Count, "size", s.Size, "fault", string(s.Fault))
}

// TestAStoreThatWasAwayIsWorkedOnNoMore detaches and attaches a store while a
// job works on it: the job must not say that it is done.
func TestAStoreThatWasAwayIsWorkedOnNoMore(t *testing.T) {
	w := stage(catalogue.Server, func(a *archive) { a.Stores[0].Waste = 1000; a.Stores[0].refresh() })
	s := w.Invoke("CompactStore", args("id=1"), Straight)
	call(t, w, "DetachStore", "id=1")
	call(t, w, "AttachStore", "name=back", "type=FileSystemInternal", `databasePath=D:\MailStore\2024-01\`)
	w.Advance(time.Hour)
	if s = status(t, w, s.Token, 0, 0); s.Code != answer.Failed {
		t.Errorf("the job ends as %s, want failed", s.Code)
	}
	if got := storeByName(w, "back"); got.Waste != 1000 {
		t.Errorf("the store that came back has %d bytes to give back, want 1000", got.Waste)
	}
	toEnd(t, w, "CompactStore", []string{"id=3"})
}

// TestAMergeCopiesWhatIsThere deletes mail and its folder in the middle of a
// merge: it does not come back without a folder.
func TestAMergeCopiesWhatIsThere(t *testing.T) {
	w := stage(catalogue.Server, nil)
	s := w.Invoke("MergeStore", args("id=2", "sourceId=1"), Straight)
	for _, id := range []string{"1:1", "1:2", "1:3"} {
		call(t, w, "DeleteMessage", "id="+id, "reason=r")
	}
	call(t, w, "DeleteEmptyFolders", "folder=mail")
	w.Advance(time.Hour)
	if s = status(t, w, s.Token, 0, 0); s.Code != answer.Succeeded {
		t.Errorf("the merge ends as %s %+v", s.Code, s.Error)
	}
	if wrong := w.contradictions(); len(wrong) > 0 {
		t.Errorf("afterwards: %s", strings.Join(wrong, "; "))
	}
}

// TestTwoStoresNeverLieInOnePlace moves a store to where another one lies that
// is detached.
func TestTwoStoresNeverLieInOnePlace(t *testing.T) {
	w := spe()
	const want, alpha = `The directory 'E:\Legacy\' cannot be used.`, "instanceID=alpha"
	run(t, w, []step{
		fails("SetStorePath", want, alpha, "id=1", `path=E:\Legacy\`),
		fails("CreateStore", `The directory 'E:\Legacy\' is not empty.`, alpha, "name=x", `databasePath=E:\Legacy\`),
		do("SetStorePath", "null", alpha, "id=1", `path=E:\Legacy 2`),
	})
	run(t, stage(catalogue.Server, nil), []step{
		fails("SetStoreProperties", want, "id=1", `databasePath=E:\Legacy\`),
		do("SetStoreProperties", "null", "id=1", `databasePath=E:\Legacy 2`),
	})
}

// TestReadsOfAFrozenInstanceGoOn holds reads that begin before and after a
// freeze to each other.
func TestReadsOfAFrozenInstanceGoOn(t *testing.T) {
	w := spe()
	begin := func(fn string, form ...string) string {
		s := w.Invoke(fn, args(append(form, "instanceID=alpha")...), Straight)
		if s.Code != answer.Running {
			t.Fatalf("%s = %s %+v, want running", fn, s.Code, s.Error)
		}
		return s.Token
	}
	change, before := begin("UpgradeStores"), begin("VerifyStores", "includeIndexes=false")
	call(t, w, "FreezeInstances", "instanceFilter=alpha")
	after := begin("VerifyStores", "includeIndexes=false")
	w.Advance(time.Hour)
	for token, want := range map[string]string{change: answer.Running, before: answer.Succeeded, after: answer.Succeeded} {
		if s := status(t, w, token, 0, 0); s.Code != want {
			t.Errorf("a job of the frozen instance is %s, want %s", s.Code, want)
		}
	}
}
