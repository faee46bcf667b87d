package bindings

import "moonpost/engine/luavm"

// progressType is the shape of what on_progress is given.
var progressType = luavm.Record("progress",
	luavm.Param{Name: "percent", Type: luavm.Number, Optional: true, Doc: "0 to 100; nil when the server gives none"},
	luavm.Param{Name: "text", Type: luavm.String, Optional: true, Doc: "what the job is doing"},
	luavm.Param{Name: "log", Type: luavm.String, Optional: true, Doc: "the new log lines only, each with its line end"},
	luavm.Param{Name: "version", Type: luavm.Integer, Doc: "number of the status; it only grows"},
	luavm.Param{Name: "status", Type: luavm.String, Doc: "running, succeeded, failed, cancelled or what else the server says"},
	luavm.Param{Name: "elapsed", Type: luavm.Number, Doc: "seconds since the call began"},
)

// progressFunc is a function that is told of progress.
var progressFunc = luavm.Callback(luavm.Param{Name: "progress", Type: progressType})

// windowType is a span of time as time.last makes it.
var windowType = luavm.Record("window",
	luavm.Param{Name: "from", Type: luavm.String, Doc: "its begin, included: 2026-01-31T00:00:00"},
	luavm.Param{Name: "to", Type: luavm.String, Doc: "its end, not included"},
	luavm.Param{Name: "zone", Type: luavm.String, Doc: "time zone of both, as Windows names it, or $Local for the server's"},
)

// The fields of the options of a call.
const (
	optProgress  = "on_progress"
	optTimeout   = "timeout"
	optOnTimeout = "on_timeout"
	optStall     = "stall"
	optKey       = "key"
	optNulls     = "nulls"
	optLogFile   = "log_file"
	optWindow    = "window"
)

// callOptions is the shape of the options of a call.
var callOptions = luavm.Record("call options",
	luavm.Param{Name: optProgress, Type: progressFunc, Optional: true, Doc: "called for every status received, in order"},
	luavm.Param{Name: optTimeout, Type: luavm.Duration, Optional: true, Doc: "limit for the whole call, the job included", Default: "none"},
	luavm.Param{Name: optOnTimeout, Type: luavm.Enum("leave", "cancel"), Optional: true, Doc: "what becomes of the job then", Default: `"leave"`},
	luavm.Param{Name: optStall, Type: luavm.Duration, Optional: true, Doc: "limit without news of the job", Default: "none"},
	luavm.Param{Name: optKey, Type: luavm.String, Optional: true, Doc: "what the call is about, for progress and messages, instead of its first argument"},
	luavm.Param{Name: optNulls, Type: luavm.Bool, Optional: true, Doc: "keep null fields of the result as json.null", Default: "false"},
	luavm.Param{Name: optLogFile, Type: luavm.String, Optional: true, Doc: "file that the job's log is added to as it comes"},
	luavm.Param{Name: optWindow, Type: windowType, Optional: true, Doc: "span of time for functions that take one: time.last(\"24h\")"},
)

// jobType is the shape of the second result of a call.
var jobType = luavm.Record("finished job",
	luavm.Param{Name: "log", Type: luavm.String, Doc: "everything the job logged"},
	luavm.Param{Name: "elapsed", Type: luavm.Number, Doc: "seconds it took"},
	luavm.Param{Name: "status", Type: luavm.String, Doc: "its last status"},
)

var (
	fnParam     = luavm.Param{Name: "fn", Type: luavm.String, Doc: "name of the server's function"}
	paramsParam = luavm.Param{Name: "params", Type: luavm.Table, Optional: true, Doc: "arguments by name"}
	optsParam   = luavm.Param{
		Name: "opts", Type: luavm.Union(progressFunc, callOptions), Optional: true,
		Doc: "options, or a function that is told of progress",
	}
	resultParam   = luavm.Param{Name: "result", Type: luavm.Any, Optional: true, Doc: "what the function returned, nil for null"}
	invokeReturns = []luavm.Param{
		resultParam,
		{Name: "job", Type: jobType, Optional: true, Doc: "the job, nil when the server answered at once"},
	}
)
