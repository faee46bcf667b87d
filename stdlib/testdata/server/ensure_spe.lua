-- ensure in the instances of a Service Provider Edition.
local ensure = require("ensure")
local expect = require("expect")

local ada = { userName = "ada", privileges = "login", emailAddresses = "ada@example.com" }

function test_an_instance_is_given_as_the_server()
  local instances = api.instances()
  assert(#instances > 1)
  local first, second = instances[1], instances[2]
  expect.equal(ensure.user(ada, { server = first }).state, "created")
  expect.equal(ensure.user(ada, { server = first }).state, "same")
  expect.equal(ensure.folder_rights("ada", { ada = "read" }, { server = first }).state, "changed")
  assert(first.GetUserInfo { userName = "ada" })
  ensure.folder_rights("ada", { ada = "read" }, { server = second }) --! not_found
  ensure.user(ada) --! invalid: api.invoke GetUserInfo: missing argument instanceID; hint: name the instance
end

function test_all_instances_at_once()
  local outcomes = task.map(api.instances { status = "running" }, function(instance)
    return ensure.user(ada, { server = instance })
  end, { key = "instance_id" })
  for _, outcome in ipairs(outcomes) do expect.equal(outcome.state, "created") end
  judge.sent()
  task.map(api.instances(), function(instance) expect.equal(ensure.user(ada, { server = instance }).state, "same") end)
  expect.equal(judge.sent(), "")
end

function test_what_an_instance_says_of_itself()
  local instance = api.instances()[1]
  assert(instance.instance_id ~= "" and instance.instance_info.status == "running")
  expect.equal(#api.instances { status = "stopped" }, 0)
  expect.equal(api.instances(instance.instance_id)[1].instance_id, instance.instance_id)
end
