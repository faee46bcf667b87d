package world

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"moonpost/engine/catalogue"
)

var someStore = rapid.SampledFrom([]string{"2026-01", "2026-02", "Ärger", ""})

func (m *model) createStore(t *rapid.T) {
	id, a := m.place(t)
	name, path := someStore.Draw(t, "name"), `D:\Archive\`+someStore.Draw(t, "path")
	state := rapid.SampledFrom([]string{"current", "normal", "writeProtected", "disabled"}).Draw(t, "state")
	taken := slices.ContainsFunc(append(slices.Clone(a.stores), a.detached...), func(s modelStore) bool { return fold(s.DatabasePath) == fold(path) })
	right := name != "" && !taken
	m.send(t, id, "CreateStore", right, "name="+name, "databasePath="+path, "requestedState="+state)
	if right {
		m.add(a, modelStore{Name: name, RequestedState: state, DatabasePath: path})
	}
}

func (m *model) add(a *modelArchive, s modelStore) {
	if m.edition == catalogue.Server {
		s.Type = fileSystem
	}
	for _, old := range append(slices.Clone(a.stores), a.detached...) {
		a.lastID = max(a.lastID, old.ID)
	}
	a.lastID++
	s.ID = a.lastID
	a.stores = append(a.stores, s)
	a.setState(len(a.stores)-1, s.RequestedState)
}

// setState keeps one current store at most.
func (a *modelArchive) setState(at int, state string) {
	a.stores = slices.Clone(a.stores)
	for i := range a.stores {
		if state == "current" && a.stores[i].RequestedState == "current" {
			a.stores[i].RequestedState = "normal"
		}
	}
	a.stores[at].RequestedState = state
}

// pick draws a store's number, sometimes of one that is not there.
func (m *model) pick(t *rapid.T, a *modelArchive) (string, int) {
	at := rapid.IntRange(-1, len(a.stores)-1).Draw(t, "store")
	if at < 0 {
		return "999", -1
	}
	return fmt.Sprint(a.stores[at].ID), at
}

func (m *model) setState(t *rapid.T) {
	id, a := m.place(t)
	number, at := m.pick(t, a)
	state := rapid.SampledFrom([]string{"current", "normal", "writeProtected", "disabled"}).Draw(t, "state")
	m.send(t, id, "SetStoreRequestedState", at >= 0, "id="+number, "requestedState="+state)
	if at >= 0 {
		a.setState(at, state)
	}
}

func (m *model) renameStore(t *rapid.T) {
	id, a := m.place(t)
	number, at := m.pick(t, a)
	name := someStore.Draw(t, "name")
	m.send(t, id, "RenameStore", at >= 0 && name != "", "id="+number, "name="+name)
	if at >= 0 && name != "" {
		a.stores = slices.Clone(a.stores)
		a.stores[at].Name = name
	}
}

func (m *model) detachStore(t *rapid.T) {
	id, a := m.place(t)
	number, at := m.pick(t, a)
	m.send(t, id, "DetachStore", at >= 0, "id="+number)
	if at >= 0 {
		a.detached = append(a.detached, a.stores[at])
		a.lastID = max(a.lastID, a.stores[at].ID)
		a.stores = slices.Delete(slices.Clone(a.stores), at, at+1)
	}
}

func (m *model) attachStore(t *rapid.T) {
	id, a := m.place(t)
	path := `D:\Archive\` + someStore.Draw(t, "path")
	at := slices.IndexFunc(a.detached, func(s modelStore) bool { return fold(s.DatabasePath) == fold(path) })
	form := []string{"name=back", "databasePath=" + path}
	if m.edition == catalogue.Server {
		form = append(form, "type="+fileSystem)
	}
	m.send(t, id, "AttachStore", at >= 0, form...)
	if at >= 0 {
		a.detached = slices.Delete(slices.Clone(a.detached), at, at+1)
		m.add(a, modelStore{Name: "back", RequestedState: "normal", DatabasePath: path})
	}
}
