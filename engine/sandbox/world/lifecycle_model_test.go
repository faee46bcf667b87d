package world

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// TestInstancesFollowASmallModel starts, stops, freezes and deletes instances in
// any order while jobs run in them, and holds their states, and what becomes of
// the jobs, to a model.
func TestInstancesFollowASmallModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &instanceModel{
			w:      New(Options{Edition: catalogue.SPE, Users: -1, Stores: 1, History: -1}),
			states: map[string]string{"alpha": "running", "bravo": "running", "charlie": "running"},
			jobs:   map[string]string{},
		}
		t.Repeat(map[string]func(*rapid.T){
			"":        m.compare,
			"create":  m.create,
			"change":  m.change,
			"job":     m.begin,
			"advance": m.advance,
		})
	})
}

type instanceModel struct {
	w      *World
	states map[string]string
	jobs   map[string]string // token to the instance; what ended is deleted
}

var instanceNames = []string{"alpha", "bravo", "charlie", "delta"}

func (m *instanceModel) call(t *rapid.T, fn string, good bool, form ...string) answer.Status {
	s := m.w.Invoke(fn, args(form...), Straight)
	if good != (s.Error == nil) {
		t.Fatalf("%s(%v) = %+v, want success %v; states %v", fn, form, s.Error, good, m.states)
	}
	return s
}

func (m *instanceModel) create(t *rapid.T) {
	id := rapid.SampledFrom(instanceNames).Draw(t, "instance")
	m.call(t, "CreateInstance", m.states[id] == "", config(id, ""))
	if m.states[id] == "" {
		m.states[id] = "stopped"
	}
}

// changes says which states a function takes an instance from, and to which.
var changes = map[string]struct {
	from   []string
	to     string
	strict bool
}{
	"StartInstances":   {[]string{"running", "stopped"}, "running", false},
	"StopInstances":    {[]string{"running", "stopped", "frozen"}, "stopped", false},
	"RestartInstances": {[]string{"running", "stopped", "frozen"}, "running", false},
	"FreezeInstances":  {[]string{"running", "frozen"}, "frozen", false},
	"ThawInstances":    {[]string{"running", "frozen"}, "running", false},
	"DeleteInstances":  {[]string{"stopped"}, "", true},
}

func (m *instanceModel) change(t *rapid.T) {
	fn := rapid.SampledFrom(slices.Sorted(maps.Keys(changes))).Draw(t, "fn")
	chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(instanceNames), 1, 3, rapid.ID).Draw(t, "instances")
	all := rapid.Bool().Draw(t, "all")
	c, form := changes[fn], "instanceFilter="+strings.Join(chosen, ", ")
	if all {
		chosen, form = slices.Collect(maps.Keys(m.states)), "instanceFilter=*"
	}
	good := true
	for _, id := range chosen {
		good = good && (slices.Contains(c.from, m.states[id]) || all && !c.strict)
	}
	m.call(t, fn, good, form)
	for _, id := range chosen {
		if !good || !slices.Contains(c.from, m.states[id]) {
			continue
		}
		if c.to == "stopped" || fn == "RestartInstances" {
			m.ended(t, id)
		}
		m.states[id] = c.to
		if c.to == "" {
			delete(m.states, id)
		}
	}
}

// ended holds the jobs of an instance to what its stop makes of them.
func (m *instanceModel) ended(t *rapid.T, id string) {
	for token, in := range m.jobs {
		if in != id {
			continue
		}
		if s, err := m.w.Status(t.Context(), token, 0, 0); err != nil || s.Code != answer.Failed {
			t.Fatalf("a job of the stopped instance %s is %s (%v), want failed", id, s.Code, err)
		}
		delete(m.jobs, token)
	}
}

func (m *instanceModel) begin(t *rapid.T) {
	id := rapid.SampledFrom(instanceNames).Draw(t, "instance")
	s := m.call(t, "RefreshAllStoreStatistics", m.states[id] == "running", "instanceID="+id)
	if s.Error == nil {
		m.jobs[s.Token] = id
	}
}

// advance lets every job come to its end that is not frozen.
func (m *instanceModel) advance(t *rapid.T) {
	m.w.Advance(time.Hour)
	for token, id := range m.jobs {
		want := answer.Succeeded
		if m.states[id] == "frozen" {
			want = answer.Running
		}
		if s, err := m.w.Status(t.Context(), token, 0, 0); err != nil || s.Code != want {
			t.Fatalf("a job of %s, which is %s, is %s (%v), want %s", id, m.states[id], s.Code, err, want)
		}
		if want == answer.Succeeded {
			delete(m.jobs, token)
		}
	}
}

func (m *instanceModel) compare(t *rapid.T) {
	running := 0
	got := map[string]string{}
	for id, a := range m.w.Archives {
		got[id] = a.Instance.status()
		if a.Instance.Process != nil {
			running++
		}
	}
	if !maps.Equal(got, m.states) {
		t.Fatalf("states = %v, want %v", got, m.states)
	}
	for _, id := range instanceNames {
		good := m.states[id] == "running" || m.states[id] == "frozen"
		m.call(t, "GetStores", good, "instanceID="+id)
		m.call(t, "RenameStore", m.states[id] == "running", "instanceID="+id, "id=1", "name=x")
	}
	host := m.w.Environment.Hosts["mailstore"]
	status := (&Call{World: m.w}).roleStatus(host, "instanceHost")
	if status.Get("numberOfInstances") != len(got) || status.Get("numberOfRunningInstances") != running {
		t.Fatalf("the host counts %v of %v instances, want %d of %d",
			status.Get("numberOfRunningInstances"), status.Get("numberOfInstances"), running, len(got))
	}
}
