package journal

import (
	"context"
	"fmt"
)

// Finding is something that the audit found wrong.
type Finding struct {
	Link    uint64 // where, 0 where it is no link
	Run     string
	Step    uint64
	Message string
}

// Verified says what an audit looked at.
type Verified struct {
	Links    uint64 // that hang together
	Unproven uint64 // of these, after the head file: their absence would not show
	Steps    uint64
	Findings []Finding // empty: nothing was changed by hand
}

// Verify reads the whole audit chain, compares it with the head that was kept
// outside the journal and with the steps as they stand. When something looks
// wrong and others wrote meanwhile, it looks again. Errors are those of the
// store.
func Verify(ctx context.Context, store Store, signer Signer, head Head) (Verified, error) {
	for attempt := 1; ; attempt++ {
		before, err := store.Last(ctx)
		if err != nil {
			return Verified{}, err
		}
		v, err := verify(ctx, store, signer, head)
		if err != nil || len(v.Findings) == 0 || attempt == 5 {
			return v, err
		}
		if after, err := store.Last(ctx); err != nil || after == before {
			return v, err
		}
	}
}

func verify(ctx context.Context, store Store, signer Signer, head Head) (Verified, error) {
	v := Verified{}
	newest := map[string]map[uint64]Digest{} // by run and step
	var before Link
	first := true
	for link, err := range store.Links(ctx) {
		if err != nil {
			return v, err
		}
		if first { // the anchor
			before, first = link, false
			if head.Seq != 0 && head.Seq < link.Seq {
				head = Head{} // its link was removed with its run; the anchor is signed
			}
		} else {
			if link.Seq != before.Seq+1 || link.Sum != before.sum(signer, link) {
				v.find(link, "the chain is broken here: a link was changed, moved or taken out")
				return v, nil // nothing after it says anything
			}
			v.Links++
			switch {
			case link.State == Removed:
				delete(newest, link.Run)
			case newest[link.Run] == nil:
				newest[link.Run] = map[uint64]Digest{link.Step: link.Digest}
			default:
				newest[link.Run][link.Step] = link.Digest
			}
			before = link
		}
		if link.Seq == head.Seq && link.Seq != 0 && link.Sum != head.Sum {
			v.find(link, "the head file knows another link here: the chain was written anew")
		}
	}
	if head.Seq > before.Seq {
		v.find(before, fmt.Sprintf("the chain ends here, and the head file knows %d links more: it was cut off, or is an older copy", head.Seq-before.Seq))
	} else {
		v.Unproven = before.Seq - max(head.Seq, before.Seq-v.Links)
	}
	return v, v.steps(ctx, store, newest)
}

// steps compares the steps with the newest link of each.
func (v *Verified) steps(ctx context.Context, store Store, newest map[string]map[uint64]Digest) error {
	for step, err := range store.Steps(ctx, StepFilter{}) {
		if err != nil {
			return err
		}
		v.Steps++
		if digest, ok := newest[step.Run][step.Seq]; !ok || digest != step.Digest() {
			v.Findings = append(v.Findings, Finding{Run: step.Run, Step: step.Seq, Message: "the step is not what the audit chain says of it"})
		}
		delete(newest[step.Run], step.Seq)
	}
	for run, steps := range newest {
		for step := range steps {
			v.Findings = append(v.Findings, Finding{Run: run, Step: step, Message: "the audit chain knows a step that is not there any more"})
		}
	}
	return nil
}

func (v *Verified) find(at Link, message string) {
	v.Findings = append(v.Findings, Finding{Link: at.Seq, Run: at.Run, Step: at.Step, Message: message})
}
