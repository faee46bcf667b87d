local host = require("host")
local calls = 0

function test_errors_are_expected_by_line()
  host.fail() --! invalid: host.fail: it failed; hint: try again
  local x = host.fail() --! it failed
  error("no") --! runner.lua:7: no
end

function test_each_function_has_a_state_of_its_own()
  calls = calls + 1
  assert(calls == 1)
end

function test_and_the_other_too()
  calls = calls + 1
  assert(calls == 1)
end
