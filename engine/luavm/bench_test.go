package luavm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/luavm"
	"moonpost/engine/luavm/source"
	"moonpost/engine/luavm/value"
)

// BenchmarkAgainstPlain runs programs in a State, which counts instructions and
// can be cancelled, and in the bare interpreter in turn. Its ratio is that of
// the shortest runs; the goal is at most 1.2.
func BenchmarkAgainstPlain(b *testing.B) {
	for _, p := range []struct{ name, text string }{
		{"fib(30)", `local function fib(n) if n < 2 then return n end return fib(n-1) + fib(n-2) end return fib(30)`},
		{"10M_adds", `local x = 0 for i = 1, 10000000 do x = x + i end return x`},
		{"sort_1M", `local t, x = {}, 42 for i = 1, 1000000 do x = (x * 16807) % 2147483647 t[i] = x end table.sort(t) return t[1]`},
	} {
		b.Run(p.name, func(b *testing.B) {
			chunk, err := source.Parse("bench.lua", []byte(p.text))
			if err != nil {
				b.Fatal(err)
			}
			ours, plain := time.Hour, time.Hour
			for b.Loop() {
				plain = min(plain, timed(func() {
					L := lua.NewState()
					defer L.Close()
					if err := L.DoString(p.text); err != nil {
						b.Fatal(err)
					}
				}))
				ours = min(ours, timed(func() { runChunk(b, chunk) }))
			}
			b.ReportMetric(ours.Seconds()/plain.Seconds(), "x-of-plain")
		})
	}
}

// BenchmarkConcat joins lists of growing length; the time of an element stays
// the same.
func BenchmarkConcat(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			chunk, err := source.Parse("bench.lua", fmt.Appendf(nil, `local t = {} for i = 1, %d do t[i] = "ab" end return #table.concat(t, ",")`, n))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				runChunk(b, chunk)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/element")
		})
	}
}

func timed(fn func()) time.Duration {
	began := time.Now()
	fn()
	return time.Since(began)
}

func runChunk(b *testing.B, chunk *source.Chunk, modules ...luavm.Module) {
	state, err := luavm.New(luavm.Options{Modules: modules})
	if err != nil {
		b.Fatal(err)
	}
	defer state.Close()
	if _, err := state.Run(b.Context(), chunk, nil); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCall measures one call of a declared function from Lua.
func BenchmarkCall(b *testing.B) {
	const calls = 100_000
	module := luavm.Module{Name: "m", Global: true, Funcs: []luavm.Func{
		{Name: "none", Call: func(*luavm.Call) error { return nil }},
		{
			Name:    "text",
			Params:  []luavm.Param{{Name: "text", Type: luavm.String}},
			Returns: []luavm.Param{{Name: "n", Type: luavm.Number}},
			Call:    func(c *luavm.Call) error { return c.Return(len(c.String(0))) },
		},
		{
			Name: "params",
			Params: []luavm.Param{
				{Name: "fn", Type: luavm.String},
				{Name: "params", Type: luavm.Table, Optional: true},
				{Name: "opts", Type: luavm.Union(luavm.Function, luavm.Record("opts", luavm.Param{Name: "key", Type: luavm.String, Optional: true})), Optional: true},
			},
			Call: func(c *luavm.Call) error {
				c.Table(1).Each(func(_, _ any) bool { return true })
				return nil
			},
		},
		{Name: "wait", Call: func(c *luavm.Call) error { return c.Wait(func(context.Context) error { return nil }) }},
		{Name: "closure", Call: func(c *luavm.Call) error {
			return c.Return(luavm.Func{Name: "next", Call: func(c *luavm.Call) error { return c.Return("row") }})
		}},
	}}
	for _, p := range []struct{ name, body string }{
		{"none", `m.none()`},
		{"text", `m.text("abc")`},
		{"params", `m.params("CreateUser", { userName = "ada", privileges = "login" })`},
		{"wait", `m.wait()`},
		{"closure", `next()`},
	} {
		b.Run(p.name, func(b *testing.B) {
			chunk, err := source.Parse("bench.lua", fmt.Appendf(nil, "local m, next = m, m.closure() for i = 1, %d do %s end", calls, p.body))
			if err != nil {
				b.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				runChunk(b, chunk, module)
			}
			runtime.ReadMemStats(&after)
			n := float64(b.N * calls)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/n, "ns/call")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/call")
		})
	}
}

