package world

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"moonpost/engine/catalogue"
)

// seed fills the world as its options say.
func (w *World) seed() {
	admin := &user{
		Name: w.opts.User, FullName: "Administrator", Secret: w.opts.Password,
		Addresses: []string{}, Pop3: []string{}, Privileges: []string{"admin"},
	}
	admin.Logins = (&Call{World: w}).allLogins(admin)
	if w.opts.Edition == catalogue.SPE {
		w.seedEnvironment(admin)
		for _, id := range []string{"alpha", "bravo", "charlie"} {
			w.Archives[id] = w.seedInstance(id)
		}
		return
	}
	a := newArchive("")
	w.seedArchive(a)
	a.Users[fold(admin.Name)] = admin
	w.Archives[""] = a
}

// seedInstance makes an instance that runs.
func (w *World) seedInstance(id string) *archive {
	a := newArchive(id)
	a.Instance = &instance{
		Name: strings.ToUpper(id[:1]) + id[1:] + " Ltd.", Host: w.opts.MachineName, StartMode: automatic,
		Base: `D:\MailStoreSPE\` + id, VSSWriter: true,
	}
	a.Instance.start(w)
	w.seedArchive(a)
	return a
}

func (w *World) seedArchive(a *archive) {
	leaves, names := []leaf{}, map[string]int{}
	for range max(w.opts.Users, 0) {
		w.seedUser(a, names, &leaves)
	}
	slices.SortFunc(a.Folders.Children, byName)
	for range max(w.opts.Stores, 0) {
		w.seedStore(a, leaves)
	}
	if w.opts.Stores > 0 {
		a.seedFaults()
		a.seedLocked()
	}
	w.seedDirectory(a)
	w.seedCredential(a)
	w.seedProfiles(a)
	w.seedJobs(a)
	w.seedHistory(a)
}

// seedUser makes a user and an archive with folders. names counts those who
// have the same name.
func (w *World) seedUser(a *archive, names map[string]int, leaves *[]leaf) {
	given, family := pick(w, givenNames), pick(w, familyNames)
	name := fold(given + "." + plain(family))
	if names[name]++; names[name] > 1 {
		name += strconv.Itoa(names[name])
	}
	u := &user{
		Name: name, FullName: given + " " + family, Pop3: []string{},
		Addresses:  []string{plain(name) + "@example.com"},
		Privileges: []string{"login"},
		Logins:     []string{"windows", "web", "outlook", "imap"},
		Folders:    []folderRights{{name, []string{"read"}}},
	}
	if w.rng.IntN(3) == 0 {
		u.Directory = true
		u.DN = directoryUser{FullName: u.FullName}.dn()
	}
	a.Users[name] = u
	a.Folders.Children = append(a.Folders.Children, w.seedFolder(a, name, leaves))
}

// seedStore makes a store. The archive grows: newer stores hold more, and the
// more users there are the more they hold.
func (w *World) seedStore(a *archive, leaves []leaf) {
	id, all := a.nextID("store"), int64(w.opts.Stores)
	month := monthOf(id, all)
	end := month.AddDate(0, 1, 0)
	name := month.Format("2006-01")
	path := a.base() + `\` + name
	count := int64(8_000 + w.rng.IntN(60_000))
	count = (count + 60*int64(max(w.opts.Users, 0))) * (all + 2*id) / (2 * all)
	s := &store{
		ID: id, Name: name, Kind: fileSystem, State: "normal",
		Database: path, Content: path, Index: path + `\Index`,
		NeedsUpgrade: id <= 2, NeedsRebuild: w.rng.IntN(8) == 0,
	}
	if id == all {
		s.State, end = "current", time.Now()
	}
	s.seedMail(a, count, month, end, leaves)
	s.Waste = count * int64(w.rng.IntN(60_000)) / 100
	s.refresh()
	a.Stores = append(a.Stores, s)
}

// seedDirectory makes a directory that has most of the directory users, three
// who are not in the archive yet, and one whose account is disabled.
func (w *World) seedDirectory(a *archive) {
	groups := []string{"Sales", "Support", "IT"}
	for i, u := range a.sorted() {
		if u.Directory && i%5 != 0 {
			a.Directory = append(a.Directory, directoryUser{
				Name: u.Name, FullName: u.FullName, Addresses: slices.Clone(u.Addresses), Groups: groups[i%3 : i%3+1],
			})
		}
	}
	a.Directory = append(a.Directory,
		directoryUser{Name: "agnes.szabo", FullName: "Ágnes Szabó", Addresses: []string{"agnes.szabo@example.com"}, Groups: []string{"Sales"}},
		directoryUser{
			Name: "bjoern.dahl", FullName: "Bjørn Dahl", Groups: []string{"Support", "IT"},
			Addresses: []string{"bjoern.dahl@example.com", "b.dahl@example.com"},
		},
		directoryUser{Name: "chloe.martin", FullName: "Chloë Martin", Addresses: []string{"chloe.martin@example.com"}, Groups: []string{"IT"}},
		directoryUser{Name: "dirk.aus", FullName: "Dirk Aus", Addresses: []string{}, Groups: []string{"Sales"}, Disabled: true},
	)
}
