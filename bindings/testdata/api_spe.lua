-- Instances and other servers.

function test_instance()
  assert(api.edition == "spe")
  local acme = api.instance("acme")
  assert(acme.Echo({ a = "x" }).instanceID == "acme")
  assert(acme.invoke("Echo", { a = "x", instanceID = "other" }).instanceID == "other", "what the call gives counts")
  assert(api.Echo({ a = "x" }).instanceID == nil)
  assert(acme.edition == "spe" and acme.has("Echo"))
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
