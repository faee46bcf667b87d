-- A row of the file is one user. Only userName must be there; a column that is
-- missing and a cell that is empty leave alone what a user has:
--
--   userName, fullName, distinguishedName, authentication
--   emailAddresses, pop3UserNames, privileges, loginPrivileges
--                one or several, divided by blanks, commas or semicolons; the first
--                address is the primary one
--   password     given to a user who is created, and shown nowhere
--   folders      rights on folders: sales = read write; team archive = read
--
-- The whole file is read before anything is sent: unknown columns, names and
-- folders that stand twice end the run there. A value that the server does not
-- know fails its row alone, before the first call for it. A second run finds
-- nothing to do.
playbook {
  about = "Makes users and their rights as a CSV file says.",
  inputs = {
    users = {
      type = "file", required = true,
      about = "CSV with userName and any of fullName, emailAddresses, pop3UserNames, privileges, loginPrivileges, authentication, distinguishedName, password, folders (sales = read write; team = read)",
    },
    privileges      = { type = "list", default = { "login" }, about = "global rights of new users whose row names none" },
    authentication  = { type = "enum", values = { "integrated", "directoryServices" }, default = "integrated", about = "how new users sign in whose row does not say" },
    rights          = { type = "list", default = { "read", "write" }, about = "rights of every user on the own folder, unless the row names it; none takes them away, an empty list leaves them alone" },
    remove_rights   = { type = "enum", values = { "none", "report", "delete" }, default = "none", about = "what becomes of rights on folders that a row does not name" },
    empty           = { type = "enum", values = { "keep", "clear" }, default = "keep", about = "what an empty fullName, distinguishedName, emailAddresses or pop3UserNames does" },
    reset_passwords = { type = "boolean", default = false, about = "set the passwords of users who are there as well, at every run" },
    changes         = { type = "boolean", default = false, about = "list in the result what was written for each user" },
    concurrency     = { type = "number", default = 8, about = "users at a time" },
  },
  examples = {
    "moonpost run provision-users users=users.csv --sandbox",
    "moonpost run provision-users users=users.csv --read-only",
    "moonpost run provision-users users=users.csv remove_rights=report changes=true",
  },
}

local csv = require("csv")
local ensure = require("ensure")

local LISTS = { emailAddresses = true, pop3UserNames = true, privileges = true, loginPrivileges = true }
local CLEARED = { fullName = true, distinguishedName = true, emailAddresses = true, pop3UserNames = true }
local FIELDS = {
  "fullName", "distinguishedName", "authentication", "privileges", "loginPrivileges", "emailAddresses", "pop3UserNames", "password",
}

local function refuse(line, format, ...)
  error { kind = "invalid", message = ("line %d of the users: "):format(line) .. format:format(...) }
end

local function words(text)
  local list = {}
  for word in text:gmatch("[^%s,;]+") do list[#list + 1] = word end
  return list
end

-- A cell as ensure takes it: nil leaves the field alone.
local function value_of(row, name)
  local cell = row[name]
  if cell == "" then return inputs.empty == "clear" and CLEARED[name] and json.null or nil end
  return cell and LISTS[name] and words(cell) or cell
end

-- Rights by folder, of a cell such as "sales = read write; team archive = read".
local function folders_of(row)
  local folders, seen, own = {}, {}, row.userName:lower()
  for part in (row.folders or ""):gmatch("[^;|]+") do
    local folder, rights = part:match("^%s*(.-)%s*=%s*(.-)%s*$")
    if not folder or folder == "" or rights == "" then
      refuse(row.line, 'folders: want "folder = right right", got "%s"', part)
    end
    if seen[folder:lower()] then refuse(row.line, "folders: %s stands there twice", folder) end
    seen[folder:lower()] = true
    folders[folder] = words(rights)
  end
  if not seen[own] and #inputs.rights > 0 then folders[row.userName] = inputs.rights end
  return folders
end

-- One read tells who is there. Defaults are for the others: a user who is there
-- keeps what no row names.
local known = {}
for _, user in ipairs(api.GetUsers()) do known[user.userName:lower()] = true end

local function entry_of(row)
  local user = { userName = row.userName }
  for _, name in ipairs(FIELDS) do user[name] = value_of(row, name) end
  local opts = { new = not known[row.userName:lower()], reset_password = inputs.reset_passwords and user.password ~= nil }
  if opts.new then
    user.privileges = user.privileges or inputs.privileges
    user.authentication = user.authentication or inputs.authentication
  end
  local folders = folders_of(row)
  if next(folders) or inputs.remove_rights ~= "none" then
    user.folders, opts.remove = folders, inputs.remove_rights
  end
  return { line = row.line, user = user, opts = opts }
end

local rows = csv.read(inputs.users, {
  columns = { "userName" }, allowed = { "userName", "folders", unpack(FIELDS) }, secret = { "password" }, trim = true, line = "line",
})

local entries, lines = {}, {}
for i, row in ipairs(rows) do
  local name = row.userName:lower()
  if name == "" then refuse(row.line, "userName is empty") end
  if lines[name] then refuse(row.line, "%s stands in line %d already", row.userName, lines[name]) end
  if inputs.remove_rights ~= "none" and #inputs.rights == 0 and row.folders == nil then
    error { kind = "usage", message = "remove_rights needs rights to keep: give rights, or a column folders" }
  end
  lines[name] = row.line
  entries[i] = entry_of(row)
end

local outcomes, failures = task.map(entries, function(entry)
  local outcome = ensure.user(entry.user, entry.opts)
  log.debug("%s", tostring(outcome))
  return outcome
end, {
  key = function(entry) return entry.user.userName end,
  label = "users", concurrency = inputs.concurrency, on_error = "continue",
})

local summary = { created = 0, changed = 0, same = 0, failed = 0, unknown = 0 }
local changes, others = json.array {}, json.array {}
for _, outcome in ipairs(outcomes) do
  if outcome ~= json.null then -- of a row that failed
    summary[outcome.state] = summary[outcome.state] + 1
    if outcome.state ~= "same" then changes[#changes + 1] = { user = outcome.user, state = outcome.state, diff = outcome.diff } end
    for _, other in ipairs(outcome.others or {}) do
      others[#others + 1] = { user = outcome.user, folder = other.folder, rights = other.rights }
    end
  end
end

-- A user whose answer was lost is neither done nor failed: nobody knows. One who
-- is created, but not completely, counts as failed and says so; another run goes
-- on with both.
for i, failure in ipairs(failures) do
  local err = failure.error
  local outcome = err.kind == "unknown" and "unknown" or "failed"
  summary[outcome] = summary[outcome] + 1
  failures[i] = {
    line = failure.item.line, user = failure.key, kind = err.kind, message = err.message, state = err.outcome and err.outcome.state,
  }
end

if #failures > 0 then summary.failures = failures end
if inputs.changes then summary.changes = changes end
if inputs.remove_rights == "report" then summary.others = others end
return summary
