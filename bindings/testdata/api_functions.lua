-- What the server offers.

function test_list()
  assert(api.edition == "server" and api.version == "25.3.1")
  assert(#api.functions() == 14)
  local gets = api.functions("get*")
  assert(#gets == 3 and gets[1].name == "GetServerInfo" and gets[1].changing == false)
  assert(#api.functions("nothing like it") == 0)
  assert(api.has("CreateUser") and not api.has("createuser"))
end

function test_describe()
  local create = api.describe("CreateUser")
  assert(create.name == "CreateUser" and create.about == "CreateUser." and create.changing == true)
  assert(create.params[1].name == "userName" and create.params[1].type == "string" and create.params[1].required)
  assert(create.params[2].required == false)
  api.describe("CreateUsr") --! invalid: api.describe: the server has no function CreateUsr; did you mean CreateUser?
end

function test_sugar()
  assert(#api.GetUsers() == 2)
  assert(api.Echo({ a = "x" }).a == "x")
  assert(api.GetUsers == api.GetUsers, "it is made once")
  api.GetUserz() --! invalid: api.GetUserz: the server has no function GetUserz; did you mean GetUsers?
  print(api.edtion) --! the server has no function edtion; did you mean edition?
  api.invoke = print --! a module cannot be changed
end

function test_window()
  local day = { from = "2026-01-01T00:00:00", to = "2026-01-02T00:00:00", zone = "$Local" }
  local got = api.GetWorkerResults({}, { window = day })
  assert(got.fromIncluding == day.from and got.toExcluding == day.to and got.timeZoneID == "$Local")
  api.GetUsers({}, { window = day }) --! api.invoke GetUsers: takes no window of time
  api.GetWorkerResults({ toExcluding = "x" }, { window = day }) --! argument toExcluding is given, and the window gives it too
  api.GetWorkerResults({}, { window = {} }) --! from
end

function test_no_instances()
  api.instances() --! usage: api.instances: this server has no instances: no function takes instanceID; hint: instances belong to the Service Provider Edition
  api.instance("acme") --! usage: api.instance: this server has no instances: no function takes instanceID
end
