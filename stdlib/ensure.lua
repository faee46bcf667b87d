--- Makes users and their rights as they should be, whatever they were: each function reads, compares, and writes only
--- what differs, so that a second call changes nothing. A field that is not given is left alone.
local ensure = {}

---@class ensure_user
---@field userName string login name; its case does not matter, and that of a user who is there stays as it is
---@field fullName? string|null name for people; json.null clears it
---@field distinguishedName? string|null LDAP name, usually filled by the directory sync; json.null clears it
---@field authentication? string how the user signs in: integrated or directoryServices
---@field privileges? string[]|string global rights, as a set; required for a user who is not there yet
---@field loginPrivileges? string[]|string ways to log in, as a set; a new user has all of them unless they are given
---@field emailAddresses? string[]|string|null the first one is the primary one, the others are a set; case does not
--- matter; {} or json.null clears them
---@field pop3UserNames? string[]|string|null a set; case does not matter; {} or json.null clears them
---@field password? secret given to a user who is created; no server gives it back, so it cannot be compared
---@field folders? table<string, string[]|string> rights on folders, as ensure.folder_rights takes them

---@class ensure_user_options
---@field reset_password? boolean set the password of a user who is there as well, each time (default false)
---@field remove? "none"|"report"|"delete" what becomes of rights on folders that the field folders, which must be given
--- then, does not name (default "none")
---@field new? boolean a list of the users that was just read does not have this one: creates without looking first, and
--- looks if the user is there all the same (default false)
---@field server? table a handle of api.target, api.instance or api.instances (default api)

---@class ensure_change
---@field field string name of the field, "rights" for those on a folder
---@field folder? string the folder, of rights on one
---@field from? any what it was: text, a list, or json.null for nothing; left out for a password
---@field to? any what it is now, like from

---@class folder_rights
---@field folder string the folder
---@field rights string[] the rights on it

---@class ensure_outcome
---@field user string the user's name as the server has it
---@field state "created"|"changed"|"same" what was done
---@field diff ensure_change[] what was written, in order
---@field others? folder_rights[] with remove = "report": the rights on folders that are not named

---@class ensure_rights_options
---@field remove? "none"|"report"|"delete" what becomes of rights on folders that are not named (default "none")
---@field server? table a handle of api.target, api.instance or api.instances (default api)

-- The fields in the order in which they are written: some ways to log in are for
-- administrators only, and some ways to sign in have no password here.
local FIELDS = {
  { name = "fullName", set = "SetUserFullName", create = true },
  { name = "distinguishedName", set = "SetUserDistinguishedName", create = true },
  { name = "authentication", set = "SetUserAuthentication", create = true, always = true },
  { name = "privileges", set = "SetUserPrivileges", create = true, always = true, rights = true },
  { name = "loginPrivileges", set = "SetUserLoginPrivileges", create = true, always = true, rights = true },
  { name = "emailAddresses", set = "SetUserEmailAddresses", names = true, primary = true },
  { name = "pop3UserNames", set = "SetUserPop3UserNames", names = true },
}

local FOLDER = { name = "privileges", set = "SetUserPrivilegesOnFolder", rights = true }

local function refuse(op, message, hint)
  error { op = op, kind = "invalid", message = message, hint = hint }
end

-- Outcomes as text: 'ada: changed (fullName "Ada" -> "Ada Lovelace")'.
local function shown(value)
  if value == json.null then return "nothing" end
  if type(value) ~= "table" then return '"' .. value .. '"' end
  return #value == 0 and "nothing" or table.concat(value, ", ")
end

local OUTCOME = {
  __tostring = function(outcome)
    local parts = {}
    for i, change in ipairs(outcome.diff) do
      parts[i] = change.folder and "rights on " .. change.folder or change.field
      if change.from and (change.from ~= json.null or outcome.state ~= "created") then
        parts[i] = parts[i] .. " " .. shown(change.from) .. " ->"
      end
      if change.to then parts[i] = parts[i] .. " " .. shown(change.to) end
    end
    local text = outcome.user .. ": " .. outcome.state
    return #parts == 0 and text or text .. " (" .. table.concat(parts, "; ") .. ")"
  end,
}

