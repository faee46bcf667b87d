package bindings

import (
	"errors"
	"sync/atomic"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// ending is what a run knows of the errors after which maps do not go on.
type ending struct {
	gone     atomic.Pointer[string] // the run's own server, when it could not be reached
	homeless atomic.Pointer[string] // why there is no server of the run's own

	fatal   bool  // a call ended the run; used with the interpreter lock
	culprit *item // that the call belongs to, if any
}

// noted keeps what an error of the server means for the maps of the run, and
// returns it.
func (r *remote) noted(c *luavm.Call, err error) error {
	switch kind := fault.KindOf(err); {
	case kind.Fatal() && !r.fatal:
		r.fatal, r.culprit = true, itemOf(c.Context())
	case !r.home:
	case kind == fault.Unreachable:
		r.gone.Store(&outermost(err).Target)
	case kind == fault.Usage && r.opened.Load() == nil:
		text := outermost(err).Text()
		r.homeless.Store(&text)
	}
	return err
}

// endsMaps reports whether going on with the next item makes no sense, whatever
// the playbook asked for. When the run's own server cannot be reached, after
// the client has waited for it, or there is none, every further item would fail
// alike, in an instant. Another server is not like that: a map may go over many
// of them.
func (e *ending) endsMaps(err error) bool {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind.Fatal() {
		return true
	}
	gone, homeless := e.gone.Load(), e.homeless.Load()
	return f.Kind == fault.Unreachable && gone != nil && f.Target == *gone ||
		f.Kind == fault.Usage && homeless != nil && f.Text() == *homeless
}
