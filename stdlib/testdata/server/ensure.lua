-- ensure against the simulated server, whose errors come in three languages.
local ensure = require("ensure")
local expect = require("expect")

local function ada(fields)
  local user = {
    userName = "ada", fullName = "Ada Lovelace", privileges = { "login", "export" },
    emailAddresses = { "ada@example.com", "countess@example.com" }, pop3UserNames = "ada.pop", password = "correct horse",
  }
  for name, value in pairs(fields or {}) do user[name] = value end
  return user
end

function test_a_user_is_created_and_a_second_call_changes_nothing()
  local outcome = ensure.user(ada())
  expect.equal(judge.sent(), "CreateUser SetUserEmailAddresses SetUserPop3UserNames")
  expect.equal(outcome.state, "created")
  expect.equal(outcome.user, "ada")
  expect.equal(outcome.diff, {
    { field = "fullName", from = json.null, to = "Ada Lovelace" },
    { field = "privileges", from = json.null, to = { "login", "export" } },
    { field = "password" },
    { field = "emailAddresses", from = json.null, to = { "ada@example.com", "countess@example.com" } },
    { field = "pop3UserNames", from = json.null, to = { "ada.pop" } },
  })
  expect.equal(tostring(outcome), 'ada: created (fullName "Ada Lovelace"; privileges login, export; password; ' ..
    "emailAddresses ada@example.com, countess@example.com; pop3UserNames ada.pop)")
  assert(not json.encode(outcome):find("correct"), "the password stays hidden")

  local again = ensure.user(ada())
  expect.equal(again.state, "same")
  expect.equal(json.encode(again.diff), "[]")
  expect.equal(tostring(again), "ada: same")
  expect.equal(judge.sent(), "")
  local user = api.GetUserInfo { userName = "ada" }
  expect.equal(user.fullName, "Ada Lovelace")
  expect.equal(user.emailAddresses, { "ada@example.com", "countess@example.com" })
end

function test_only_what_differs_is_written()
  ensure.user(ada())
  judge.sent()
  local outcome = ensure.user(ada { fullName = "Ada King", privileges = "export,login,delete" })
  expect.equal(judge.sent(), "SetUserFullName SetUserPrivileges")
  expect.equal(outcome.state, "changed")
  expect.equal(outcome.diff, {
    { field = "fullName", from = "Ada Lovelace", to = "Ada King" },
    { field = "privileges", from = { "login", "export" }, to = { "export", "login", "delete" } },
  })
  expect.equal(tostring(outcome),
    'ada: changed (fullName "Ada Lovelace" -> "Ada King"; privileges login, export -> export, login, delete)')
  expect.equal(ensure.user({ userName = "ada" }).state, "same", "a field that is not given is left alone")
  expect.equal(ensure.user({ userName = "ADA", authentication = "integrated" }).user, "ada")
  expect.equal(judge.sent(), "")
end

function test_sets_are_compared_as_sets()
  ensure.user(ada { emailAddresses = "a@x.org, b@x.org, c@x.org" })
  judge.sent()
  expect.equal(ensure.user(ada { privileges = " export , login,export", emailAddresses = "A@x.org,C@x.org,b@X.org", pop3UserNames = { "ADA.pop" } }).state, "same")
  expect.equal(judge.sent(), "")
  local outcome = ensure.user { userName = "ada", emailAddresses = { "b@x.org", "a@x.org", "c@x.org" } }
  expect.equal(outcome.state, "changed", "the first address is the primary one")
  expect.equal(judge.sent(), "SetUserEmailAddresses")
  expect.equal(api.GetUserInfo({ userName = "ada" }).emailAddresses[1], "b@x.org")
end

