package harden

import (
	"runtime"
	"slices"
	"strings"
	"weak"

	lua "github.com/yuin/gopher-lua"

	"moonpost/engine/fault"
	"moonpost/engine/luavm/value"
)

// thread is a coroutine that may have been collected.
type thread = weak.Pointer[lua.LState]

func (l *library) threadFuncs() map[string]lua.LGFunction {
	return map[string]lua.LGFunction{
		"create":  l.createThread,
		"resume":  l.resumeThread,
		"running": l.running,
		"status":  l.status,
		"wrap":    l.wrap,
		"yield":   l.yield,
	}
}

func (l *library) thread(L *lua.LState, n int) *lua.LState {
	th, ok := L.Get(n).(*lua.LState)
	if !ok {
		l.badType(L, n, "coroutine")
	}
	return th
}

func (l *library) createThread(L *lua.LState) int {
	l.newThread(L)
	return 1
}

// newThread pushes a coroutine of the function that is the first argument.
func (l *library) newThread(L *lua.LState) *lua.LState {
	if l.function(L, 1).IsG {
		l.badArg(L, 1, "a function of the playbook expected")
	}
	l.makeRoom(L)
	// With a context the interpreter would derive a new one, which forgets what
	// the old one counts.
	ctx := L.Context()
	L.RemoveContext()
	l.create(L)
	if ctx != nil {
		L.SetContext(ctx)
	}
	th := L.Get(-1).(*lua.LState)
	switch {
	case l.NewThread != nil:
		l.NewThread(L, th)
	case ctx != nil:
		th.SetContext(ctx)
	}
	l.threads = append(l.threads, weak.Make(th))
	return th
}

// makeRoom keeps the number of coroutines in bounds. Those that ended or that
// nobody can reach do not count.
func (l *library) makeRoom(L *lua.LState) {
	gone := func(t thread) bool { th := t.Value(); return th == nil || th.Dead }
	if len(l.threads) < l.MaxThreads {
		return
	}
	if l.threads = slices.DeleteFunc(l.threads, gone); len(l.threads) < l.MaxThreads {
		return
	}
	runtime.GC()
	if l.threads = slices.DeleteFunc(l.threads, gone); len(l.threads) >= l.MaxThreads {
		l.raise(L, fault.Limit, "more than %d coroutines", l.MaxThreads)
	}
}

func (l *library) resumeThread(L *lua.LState) int {
	th := l.thread(L, 1)
	if message := l.refusal(L, th); message != "" {
		L.Push(lua.LFalse)
		L.Push(lua.LString(message))
		return 2
	}
	return l.run(L, th)
}

// wrap returns a function that resumes; an error in the coroutine is raised as
// it is.
func (l *library) wrap(L *lua.LState) int {
	th := l.newThread(L)
	L.Push(value.NewFunction("coroutine", func(L *lua.LState) int {
		if message := l.refusal(L, th); message != "" {
			l.raise(L, fault.Script, "%s", message)
		}
		L.Insert(th, 1)
		n := l.run(L, th)
		if L.Get(-n) == lua.LFalse {
			L.Error(L.Get(-1), 0)
		}
		return n - 1
	}))
	return 1
}

// refusal says why th cannot be resumed, "" when it can.
func (l *library) refusal(L *lua.LState, th *lua.LState) string {
	switch {
	case th.Dead:
		return "cannot resume a coroutine that has ended"
	case th == L, th.Parent != nil:
		return "cannot resume a coroutine that is running"
	}
	return ""
}

// run resumes th with the arguments that stand behind it. It returns the number
// of results: true and values, or false and what was raised.
func (l *library) run(L *lua.LState, th *lua.LState) int {
	depth := 1
	for by := L; by != nil; by = l.Caller(by) {
		if by.Parent != nil {
			depth++
		}
	}
	if depth > maxResumes {
		l.raise(L, fault.Script, "stack overflow: more than %d coroutines resume one another", maxResumes)
	}
	if _, entered := th.GetStack(-1); !entered {
		// It yielded as the last thing that it did: what it is resumed with is
		// what it returns. The interpreter would look for a call to go back to.
		th.Dead = true
		L.Replace(1, lua.LTrue)
		return L.GetTop()
	}
	n := l.resume(L)
	l.check(L)
	if L.Get(-n) == lua.LFalse {
		switch text := lua.LVAsString(L.Get(-1)); {
		case text == callsOverflow:
			L.Replace(L.GetTop(), lua.LString("stack overflow"))
		case strings.HasPrefix(text, "runtime error: "): // a Go panic, as the interpreter passes it on
			l.Raise(L, l.Panicked(text, nil))
		}
	}
	return n
}

// coroutine returns the coroutine whose code runs on L, possibly in a protected
// call; nil in the main code of a task.
func (l *library) coroutine(L *lua.LState) *lua.LState {
	for L != nil && L.Parent == nil {
		L = l.Caller(L)
	}
	return L
}

// running returns nothing in the main code of a task.
func (l *library) running(L *lua.LState) int {
	if co := l.coroutine(L); co != nil {
		L.Push(co)
	} else {
		L.Push(lua.LNil)
	}
	return 1
}

func (l *library) status(L *lua.LState) int {
	status := "suspended"
	switch th := l.thread(L, 1); {
	case th.Dead:
		status = "dead"
	case th == l.coroutine(L):
		status = "running"
	case th.Parent != nil:
		status = "normal"
	}
	L.Push(lua.LString(status))
	return 1
}

func (l *library) yield(L *lua.LState) int {
	switch co := l.coroutine(L); {
	case co == nil:
		l.raise(L, fault.Script, "cannot yield outside a coroutine")
	case co != L || !l.canYield():
		l.raise(L, fault.Script, "cannot yield from inside pcall, a metamethod, an iterator or a callback")
	}
	return -1
}

// way is the innermost part of a Go stack.
type way [6]uintptr

// canYield reports whether the interpreter may leave the coroutine from here:
// only if it runs the coroutine's code itself and not on behalf of a Go function
// or a metamethod, which it would abandon. Nothing in the interpreter's state
// says that, but the Go stack does: one main loop between here and the function
// that runs a coroutine.
func (l *library) canYield() bool {
	var w way
	n := runtime.Callers(3, w[:])
	can, known := l.ways[w]
	if !known {
		can = direct(slices.Clone(w[:n])) // w itself stays off the heap
		l.ways[w] = can
	}
	return can
}

func direct(stack []uintptr) bool {
	loops := 0
	for frames := runtime.CallersFrames(stack); ; {
		frame, more := frames.Next()
		switch _, name, _ := strings.Cut(frame.Function, "gopher-lua."); name {
		case "mainLoop", "mainLoopWithContext":
			loops++
		case "threadRun":
			return loops == 1
		}
		if !more {
			return false
		}
	}
}
