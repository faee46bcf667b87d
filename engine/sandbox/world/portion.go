package world

import (
	"slices"
	"time"
)

// portion is a run of messages that one store holds in one folder. An archive
// has millions of messages, so none is kept by itself: all there is to know of
// a message follows from its number.
type portion struct {
	Folder int64 // ID
	First  int64 // number of the first message in the store
	Count  int64
	Origin int64 // number of the first message in the archive: what it says follows from it
	Mean   int64 // bytes of a message on average
	Start  int64 // when the first message was archived, in seconds since 1970
	Step   int64 // seconds till the next one
}

// weights are the sizes of sixteen messages in a row, in sixteenths of the mean.
var weights = [16]int64{6, 18, 2, 11, 40, 4, 7, 22, 3, 65, 9, 5, 28, 13, 8, 15}

// size returns the bytes of the message i places behind the first one.
func (p portion) size(i int64) int64 { return p.Mean / 16 * weights[(p.Origin+i)%16] }

// bytes returns the size of all messages.
func (p portion) bytes() int64 {
	sum := p.Count / 16 * 16 * (p.Mean / 16 * 16)
	for i := p.Count / 16 * 16; i < p.Count; i++ {
		sum += p.size(i)
	}
	return sum
}

// archived returns when the message i places behind the first one was archived.
func (p portion) archived(i int64) time.Time { return time.Unix(p.Start+i*p.Step, 0) }

// before returns how many messages were archived before a time.
func (p portion) before(t time.Time) int64 {
	switch at := t.Unix(); {
	case p.Start >= at:
		return 0
	case p.Step == 0:
		return p.Count
	default:
		return min(p.Count, (at-p.Start+p.Step-1)/p.Step)
	}
}

// from returns the portion without its first n messages.
func (p portion) from(n int64) portion {
	p.First, p.Origin, p.Start, p.Count = p.First+n, p.Origin+n, p.Start+n*p.Step, p.Count-n
	return p
}

// to returns the first n messages of the portion.
func (p portion) to(n int64) portion {
	p.Count = n
	return p
}

// put adds messages to a store. The portion's First is given to it.
func (s *store) put(p portion) {
	if p.Count <= 0 {
		return
	}
	p.First = s.LastMessage + 1
	s.LastMessage += p.Count
	if n := len(s.Mail); n > 0 && s.Mail[n-1].goesOn(p) {
		s.Mail[n-1].Count += p.Count
		return
	}
	s.Mail = append(s.Mail, p)
}

// goesOn reports whether another portion is more of the same: messages that
// came at the same time into the same folder.
func (p portion) goesOn(more portion) bool {
	p.First, p.Origin, p.Count = p.First+p.Count, p.Origin+p.Count, more.Count
	return p == more && p.Step == 0
}

// find returns the place of a message: its portion, and how far behind the
// portion's first one it is.
func (s *store) find(number int64) (at int, i int64, ok bool) {
	at = slices.IndexFunc(s.Mail, func(p portion) bool { return p.First <= number && number < p.First+p.Count })
	if at < 0 {
		return 0, 0, false
	}
	return at, number - s.Mail[at].First, true
}

// between returns the messages with the numbers from first to last.
func (s *store) between(first, last int64) []portion {
	found := []portion{}
	for _, p := range s.Mail {
		from, to := max(p.First, first), min(p.First+p.Count, last+1)
		if from < to {
			found = append(found, p.from(from-p.First).to(to-from))
		}
	}
	return found
}

// drop takes n messages out of a portion, from the i-th on. The space they took
// stays taken until the store is compacted.
func (s *store) drop(at int, i, n int64) {
	p := s.Mail[at]
	s.Waste += p.from(i).to(n).bytes()
	parts := make([]portion, 0, 2)
	for _, part := range []portion{p.to(i), p.from(i + n)} {
		if part.Count > 0 {
			parts = append(parts, part)
		}
	}
	s.Mail = slices.Replace(s.Mail, at, at+1, parts...)
}

// refresh counts the messages anew.
func (s *store) refresh() {
	s.Count, s.Size = 0, s.Waste
	for _, p := range s.Mail {
		s.Count += p.Count
		s.Size += p.bytes()
	}
}

// changed brings the statistics of a store up to date after a change of its
// mail, unless that is left to RefreshAllStoreStatistics.
func (w *World) changed(s *store) {
	if !w.opts.Behaviour.StaleStatistics {
		s.refresh()
	}
}

// tally is how much mail there is somewhere.
type tally struct{ count, bytes int64 }

// tallies returns how much mail each folder holds, by its ID. Mail in a store
// that cannot be opened does not show.
func (a *archive) tallies() map[int64]tally {
	all := map[int64]tally{}
	for _, s := range a.Stores {
		if s.usable() != nil {
			continue
		}
		for _, p := range s.Mail {
			t := all[p.Folder]
			all[p.Folder] = tally{t.count + p.Count, t.bytes + p.bytes()}
		}
	}
	return all
}
