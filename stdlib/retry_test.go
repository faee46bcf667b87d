package stdlib_test

import (
	"context"
	"testing"
	"testing/synctest"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/luavm/source"
	"moonpost/stdlib"
)

func TestRetryEndsWithItsRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := luavm.Module{Name: "stop", Global: true, Callable: &luavm.Func{Call: func(*luavm.Call) error {
			go func() {
				synctest.Wait() // until the wait of an hour has begun
				cancel(&fault.Error{Kind: fault.Cancelled, Message: "enough"})
			}()
			return nil
		}}}
		chunk, err := source.Parse("test.lua", []byte(`require("retry").call(function() error{ kind = "server", message = "no" } end,
  { delay = "1h", max_delay = "1h", on_retry = function() stop() end })`))
		if err != nil {
			t.Fatal(err)
		}
		state, err := luavm.New(luavm.Options{Modules: append(stdlib.Modules(stdlib.Host{}), stop)})
		if err != nil {
			t.Fatal(err)
		}
		defer state.Close()
		_, err = state.Run(ctx, chunk, nil)
		if got := fault.KindOf(err); got != fault.Cancelled {
			t.Errorf("Run = %v (%s), want an error of kind cancelled", err, got)
		}
	})
}
