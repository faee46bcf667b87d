-- Makes the users of a spreadsheet exist as it says. Run it twice: the second
-- time nothing is left to do.
playbook {
  about = "Creates users from a CSV file and mends those that differ.",
  inputs = {
    users       = { type = "file", default = "users.csv", about = "CSV with userName, fullName and emailAddresses (divided by blanks)" },
    rights      = { type = "list", default = { "read", "write" }, about = "rights of each user on the own folder" },
    concurrency = { type = "number", default = 8, about = "rows at a time" },
  },
}

local csv = require("csv")

-- One read tells who is there; each of those is then looked at in full.
local known = {}
for _, user in ipairs(api.GetUsers()) do
  known[user.userName:lower()] = user.userName
end

local function words(text)
  local list = {}
  for word in text:gmatch("%S+") do list[#list + 1] = word end
  return list
end

-- The first address is the primary one, so their order counts.
local function same_list(a, b)
  return table.concat(a, " "):lower() == table.concat(b, " "):lower()
end

local function same_set(a, b)
  a, b = { unpack(a) }, { unpack(b) }
  table.sort(a)
  table.sort(b)
  return same_list(a, b)
end

local function rights_on(user, folder)
  for _, entry in ipairs(user.privilegesOnFolders or {}) do
    if entry.folder:lower() == folder:lower() then return entry.privileges end
  end
  return {}
end

local function create(row)
  api.CreateUser { userName = row.userName, fullName = row.fullName, privileges = "login" }
  api.SetUserEmailAddresses { userName = row.userName, emailAddresses = words(row.emailAddresses) }
  api.SetUserPrivilegesOnFolder { userName = row.userName, folder = row.userName, privileges = inputs.rights }
  return "created"
end

local function mend(row, name)
  local user = api.GetUserInfo { userName = name }
  local outcome = "unchanged"
  if user.fullName ~= row.fullName then
    api.SetUserFullName { userName = name, fullName = row.fullName }
    outcome = "changed"
  end
  if not same_list(user.emailAddresses or {}, words(row.emailAddresses)) then
    api.SetUserEmailAddresses { userName = name, emailAddresses = words(row.emailAddresses) }
    outcome = "changed"
  end
  if not same_set(rights_on(user, name), inputs.rights) then
    api.SetUserPrivilegesOnFolder { userName = name, folder = name, privileges = inputs.rights }
    outcome = "changed"
  end
  return outcome
end

local summary = { created = 0, changed = 0, unchanged = 0, failed = 0, unknown = 0 }

-- The whole file is read before anything is sent: a mistake in line 500, or two
-- rows for one user, is found while nothing has happened yet.
local _, failures = task.map(csv.read(inputs.users), function(row)
  local name = known[row.userName:lower()]
  local outcome = name and mend(row, name) or create(row)
  summary[outcome] = summary[outcome] + 1
end, { key = "userName", label = "users", concurrency = inputs.concurrency, on_error = "continue" })

-- A row whose answer was lost is neither done nor failed: nobody knows.
for _, failure in ipairs(failures) do
  local outcome = failure.error.kind == "unknown" and "unknown" or "failed"
  summary[outcome] = summary[outcome] + 1
end

return summary
