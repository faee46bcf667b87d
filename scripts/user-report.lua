-- Who has an account, with which addresses and rights. GetUsers gives names
-- only, so every user is asked for; several at a time.
playbook {
  about = "Lists users with addresses, rights and ways to log in.",
  inputs = {
    users          = { type = "list", default = {}, about = "names, or patterns with *; left out: all" },
    authentication = { type = "enum", values = { "any", "integrated", "directoryServices" }, default = "any", about = "only users who sign in this way" },
    right          = { type = "string", about = "only users with this right, such as admin" },
    login          = { type = "string", about = "only users who may log in this way, such as imap" },
    mfa            = { type = "string", about = "only users with this state of multi-factor login, such as Disabled" },
    address        = { type = "string", about = "only users with an address that has this text in it" },
    folder         = { type = "string", about = "only users with rights on this folder" },
    concurrency    = { type = "number", default = 8, about = "users asked for at a time" },
  },
  columns = { "instance", "userName", "fullName", "emailAddresses", "privileges" },
  examples = {
    "moonpost run user-report --sandbox",
    "moonpost run user-report right=admin --columns userName,emailAddresses",
    "moonpost run user-report --output csv > users.csv",
  },
}

-- The archives of the target: the one that was named or, on a Service Provider
-- Edition without --instance, all that run.
local function archives()
  if api.edition ~= "spe" or run.instance ~= "" then return { api } end
  return api.instances { status = "running" }
end

local patterns = {}
for _, text in ipairs(inputs.users) do
  patterns[#patterns + 1] = "^" .. text:lower():gsub("%p", "%%%0"):gsub("%%%*", ".*") .. "$"
end

local function is_asked_for(name)
  for _, pattern in ipairs(patterns) do
    if name:lower():match(pattern) then return true end
  end
  return #patterns == 0
end

local users = {}
for _, archive in ipairs(archives()) do
  for _, user in ipairs(archive.GetUsers()) do
    if is_asked_for(user.userName) then
      users[#users + 1] = { archive = archive, instance = archive.instance_id, name = user.userName }
    end
  end
end

local function has(list, wanted)
  if not wanted then return true end
  for _, value in ipairs(list or {}) do
    if value:lower() == wanted:lower() then return true end
  end
  return false
end

-- The texts of a list, ready to compare without regard to case.
local function mentions(list, text)
  if not text then return true end
  for _, value in ipairs(list or {}) do
    if value:lower():find(text:lower(), 1, true) then return true end
  end
  return false
end

local function folders_of(user)
  local names, shown = {}, {}
  for _, entry in ipairs(user.privilegesOnFolders or {}) do
    names[#names + 1] = entry.folder
    shown[#shown + 1] = entry.folder .. ": " .. table.concat(entry.privileges, " ")
  end
  return names, shown
end

local function is_wanted(user)
  return (inputs.authentication == "any" or user.authentication == inputs.authentication)
    and has(user.privileges, inputs.right)
    and has(user.loginPrivileges, inputs.login)
    and has({ user.mfaStatus }, inputs.mfa)
    and mentions(user.emailAddresses, inputs.address)
    and has(folders_of(user), inputs.folder)
end

local function row_of(entry)
  local user, err = entry.archive.try("GetUserInfo", { userName = entry.name })
  if err and err.kind == "not_found" then return nil end -- deleted since the list was read
  if err then error(err) end
  if not is_wanted(user) then return nil end
  local _, folders = folders_of(user)
  return {
    instance        = entry.instance ~= "" and entry.instance or nil,
    userName        = user.userName,
    fullName        = user.fullName or json.null,
    emailAddresses  = json.array(user.emailAddresses or {}),
    privileges      = json.array(user.privileges or {}),
    loginPrivileges = json.array(user.loginPrivileges or {}), -- old servers say nothing of it
    authentication  = user.authentication or json.null,
    mfaStatus       = user.mfaStatus or json.null,
    folders         = json.array(folders),
  }
end

local results = task.map(users, row_of, {
  label = "users", key = function(entry) return entry.instance .. "/" .. entry.name end,
  concurrency = inputs.concurrency, on_error = "continue",
})

local rows = json.array {}
for _, row in ipairs(results) do
  if row ~= json.null then rows[#rows + 1] = row end
end
return rows
