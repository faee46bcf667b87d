package bindings

import (
	"context"
	"fmt"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/values"
)

// Values keeps JSON texts by key from one run to the next. nil stands for no
// value. Errors are of kind state when what it keeps them in cannot be used,
// and of kind invalid when a value is too large.
type Values interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Set(ctx context.Context, key string, value []byte) error
}

func (b *binding) stateModule() luavm.Module {
	keyParam := luavm.Param{Name: "key", Type: luavm.String, Doc: fmt.Sprintf("name of the value, %d bytes at most", values.MaxKey)}
	return luavm.Module{
		Name: "state",
		Doc: "Small values that a playbook keeps from one run to the next, such as what it saw last time. Every playbook " +
			"has its own, and others for each target and instance. They lie in a file of the user's state folder; with " +
			"--sandbox they end with the run. Keeping a value changes no server, so --read-only allows it.",
		Funcs: []luavm.Func{
			{
				Name:    "get",
				Doc:     "Returns the value that was kept under a key.",
				Params:  []luavm.Param{keyParam},
				Returns: []luavm.Param{{Name: "value", Type: luavm.Any, Optional: true, Doc: "the value, nil when there is none"}},
				Example: `local last = state.get("last run")
if last then print("last run at " .. last.at) end`,
				Effect: luavm.Reads,
				Call:   b.stateGet,
			},
			{
				Name: "set",
				Doc: fmt.Sprintf("Keeps a value under a key, in place of the one before; nil removes it. A value is what JSON can say, "+
					"%d KB at most and %d MB together. Secrets are refused.", values.MaxValue>>10, values.MaxAll>>20),
				Params: []luavm.Param{
					keyParam,
					{Name: "value", Type: luavm.Any, Optional: true, Doc: "text, number, boolean or table; nil removes the value"},
				},
				Example: `state.set("last run", { at = run.started })
assert(state.get("last run").at == run.started)`,
				Effect: luavm.Writes,
				Call:   b.stateSet,
			},
		},
	}
}

func (b *binding) stateGet(c *luavm.Call) error {
	const op = "state.get"
	store, err := b.values(op, c.String(0))
	if err != nil {
		return err
	}
	var value any
	err = c.Wait(func(ctx context.Context) error {
		text, err := store.Get(ctx, c.String(0))
		if err != nil || text == nil {
			return err
		}
		value, err = c.DecodeJSON(text, luavm.DecodeOptions{})
		return err
	})
	if err != nil {
		return ofState(err, op)
	}
	return c.Return(value)
}

func (b *binding) stateSet(c *luavm.Call) error {
	const op = "state.set"
	store, err := b.values(op, c.String(0))
	if err != nil {
		return err
	}
	var text []byte
	if _, null := c.Arg(1).(luavm.JSONNull); c.Has(1) && !null {
		met := false
		if text, err = c.EncodeJSON(c.Arg(1), luavm.EncodeOptions{Reveal: true, Secret: &met}); err != nil {
			return ofState(err, op)
		}
		if met || b.host.Secrets.Redact(string(text)) != string(text) {
			return &fault.Error{
				Kind: fault.Invalid, Op: op, Message: "the value holds a secret, and what is kept can be read in its file",
				Hint: "declare an input of type secret and ask for it in every run",
			}
		}
	}
	return ofState(c.Wait(func(ctx context.Context) error { return store.Set(ctx, c.String(0), text) }), op)
}

// values returns where values are kept.
func (b *binding) values(op, key string) (Values, error) {
	if err := values.CheckKey(key); err != nil {
		return nil, ofState(err, op)
	}
	if b.host.Values == nil {
		return nil, &fault.Error{Kind: fault.State, Op: op, Message: "this run has no state"}
	}
	return b.host.Values, nil
}

// ofState says in err which function it is from.
func ofState(err error, op string) error {
	if err == nil {
		return nil
	}
	e := outermost(err)
	e.Op = op
	return e
}
