package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Link is one state of one step in the audit chain: each link holds the one
// before it, so that none can be changed, moved or taken out unseen.
type Link struct {
	Seq    uint64 // in the journal, from 1 without a gap
	Run    string
	Step   uint64
	State  StepState
	Digest Digest // of the step as it stood
	Sum    Digest // with the state key, over all above and the sum before
}

// Signer makes the sums of the chain with the state key.
type Signer interface {
	// ID names the key, without giving it away.
	ID() string
	// Sign returns a keyed hash; domain keeps sums of one use from serving
	// for another.
	Sign(domain string, data []byte) Digest
}

const (
	linkDomain   = "audit link"
	anchorDomain = "audit anchor"
)

// Follow returns the link of a step after the link before.
func (before Link) Follow(s Signer, step *Step) Link {
	next := Link{Seq: before.Seq + 1, Run: step.Run, Step: step.Seq, State: step.State, Digest: step.Digest()}
	next.Sum = before.sum(s, next)
	return next
}

// Removed is the state in a link that says that a run was removed with all its
// steps. Step and Digest are zero then.
const Removed StepState = "removed"

// Remove returns the link that says that a run was removed.
func (before Link) Remove(s Signer, run string) Link {
	next := Link{Seq: before.Seq + 1, Run: run, State: Removed}
	next.Sum = before.sum(s, next)
	return next
}

// sum returns the sum that next must have after the link before.
func (before Link) sum(s Signer, next Link) Digest {
	data := append([]byte(nil), before.Sum[:]...)
	data = binary.BigEndian.AppendUint64(data, next.Seq)
	data = binary.BigEndian.AppendUint64(data, next.Step)
	data = append(data, next.Digest[:]...)
	data = append(data, next.State...)
	data = append(append(data, 0), next.Run...)
	return s.Sign(linkDomain, data)
}

// Anchor returns the proof that a chain may begin with this link: the links up
// to it were removed with their runs.
func (before Link) Anchor(s Signer) Digest {
	data := binary.BigEndian.AppendUint64(nil, before.Seq)
	return s.Sign(anchorDomain, append(data, before.Sum[:]...))
}

// Digest returns a hash of the whole step, as the audit chain holds it.
func (s *Step) Digest() Digest {
	h := fields{sha256.New()}
	h.text(s.Run, s.Target, s.Fn, s.Key, string(s.Args[:]), string(s.State), string(s.By), s.Evidence)
	h.text(string(s.Before), string(s.Result), string(s.Error))
	h.number(s.Seq, s.Scope, uint64(s.Nth), s.Epoch, uint64(s.Attempt), uint64(s.Intended.UnixMicro()))
	if !s.Ended.IsZero() {
		h.number(uint64(s.Ended.UnixMicro()))
	}
	for _, list := range [][]string{s.Names, s.Objects} {
		h.number(uint64(len(list)))
		h.text(list...)
	}
	return Digest(h.Sum(nil))
}

// fields hashes values so that no two lists of them look alike.
type fields struct{ hash.Hash }

func (f fields) text(values ...string) {
	for _, v := range values {
		f.number(uint64(len(v)))
		_, _ = f.Write([]byte(v))
	}
}

func (f fields) number(values ...uint64) {
	var b [8]byte
	for _, v := range values {
		binary.BigEndian.PutUint64(b[:], v)
		_, _ = f.Write(b[:])
	}
}
