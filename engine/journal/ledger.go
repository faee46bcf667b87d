package journal

// ledger is what an earlier owner of a run recorded, and which of it was asked
// for again. It is used under the lock of its hold.
type ledger struct {
	objects map[object]*group
	nth     map[Identity]int       // identical steps so far, recorded or new
	scopes  map[uint64][]*recorded // steps by scope
	inner   map[uint64][]uint64    // scopes by parent
	steps   map[uint64]*recorded   // by number
}

// object is what steps are about: those of one object have an order.
type object struct{ target, fn, key string }

func (i *Identity) object() object { return object{i.Target, i.Fn, i.Key} }

// group is the recorded steps of one object, in the order of their intents.
type group struct {
	steps []*recorded
	open  int            // not asked for yet
	of    map[Digest]int // of these, by arguments
}

type recorded struct {
	Step
	claimed bool
}

func newLedger() *ledger {
	return &ledger{
		objects: map[object]*group{}, nth: map[Identity]int{}, scopes: map[uint64][]*recorded{},
		inner: map[uint64][]uint64{}, steps: map[uint64]*recorded{},
	}
}

func (l *ledger) add(s Step) {
	r := &recorded{Step: s}
	g := l.objects[s.object()]
	if g == nil {
		g = &group{of: map[Digest]int{}}
		l.objects[s.object()] = g
	}
	g.steps = append(g.steps, r)
	g.open++
	g.of[s.Args]++
	l.scopes[s.Scope] = append(l.scopes[s.Scope], r)
	l.steps[s.Seq] = r
	l.nth[s.Identity] = max(l.nth[s.Identity], s.Nth)
}

// Claim is what the record says of a call that is asked for.
type Claim struct {
	// Step is the recorded step that the call is, without its Before and
	// Result; nil: it was never recorded. It is given once.
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
	for len(g.steps) > 0 && g.steps[0].claimed {
		g.steps = g.steps[1:]
	}
	var found *recorded
	if g.of[id.Args] > 0 {
		for _, r := range g.steps {
			if r.claimed || r.Args != id.Args {
				continue
			}
			if found == nil || r.Scope == scope {
				found = r
			}
			if r.Scope == scope {
				break
			}
		}
	}
	if g.open > g.of[id.Args] { // there are some with other arguments
		for _, r := range g.steps {
			if r.claimed || r.Args == id.Args || !r.counts() {
				continue
			}
			if found != nil && r.Seq > found.Seq {
				c.Later = true
				break
			}
			if c.Passed == nil {
				c.Passed = &r.Step
			}
			if found == nil {
				break
			}
		}
	}
	if found != nil {
		c.Step = &found.Step
		l.take(found)
	}
	return c
}

// counts reports whether the step had an effect, or may have.
func (r *recorded) counts() bool { return r.State != Refused && r.State != Unsent }

func (l *ledger) take(r *recorded) {
	if r.claimed {
		return
	}
	r.claimed = true
	g := l.objects[r.object()]
	g.open--
	g.of[r.Args]--
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

// left returns the recorded steps that nobody asked for again, in order.
func (l *ledger) left() []*recorded {
	var left []*recorded
	for _, g := range l.objects {
		for _, r := range g.steps {
			if !r.claimed && r.counts() {
				left = append(left, r)
			}
		}
	}
	return left
}
