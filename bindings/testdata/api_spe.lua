-- Instances and other servers.

function test_instance()
  assert(api.edition == "spe")
  local acme = api.instance("acme")
  assert(acme.Echo({ a = "x" }).instanceID == "acme")
  assert(acme.invoke("Echo", { a = "x", instanceID = "other" }).instanceID == "other", "what the call gives counts")
  assert(api.Echo({ a = "x" }).instanceID == nil)
  assert(acme.edition == "spe" and acme.has("Echo"))
end

function test_instances()
  local ids = function(...)
    local found = {}
    for i, instance in ipairs(api.instances(...)) do
      found[i] = instance.instance_id
      assert(instance.Echo({ a = "x" }).instanceID == instance.instance_id)
    end
    return table.concat(found, " ")
  end
  assert(ids() == "acme blue core")
  assert(ids("*") == "acme blue core")
  assert(ids("blue") == "blue")
  assert(ids { filter = "nobody" } == "" and ids("null") == "")
  assert(ids { status = "running" } == "acme core")
  assert(ids { filter = "blue", status = "running" } == "")
  local acme = api.instances()[1]
  assert(acme.instance_info.displayName == "Acme" and acme.edition == "spe" and acme.invoke)
  assert(api.instance_id == "" and api.instance_info == nil)
  assert(api.instance("acme").instance_id == "acme" and api.instance("acme").instance_info == nil)
  assert(acme.instance("blue").instance_id == "blue")
  api.instances { state = "running" } --! invalid: api.instances: argument opts: unknown field "state"
  api.instances("strange") --! server: api.instances: row 2 has no instanceID
  acme.instance_id = "blue" --! a module cannot be changed
end

function test_instances_are_items_of_a_map()
  local got = task.map(api.instances { status = "running" }, function(instance)
    return instance.Echo({ a = "x" }).instanceID
  end, { key = "instance_id" })
  assert(#got == 2 and got[1] == "acme" and got[2] == "core")
  local twice = { api.instance("acme"), api.instance("acme") }
  task.map(twice, print, { key = "instance_id" }) --! items 1 and 2 have the same key "acme"
end

function test_target()
  local other = api.target { url = "https://elsewhere", user = "admin", password = "correct horse", instance = "two" }
  assert(other.Echo({ a = "x" }).instanceID == "two")
  assert(other.edition == "server")
  api.target { url = "https://elsewhere" } --! user
  api.target({ url = "https://down", user = "admin", password = "correct horse" }).GetUsers() --! unreachable: no connection to https://down
end

function test_a_map_over_servers_goes_on_when_one_is_down()
  local _, failures = task.map({ "https://down", "https://up" }, function(url)
    return api.target({ url = url, user = "admin", password = inputs.password }).GetUsers()
  end, { on_error = "collect", concurrency = 1 })
  assert(#failures == 1 and failures[1].error.kind == "unreachable")
end

function test_a_map_ends_when_the_server_of_the_run_is_gone()
  local began = 0
  local ok, err = pcall(task.map, { 1, 2, 3 }, function() began = began + 1 api.ServerGone() end, { on_error = "collect", concurrency = 1 })
  assert(not ok and err.kind == "unreachable" and err.index == 1 and began == 1)
end
