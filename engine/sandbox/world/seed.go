package world

import (
	"fmt"
	"slices"

	"moonpost/engine/catalogue"
)

// seed fills the world as its options say.
func (w *World) seed() {
	admin := &user{
		name: w.opts.User, fullName: "Administrator", secret: w.opts.Secret,
		addresses: []string{}, pop3: []string{}, privileges: []string{"admin"},
		logins: []string{"windows", "web", "outlook", "windowsCmd", "imap", "api"},
	}
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
	a := &archive{instanceID: id, users: map[string]*user{}, lastID: map[string]int64{}}
	for range max(w.opts.Users, 0) {
		w.seedUser(a)
	}
	for i := range max(w.opts.Stores, 0) {
		w.seedStore(a, i == w.opts.Stores-1)
	}
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
		u.dn = fmt.Sprintf("CN=%s,OU=Staff,DC=example,DC=com", u.fullName)
	}
	a.users[name] = u
	a.folders.children = append(a.folders.children, w.seedFolder(name))
}

func (w *World) seedFolder(name string) *folder {
	leaf := func(name string, most int) *folder {
		n := int64(w.rng.IntN(most))
		return &folder{name: name, count: n, size: n * int64(20_000+w.rng.IntN(90_000))}
	}
	mailbox := &folder{name: "Exchange " + name, children: []*folder{
		leaf("Inbox", 9000), leaf("Sent Items", 4000), leaf("Deleted Items", 900), {name: "Projects", children: []*folder{
			leaf("Angebote", 500), leaf("Übergabe", 200), {name: "Empty"},
		}},
	}}
	return &folder{name: name, children: []*folder{mailbox}}
}

func (w *World) seedStore(a *archive, current bool) {
	id := a.nextID("store")
	year, month := 2024+int(id-1)/12, 1+int(id-1)%12
	name := fmt.Sprintf("%d-%02d", year, month)
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

func pick(w *World, from []string) string { return from[w.rng.IntN(len(from))] }

// plain writes the umlauts of a name with ASCII letters.
func plain(name string) string {
	var out []rune
	for _, r := range name {
		if i := slices.Index(umlauts, r); i >= 0 {
			out = append(out, []rune(spellings[i])...)
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

var (
	umlauts   = []rune("äöüÄÖÜßéèëçñóøåłØÅŁ'")
	spellings = []string{"ae", "oe", "ue", "Ae", "Oe", "Ue", "ss", "e", "e", "e", "c", "n", "o", "o", "a", "l", "O", "A", "L", ""}

	givenNames = []string{
		"Anna", "Bernd", "Claudia", "Dörte", "Emil", "Françoise", "Günther", "Hanna", "Ilse", "Jürgen", "Karin",
		"Lars", "Mónica", "Niklas", "Olga", "Petra", "Quentin", "René", "Sören", "Theresa", "Ulrich", "Vera", "Wanda",
		"Xaver", "Yasmin", "Zoë",
	}
	familyNames = []string{
		"Müller", "Schmidt", "Schröder", "Weiß", "Øverland", "O'Connor", "Łukasz", "Peña", "Lefèvre", "Jansson",
		"Brückner", "Kowalski", "Åkesson", "Fischer", "Großmann", "Hübner", "Novák", "Smith", "Tanaka", "Vogel",
	}
)
