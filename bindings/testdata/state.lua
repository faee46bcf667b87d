-- Values from one run to the next.
local state = require("state")

function test_a_value_is_given_back()
  assert(state.get("x") == nil)
  for _, value in ipairs { "text", 1.5, true, false } do
    state.set("x", value)
    assert(state.get("x") == value)
  end
  state.set("x", { list = { 1, 2 }, inner = { a = 1 } })
  local x = state.get("x")
  assert(#x.list == 2 and x.inner.a == 1)
  x.inner.a = 2
  assert(state.get("x").inner.a == 1, "what is given back is a copy")
  state.set("x", nil)
  assert(state.get("x") == nil)
end

function test_what_is_refused()
  state.get("") --! invalid: state.get: a key has 1 to 200 bytes
  state.set(1, 2) --! want string, got number
  state.set("x", print) --! invalid: state.set:
  state.set("x", { f = print }) --! invalid: state.set:
  state.set("x", inputs.password) --! invalid: state.set: the value holds a secret
  state.set("x", { deep = { inputs.password } }) --! the value holds a secret
  state.set("x", "it is correct horse") --! the value holds a secret
  state.set("x", ("x"):rep(70000)) --! invalid: state.set: the value is 70002 bytes of JSON, want 65536 at most
  assert(state.get("x") == nil)
end
