-- ensure when the server misbehaves, and when several tasks ensure one user.
local ensure = require("ensure")
local expect = require("expect")

local ada = {
  userName = "ada", fullName = "Ada Lovelace", privileges = "login", emailAddresses = "ada@example.com", password = "correct horse",
}

local function fault(fn, kind, times)
  api.GetUsers()
  judge.sent()
  judge.fault(fn, kind, times or 1)
end

function test_a_lost_answer_is_unknown_and_the_next_call_completes_the_user()
  fault("CreateUser", "drop_reply")
  local ok, err = pcall(ensure.user, ada)
  assert(not ok and err.kind == "unknown", tostring(err))
  expect.equal(err.outcome, nil)
  expect.equal(judge.sent(), "CreateUser")
  local outcome = ensure.user(ada)
  expect.equal(outcome.state, "changed")
  expect.equal(judge.sent(), "SetUserEmailAddresses")
  expect.equal(ensure.user(ada).state, "same")
  expect.equal(judge.count("CreateUser", "ada"), 1)
end

function test_a_created_user_whose_further_fields_fail_is_reported_as_such()
  for _, kind in ipairs { "error", "drop_reply", "half_effect" } do
    fault("SetUserEmailAddresses", kind)
    local user = { userName = "u-" .. kind, privileges = "login", emailAddresses = "a@x.org,b@x.org" }
    local ok, err = pcall(ensure.user, user)
    assert(not ok)
    expect.equal(err.kind, kind == "drop_reply" and "unknown" or "server")
    expect.equal(err.fn, "SetUserEmailAddresses")
    expect.equal(err.op, "ensure.user")
    expect.equal(err.outcome.state, "created")
    expect.equal(err.outcome.diff, { { field = "privileges", from = json.null, to = { "login" } } })
    assert(tostring(err):find("^ensure.user: u%-" .. kind:gsub("_", ".") .. " is created, but not completely: api.invoke SetUserEmailAddresses: "), tostring(err))
    local sent = judge.sent()
    expect.equal(sent, "CreateUser SetUserEmailAddresses")
    ensure.user(user)
    expect.equal(judge.sent(), kind == "drop_reply" and "" or "SetUserEmailAddresses", kind)
    expect.equal(api.GetUserInfo({ userName = user.userName }).emailAddresses, { "a@x.org", "b@x.org" })
  end
end

function test_a_half_created_user_gets_all_fields()
  fault("CreateUser", "half_effect")
  local outcome = ensure.user(ada)
  expect.equal(outcome.state, "changed")
  expect.equal(judge.sent(), "CreateUser SetUserFullName SetUserEmailAddresses SetUserPassword")
  expect.equal(outcome.diff[#outcome.diff], { field = "password" })
  expect.equal(ensure.user(ada).state, "same")
end

function test_a_refused_creation_creates_nothing()
  fault("CreateUser", "error")
  local ok, err = pcall(ensure.user, ada)
  assert(not ok and err.kind == "server" and err.outcome == nil, tostring(err))
  expect.equal(judge.count("CreateUser", "ada"), 0)
  expect.equal(ensure.user(ada).state, "created")
end

function test_a_change_that_fails_in_the_middle_says_what_was_done()
  ensure.user(ada)
  fault("SetUserPrivileges", "error")
  local ok, err = pcall(ensure.user, { userName = "ada", fullName = "Ada King", privileges = "admin", emailAddresses = {} })
  assert(not ok and err.kind == "server")
  expect.equal(err.outcome.state, "changed")
  expect.equal(tostring(err.outcome), 'ada: changed (fullName "Ada Lovelace" -> "Ada King")')
  expect.equal(judge.sent(), "SetUserFullName SetUserPrivileges")
  fault("SetUserPrivilegesOnFolder", "drop_reply")
  ok, err = pcall(ensure.folder_rights, "ada", { a = "read", b = "read" })
  assert(not ok and err.kind == "unknown" and err.outcome == nil, tostring(err))
  expect.equal(judge.sent(), "SetUserPrivilegesOnFolder")
  expect.equal(ensure.folder_rights("ada", { a = "read", b = "read" }).diff, { { field = "rights", folder = "b", from = {}, to = { "read" } } })
end

function test_a_read_that_fails_is_no_missing_user()
  ensure.user(ada)
  fault("GetUserInfo", "error")
  expect.equal(ensure.user(ada).state, "same", "it is repeated once")
  fault("GetUserInfo", "error", 2)
  local ok, err = pcall(ensure.user, ada)
  assert(not ok and err.kind == "server", tostring(err))
  expect.equal(judge.sent(), "")
end

function test_a_new_user_is_created_without_looking()
  local outcome = ensure.user(ada, { new = true })
  expect.equal(outcome.state, "created")
  judge.sent()
  outcome = ensure.user({ userName = "ada", fullName = "Ada King", privileges = "login" }, { new = true })
  expect.equal(outcome.state, "changed")
  expect.equal(judge.sent(), "CreateUser SetUserFullName")
  expect.equal(judge.count("CreateUser", "ada"), 1)
end

function test_many_tasks_may_ensure_one_user()
  local items = {}
  for i = 1, 20 do items[i] = { i = i } end
  local states = {}
  task.map(items, function()
    local outcome = ensure.user { userName = "ada", fullName = "Ada", privileges = "login", emailAddresses = "ada@example.com" }
    states[outcome.state] = (states[outcome.state] or 0) + 1
  end, { concurrency = 20 })
  expect.equal(states.created, 1)
  expect.equal(judge.count("CreateUser", "ada"), 1)
  expect.equal(api.GetUserInfo({ userName = "ada" }).emailAddresses, { "ada@example.com" })
  judge.sent()
  expect.equal(ensure.user({ userName = "ada", fullName = "Ada", privileges = "login", emailAddresses = "ada@example.com" }).state, "same")
  expect.equal(judge.sent(), "")
end

function test_the_error_keeps_its_place_in_a_map()
  ensure.user(ada)
  fault("SetUserPrivileges", "error")
  local _, failures = task.map({ { userName = "ada", fullName = "A", privileges = "admin" } }, function(user) ensure.user(user) end,
    { on_error = "collect", key = "userName" })
  expect.equal(failures[1].error.index, 1)
  expect.equal(failures[1].error.outcome.state, "changed")
end

function test_nothing_is_written_under_read_only()
  ensure.user(ada)
  judge.sent()
  judge.read_only()
  expect.equal(ensure.user(ada).state, "same")
  ensure.user { userName = "ada", fullName = "Ada King" } --! permission: api.invoke SetUserFullName: changes the server, and only reading is allowed
  ensure.user { userName = "bob", privileges = "login" } --! permission: api.invoke CreateUser: changes the server
  ensure.folder_rights("ada", { ada = "read" }) --! permission: api.invoke SetUserPrivilegesOnFolder: changes the server
  expect.equal(judge.count("SetUserFullName", "ada"), 0)
end
