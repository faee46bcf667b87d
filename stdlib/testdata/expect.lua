local expect = require("expect")

function test_equal()
  expect.equal(1, 1)
  expect.equal("a", "a")
  expect.equal(nil, nil)
  expect.equal(json.null, json.null)
  expect.equal({ 1, { a = { true } } }, { 1, { a = { true } } })
  expect.equal({}, json.array())
  expect.equal(1, 2) --! script: expect.equal: got 1, want 2
  expect.equal(1, "1") --! got 1, want "1"
  expect.equal(0.1, 0.2) --! got 0.1, want 0.2
  expect.equal(nil, json.null) --! got nil, want json.null
  expect.equal(true, nil) --! got true, want nil
  expect.equal(false, nil) --! got false, want nil
  expect.equal({}, nil) --! got {}, want nil
  expect.equal("x", { "x" }) --! got "x", want { "x" }
  expect.equal(0 / 0, 0 / 0) --! got NaN, want NaN
  expect.equal("a\n\27", "b") --! got "a\n\x1b", want "b"
end

function test_equal_names_the_place()
  expect.equal({ 1, 2 }, { 1, 3 }) --! at [2]: got 2, want 3
  expect.equal({ users = { { name = "ada" } } }, { users = { { name = "bob" } } }) --! at users[1].name: got "ada", want "bob"
  expect.equal({ a = { b = 1 } }, { a = {} }) --! at a.b: got 1, want nothing
  expect.equal({}, { a = 1 }) --! at a: got nil, want 1
  expect.equal({ 1, 2 }, { 1 }) --! at [2]: got 2, want nothing
  expect.equal({ ["first name"] = 1 }, { ["first name"] = 2 }) --! at ["first name"]: got 1, want 2
  expect.equal({ [1.5] = 1 }, { [1.5] = 2 }) --! at [1.5]: got 1, want 2
  expect.equal({ 1 }, { 2 }, "the list") --! the list: at [1]: got 1, want 2
end

function test_equal_refuses_what_it_cannot_compare()
  expect.equal(print, print) --! a function cannot be compared
  expect.equal({ password = host.secret("x") }, { password = host.secret("x") }) --! at password: a secret cannot be compared
  local a, b = {}, {}
  a.self, b.self = a, b
  expect.equal(a, b) --! nested more than 100 deep, or inside themselves
end

function test_errors_are_equal_to_themselves()
  local _, err = pcall(json.decode, "{")
  expect.equal(err, err)
  expect.equal(err, 1) --! got the error "json: 
end

function test_near()
  expect.near(0.1 + 0.2, 0.3)
  expect.near(10, 11, 1)
  expect.near(10, 11) --! got 10, want 11 within 1e-06
  expect.near(10, 11.5, 1, "quota") --! quota: got 10, want 11.5 within 1
  expect.near("x", 1) --! want number
end

function test_is()
  expect.is_true(true)
  expect.is_false(false)
  expect.is_nil(nil)
  expect.is_nil()
  expect.is_true(1) --! got 1, want true
  expect.is_true(nil, "found") --! found: got nil, want true
  expect.is_false(nil) --! got nil, want false
  expect.is_nil(json.null) --! got json.null, want nil
  expect.is_nil({ a = { 1 } }) --! got { a = { 1 } }, want nil
end

function test_contains()
  expect.contains("a.b", ".")
  expect.contains({ "x", { y = 1 } }, { y = 1 })
  expect.contains("abc", "x") --! got "abc", want "x" in it
  expect.contains({ 1, 2 }, 3) --! got { 1, 2 }, want 3 among its elements
  expect.contains("abc", 1) --! argument part: want string, got 1
  expect.contains({}, 1, "rights") --! rights: got {}
  expect.contains(5, 1) --! want string or table, got number
end

function test_matches()
  expect.matches("user ada", "^user %a+$")
  expect.matches("user 7", "^user %a+$") --! got "user 7", want a match of "^user %a+$"
  expect.matches("x", "y", "the name") --! the name: got "x"
  expect.matches("x", "[") --! argument pattern: malformed pattern
  expect.matches(5, "x") --! want string, got number
end

function test_raises()
  local err = expect.raises(function() json.decode("{") end, "invalid")
  expect.equal(err.kind, "invalid")
  expect.raises(function() error("no luck") end)
  expect.raises(function() error("no luck") end, "luck")
  expect.equal(expect.raises(function() error { kind = "not_found", message = "gone" } end, "not_found").message, "gone")
  expect.raises(function() end) --! got no error, the function raised nothing, want an error
  expect.raises(function() return { 1 } end, "invalid") --! got no error, the function returned { 1 }, want invalid
  expect.raises(function() error("no luck") end, "invalid") --! got an error of kind script
  expect.raises(function() error("no luck") end, "bad luck") --! want "bad luck" in it
  expect.raises(1) --! want function, got number
end

function test_long_values_are_cut()
  expect.equal(("x"):rep(1000), 1) --! xxx…
  local list = {}
  for i = 1, 1000 do list[i] = i end
  expect.equal(list, 1) --! 20 }, want 1
  expect.equal({ { { { { 1 } } } } }, 1) --! { { { { { … } } } } }
end
