-- Long jobs are plain calls.

function test_progress()
  local seen = {}
  local result, job = api.invoke("VerifyStore", { id = "7" }, function(p) seen[#seen + 1] = p end)
  assert(result == nil)
  assert(job.log == "Verifying...\n 400 messages verified\n" and job.status == "succeeded" and job.elapsed == 3)
  assert(#seen == 4, "each version once, the first reply included")
  assert(seen[1].percent == 0 and seen[1].log == "Verifying...\n" and seen[1].text == nil and seen[1].elapsed == 0)
  assert(seen[2].percent == 50 and seen[2].text == "half way" and seen[2].log == nil)
  assert(seen[3].percent == nil and seen[3].version == 12 and seen[3].status == "running" and seen[3].elapsed == 2)
  assert(seen[4].status == "succeeded")
end

function test_a_callback_may_wait_and_call()
  local names = 0
  api.VerifyStore({ id = "7" }, { on_progress = function() task.sleep(0) names = names + #api.GetUsers() end })
  assert(names == 8)
end

function test_an_error_in_the_callback_is_raised_as_it_is()
  local calls = 0
  local ok, err = pcall(api.invoke, "VerifyStore", { id = "7" }, function() calls = calls + 1 error({ mine = true }) end)
  assert(not ok and err.mine and calls == 1)
  local ok, err = pcall(api.invoke, "VerifyStore", { id = "7" }, function(p) if p.status == "succeeded" then error("late") end end)
  assert(not ok and tostring(err):find("late"), "on the last status, too")
end

function test_wait()
  local j = api.start("VerifyStore", { id = "7" })
  assert(j.fn == "VerifyStore")
  local versions = {}
  local _, done = j:wait(function(p) versions[#versions + 1] = p.version end)
  assert(table.concat(versions, " ") == "3 9 12 13" and done.status == "succeeded")
  local again = {}
  local _, same = j:wait(function(p) again[#again + 1] = p.version end)
  assert(#again == 4 and same.log == done.log, "waiting again tells the same")
  assert(j:status().version == 13)
  j:cancel()
  j.token = 1 --! a job cannot be changed
end

function test_several_may_wait()
  local j = api.start("VerifyStore", { id = "7" })
  local seen = task.map({ 1, 2, 3 }, function()
    local n = 0
    j:wait(function() n = n + 1 end)
    return n
  end)
  assert(seen[1] == 4 and seen[2] == 4 and seen[3] == 4)
end

function test_cancel_before_it_began()
  local j = api.start("VerifyStore", { id = "7" })
  j:cancel()
  j:wait() --! cancelled: api.invoke VerifyStore: cancelled before it was sent
end

function test_cancel_while_it_runs()
  local j = api.start("VerifyStore", { id = "7" }, function(p) if p.version == 9 then CANCEL() end end)
  function CANCEL() j:cancel() end
  local versions = {}
  local ok, err = pcall(j.wait, j, function(p) versions[#versions + 1] = p.version end)
  assert(not ok and err.message == "the job was cancelled")
  assert(table.concat(versions, " ") == "3 9 12")
end

function test_an_error_in_the_callback_of_wait_ends_the_wait()
  local j = api.start("VerifyStore", { id = "7" })
  assert(not pcall(j.wait, j, function() error("enough") end))
  local _, ended = j:wait()
  assert(ended.status == "succeeded")
end

function test_a_call_that_ran_out_of_time_leaves_a_job()
  local _, err = api.try("VerifyTimeout", { id = "7" }, { timeout = "1s" })
  assert(err.kind == "timeout" and err.job.fn == "VerifyTimeout")
  assert(err.job:status() == nil)
  local logs = {}
  local _, rest = err.job:wait(function(p) logs[#logs + 1] = p.log end)
  assert(rest.status == "succeeded")
  assert(logs[2] == "(log lines may be missing here)\n 400 messages verified\n")
end

function test_a_left_job_is_cancelled()
  local _, err = api.try("VerifyTimeout", { id = "7" })
  err.job:cancel()
  err.job:wait() --! cancelled
end

function test_a_started_call_that_fails()
  api.start("NoSuchCall"):wait() --! the server has no function NoSuchCall
end
