local expect = require("expect")

function test_values_come_back_as_they_were()
  for _, text in ipairs { '{"a":[1,2.5,-3,true,false,null,"x"]}', "[]", "{}", '[[],{}]', '"\\u00e4"', "1e10", "0" } do
    local value = json.decode(text)
    expect.equal(json.decode(json.encode(value)), value)
  end
  expect.equal(json.encode(json.decode('{"a":[],"b":{}}')), '{"a":[],"b":{}}')
  expect.is_nil(json.decode("null"))
  expect.equal(json.encode(nil), "null")
end

function test_nulls()
  expect.equal(json.decode('{"a":null,"b":1}'), { b = 1 })
  expect.equal(json.decode('{"a":null}', { nulls = true }).a, json.null)
  expect.equal(json.decode("[null]")[1], json.null)
  expect.equal(json.encode { a = json.null }, '{"a":null}')
  expect.is_true(json.null ~= nil)
end

function test_large_numbers_stay_exact()
  expect.equal(json.decode("[9007199254740993]")[1], "9007199254740993")
  json.encode(2 ^ 53) --! not exact
  json.encode(0 / 0) --! not finite
end

function test_layout()
  expect.equal(json.encode({ b = 1, a = { 1, 2 } }, { sorted = true, indent = 2 }), '{\n  "a": [\n    1,\n    2\n  ],\n  "b": 1\n}')
  expect.equal(json.encode({ b = 1, a = 2 }, { sorted = true }), '{"a":2,"b":1}')
  json.encode({}, { indent = 17 }) --! indent is 17, want 0 to 16
  json.encode({}, { indent = -1 }) --! indent is -1, want 0 to 16
  json.encode({}, { index = 2 }) --! did you mean indent?
end

function test_arrays()
  local list = json.array()
  expect.equal(json.encode(list), "[]")
  list[1] = "x"
  expect.equal(json.encode(list), '["x"]')
  local mine = {}
  expect.is_true(json.array(mine) == mine)
  expect.equal(json.encode(mine), "[]")
  json.array { a = 1 } --! want list of any
end

function test_bad_text_is_refused_with_its_place()
  json.decode("") --! invalid: json
  json.decode("{") --! (byte 2)
  json.decode('{"a":1,}') --! in /a (byte 7)
  json.decode('{"a":1} x') --! invalid: json
  json.decode('[1,2') --! in /1 (byte 5)
  json.decode('{"a":1,"a":2}') --! duplicate
  json.decode(("["):rep(300)) --! nested more than 200 deep
  json.decode(1) --! argument text: want string, got number
  json.decode() --! argument text: missing
end

function test_what_json_cannot_say_is_refused()
  local cycle = {}
  cycle.self = cycle
  json.encode(cycle) --! inside itself
  json.encode(print) --! function
  json.encode { 1, nil, 3 } --! hole
  json.encode { 1, a = 2 } --! neither an array nor an object
  json.encode("\255") --! not UTF-8
end

function test_secrets_are_masked()
  expect.equal(json.encode { password = host.secret("swordfish") }, '{"password":"***"}')
end
