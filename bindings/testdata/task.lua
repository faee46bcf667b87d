-- Tasks run beside each other.

function test_await()
  local order = {}
  local slow = task.spawn(function(name) task.sleep(0.01) order[#order + 1] = name return name, 2 end, "slow")
  local fast = task.spawn(function() order[#order + 1] = "fast" end)
  local name, two = slow:await()
  assert(name == "slow" and two == 2)
  fast:await()
  assert(table.concat(order, " ") == "fast slow")
  assert(slow:await() == "slow", "awaited again")
  slow:join() --! join
end

function test_errors_are_raised_where_they_are_awaited()
  local failed = task.spawn(api.invoke, "FailCall")
  failed:await() --! server: api.invoke FailCall: the server said no
end

function test_cancel()
  local hours = task.spawn(task.sleep, "2h")
  hours:cancel()
  hours:await() --! cancelled: task:cancel: the playbook cancelled the task
end

function test_waits_in_pcall_metamethods_and_iterators()
  local t = setmetatable({}, { __index = function(_, k) task.sleep(0.001) return k end })
  assert(pcall(function() assert(t.x == "x") end))
  local sum = 0
  for n in coroutine.wrap(function() for i = 1, 3 do task.sleep(0) coroutine.yield(i) end end) do
    sum = sum + n + #api.GetUsers()
  end
  assert(sum == 12)
end

function test_wrong_arguments()
  task.spawn() --! fn
  task.sleep("soon") --! duration
end
