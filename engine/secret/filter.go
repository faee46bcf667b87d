package secret

import "encoding/binary"

// filter tells in a nanosecond that no needle begins at a place in a text. It
// may be wrong the other way.
type filter struct {
	pairs [1 << 16 / 64]uint64 // first two bytes, in every spelling
	quads []uint64             // hashes of the first four bytes, as they are
	shift int                  // of the hash, so that it indexes quads' bits
	known []uint32             // what quads holds, to make it anew when it is full
}

const (
	quadBytes   = 4
	bitsPerQuad = 16 // one hit in sixteen is false at most
)

// add takes the beginning of a needle of at least quadBytes.
func (f *filter) add(needle string) {
	first, second := needle[0], needle[1]
	f.addPair(first, second)
	if !plain(second) {
		for _, mark := range [...]byte{'%', '&', '\\', '+'} {
			f.addPair(first, mark)
		}
	}
	if !plain(first) {
		f.addPair(first, first) // a doubled quote
		for _, mark := range [...]byte{'%', '&', '\\', '+'} {
			for b := range 256 {
				f.addPair(mark, byte(b))
			}
		}
	}

	quad := binary.LittleEndian.Uint32([]byte(needle[:quadBytes]))
	f.known = append(f.known, quad)
	if len(f.known)*bitsPerQuad <= len(f.quads)*64 {
		f.addQuad(quad)
		return
	}
	f.quads = make([]uint64, max(1<<10/64, 2*len(f.quads)))
	f.shift = 32
	for bits := len(f.quads) * 64; bits > 1; bits /= 2 {
		f.shift--
	}
	for _, quad := range f.known {
		f.addQuad(quad)
	}
}

func (f *filter) addPair(first, second byte) {
	pair := uint16(first) | uint16(second)<<8
	f.pairs[pair>>6] |= 1 << (pair & 63)
}

func (f *filter) addQuad(quad uint32) {
	h := quad * 0x9E3779B1 >> f.shift
	f.quads[h>>6] |= 1 << (h & 63)
}

func (f *filter) hasQuad(quad uint32) bool {
	h := quad * 0x9E3779B1 >> f.shift
	return f.quads[h>>6]&(1<<(h&63)) != 0
}

// next returns the first place at or after i where a needle may begin. The last
// bytes of a text always may.
func (f *filter) next(text []byte, i int) int {
	for ; i+quadBytes <= len(text); i++ {
		quad := binary.LittleEndian.Uint32(text[i:])
		pair := uint16(quad)
		if f.pairs[pair>>6]&(1<<(pair&63)) == 0 {
			continue
		}
		if f.hasQuad(quad) || marked(quad) {
			return i
		}
	}
	return i
}

// marked reports whether an escape may begin in one of the four bytes, so that
// their hash says nothing.
func marked(quad uint32) bool {
	return isMark[byte(quad)] || isMark[byte(quad>>8)] || isMark[byte(quad>>16)] || isMark[byte(quad>>24)]
}
