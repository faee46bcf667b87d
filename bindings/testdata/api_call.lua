-- Results, arguments and errors of a call.

function test_results()
  local info, job = api.invoke("GetServerInfo")
  assert(info.version == "25.3.1")
  assert(info.machineName == nil, "a null field is absent")
  assert(job == nil, "the server answered at once")
  assert(tostring(api.invoke("GetServerInfo", {}, { nulls = true }).machineName) == "null")
  assert(#api.invoke("GetUsers") == 2)
  assert(api.invoke("SlowCall", { seconds = "0s" }) == nil, "a null result is nil")
end

function test_false_zero_and_empty_are_sent()
  local got = api.invoke("Echo", { a = false, b = 0, c = "" })
  assert(got.a == false and got.b == 0 and got.c == "")
end

function test_null_is_sent_as_left_out_on_purpose()
  local null = api.invoke("GetServerInfo", {}, { nulls = true }).machineName
  assert(api.invoke("Echo", { a = null }).a == "(null)")
end

function test_tables_become_json()
  assert(api.invoke("Echo", { a = { "x", "y" } }).a == '(json secret=false) ["x","y"]')
  assert(api.invoke("Echo", { a = { b = 1 } }).a == '(json secret=false) {"b":1}')
  assert(api.invoke("Echo", { a = {} }).a == '(json secret=false) {}')
  assert(api.invoke("Echo", { a = api.invoke("Echo", { a = "x" }) }).a:find('"a":"x"', 1, true))
end

function test_secrets_stay_secrets_on_the_way()
  assert(api.invoke("Echo", { a = inputs.password }).a == "(secret) correct horse")
  assert(api.invoke("Echo", { a = { deep = { inputs.password } } }).a == '(json secret=true) {"deep":["correct horse"]}')
end

function test_what_cannot_be_an_argument()
  local cycle = {}
  cycle.self = cycle
  api.invoke("Echo", { a = cycle }) --! invalid: api.invoke Echo: argument a
  api.invoke("Echo", { a = print }) --! argument a is a function, want text, number, boolean, table or json.null
  api.invoke("Echo", { a = task.spawn(function() end) }) --! argument a is a handle, want text, number, boolean, table or json.null
  api.invoke("Echo", { "x" }) --! params is a list, want arguments by name
  api.invoke("Echo", { a = "x", [true] = 1 }) --! params has the key [true], want arguments by name
  api.invoke("Echo", { [1.5] = 1 }) --! params has the key [1.5], want arguments by name
  api.invoke("Echo", { a = "x", "y" }) --! params has the key [1], want arguments by name
  api.target() --! argument target: missing, want a table like { url = …, user = …, password = … }
  api.invoke("Echo", "x") --! argument params: want table, got string
end

function test_what_cannot_be_an_option()
  api.invoke("Echo", { a = "x" }, { timeuot = 3 }) --! did you mean timeout?
  api.invoke("Echo", { a = "x" }, { timeout = "soon" }) --! want duration
  api.invoke("Echo", { a = "x" }, { on_timeout = "explode" }) --! want "leave" or "cancel"
  api.invoke("Echo", { a = "x" }, { log_file = "/" }) --! invalid: open log_file /: it is no regular file
  api.invoke("Echo", { a = "x" }, 3) --! want function or call options, got number
end

function test_errors_are_values()
  local ok, err = pcall(api.invoke, "FailCall")
  assert(not ok and err.kind == "server" and err.fn == "FailCall" and err.target == "fake:8463")
  assert(tostring(err) == "api.invoke FailCall: the server said no")
  assert(err.index == nil and err.job == nil)
  api.invoke("FailCall") --! server: api.invoke FailCall: the server said no
  api.invoke("BadResult") --! server: api.invoke BadResult: the call succeeded, but its result cannot be read
  api.invoke("NoSuchCall") --! invalid: api.invoke NoSuchCall: the server has no function NoSuchCall
end

function test_try_gives_errors_back()
  local users, err = api.try("GetUsers")
  assert(#users == 2 and err == nil)
  local nothing, none = api.try("SlowCall", { seconds = "0s" })
  assert(nothing == nil and none == nil, "success is err == nil")
  local user, failed = api.try("FailCall")
  assert(user == nil and failed.kind == "server")
  local _, lost = api.try("LoseAnswer", { id = "1" })
  assert(lost.kind == "unknown")
  local _, wrong = api.try("Echo", { a = print })
  assert(wrong.kind == "invalid")
end

function test_options_reach_the_call()
  assert(api.invoke("Echo", { a = "x" }, { key = "ada" }).key == "ada")
end
