-- Results, arguments and errors of a call.
local info, job = api.invoke("GetServerInfo")
assert(info.version == "25.3.1")
assert(info.machineName == nil, "a null field is absent")
assert(job == nil, "the server answered at once")
assert(tostring(api.invoke("GetServerInfo", {}, { nulls = true }).machineName) == "null")
assert(#api.invoke("GetUsers") == 2)
assert(select("#", api.invoke("SlowCall", { seconds = "0s" })) >= 1, "a null result is nil")
assert(api.invoke("SlowCall", { seconds = "0s" }) == nil)

-- false, 0 and "" are sent as they are.
local got = api.invoke("Echo", { a = false, b = 0, c = "" })
assert(got.a == false and got.b == 0 and got.c == "")

-- Tables become JSON, and nothing else.
assert(api.invoke("Echo", { a = { "x", "y" } }).a == '(json secret=false) ["x","y"]')
assert(api.invoke("Echo", { a = { b = 1 } }).a == '(json secret=false) {"b":1}')
assert(api.invoke("Echo", { a = {} }).a == '(json secret=false) {}')
assert(api.invoke("Echo", { a = api.invoke("Echo", { a = "x" }) }).a:find('"a":"x"', 1, true))

-- Secrets stay secrets on the way.
assert(api.invoke("Echo", { a = inputs.password }).a == "(secret) correct horse")
assert(api.invoke("Echo", { a = { deep = { inputs.password } } }).a == '(json secret=true) {"deep":["correct horse"]}')

api.invoke("Echo", { a = print }) --! argument a is a function, want text, number, boolean, table or json.null
api.invoke("Echo", { a = task.spawn(function() end) }) --! argument a is a handle, want text, number, boolean, table or json.null
api.invoke("Echo", { "x" }) --! params of Echo is a list, want arguments by name
api.invoke("NoSuchCall") --! the server has no function NoSuchCall
api.invoke("FailCall") --! api.invoke FailCall: the server said no
api.invoke("Echo", { a = "x" }, { timeuot = 3 }) --! timeuot
api.invoke("Echo", { a = "x" }, { timeout = "soon" }) --! timeout
api.invoke("Echo", { a = "x" }, { on_timeout = "explode" }) --! on_timeout

local cycle = {}
cycle.self = cycle
api.invoke("Echo", { a = cycle }) --! argument a

-- Errors are values.
local ok, err = pcall(api.invoke, "FailCall")
assert(not ok and err.kind == "server" and err.fn == "FailCall" and err.target == "fake:8463")
assert(tostring(err) == "api.invoke FailCall: the server said no")
assert(err.index == nil and err.job == nil)
