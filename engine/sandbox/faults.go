package sandbox

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"moonpost/engine/fault"
	"moonpost/engine/sandbox/world"
)

// Fault is a rule by which calls go wrong. The calls that it hits are drawn
// from the server's seed, so the same calls in the same order go wrong again.
type Fault struct {
	Fn    string  `json:"fn"`    // function, get-status, get-metadata, cancel-async, or * for all of them
	Fault string  `json:"fault"` // one of FaultKinds
	Rate  float64 `json:"rate"`  // share of the calls, 0 to 1; 1 when left out of JSON
	MS    int     `json:"ms,omitempty"`
	Times int     `json:"times,omitempty"` // stops after so many hits; 0: never
}

// UnmarshalJSON reads a rule; a rate that is left out is 1.
func (f *Fault) UnmarshalJSON(text []byte) error {
	type plain Fault
	p := plain{Rate: 1}
	if err := json.Unmarshal(text, &p); err != nil {
		return err
	}
	*f = Fault(p)
	return nil
}

const (
	dropReply      = "drop_reply"
	lateEffect     = "late_effect"
	refuse         = "refuse"
	cutBody        = "cut_body"
	failCall       = "error"
	halfEffect     = "half_effect"
	drip           = "drip"
	hang           = "hang"
	html           = "html"
	empty          = "empty"
	truncated      = "truncated"
	badJSON        = "bad_json"
	huge           = "huge"
	forgetToken    = "forget_token"
	newCertificate = "new_certificate"
)

// FaultKind says what one fault does.
type FaultKind struct{ Name, Doc string }

// FaultKinds returns what can go wrong.
func FaultKinds() []FaultKind {
	return []FaultKind{
		{dropReply, "The call takes effect; the connection is closed without an answer."},
		{lateEffect, "The call takes effect after ms (1000), whether the client still waits or not; then it is answered."},
		{refuse, "The connection is reset; the call has no effect."},
		{cutBody, "The call takes effect; the connection ends in the middle of the answer."},
		{"status_401", "HTTP 401 with a challenge; no effect."},
		{"status_403", "HTTP 403; no effect."},
		{"status_429", "HTTP 429 with Retry-After (ms, rounded up to seconds; 1 s); no effect."},
		{"status_503", "HTTP 503 (with Retry-After when ms is given); no effect."},
		{failCall, "An envelope with an error; no effect."},
		{halfEffect, "An envelope with an error after half of the effect; all of it where the effect has no halves."},
		{drip, "The call takes effect; the answer comes in small pieces over ms (2000)."},
		{hang, "The call takes effect; no answer ever comes (with ms: the connection is closed then)."},
		{html, "The call takes effect; the answer is an HTML page with status 200."},
		{empty, "The call takes effect; the answer has status 200 and no body."},
		{truncated, "The call takes effect; the answer ends in the middle of its JSON text."},
		{badJSON, "The call takes effect; the answer is no envelope: broken JSON, or JSON of the wrong shape."},
		{huge, "The call takes effect; the answer has a body of 10 GiB."},
		{forgetToken, "A job's token is forgotten and its work goes on: later requests for it give 404."},
		{newCertificate, "The server's certificate is replaced; this call is answered, the next connection meets the new one."},
	}
}

// ms returns the rule's time, or another one when it gives none.
func (f Fault) ms(otherwise time.Duration) time.Duration {
	if f.MS == 0 {
		return otherwise
	}
	return time.Duration(f.MS) * time.Millisecond
}

// twist returns what the fault does to the call itself.
func (f Fault) twist() world.Twist {
	switch f.Fault {
	case failCall:
		return world.Refused
	case halfEffect:
		return world.Half
	case forgetToken:
		return world.Forgets
	}
	return world.Straight
}

// faults are the rules in force.
type faults struct {
	seed uint64

	mu    sync.Mutex
	rules []*rule
}

type rule struct {
	Fault
	rng  *rand.Rand
	hits int
}

func newFaults(seed uint64) *faults { return &faults{seed: seed} }

// hit draws for every rule that names the call; the first one that hits is
// returned.
func (f *faults) hit(fn string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var hit Fault
	for _, r := range f.rules {
		if r.Fn != fn && r.Fn != "*" || r.Times > 0 && r.hits >= r.Times {
			continue
		}
		if draw := r.rng.Float64(); draw < r.Rate && hit.Fault == "" {
			hit = r.Fault
			r.hits++
		}
	}
	return hit
}

func (f *faults) set(rules []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
	for _, r := range rules {
		h := fnv.New64a()
		fmt.Fprint(h, r.Fn, ":", r.Fault)
		f.rules = append(f.rules, &rule{Fault: r, rng: rand.New(rand.NewPCG(f.seed, h.Sum64()))})
	}
}

func (f *faults) list() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Fault, 0, len(f.rules))
	for _, r := range f.rules {
		list = append(list, r.Fault)
	}
	return list
}

// SetFaults replaces the rules by which calls go wrong; none: no call does. A
// bad rule is a *fault.Error of kind usage, and the rules stay as they were.
func (s *Server) SetFaults(rules []Fault) error {
	for _, r := range rules {
		if err := s.checkFault(r); err != nil {
			return err
		}
	}
	s.faults.set(rules)
	return nil
}

// Faults returns the rules in force.
func (s *Server) Faults() []Fault { return s.faults.list() }

func (s *Server) checkFault(f Fault) error {
	kinds := []string{}
	for _, k := range FaultKinds() {
		kinds = append(kinds, k.Name)
	}
	switch {
	case !slices.Contains(kinds, f.Fault):
		err := usage("there is no fault %q", f.Fault)
		err.Hint = fault.DidYouMean(f.Fault, kinds)
		return err
	case f.Rate < 0 || f.Rate > 1:
		return usage("the rate of a fault is 0 to 1, not %g", f.Rate)
	case f.MS < 0 || f.Times < 0:
		return usage("ms and times of a fault must not be negative")
	case f.Fn == "*", service(f.Fn), s.world.Has(f.Fn):
		return nil
	}
	return usage("a fault for %q: there is no such function", f.Fn)
}

// parseFaults reads FUNCTION:FAULT[:RATE[:MS]] texts.
func parseFaults(texts []string) ([]Fault, error) {
	rules := []Fault{}
	for _, text := range texts {
		parts := strings.Split(text, ":")
		if len(parts) < 2 || len(parts) > 4 {
			return nil, usage("a fault is FUNCTION:FAULT[:RATE[:MS]], not %q", text)
		}
		f := Fault{Fn: parts[0], Fault: parts[1], Rate: 1}
		var err error
		if len(parts) > 2 {
			if f.Rate, err = strconv.ParseFloat(parts[2], 64); err != nil {
				return nil, usage("the rate of fault %q is no number", text)
			}
		}
		if len(parts) > 3 {
			if f.MS, err = strconv.Atoi(parts[3]); err != nil {
				return nil, usage("the milliseconds of fault %q are no number", text)
			}
		}
		rules = append(rules, f)
	}
	return rules, nil
}