local function new_outcome(user, state)
  return setmetatable({ user = user, state = state, diff = json.array {} }, OUTCOME)
end

local function server_of(op, opts)
  local server = opts and opts.server or api
  if not server then error { op = op, kind = "usage", message = "there is no server to work on" } end
  if type(server.try) ~= "function" then
    refuse(op, "server is a table, want a handle", "api.target, api.instance and api.instances give one")
  end
  return server
end

-- Returns the elements of a list that is given as a table or as text with
-- commas, each once. No element is "none".
local function elements(op, field, label, given)
  local list, seen = {}, {}
  local function add(element)
    element = element:match("^%s*(.-)%s*$")
    local folded = field.names and element:lower() or element
    if element == "" then
      refuse(op, label .. " has an empty element", "leave the field out to keep what is there; {} stands for none")
    elseif element:find(",", 1, true) then
      refuse(op, label .. ': the element "' .. element .. '" holds a comma, which separates elements')
    elseif not seen[folded] then
      seen[folded] = true
      list[#list + 1] = element
    end
  end
  if type(given) == "table" then
    for _, element in ipairs(given) do add(element) end
  else
    for element in (given .. ","):gmatch("([^,]*),") do add(element) end
  end
  if field.rights and seen.none then
    if #list > 1 then refuse(op, label .. ': "none" stands alone') end
    return json.array {}
  end
  return json.array(list)
end

-- Returns what a field should be: text, a list, json.null for nothing, or nil
-- for a field that is left alone.
local function wanted(op, field, given)
  if given == nil then return nil end
  if field.rights or field.names then
    return elements(op, field, field.name, given == json.null and {} or given)
  end
  if given == "" then
    refuse(op, field.name .. " is an empty text", "leave it out to keep what is there" ..
      (field.always and "" or "; json.null clears it"))
  end
  return given
end

-- Returns what a field is, in the same form; nil where the server does not tell.
local function present(field, info)
  local value = info[field.name]
  if field.rights then
    if not value then return nil end
    return elements("ensure", field, field.name, value)
  end
  if value == nil and field.always then return nil end
  return value or (field.names and json.array {} or json.null)
end

local function same(field, a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  local function fold(element) return field.names and element:lower() or element end
  if #a ~= #b or field.primary and #a > 0 and fold(a[1]) ~= fold(b[1]) then return false end
  local set = {}
  for _, element in ipairs(a) do set[fold(element)] = true end
  for _, element in ipairs(b) do
    if not set[fold(element)] then return false end
  end
  return true
end

-- Returns a value as an argument of the server.
local function argument(field, value)
  if field.rights and #value == 0 then return { "none" } end
  return value
end

-- Refuses a value that the server's function does not know, before anything is
-- sent.
local function check(op, server, field, label, value)
  for _, param in ipairs(server.describe(field.set).params) do
    if param.name == field.name and param.values then
      local allowed = {}
      for _, one in ipairs(param.values) do allowed[one] = true end
      for _, element in ipairs(type(value) == "table" and value or { value }) do
        if not allowed[element] then
          refuse(op, label .. ': "' .. element .. '" is not allowed',
            field.name .. " is of " .. table.concat(param.values, ", "))
        end
      end
    end
  end
end

-- A change is a call, and the row of the diff that stands for it.
local function change(field, user, to, from, folder)
  local args = { userName = user, folder = folder, [field.name] = argument(field, to) }
  return { fn = field.set, args = args, row = { field = folder and "rights" or field.name, folder = folder, from = from, to = to } }
end

-- Returns the rights that a user has by folder, and the folders in order.
local function rights_of(info)
  local by_folder, order = {}, {}
  for _, entry in ipairs(info.privilegesOnFolders or {}) do
    local rights = elements("ensure", FOLDER, "privilegesOnFolders", entry.privileges or {})
    if #rights > 0 then
      by_folder[entry.folder:lower()] = { folder = entry.folder, rights = rights }
      order[#order + 1] = entry.folder:lower()
    end
  end
  return by_folder, order
end

-- Returns the rights that are wanted as a list by folder, in the order of the
-- folders' names, with what is to become of the others.
local function wanted_rights(op, rights, remove)
  local list, seen = {}, {}
  for folder, given in pairs(rights) do
    local folded = folder:lower()
    if folder == "" or folder:find("/", 1, true) then
      refuse(op, '"' .. folder .. '" is no top-level folder', "rights belong to top-level folders, the archives of users")
    elseif seen[folded] then
      refuse(op, "the folder " .. folder .. " stands there twice; case does not matter")
    end
    seen[folded] = true
    list[#list + 1] = { folder = folder, folded = folded, rights = elements(op, FOLDER, folder, given) }
  end
  table.sort(list, function(a, b) return a.folded < b.folded end)
  return { list = list, named = seen, remove = remove }
end

-- Adds the calls that make the rights of a user as wanted. What remains of the
-- folders that are not named goes to outcome.others or, too, to the changes.
local function add_rights(op, server, info, rights, outcome, changes)
  local have, order = rights_of(info)
  for _, entry in ipairs(rights.list) do
    local now = have[entry.folded] or { folder = entry.folder, rights = json.array {} }
    if not same(FOLDER, now.rights, entry.rights) then
      check(op, server, FOLDER, entry.folder, entry.rights)
      changes[#changes + 1] = change(FOLDER, info.userName, entry.rights, now.rights, now.folder)
    end
  end
  if rights.remove == "report" then outcome.others = json.array {} end
  for _, folded in ipairs(order) do
    local now = have[folded]
    if not rights.named[folded] and rights.remove == "report" then
      outcome.others[#outcome.others + 1] = now
    elseif not rights.named[folded] and rights.remove == "delete" then
      changes[#changes + 1] = change(FOLDER, info.userName, json.array {}, now.rights, now.folder)
    end
  end
end

-- Makes the changes. What fails after a part is written says so, with the
-- outcome so far as err.outcome.
local function apply(op, server, outcome, changes)
  for _, todo in ipairs(changes) do
    local _, err = server.try(todo.fn, todo.args)
    if err and #outcome.diff == 0 then
      error(err, 0)
    elseif err then
      error { op = op, message = outcome.user .. " is " .. outcome.state .. ", but not completely", cause = err, outcome = outcome }
    end
    if outcome.state == "same" then outcome.state = "changed" end
    outcome.diff[#outcome.diff + 1] = todo.row
  end
  return outcome
end

-- Creates the user. Returns nil when the server has that user already.
local function create(op, server, user, want, rights)
  if not want.privileges then
    refuse(op, "there is no user " .. user.userName .. ", and privileges is missing to create one",
      'give privileges, such as { "login" } or { "none" }')
  end
  local args, rows, later = { userName = user.userName, password = user.password }, {}, {}
  for _, field in ipairs(FIELDS) do
    local to = want[field.name]
    local empty = to == nil or to == json.null or not field.always and #to == 0
    if not empty then
      check(op, server, field, field.name, to)
      if field.create then
        args[field.name] = argument(field, to)
        rows[#rows + 1] = { field = field.name, from = json.null, to = to }
      else
        later[#later + 1] = change(field, user.userName, to, json.null)
      end
    end
  end
  if user.password then rows[#rows + 1] = { field = "password" } end
  local outcome = new_outcome(user.userName, "created")
  if rights then add_rights(op, server, { userName = user.userName }, rights, outcome, later) end
  local _, err = server.try("CreateUser", args)
  if err and err.kind == "exists" then return nil end
  if err then error(err, 0) end
  for _, row in ipairs(rows) do outcome.diff[#outcome.diff + 1] = row end
  return apply(op, server, outcome, later)
end

-- Makes a user who is there as wanted; with password, that is set too.
local function mend(op, server, info, want, rights, password)
  local outcome, changes = new_outcome(info.userName, "same"), {}
  for _, field in ipairs(FIELDS) do
    local to, from = want[field.name], present(field, info)
    if to ~= nil and from == nil then
      refuse(op, "this server does not tell " .. field.name .. ", so it cannot be compared",
        "leave it out here, and set it with api." .. field.set)
    elseif to ~= nil and not same(field, from, to) then
      if to ~= json.null then check(op, server, field, field.name, to) end
      changes[#changes + 1] = change(field, info.userName, to, from)
    end
  end
  if password then
    changes[#changes + 1] = {
      fn = "SetUserPassword", args = { userName = info.userName, password = password }, row = { field = "password" },
    }
  end
  if rights then add_rights(op, server, info, rights, outcome, changes) end
  return apply(op, server, outcome, changes)
end

-- Reads a user. A refusal that says nothing of a missing user is met once more:
-- another task may have created the user before the server's list was asked.
local function read(server, name)
  local info, err = server.try("GetUserInfo", { userName = name })
  if err and err.kind == "server" then info, err = server.try("GetUserInfo", { userName = name }) end
  return info, err
end

--- Makes a user exist with the fields that are given. An error that comes after a part was written has the outcome so far
--- as err.outcome, and the next call goes on from there. Safe for tasks that run at the same time: a user who appears
--- between the look and the creation is taken as half created and gets all fields, the password included.
---@param user ensure_user who it is, and what should be so
---@param opts? ensure_user_options how to do it
---@return ensure_outcome outcome what was done; tostring gives it on one line
---@effect writes
---@example
--- local outcome = ensure.user {
---   userName = "grace.hopper", fullName = "Grace Hopper", privileges = { "login", "changePassword" },
---   emailAddresses = "grace@example.com, hopper@example.com",
--- }
--- assert(outcome.state == "created" and outcome.diff[2].field == "privileges")
--- local again = ensure.user { userName = "Grace.Hopper", emailAddresses = { "grace@example.com", "hopper@example.com" } }
--- assert(again.state == "same" and #again.diff == 0)
function ensure.user(user, opts)
  local op = "ensure.user"
  local server = server_of(op, opts)
  opts = opts or {}
  if user.userName == "" then refuse(op, "userName is an empty text") end
  local want = {}
  for _, field in ipairs(FIELDS) do want[field.name] = wanted(op, field, user[field.name]) end
  if user.password and want.authentication == "directoryServices" then
    refuse(op, "password is given, and the directory service has the passwords", "leave one of password and authentication out")
  elseif opts.reset_password and not user.password then
    refuse(op, "reset_password is given, and no password")
  elseif opts.remove and not user.folders then
    refuse(op, "remove is given, and no folders")
  end
  local rights = user.folders and wanted_rights(op, user.folders, opts.remove)
  local info, err
  if not opts.new then
    info, err = read(server, user.userName)
    if err and err.kind ~= "not_found" then error(err, 0) end
  end
  local password = opts.reset_password and user.password or nil
  if not info then
    local outcome = create(op, server, user, want, rights)
    if outcome then return outcome end
    info, err = read(server, user.userName)
    if err then error(err, 0) end
    password = user.password
  end
  if password and (want.authentication or info.authentication) == "directoryServices" then
    if opts.reset_password then
      refuse(op, "the directory service has the password of " .. info.userName,
        'give authentication = "integrated" to change that, or leave reset_password out')
    end
    password = nil
  end
  return mend(op, server, info, want, rights, password)
end

--- Makes a user's rights on the named folders as they are given, as sets; {} and "none" take them away. Folders are
--- top-level folders, that is, archives of users, and need not exist yet. The user must be there.
---@param user string login name
---@param rights table<string, string[]|string> the rights of each folder: { sales = { "read", "write" }, ada = "read" }
---@param opts? ensure_rights_options how to do it
---@return ensure_outcome outcome what was done
---@effect writes
---@example
--- local outcome = ensure.folder_rights("admin", { sales = { "read", "write" } }, { remove = "report" })
--- assert(outcome.state == "changed" and outcome.diff[1].folder == "sales")
--- assert(ensure.folder_rights("admin", { Sales = "write, read" }).state == "same")
function ensure.folder_rights(user, rights, opts)
  local op = "ensure.folder_rights"
  local server = server_of(op, opts)
  local want = wanted_rights(op, rights, opts and opts.remove)
  local info, err = read(server, user)
  if err then error(err, 0) end
  local outcome, changes = new_outcome(info.userName, "same"), {}
  add_rights(op, server, info, want, outcome, changes)
  return apply(op, server, outcome, changes)
end

return ensure
