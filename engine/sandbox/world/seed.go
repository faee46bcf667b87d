package world

import (
	"fmt"

	"moonpost/engine/catalogue"
)

// seed fills the world as its options say.
func (w *World) seed() {
	admin := &user{
		name: w.opts.User, fullName: "Administrator", secret: w.opts.Password,
		addresses: []string{}, pop3: []string{}, privileges: []string{"admin"},
	}
	admin.logins = (&Call{World: w}).allLogins(admin)
	if w.opts.Edition == catalogue.SPE {
		w.admins = map[string]*user{fold(admin.name): admin}
		for _, id := range []string{"alpha", "bravo", "charlie"} {
			w.archives[id] = w.seedArchive(id)
		}
		return
	}
	a := w.seedArchive("")
	a.users[fold(admin.name)] = admin
	w.archives[""] = a
}

func (w *World) seedArchive(id string) *archive {
	a := &archive{
		instanceID: id, users: map[string]*user{}, lastID: map[string]int64{}, settings: map[string]any{},
	}
	for _, s := range settings() {
		a.settings[s.get] = s.initial
	}
	for range max(w.opts.Users, 0) {
		w.seedUser(a)
	}
	for i := range max(w.opts.Stores, 0) {
		w.seedStore(a, i == w.opts.Stores-1)
	}
	w.seedDirectory(a)
	w.seedProfiles(a)
	w.seedJobs(a)
	w.seedHistory(a)
	return a
}

func (w *World) seedUser(a *archive) {
	given, family := pick(w, givenNames), pick(w, familyNames)
	name := fold(given + "." + plain(family))
	for n := 2; a.users[name] != nil; n++ {
		name = fmt.Sprintf("%s.%s%d", fold(given), fold(plain(family)), n)
	}
	u := &user{
		name: name, fullName: given + " " + family, pop3: []string{},
		addresses:  []string{plain(name) + "@example.com"},
		privileges: []string{"login"},
		logins:     []string{"windows", "web", "outlook", "imap"},
		folders:    []folderRights{{name, []string{"read"}}},
	}
	if w.rng.IntN(3) == 0 {
		u.directory = true
		u.dn = directoryUser{fullName: u.fullName}.dn()
	}
	a.users[name] = u
	a.folders.insert(w.seedFolder(name))
}

func (w *World) seedFolder(name string) *folder {
	leaf := func(name string, most int) *folder {
		n := int64(w.rng.IntN(most))
		return &folder{name: name, count: n, size: n * int64(20_000+w.rng.IntN(90_000))}
	}
	mailbox := &folder{name: "Exchange " + name, children: []*folder{
		leaf("Deleted Items", 900),
		leaf("Inbox", 9000),
		{name: "Projects", children: []*folder{leaf("Angebote", 500), {name: "Empty"}, leaf("Übergabe", 200)}},
		leaf("Sent Items", 4000),
	}}
	return &folder{name: name, children: []*folder{mailbox}}
}

func (w *World) seedStore(a *archive, current bool) {
	id := a.nextID("store")
	name := fmt.Sprintf("%d-%02d", 2024+(id-1)/12, 1+(id-1)%12)
	path := `D:\MailStore\` + name
	s := &store{
		id: id, name: name, kind: "FileSystemInternal", state: "normal",
		count: int64(8_000 + w.rng.IntN(60_000)), database: path, content: path, index: path + `\Index`,
		needsUpgrade: id <= 2, needsRebuild: w.rng.IntN(8) == 0,
	}
	s.size = s.count * int64(40_000+w.rng.IntN(60_000))
	if current {
		s.state = "current"
	}
	a.stores = append(a.stores, s)
}

// seedDirectory makes a directory that has most of the directory users, and
// three who are not in the archive yet.
func (w *World) seedDirectory(a *archive) {
	for i, u := range a.sorted() {
		if u.directory && i%5 != 0 {
			a.directory = append(a.directory, directoryUser{u.name, u.fullName, u.addresses})
		}
	}
	a.directory = append(a.directory,
		directoryUser{"agnes.szabo", "Ágnes Szabó", []string{"agnes.szabo@example.com"}},
		directoryUser{"bjoern.dahl", "Bjørn Dahl", []string{"bjoern.dahl@example.com", "b.dahl@example.com"}},
		directoryUser{"chloe.martin", "Chloë Martin", []string{"chloe.martin@example.com"}},
	)
}
