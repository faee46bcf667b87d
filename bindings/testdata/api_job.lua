-- Long jobs are plain calls.
local seen = {}
local result, job = api.invoke("VerifyStore", { id = "7" }, function(p) seen[#seen + 1] = p end)
assert(result == nil)
assert(job.log == "Verifying...\n 400 messages verified\n" and job.status == "succeeded" and job.elapsed == 3)
assert(#seen == 4, "each version once, the first reply included")
assert(seen[1].percent == 0 and seen[1].log == "Verifying...\n" and seen[1].text == nil and seen[1].elapsed == 0)
assert(seen[2].percent == 50 and seen[2].text == "half way" and seen[2].log == nil)
assert(seen[3].percent == nil and seen[3].version == 12 and seen[3].status == "running" and seen[3].elapsed == 2)
assert(seen[4].status == "succeeded")

-- The callback may wait, and may call the server.
local names = 0
api.VerifyStore({ id = "7" }, { on_progress = function() task.sleep(0) names = names + #api.GetUsers() end })
assert(names == 8)

-- An error in the callback stops following and is raised as it is.
local calls = 0
local ok, err = pcall(api.invoke, "VerifyStore", { id = "7" }, function() calls = calls + 1 error({ mine = true }) end)
assert(not ok and err.mine and calls == 1)
local ok, err = pcall(api.invoke, "VerifyStore", { id = "7" }, function(p) if p.status == "succeeded" then error("late") end end)
assert(not ok and tostring(err):find("late"), "on the last status, too")

-- A started job is waited on, asked and cancelled.
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

local c = api.start("VerifyStore", { id = "7" })
c:cancel()
local ok, err = pcall(c.wait, c)
assert(not ok and err.kind == "server" and err.message == "the job was cancelled")

-- An error in the callback of wait ends the wait, not the job.
local w = api.start("VerifyStore", { id = "7" })
assert(not pcall(w.wait, w, function() error("enough") end))
local _, ended = w:wait()
assert(ended.status == "succeeded")

-- A call that ran out of time leaves a job to wait on.
local _, timeout = api.try("VerifyTimeout", { id = "7" }, { timeout = "1s" })
assert(timeout.kind == "timeout" and timeout.job.fn == "VerifyTimeout")
assert(timeout.job:status() == nil)
local logs = {}
local _, rest = timeout.job:wait(function(p) logs[#logs + 1] = p.log end)
assert(rest.status == "succeeded")
assert(logs[2] == "(log lines may be missing here)\n 400 messages verified\n")

j.token = 1 --! a job cannot be changed
api.start("NoSuchCall"):wait() --! the server has no function NoSuchCall