function test_json_null_and_empty_lists_clear()
  ensure.user(ada { distinguishedName = "cn=ada" })
  judge.sent()
  local outcome = ensure.user { userName = "ada", fullName = json.null, distinguishedName = json.null, emailAddresses = {}, pop3UserNames = json.null }
  expect.equal(judge.sent(), "SetUserFullName SetUserDistinguishedName SetUserEmailAddresses SetUserPop3UserNames")
  expect.equal(outcome.diff[1], { field = "fullName", from = "Ada Lovelace", to = json.null })
  expect.equal(outcome.diff[4], { field = "pop3UserNames", from = { "ada.pop" }, to = {} })
  assert(tostring(outcome):find('fullName "Ada Lovelace" -> nothing', 1, true))
  local user = api.GetUserInfo { userName = "ada" }
  expect.equal(user.fullName, nil)
  expect.equal(#user.emailAddresses, 0)
  expect.equal(ensure.user({ userName = "ada", fullName = json.null, emailAddresses = json.null, pop3UserNames = {} }).state, "same")
  expect.equal(ensure.user({ userName = "new", privileges = {}, fullName = json.null, emailAddresses = {} }).state, "created")
  expect.equal(judge.sent(), "CreateUser")
  expect.equal(ensure.user({ userName = "new", privileges = "none" }).state, "same")
end

function test_a_password_is_set_at_creation_only()
  ensure.user(ada())
  expect.equal(ensure.user(ada { password = "another one" }).state, "same")
  judge.sent()
  local outcome = ensure.user(ada { password = "another one" }, { reset_password = true })
  expect.equal(judge.sent(), "SetUserPassword")
  expect.equal(outcome.diff, { { field = "password" } })
  expect.equal(tostring(outcome), "ada: changed (password)")
  ensure.user({ userName = "ada" }, { reset_password = true }) --! invalid: ensure.user: reset_password is given, and no password
  ensure.user(ada { authentication = "directoryServices" }) --! invalid: ensure.user: password is given, and the directory service has the passwords
  ensure.user { userName = "ada", authentication = "directoryServices" }
  judge.sent()
  ensure.user(ada(), { reset_password = true }) --! invalid: ensure.user: the directory service has the password of ada
  expect.equal(judge.sent(), "")
  expect.equal(ensure.user(ada()).state, "same")
  expect.equal(ensure.user(ada { authentication = "integrated" }, { reset_password = true }).state, "changed")
  expect.equal(judge.sent(), "SetUserAuthentication SetUserPassword")
end

function test_ways_to_log_in_follow_the_rights_they_need()
  ensure.user(ada())
  judge.sent()
  ensure.user { userName = "ada", privileges = "admin", loginPrivileges = "api,web" }
  expect.equal(judge.sent(), "SetUserPrivileges SetUserLoginPrivileges")
  expect.equal(ensure.user({ userName = "ada", privileges = { "admin" }, loginPrivileges = { "web", "api" } }).state, "same")
  ensure.user { userName = "bob", privileges = "login", loginPrivileges = { "none" } }
  expect.equal(judge.sent(), "CreateUser")
  expect.equal(ensure.user({ userName = "bob", loginPrivileges = {} }).state, "same")
end

function test_what_is_wrong_is_refused_before_anything_is_sent()
  ensure.user(ada())
  judge.sent()
  ensure.user { userName = "ada", emails = {} } --! invalid: ensure.user: argument user: unknown field "emails"
  ensure.user { userName = "ada", privilege = "login" } --! did you mean privileges?
  ensure.user { fullName = "Ada" } --! invalid: ensure.user: argument user.userName: missing, want string
  ensure.user { userName = "" } --! invalid: ensure.user: userName is an empty text
  ensure.user { userName = "ada", privileges = 1 } --! invalid: ensure.user: argument user.privileges: want list of string or string, got number
  ensure.user { userName = "ada", privileges = json.null } --! invalid: ensure.user: argument user.privileges
  ensure.user { userName = "ada", fullName = "X", privileges = { "lgoin" } } --! invalid: ensure.user: privileges: "lgoin" is not allowed; hint: privileges is of none, admin, login
  ensure.user { userName = "ada", privileges = "login,none" } --! invalid: ensure.user: privileges: "none" stands alone
  ensure.user { userName = "ada", authentication = "ldap" } --! invalid: ensure.user: authentication: "ldap" is not allowed; hint: authentication is of integrated, directoryServices
  ensure.user { userName = "ada", emailAddresses = { "a@x.org,b@x.org" } } --! invalid: ensure.user: emailAddresses: the element "a@x.org,b@x.org" holds a comma
  ensure.user { userName = "ada", emailAddresses = "a@x.org,,b@x.org" } --! invalid: ensure.user: emailAddresses has an empty element; hint: leave the field out
  ensure.user { userName = "ada", emailAddresses = "" } --! invalid: ensure.user: emailAddresses has an empty element
  ensure.user { userName = "ada", fullName = "" } --! invalid: ensure.user: fullName is an empty text; hint: leave it out to keep what is there; json.null clears it
  ensure.user { userName = "ada", authentication = "" } --! hint: leave it out to keep what is there
  ensure.user { userName = "bob" } --! invalid: ensure.user: there is no user bob, and privileges is missing to create one
  ensure.user { userName = "bob", privileges = "lgoin" } --! "lgoin" is not allowed
  ensure.user({ userName = "ada" }, { server = {} }) --! invalid: ensure.user: server is a table, want a handle
  ensure.user({ userName = "ada" }, { sever = api }) --! did you mean server?
  expect.equal(judge.sent(), "")
end

function test_errors_name_the_line_of_the_playbook()
  local ok, err = pcall(function()
    ensure.user { userName = "" }
  end)
  assert(not ok and err.details:find("^ensure.lua:%d+"), err.details)
  assert(not err.details:find("stdlib", 1, true), err.details)
end

function test_rights_on_folders()
  ensure.user(ada())
  judge.sent()
  local outcome = ensure.folder_rights("ADA", { ada = "read,write", sales = { "read" }, none = {} })
  expect.equal(judge.sent(), "SetUserPrivilegesOnFolder SetUserPrivilegesOnFolder")
  expect.equal(outcome.user, "ada")
  expect.equal(outcome.diff, {
    { field = "rights", folder = "ada", from = {}, to = { "read", "write" } }, { field = "rights", folder = "sales", from = {}, to = { "read" } },
  })
  expect.equal(tostring(outcome), "ada: changed (rights on ada nothing -> read, write; rights on sales nothing -> read)")
  expect.equal(ensure.folder_rights("ada", { Ada = { "write", "read" }, Sales = "read" }).state, "same")

  local report = ensure.folder_rights("ada", { ada = "read, write" }, { remove = "report" })
  expect.equal(report.state, "same")
  expect.equal(report.others, { { folder = "sales", rights = { "read" } } })
  expect.equal(judge.sent(), "")
  expect.equal(outcome.others, nil)

  local removed = ensure.folder_rights("ada", { Ada = "read" }, { remove = "delete" })
  expect.equal(removed.diff, {
    { field = "rights", folder = "ada", from = { "read", "write" }, to = { "read" } }, { field = "rights", folder = "sales", from = { "read" }, to = {} },
  })
  expect.equal(api.GetUserInfo({ userName = "ada" }).privilegesOnFolders, { { folder = "ada", privileges = { "read" } } })
  expect.equal(ensure.folder_rights("ada", { ada = "none" }).state, "changed")
  expect.equal(ensure.folder_rights("ada", {}, { remove = "delete" }).state, "same")
  expect.equal(json.encode(ensure.folder_rights("ada", {}, { remove = "report" }).others), "[]")
end

function test_a_user_and_the_rights_in_one_call()
  local folders = { ada = { "read", "write" }, sales = "read" }
  local outcome = ensure.user(ada { folders = folders }, { remove = "report" })
  expect.equal(judge.sent(), "CreateUser SetUserEmailAddresses SetUserPop3UserNames SetUserPrivilegesOnFolder SetUserPrivilegesOnFolder")
  expect.equal(outcome.diff[7], { field = "rights", folder = "sales", from = {}, to = { "read" } })
  expect.equal(outcome.others, {})
  local again = ensure.user({ userName = "ada", folders = { Ada = "write,read" } }, { remove = "report" })
  expect.equal(again.state, "same")
  expect.equal(again.others, { { folder = "sales", rights = { "read" } } })
  local removed = ensure.user({ userName = "ada", fullName = "Ada King", folders = { ada = "read,write" } }, { remove = "delete" })
  expect.equal(judge.sent(), "SetUserFullName SetUserPrivilegesOnFolder")
  expect.equal(removed.diff[2], { field = "rights", folder = "sales", from = { "read" }, to = {} })
  ensure.user({ userName = "ada" }, { remove = "delete" }) --! invalid: ensure.user: remove is given, and no folders
  ensure.user { userName = "ada", folders = { ["a/b"] = "read" } } --! invalid: ensure.user: "a/b" is no top-level folder
  ensure.user { userName = "bob", privileges = "login", folders = { bob = "reed" } } --! invalid: ensure.user: bob: "reed" is not allowed
  expect.equal(judge.sent(), "")
end

function test_wrong_rights_on_folders_are_refused()
  ensure.user(ada())
  judge.sent()
  ensure.folder_rights("nobody", { sales = "read" }) --! not_found: api.invoke GetUserInfo: there is no user nobody
  ensure.folder_rights("ada", { ["ada/Inbox"] = "read" }) --! invalid: ensure.folder_rights: "ada/Inbox" is no top-level folder; hint: rights belong to top-level folders
  ensure.folder_rights("ada", { sales = "read", Sales = "write" }) --! stands there twice; case does not matter
  ensure.folder_rights("ada", { ada = "read", sales = "reed" }) --! invalid: ensure.folder_rights: sales: "reed" is not allowed; hint: privileges is of none, read, write, delete
  ensure.folder_rights("ada", { sales = 1 }) --! invalid: ensure.folder_rights: argument rights.sales
  ensure.folder_rights("ada", {}, { remove = "all" }) --! want "none" or "report" or "delete", got "all"
  expect.equal(judge.sent(), "")
end
