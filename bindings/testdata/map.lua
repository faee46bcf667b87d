-- Results come in the order of the items.
local doubled, failures = task.map({ 3, 1, 2 }, function(n, i) task.sleep(n / 1000) return n * 2 + i / 10 end)
assert(doubled[1] == 6.1 and doubled[2] == 2.2 and doubled[3] == 4.3 and #doubled == 3)
assert(#failures == 0)
assert(#task.map({}, function() end) == 0)

-- Nothing is a place, too.
local places = task.map({ 1, 2, 3 }, function(n) if n == 2 then return "two" end end)
assert(#places == 3 and places[2] == "two" and tostring(places[1]) == "null")

-- stop: the first error is raised with its item, and the others are cancelled.
local slept = false
local ok, err = pcall(task.map, { "a", "b", "c" }, function(n)
  if n == "b" then api.invoke("FailCall") end
  task.sleep("1h")
  slept = true
end, { key = function(n) return n end })
assert(not ok and err.kind == "server" and err.index == 2 and not slept)
assert(tostring(err) == "item 2 (b): api.invoke FailCall: the server said no")
local ok, err = pcall(task.map, { 1, 2 }, function(n) if n == 2 then error("broken") end end)
assert(not ok and err.kind == "script" and err.index == 2)

-- continue and collect: the others go on, and the failures are given back.
for _, mode in ipairs { "continue", "collect" } do
  local results, failed = task.map({ { name = "ada" }, { name = "bob" }, { name = "eve" } }, function(row)
    if row.name ~= "bob" then return row.name end
    api.invoke("FailCall")
  end, { on_error = mode, key = "name" })
  assert(results[1] == "ada" and tostring(results[2]) == "null" and results[3] == "eve" and #results == 3)
  assert(#failed == 1 and failed[1].index == 2 and failed[1].key == "bob" and failed[1].item.name == "bob")
  assert(failed[1].error.kind == "server" and failed[1].error.index == 2)
end

-- Keys: two items with one key are refused before anything starts.
local started = 0
local function count() started = started + 1 end
local ok, err = pcall(task.map, { { k = 1 }, { k = 2 }, { k = 1 } }, count, { key = "k" })
assert(not ok and err.message == 'items 1 and 3 have the same key "1"' and started == 0)
task.map({ { k = 1 }, { k = 1 } }, count, { key = "k", duplicates = "allow" })
assert(started == 2)
task.map({ { k = 1 }, {} }, count, { key = "k" }) --! item 2 has no key: want text or a number
task.map({ 1 }, count, { key = "k" }) --! item 1 is no table, so it has no field k to name it
task.map({ 1 }, count, { key = function() error("no key") end }) --! no key
assert(started == 2)

-- An iterator is asked for one item after the other, never twice at once.
local function upto(n)
  local i, busy = 0, false
  return function()
    assert(not busy, "asked twice at once")
    busy = true
    task.sleep(0)
    busy = false
    if i < n then i = i + 1 return i end
  end
end
local squares = task.map(upto(20), function(n) return n * n end, { concurrency = 5 })
assert(#squares == 20 and squares[20] == 400)
local holes = task.map(upto(3), function(n) if n == 3 then return 3 end end)
assert(#holes == 3 and holes[3] == 3)
local results, failed = task.map(upto(4), function(n) return n end, { key = function(n) return n % 3 end, on_error = "collect" })
assert(#failed == 1 and failed[1].error.message == 'items 1 and 4 have the same key "1"')
assert(#results == 4 and results[3] == 3)
task.map(function() error("no more paper") end, count) --! no more paper

-- each keeps no results.
local sum = 0
local failed = task.each({ 1, 2, 3 }, function(n) sum = sum + n if n == 2 then error("x") end end, { on_error = "collect" })
assert(sum == 6 and #failed == 1)

-- An item keeps its place until the tasks that it started have ended.
local most, now = 0, 0
task.each(upto(6), function()
  task.spawn(function()
    now = now + 1
    most = math.max(most, now)
    task.sleep(0.002)
    now = now - 1
  end)
end, { concurrency = 2 })
assert(most == 2 and now == 0)
local _, failed = task.map({ 1 }, function() task.spawn(error, "nobody awaits me") end, { on_error = "collect" })
assert(#failed == 1 and tostring(failed[1].error):find("nobody awaits me"))

-- Maps nest; a call knows its item.
local items = task.map({ 1, 2 }, function()
  return task.map({ 1, 2, 3 }, function() return api.Echo({ a = "x" }).item end)
end)
assert(items[2][3] == 3 and items[1][1] == 1)
assert(api.Echo({ a = "x" }).item == 0)

task.map({ 1 }, count, { concurrency = 0 }) --! concurrency is 0, want 1 or more
task.map({ a = 1 }, count) --! items
task.map({ 1 }, count, { concurency = 3 }) --! concurrency
task.map({ 1 }, count, { on_error = "ignore" }) --! on_error
