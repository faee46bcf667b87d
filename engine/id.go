package engine

import (
	"crypto/rand"
	"encoding/binary"
	"time"
)

// newID returns an id for a run that began at that time: 12 lower-case
// characters without look-alikes, in the order of time, unique by 26 random
// bits within each second.
func newID(at time.Time) string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the process instead
	n := uint64(at.Unix())<<26 | uint64(binary.BigEndian.Uint32(random[:])>>6)
	var id [12]byte
	for i := range id {
		id[len(id)-1-i] = alphabet[n&31]
		n >>= 5
	}
	return string(id[:])
}

// alphabet is Crockford's base 32; it is in byte order, so that ids sort as
// their numbers do.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
