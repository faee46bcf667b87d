-- task.map and task.each.

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

function test_results_come_in_the_order_of_the_items()
  local doubled, failures = task.map({ 3, 1, 2 }, function(n, i) task.sleep(n / 1000) return n * 2 + i / 10 end)
  assert(doubled[1] == 6.1 and doubled[2] == 2.2 and doubled[3] == 4.3 and #doubled == 3)
  assert(#failures == 0)
  assert(#task.map({}, function() end) == 0)
end

function test_nothing_is_a_place_too()
  local places = task.map({ 1, 2, 3 }, function(n) if n == 2 then return "two" end end)
  assert(#places == 3 and places[2] == "two" and tostring(places[1]) == "null")
end

function test_stop_raises_the_first_error_and_cancels_the_others()
  local slept = false
  local ok, err = pcall(task.map, { "a", "b", "c" }, function(n)
    if n == "b" then api.invoke("FailCall") end
    task.sleep("1h")
    slept = true
  end, { key = function(n) return n end })
  assert(not ok and err.kind == "server" and err.index == 2 and not slept)
  assert(tostring(err) == "item 2 (b): api.invoke FailCall: the server said no")
  assert(err.message == "the server said no" and err.fn == "FailCall")
end

function test_an_error_of_the_script_knows_its_item()
  task.map({ 1, 2 }, function(n) if n == 2 then error("broken", 0) end end) --! script: item 2: broken
  local ok, err = pcall(task.map, { 1, 2 }, function(n) if n == 2 then error({ mine = 7 }) end end)
  assert(not ok and err.kind == "script" and err.index == 2 and err.mine == 7)
end

function test_continue_and_collect_give_the_failures_back()
  for _, mode in ipairs { "continue", "collect" } do
    local results, failed = task.map({ { name = "ada" }, { name = "bob" }, { name = "eve" } }, function(row)
      if row.name ~= "bob" then return row.name end
      api.invoke("FailCall")
    end, { on_error = mode, key = "name" })
    assert(results[1] == "ada" and tostring(results[2]) == "null" and results[3] == "eve" and #results == 3)
    assert(#failed == 1 and failed[1].index == 2 and failed[1].key == "bob" and failed[1].item.name == "bob")
    assert(failed[1].error.kind == "server" and failed[1].error.index == 2)
  end
end

function test_two_items_with_one_key_are_refused_before_anything_starts()
  local n = { started = 0 }
  local function count() n.started = n.started + 1 end
  task.map({ { k = 1 }, { k = 2 }, { k = 1 } }, count, { key = "k" }) --! invalid: task.map: items 1 and 3 have the same key "1"
  task.map({ { k = 1 }, {} }, count, { key = "k" }) --! item 2 has no key: want text or a number
  task.map({ 1 }, count, { key = "k" }) --! item 1 is no table, so it has no field k to name it
  task.map({ 1 }, count, { key = function() error("no key") end }) --! no key
  assert(n.started == 0)
  task.map({ { k = 1 }, { k = 1 } }, count, { key = "k", duplicates = "allow" })
  assert(n.started == 2)
end

function test_an_iterator_is_asked_for_one_item_after_the_other()
  local squares = task.map(upto(20), function(n) return n * n end, { concurrency = 5 })
  assert(#squares == 20 and squares[20] == 400)
  local holes = task.map(upto(3), function(n) if n == 3 then return 3 end end)
  assert(#holes == 3 and holes[3] == 3)
end

function test_an_iterator_refuses_the_second_item_of_a_key()
  local results, failed = task.map(upto(4), function(n) return n end, { key = function(n) return n % 3 end, on_error = "collect" })
  assert(#failed == 1 and failed[1].error.message == 'items 1 and 4 have the same key "1"')
  assert(#results == 4 and results[3] == 3)
end

function test_an_iterator_that_fails_ends_the_map()
  task.map(function() error("no more paper") end, function() end, { on_error = "collect" }) --! no more paper
end

function test_each_keeps_no_results()
  local sum = 0
  local failed, more = task.each({ 1, 2, 3 }, function(n) sum = sum + n if n == 2 then error("x") end end, { on_error = "collect" })
  assert(sum == 6 and #failed == 1 and more == nil)
end

function test_an_item_keeps_its_place_until_its_tasks_have_ended()
  local most, now = 0, 0
  task.each(upto(6), function()
    task.spawn(function()
      now = now + 1
      most = math.max(most, now)
      task.spawn(task.sleep, 0.002):await()
      now = now - 1
    end)
  end, { concurrency = 2 })
  assert(most == 2 and now == 0)
end

function test_an_error_of_a_task_that_nobody_awaits_is_the_item_s()
  local _, failed = task.map({ 1 }, function() task.spawn(error, "nobody awaits me") end, { on_error = "collect" })
  assert(#failed == 1 and tostring(failed[1].error):find("nobody awaits me"))
  local _, none = task.map({ 1 }, function() pcall(function() task.spawn(error, "awaited"):await() end) end, { on_error = "collect" })
  assert(#none == 0)
end

function test_an_item_may_cancel_its_tasks()
  local results, failed = task.map({ 1 }, function()
    task.spawn(task.sleep, "1h"):cancel()
    return "done"
  end, { on_error = "collect" })
  assert(results[1] == "done" and #failed == 0)
end

function test_an_item_that_fails_does_not_wait_for_its_tasks_to_stop_the_map()
  local ok, err = pcall(task.map, { 1, 2 }, function(n)
    task.spawn(task.sleep, "1h")
    if n == 2 then error("broken", 0) end
  end)
  assert(not ok and err.message == "broken" and err.index == 2)
end

function test_maps_nest_and_a_call_knows_its_item()
  local items = task.map({ 1, 2 }, function()
    return task.map({ 1, 2, 3 }, function() return api.Echo({ a = "x" }).item end)
  end)
  assert(items[2][3] == 3 and items[1][1] == 1)
  assert(api.Echo({ a = "x" }).item == 0)
  local _, failed = task.map({ 1, 2 }, function() task.map({ 1, 2, 3 }, function(n) assert(n < 3, "three") end) end, { on_error = "collect" })
  assert(#failed == 2 and failed[2].index == 2 and failed[2].error.index == 3)
end

function test_wrong_arguments()
  local function f() end
  task.map({ 1 }, f, { concurrency = 0 }) --! task.map: concurrency is 0, want 1 or more
  task.map({ a = 1, b = 2 }, f) --! task.map: argument items: want list
  task.map({ 1 }, f, { concurency = 3 }) --! did you mean concurrency?
  task.map({ 1 }, f, { on_error = "ignore" }) --! want "stop" or "continue" or "collect"
end
