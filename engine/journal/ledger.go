package journal

import (
	"cmp"
	"slices"
)

// ledger is what an earlier owner of a run recorded, and which of it was asked
// for again. It is used under the lock of its hold. A run may have 100,000
// steps, so it keeps little of each.
type ledger struct {
	objects map[object]*group
	made    map[Identity]int       // identical steps that this owner made or claimed, where it made any
	scopes  map[uint64][]*recorded // steps by scope
	inner   map[uint64][]uint64    // scopes by parent
	steps   []*recorded            // by number
}

// object is what steps are about: those of one object have an order.
type object struct{ target, fn, key string }

func (i *Identity) object() object { return object{i.Target, i.Fn, i.Key} }

// group is the recorded steps of one object, in the order of their intents.
type group struct {
	object
	steps []*recorded
	begin int  // those before it are claimed
	open  int  // not asked for yet
	mixed bool // they have several arguments

	highest map[Digest]int // Nth by arguments, where next asked
}

// recorded is a step that an earlier owner recorded.
type recorded struct {
	group   *group
	seq     uint64
	scope   uint64
	epoch   uint64
	args    Digest
	nth     int32
	attempt int32
	state   StepState
	claimed bool
}

func newLedger() *ledger {
	return &ledger{
		objects: map[object]*group{}, made: map[Identity]int{}, scopes: map[uint64][]*recorded{}, inner: map[uint64][]uint64{},
	}
}

// add keeps a step; steps come by number.
func (l *ledger) add(s *Step) {
	g := l.objects[s.object()]
	if g == nil {
		g = &group{object: s.object()}
		l.objects[g.object] = g
	}
	r := &recorded{
		group: g, seq: s.Seq, scope: s.Scope, epoch: s.Epoch, args: s.Args, nth: int32(s.Nth), attempt: int32(s.Attempt), state: s.State,
	}
	g.mixed = g.mixed || len(g.steps) > 0 && g.steps[0].args != r.args
	g.steps = append(g.steps, r)
	g.open++
	l.scopes[s.Scope] = append(l.scopes[s.Scope], r)
	l.steps = append(l.steps, r)
}

// next returns which of the identical steps of the run the next one is.
func (l *ledger) next(id Identity) int {
	n, known := l.made[id]
	if g := l.objects[id.object()]; !known && g != nil {
		if g.highest == nil {
			g.highest = map[Digest]int{}
			for _, r := range g.steps {
				g.highest[r.args] = max(g.highest[r.args], int(r.nth))
			}
		}
		n = g.highest[id.Args]
	}
	l.made[id] = n + 1
	return n + 1
}

// finished notes what became of a step, when it is a recorded one.
func (l *ledger) finished(s *Step) {
	i, ok := slices.BinarySearchFunc(l.steps, s.Seq, func(r *recorded, seq uint64) int { return cmp.Compare(r.seq, seq) })
	if ok {
		l.steps[i].state, l.steps[i].attempt, l.steps[i].epoch = s.State, int32(s.Attempt), s.Epoch
	}
}

// Claim is what the record says of a call that is asked for. Its steps are
// brief: Hold.Whole gives the rest.
type Claim struct {
	// Step is the recorded step that the call is; nil: it was never recorded.
	// It is given once.
	Step *Step
	// Passed is a step that had an effect, or may have, on the same object with
	// other arguments, was recorded before Step, and was not asked for again.
	// Without a Step it is the first such step at all: the playbook asks for
	// something else than it did.
	Passed *Step
	// Later says that such a step was recorded after Step: the object may have
	// other values than Step gave it.
	Later bool
}

// claim finds the recorded step that a call is: of the identical ones the first
// that was not asked for yet, and rather one of its own scope, because an
// identical one of another scope will be asked for there.
func (l *ledger) claim(scope uint64, id Identity) Claim {
	var c Claim
	g := l.objects[id.object()]
	if g == nil || g.open == 0 {
		return c
	}
	for g.begin < len(g.steps) && g.steps[g.begin].claimed {
		g.begin++
	}
	var found, passed *recorded
	for _, r := range g.steps[g.begin:] {
		if r.claimed {
			continue
		}
		switch {
		case r.args == id.Args:
			if found == nil || found.scope != scope && r.scope == scope {
				found = r
			}
		case passed == nil && r.counts():
			passed = r
		}
		if found != nil && found.scope == scope && (passed != nil || !g.mixed) {
			break
		}
	}
	if found == nil {
		c.Passed = passed.brief()
		return c
	}
	for _, r := range g.steps[g.begin:] {
		if !g.mixed {
			break
		}
		if r.seq > found.seq && !r.claimed && r.args != id.Args && r.counts() {
			c.Later = true
			break
		}
	}
	if passed != nil && passed.seq < found.seq {
		c.Passed = passed.brief()
	}
	c.Step = found.brief()
	l.take(found)
	return c
}

// brief returns the step without what the ledger does not keep, nil for none.
func (r *recorded) brief() *Step {
	if r == nil {
		return nil
	}
	return &Step{
		Seq: r.seq, Scope: r.scope, Identity: Identity{r.group.target, r.group.fn, r.group.key, r.args},
		Nth: int(r.nth), Epoch: r.epoch, Attempt: int(r.attempt), State: r.state,
	}
}

// counts reports whether the step had an effect, or may have.
func (r *recorded) counts() bool { return r.state != Refused && r.state != Unsent }

func (l *ledger) take(r *recorded) {
	if !r.claimed {
		r.claimed = true
		r.group.open--
	}
}

// skip counts all steps of a scope and of those in it as asked for: the scope
// is not run again.
func (l *ledger) skip(scope uint64) {
	for _, r := range l.scopes[scope] {
		l.take(r)
	}
	for _, inner := range l.inner[scope] {
		l.skip(inner)
	}
}

// left returns the recorded steps that had an effect, or may have, and that
// nobody asked for again, in order.
func (l *ledger) left() []Step {
	var left []Step
	for _, r := range l.steps {
		if !r.claimed && r.counts() {
			left = append(left, *r.brief())
		}
	}
	return left
}
