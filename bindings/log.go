package bindings

import (
	"moonpost/engine/event"
	"moonpost/engine/luavm"
)

func (b *binding) logModule() luavm.Module {
	return luavm.Module{
		Name:   "log",
		Doc:    "Writes lines to the log of the run, which goes to the terminal beside the results.",
		Global: true,
		Funcs: []luavm.Func{
			b.logFunc(event.Debug, "Logs a line that is shown with --verbose only."),
			b.logFunc(event.Info, "Logs a line."),
			b.logFunc(event.Warn, "Logs a warning; the run counts them."),
			b.logFunc(event.Error, "Logs an error without raising it."),
		},
	}
}

func (b *binding) logFunc(level event.Level, doc string) luavm.Func {
	return luavm.Func{
		Name: string(level),
		Doc: doc + " With more than one argument the first is a format as for string.format; %s takes " +
			"any value: a table is shown as JSON, an error by its message, a secret as ***.",
		Params: []luavm.Param{
			{Name: "message", Type: luavm.Any, Doc: "what to log, or the format"},
			{Name: "args", Type: luavm.Any, Variadic: true, Optional: true, Doc: "for the format"},
		},
		Example: `log.` + string(level) + `("store %d: %s", 7, { state = "normal" })`,
		Call: func(c *luavm.Call) error {
			text, err := message(c)
			if err != nil {
				return err
			}
			if !b.silent {
				b.emit(event.Log{Level: level, Message: text, Where: c.Where()})
			}
			return nil
		},
	}
}
