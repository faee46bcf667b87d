package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"moonpost/engine/sandbox/answer"
)

// readsAgree holds what the functions of an archive say of its mail to each
// other.
func readsAgree(t *testing.T, w *World, id string) {
	t.Helper()
	get := func(into any, fn string, form ...string) {
		t.Helper()
		if id != "" {
			form = append(form, "instanceID="+id)
		}
		if text := toEnd(t, w, fn, form); json.Unmarshal([]byte(text), into) != nil {
			t.Fatalf("%s(%q) = %s", fn, form, text)
		}
	}
	var stores []struct {
		ID                              int64
		RequestedState                  string
		Error                           *string
		StatisticsCount, StatisticsSize int64
	}
	get(&stores, "GetStores")
	all, readable, bytes := int64(0), int64(0), int64(0)
	for _, s := range stores {
		all, bytes = all+s.StatisticsCount, bytes+s.StatisticsSize
		if s.RequestedState != "disabled" && s.Error == nil {
			readable += s.StatisticsCount
		}
	}
	var folders []struct {
		Folder string
		Count  int64
	}
	get(&folders, "GetFolderStatistics")
	counted := int64(0)
	for _, f := range folders {
		counted += f.Count
	}
	if counted != readable {
		t.Errorf("%q: GetFolderStatistics counts %d messages, GetStores %d in stores that can be read", id, counted, readable)
	}
	if len(folders) > 0 && w.Has("GetMessages") {
		var messages []struct{ ID string }
		f := folders[len(folders)/2]
		if get(&messages, "GetMessages", "folder="+f.Folder); int64(len(messages)) != f.Count {
			t.Errorf("%q: GetMessages lists %d messages of %s, GetFolderStatistics %d", id, len(messages), f.Folder, f.Count)
		}
	}
	if w.Environment == nil {
		return
	}
	var statistics struct{ NumberOfMessages, ContentFileSizeMB int64 }
	if get(&statistics, "GetInstanceStatistics"); statistics.NumberOfMessages != all || statistics.ContentFileSizeMB != bytes>>20 {
		t.Errorf("%q: GetInstanceStatistics says %+v, GetStores %d messages of %d bytes", id, statistics, all, bytes)
	}
	var can bool
	get(&can, "CanRunArchiveProfiles")
	current := slices.ContainsFunc(w.Archives[id].Stores, func(s *store) bool { return s.State == "current" && s.Fault == "" })
	if can != current {
		t.Errorf("%q: CanRunArchiveProfiles = %v, and there is a store to archive into: %v", id, can, current)
	}
}

// contradictions says where the state is at odds with itself.
func (w *World) contradictions() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	found := []string{}
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, j := range w.work.running {
		if j.code != answer.Running || j.held || w.work.running[j.place] != j {
			say("a %s job of %s is among those that run", j.code, j.fn)
		}
		if j.archive != nil && j.archive.Instance != nil && j.archive.Instance.status() != "running" && !(j.reads && j.archive.Instance.Frozen) {
			say("%s runs in %s, which is %s", j.fn, j.archive.InstanceID, j.archive.Instance.status())
		}
	}
	for _, j := range w.work.held {
		if !j.held || !j.archive.Instance.Frozen {
			say("%s is held in %s, which is %s", j.fn, j.archive.InstanceID, j.archive.Instance.status())
		}
	}
	for key, a := range w.Archives {
		if key != fold(a.InstanceID) {
			say("the instance %s stands under %s", a.InstanceID, key)
		}
		for _, text := range a.contradictions() {
			say("%q: %s", a.InstanceID, text)
		}
	}
	return found
}

func (a *archive) contradictions() []string {
	found := []string{}
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for key, u := range a.Users {
		if key != fold(u.Name) {
			say("the user %s stands under %s", u.Name, key)
		}
	}
	for name, times := range counted(a.Profiles, func(p *profile) string { return fmt.Sprint("profile ", p.ID) }) {
		if times > 1 {
			say("%s is there %d times", name, times)
		}
	}
	a.Folders.walk("", func(path string, f *folder) {
		for _, name := range strings.Split(path, "/") {
			if name == "" {
				say("the folder %q has no name", path)
			}
		}
		for name, times := range counted(f.Children, func(c *folder) string { return fold(c.Name) }) {
			if times > 1 {
				say("the folder %s/%s is there %d times", path, name, times)
			}
		}
	})
	if n := counted(a.Stores, func(s *store) string { return s.State })["current"]; n > 1 {
		say("%d stores are current", n)
	}
	all := slices.Concat(a.Stores, a.Detached)
	for path, times := range counted(all, func(s *store) string { return fold(s.Database) }) {
		if times > 1 {
			say("%d stores lie in %s", times, path)
		}
	}
	there := a.paths()
	for _, s := range all {
		count := int64(0)
		for _, p := range s.Mail {
			count += p.Count
			if _, ok := there[p.Folder]; !ok && s.Lost[p.Folder] == "" {
				say("mail of store %d (%s) lies in folder %d, which is nowhere", s.ID, s.Name, p.Folder)
			}
		}
		if count != s.Count {
			say("store %d holds %d messages and says %d", s.ID, count, s.Count)
		}
		if !slices.Contains([]string{"current", "normal", "writeProtected", "disabled"}, s.State) {
			say("store %d is %q", s.ID, s.State)
		}
	}
	return found
}

// counted says how often each key is there.
func counted[T any](list []T, key func(T) string) map[string]int {
	times := map[string]int{}
	for _, x := range list {
		times[key(x)]++
	}
	return times
}
