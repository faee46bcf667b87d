local retry = require("retry")
local expect = require("expect")

-- fails returns a function that raises an error of a kind so many times.
local function fails(times, kind)
  local calls = { count = 0 }
  return function(attempt)
    calls.count = calls.count + 1
    expect.equal(attempt, calls.count)
    if attempt <= times then error({ kind = kind, message = "attempt " .. attempt, code = 7 }) end
    return "done", nil, attempt
  end, calls
end

local soon = { delay = 0 }

function test_results_are_returned()
  local fn, calls = fails(2, "server")
  local done, none, attempt = retry.call(fn, soon)
  expect.equal(done, "done")
  expect.is_nil(none)
  expect.equal(attempt, 3)
  expect.equal(calls.count, 3)
end

function test_the_last_error_is_raised()
  local fn, calls = fails(9, "unreachable")
  local _, err = pcall(retry.call, fn, { delay = 0, attempts = 3 })
  expect.equal(calls.count, 3)
  expect.equal(err.kind, "unreachable")
  expect.equal(err.attempts, 3)
  expect.equal(err.message, "3 attempts failed, the last one: attempt 3")
  expect.equal(err.code, 7)
  retry.call(fails(9, "server"), { delay = 0, attempts = 2 }) --! server: 2 attempts failed, the last one: attempt 2
end

function test_a_single_attempt_raises_the_error_as_it_is()
  local _, err = pcall(retry.call, function() error { kind = "server", message = "no", code = 7 } end, { attempts = 1 })
  expect.equal({ err.kind, err.message, err.code, err.attempts }, { "server", "no", 7 })
end

function test_other_kinds_are_not_repeated()
  for _, kind in ipairs { "invalid", "timeout", "not_found", "exists", "permission", "usage", "script" } do
    local fn, calls = fails(9, kind)
    local _, err = pcall(retry.call, fn, soon)
    expect.equal(calls.count, 1, kind)
    expect.equal(err.message, "attempt 1")
  end
  local fn, calls = fails(1, "not_found")
  retry.call(fn, { delay = 0, on = { "not_found" } })
  expect.equal(calls.count, 2)
  fn = fails(9, "server")
  local _, err = pcall(retry.call, function(attempt)
    if attempt == 2 then error("a bug") end
    fn(attempt)
  end, soon)
  expect.equal(err.kind, "script")
  expect.equal(err.attempts, 2)
end

function test_kinds_that_must_not_be_repeated_are_refused()
  retry.call(print, { on = { "unknown" } }) --! argument opts.on[1]: want "unreachable" or "server"
  retry.call(print, { on = { "server", "timeout" } }) --! opts.on[2]
  retry.call(print, { on = { "denied" } }) --! opts.on[1]
  retry.call(print, { on = { "cancelled" } }) --! opts.on[1]
  retry.call(print, { attempts = 0 }) --! attempts is 0, want 1 to 1,000
  retry.call(print, { factor = 0.5 }) --! factor is 0.5, want 1 to 100
end

function test_on_retry_is_told()
  local told = {}
  retry.call(fails(3, "server"), {
    delay = 0.001, factor = 3, max_delay = 0.004, jitter = false,
    on_retry = function(err, attempt, wait) told[#told + 1] = { err.message, attempt, wait } end,
  })
  expect.equal(told, { { "attempt 1", 1, 0.001 }, { "attempt 2", 2, 0.003 }, { "attempt 3", 3, 0.004 } })
  expect.contains(host.logged(), "info attempt 1 of 5 failed, the next one in 1ms: attempt 1")
  retry.call(fails(1, "server"), { delay = 0, on_retry = function() error("enough") end }) --! enough
end

function test_jitter_waits_one_half_at_least()
  local waits = {}
  pcall(retry.call, fails(99, "server"), {
    delay = 0.001, factor = 1, attempts = 20, on_retry = function(_, _, wait) waits[#waits + 1] = wait end,
  })
  expect.equal(#waits, 19)
  local different = false
  for _, wait in ipairs(waits) do
    expect.is_true(wait >= 0.0005 and wait <= 0.001)
    different = different or wait ~= waits[1]
  end
  expect.is_true(different)
end

function test_other_tasks_run_during_the_wait()
  local other = 0
  host.spawn(function() other = other + 1 end)
  retry.call(fails(1, "server"), { delay = 0.02 })
  expect.equal(other, 1)
end
