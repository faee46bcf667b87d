package world

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// Effect says how often one changing call took effect.
type Effect struct {
	Fn    string `json:"fn"`
	Key   string `json:"key"`  // of the object that changed, as the handler names it
	Args  string `json:"args"` // digest of all arguments, keyed for this server
	Count int    `json:"count"`
}

// ledger counts effects.
type ledger struct {
	Salt  []byte
	Rows  []Effect
	index map[entry]int // of Rows
}

type entry struct {
	fn, key string
	args    digest
}

type digest [8]byte

func newLedger() ledger {
	l := ledger{Salt: make([]byte, 16), index: map[entry]int{}}
	rand.Read(l.Salt) // never fails, by its documentation
	return l
}

func (l *ledger) add(fn, key string, args []Arg) {
	e := entry{fn, key, l.digest(args)}
	if i, ok := l.index[e]; ok {
		l.Rows[i].Count++
		return
	}
	l.index[e] = len(l.Rows)
	l.Rows = append(l.Rows, Effect{fn, key, hex.EncodeToString(e.args[:]), 1})
}

// digest does not depend on the order of the arguments. It is salted, so that
// it gives no password away.
func (l *ledger) digest(args []Arg) digest {
	sorted := slices.SortedFunc(slices.Values(args), func(a, b Arg) int { return strings.Compare(a.Name, b.Name) })
	buf := append(make([]byte, 0, 256), l.Salt...)
	for _, a := range sorted {
		buf = append(append(buf, a.Name...), 0)
		buf = append(append(buf, a.Value...), 0)
	}
	sum := sha256.Sum256(buf)
	return digest(sum[:])
}

func (l *ledger) all() []Effect { return slices.Clone(l.Rows) }
