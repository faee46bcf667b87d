package world

import (
	"fmt"
	"time"
)

// leaf is a folder that gets mail when a world is made: so many parts of it,
// with messages of that mean size.
type leaf struct{ folder, parts, mean int64 }

// chunks bounds into how many folders the mail of one store goes, so that a
// world of many users stays small. The next store goes on with the next ones.
const chunks = 400

// seedFolder makes the archive of a user, and notes where its mail goes.
func (w *World) seedFolder(a *archive, name string, leaves *[]leaf) *folder {
	fill := func(name string, most int) *folder {
		f := a.newFolder(name)
		*leaves = append(*leaves, leaf{f.ID, int64(w.rng.IntN(most)), int64(20_000+w.rng.IntN(90_000)) &^ 15})
		return f
	}
	return a.newFolder(name, a.newFolder("Exchange "+name,
		fill("Deleted Items", 900),
		fill("Inbox", 9000),
		a.newFolder("Projects", fill("Angebote", 500), a.newFolder("Empty"), fill("Übergabe", 200)),
		fill("Sent Items", 4000),
	))
}

// seedMail spreads the messages of a store over the folders whose turn it is.
// They came in over the month of the store; in the current one, till now.
func (s *store) seedMail(a *archive, count int64, begin, end time.Time, leaves []leaf) {
	if len(leaves) == 0 { // nobody is left: the mail of those who were there
		leaves = []leaf{{a.makeFolder("journal/Inbox").ID, 1, 64_000}}
	}
	n := min(len(leaves), chunks)
	first := int(s.ID) * n % len(leaves)
	all := int64(0)
	at := func(i int) leaf { return leaves[(first+i)%len(leaves)] }
	for i := range n {
		all += at(i).parts + 1
	}
	left := count
	for i := range n {
		l := at(i)
		part := min(left, count*(l.parts+1)/all)
		if i == n-1 {
			part = left
		}
		left -= part
		s.put(portion{
			Folder: l.folder, Count: part, Origin: a.origin(part), Mean: l.mean,
			Start: begin.Unix(), Step: int64(end.Sub(begin).Seconds()) / max(part, 1),
		})
	}
}

// origin takes the numbers of n new messages and returns the first one.
func (a *archive) origin(n int64) int64 {
	first := a.LastID["message"] + 1
	a.LastID["message"] += n
	return first
}

// monthOf returns the month of the n-th of all stores: 2024-01 is the first
// one's, or an earlier one when there are so many that they would go beyond
// 2025.
func monthOf(n, all int64) time.Time {
	first := min(0, 24-all)
	return time.Date(2024, time.Month(first+n), 1, 0, 0, 0, 0, time.UTC)
}

// seedFaults makes some stores of a large archive need care: one cannot be
// opened, one holds damaged messages.
func (a *archive) seedFaults() {
	if len(a.Stores) < 24 {
		return
	}
	a.Stores[9].Fault = broken
	a.Stores[14].damage(3)
}

// seedLocked makes the store that is detached and locked.
func (a *archive) seedLocked() {
	s := &store{
		Name: "Legacy", Kind: fileSystem, State: "normal", Passphrase: LockedPassphrase,
		Database: LockedDirectory, Content: LockedDirectory, Index: LockedDirectory + `\Index`,
	}
	begin := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, name := range []string{"Inbox", "Sent Items"} {
		f := a.nextID("folder")
		if s.Lost == nil {
			s.Lost = map[int64]string{}
		}
		s.Lost[f] = fmt.Sprintf("former.employee/Exchange former.employee/%s", name)
		count := int64(3000 - 1000*i)
		s.put(portion{
			Folder: f, Count: count, Origin: a.origin(count), Mean: 48_000, Start: begin.Unix(), Step: 15_000,
		})
	}
	s.refresh()
	a.Detached = append(a.Detached, s)
}
