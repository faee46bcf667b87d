-- Tasks run beside each other.
local order = {}
local slow = task.spawn(function(name) task.sleep(0.01) order[#order + 1] = name return name, 2 end, "slow")
local fast = task.spawn(function() order[#order + 1] = "fast" end)
local name, two = slow:await()
assert(name == "slow" and two == 2)
fast:await()
assert(table.concat(order, " ") == "fast slow")
assert(slow:await() == "slow", "awaited again")

-- Errors are raised where they are awaited.
local failed = task.spawn(api.invoke, "FailCall")
local ok, err = pcall(failed.await, failed)
assert(not ok and err.kind == "server")

-- Cancel ends a task at its next wait.
local hours = task.spawn(task.sleep, "2h")
hours:cancel()
local ok, err = pcall(hours.await, hours)
assert(not ok and err.kind == "cancelled")

-- Waiting inside pcall, metamethods and iterators.
local t = setmetatable({}, { __index = function(_, k) task.sleep(0.001) return k end })
assert(pcall(function() assert(t.x == "x") end))

task.spawn() --! fn
task.sleep("soon") --! duration
task.sleep(-1) --! duration
slow:join() --! join