// BenchmarkHandOff measures one wait of tasks that wait in turn.
func BenchmarkHandOff(b *testing.B) {
	const waits = 200_000
	module := luavm.Module{Name: "m", Global: true, Funcs: []luavm.Func{
		{Name: "wait", Call: func(c *luavm.Call) error { return c.Wait(func(context.Context) error { return nil }) }},
	}}
	for _, tasks := range []int{1, 2, 100} {
		b.Run(strconv.Itoa(tasks), func(b *testing.B) {
			chunk, err := source.Parse("bench.lua", fmt.Appendf(nil, `local wait = m.wait
for i = 1, %d do host.spawn(function() for i = 1, %d do wait() end end) end`, tasks, waits/tasks))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				runChunk(b, chunk, module, testModule())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*waits), "ns/wait")
		})
	}
}

// BenchmarkSpawn measures starting and awaiting one task.
func BenchmarkSpawn(b *testing.B) {
	const tasks = 1000
	chunk, err := source.Parse("bench.lua", fmt.Appendf(nil, "for i = 1, %d do host.spawn(function() return i end):await() end", tasks))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		runChunk(b, chunk, testModule())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*tasks), "ns/task")
}

// BenchmarkWaitingTasks measures the heap that a task takes which waits inside
// a call; the goal is at most 20 KB.
func BenchmarkWaitingTasks(b *testing.B) {
	const tasks = 10_000
	var perTask, stacks float64
	for b.Loop() {
		var waiting int
		release, all := make(chan struct{}), make(chan struct{})
		module := luavm.Module{Name: "m", Global: true, Funcs: []luavm.Func{
			{Name: "wait", Call: func(c *luavm.Call) error {
				if waiting++; waiting == tasks {
					close(all)
				}
				return c.Wait(func(context.Context) error { <-release; return nil })
			}},
		}}
		chunk, err := source.Parse("bench.lua", fmt.Appendf(nil, "for i = 1, %d do host.spawn(function() local row = { i } m.wait() return row end) end", tasks))
		if err != nil {
			b.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		go func() {
			<-all
			runtime.GC()
			runtime.ReadMemStats(&after)
			close(release)
		}()
		runChunk(b, chunk, module, testModule())
		perTask = float64(after.HeapAlloc-before.HeapAlloc) / tasks
		stacks = float64(after.StackInuse-before.StackInuse) / tasks
	}
	b.ReportMetric(perTask, "heap-B/task")
	b.ReportMetric(stacks, "stack-B/task")
}

// BenchmarkDecode reads JSON as servers send it, into tables and with
// encoding/json in turn.
func BenchmarkDecode(b *testing.B) {
	var text bytes.Buffer
	text.WriteString("[")
	for i := range 20_000 {
		if i > 0 {
			text.WriteString(",\r\n  ")
		}
		fmt.Fprintf(&text, `{ "userName": "user%d", "fullName": "Ada Lövelace %d", "distinguishedName": null, "authentication": "integrated", "id": %d, "enabled": true }`, i, i, i)
	}
	text.WriteString("]")
	ours, std := time.Hour, time.Hour
	for b.Loop() {
		std = min(std, timed(func() {
			var v any
			if err := json.Unmarshal(text.Bytes(), &v); err != nil {
				b.Fatal(err)
			}
		}))
		ours = min(ours, timed(func() {
			if _, err := value.Decode(text.Bytes(), luavm.DecodeOptions{}); err != nil {
				b.Fatal(err)
			}
		}))
	}
	mb := float64(text.Len()) / 1e6
	b.ReportMetric(mb/ours.Seconds(), "MB/s")
	b.ReportMetric(mb/std.Seconds(), "MB/s-encoding/json")
	b.ReportMetric(ours.Seconds()/std.Seconds(), "x-of-encoding/json")
}

// BenchmarkStart measures a State from New to Close that runs next to nothing.
func BenchmarkStart(b *testing.B) {
	chunk, err := source.Parse("bench.lua", []byte("return 1"))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		runChunk(b, chunk, testModule())
	}
}

// BenchmarkCaught measures pcall of a function that succeeds and of one that
// fails.
func BenchmarkCaught(b *testing.B) {
	const calls = 100_000
	for _, p := range []struct{ name, body string }{
		{"success", `pcall(f)`},
		{"error", `pcall(error, "x")`},
		{"binding's_error", `pcall(host.fail, "server")`},
	} {
		b.Run(p.name, func(b *testing.B) {
			chunk, err := source.Parse("bench.lua", fmt.Appendf(nil, "local function f() end for i = 1, %d do %s end", calls, p.body))
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				runChunk(b, chunk, testModule())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*calls), "ns/call")
		})
	}
}
