-- Is the archive well? Everything is looked at that a MailStore says of itself
-- without being changed. A server that cannot be reached is a finding like any
-- other; a login that is refused is not, because then nothing was looked at.
playbook {
  about = "Checks server, alerts, stores, licence, jobs, certificates.",
  inputs = {
    latency      = { type = "number", default = 2000, about = "milliseconds a small call may take before a warning" },
    licence      = { type = "number", default = 90, about = "per cent of the licensed users in use before a warning" },
    certificates = { type = "number", default = 30, about = "days that certificates of credentials are valid before a warning" },
    window       = { type = "duration", default = "24h", about = "how far back the server's scheduled jobs are looked at" },
  },
  examples = {
    "moonpost run health --sandbox",
    "moonpost run health --format checkmk",
    "moonpost run health latency=500 --output json",
  },
}

local time = require("time")

local window = time.last(inputs.window)

local weight = { ok = 0, unknown = 1, warning = 2, critical = 3 }
local rows, metrics = json.array {}, {}
local details = {} -- lines that belong to one above them

-- One line of the report. What is fine is said once for each check, what is not
-- each time.
local function say(check, state, text)
  rows[#rows + 1] = { check = check, state = state, text = text }
  return rows[#rows]
end

local function measure(metric) metrics[#metrics + 1] = metric end

-- The verdict is the worst line, and its text names the first of these.
local function finish(name)
  local worst, more = rows[1], -1
  for _, row in ipairs(rows) do
    if weight[row.state] > weight[worst.state] then worst = row end
    if row.state ~= "ok" and not details[row] then more = more + 1 end
  end
  local text = name
  if worst.state ~= "ok" then
    text = (name and name .. ": " or "") .. worst.text:gsub("%.$", "")
    if more > 0 then text = ("%s, and %d more"):format(text, more) end
  end
  run.finish { state = worst.state, text = text, metrics = metrics }
  return rows
end

-- The first contact, and how long a small call takes: the median of three. A
-- server that is not there, or does not answer as a MailStore does, is a
-- finding; anything else, such as a refused login, says nothing about it.
local edition, hello, info
local took = {}
local fine, err = pcall(function()
  edition = api.edition
  hello = edition == "spe" and "GetEnvironmentInfo" or "GetServerInfo"
  for i = 1, 3 do
    local began = time.now()
    info = api.invoke(hello)
    took[i] = (time.now() - began) * 1000
  end
end)
if not fine then
  local kind = type(err) ~= "string" and err.kind
  if kind ~= "unreachable" and kind ~= "server" and kind ~= "timeout" then error(err) end
  say("server", "critical", err.message)
  return finish()
end
table.sort(took)
local latency = math.floor(took[2] + 0.5)
local name = ("MailStore %s %s on %s"):format(edition == "spe" and "SPE" or "Server", info.version, info.machineName or info.serverName)
say("server", "ok", name)
say("latency", latency > inputs.latency and "warning" or "ok", ("%s answers in %s"):format(hello, latency < 1 and "under 1 ms" or latency .. " ms"))
measure { name = "latency", value = latency, unit = "ms", warn = inputs.latency, min = 0 }

-- A check that fails says so and does not keep the others from being made.
-- Reports whether it could be made.
local function attempt(check, tell, look, ...)
  local done, why = pcall(look, ...)
  if not done then tell(check, "unknown", why.message or tostring(why)) end
  return done
end

-- What the Service Provider Edition reports of its own accord. A line with
-- isSubItem tells more of the one before it.
local function look_at_alerts()
  local status = api.GetServiceStatus()
  local alerts = { error = 0, warning = 0 }
  for _, message in ipairs(status.messages or {}) do
    if alerts[message.type] then
      local row = say("alerts", message.type == "error" and "critical" or "warning", message.text)
      if message.isSubItem then
        details[row] = true
      else
        alerts[message.type] = alerts[message.type] + 1
      end
    end
  end
  if alerts.error + alerts.warning == 0 then say("alerts", "ok", "there are none") end
  measure { name = "alerts error", value = alerts.error, crit = 0, min = 0 }
  measure { name = "alerts warning", value = alerts.warning, warn = 0, min = 0 }
  local active = 0
  for _, role in ipairs(status.serverInfos or {}) do
    if role.active then
      active = active + 1
    else
      say("roles", "critical", ("%s on %s is not active"):format(role.serverType, role.serverName))
    end
  end
  say("roles", "ok", active .. " are active")
end

-- The instances that run, of all or of the one that was named. One that should
-- and does not is a finding.
local function running_instances()
  local named = run.instance ~= ""
  local archives, stopped = {}, 0
  local all = api.instances(named and run.instance or "*")
  if named and #all == 0 then say("instances", "critical", "there is no instance " .. run.instance) end
  for _, archive in ipairs(all) do
    local row = archive.instance_info
    if row.status:lower() == "running" then
      archives[#archives + 1] = archive
    elseif row.startMode == "automatic" or row.startStopError or named then
      stopped = stopped + 1
      say("instances", "critical", archive.instance_id .. " is " .. row.status .. (row.startStopError and ": " .. row.startStopError or ""))
    end
  end
  say("instances", "ok", #archives .. " are running")
  measure { name = "instances running", value = #archives, min = 0 }
  measure { name = "instances stopped", value = stopped, crit = 0, min = 0 }
  return archives
end

-- What is found in one archive: lines that are not fine, and counts.
local function look_at_stores(archive, found)
  local current = false
  for _, store in ipairs(archive.GetStores()) do
    current = current or store.requestedState == "current"
    found.stores = found.stores + 1
    if store.error then
      found.broken = found.broken + 1
      found.say("stores", "critical", store.name .. ": " .. store.error)
    elseif store.needsUpgrade then
      found.say("stores", "warning", store.name .. " needs an upgrade")
    elseif store.searchIndexesNeedRebuild then
      found.say("stores", "warning", store.name .. " needs its search indexes rebuilt")
    end
  end
  if not current then found.say("stores", "warning", "no store is current, so nothing can be archived") end
end

-- A job is judged by its last result, so that a failure that was made good
-- clears itself.
local function look_at_jobs(archive, found)
  local last = {}
  for _, result in ipairs(archive.GetJobResults({}, { window = window })) do
    local before = last[result.jobId]
    if not before or before.startTime <= result.startTime then last[result.jobId] = result end
  end
  for _, job in ipairs(archive.GetJobs()) do
    found.jobs = found.jobs + 1
    if last[job.id] and last[job.id].result ~= "succeeded" then
      found.failed = found.failed + 1
      found.say("jobs", "warning", job.name .. ": " .. last[job.id].result)
    end
  end
end

local function look_at_certificates(archive, found)
  for _, credential in ipairs(api.has("GetCredentials") and archive.GetCredentials() or {}) do
    local ends = credential.Settings and credential.Settings.CertificateExpirationDate
    if ends then
      local days = math.floor((time.parse(ends, "utc") - time.now()) / (24 * 60 * 60))
      found.days = math.min(found.days or days, days)
      if days < inputs.certificates then
        found.say("certificates", days < 0 and "critical" or "warning", ("%s: %d days left"):format(credential.Description or credential.ID, days))
      end
    end
  end
end

local function look_at(archive)
  local found = { lines = {}, stores = 0, broken = 0, jobs = 0, failed = 0 }
  function found.say(check, state, text)
    if archive.instance_id ~= "" then text = archive.instance_id .. ": " .. text end
    table.insert(found.lines, { check, state, text })
  end
  found.saw_stores = attempt("stores", found.say, look_at_stores, archive, found)
  found.saw_jobs = attempt("jobs", found.say, look_at_jobs, archive, found)
  attempt("certificates", found.say, look_at_certificates, archive, found)
  return found
end

local archives = { api }
if edition == "spe" then
  attempt("alerts", say, look_at_alerts)
  local fallback = run.instance ~= "" and archives or {}
  if not attempt("instances", say, function() archives = running_instances() end) then archives = fallback end
end

local all = { stores = 0, broken = 0, jobs = 0, failed = 0 }
local days = nil -- until the first certificate ends
local saw_stores, saw_jobs = #archives > 0, #archives > 0 -- those of all archives
for _, found in ipairs(task.map(archives, look_at)) do
  for _, line in ipairs(found.lines) do say(unpack(line)) end
  for name in pairs(all) do all[name] = all[name] + found[name] end
  if found.days then days = math.min(days or found.days, found.days) end
  saw_stores, saw_jobs = saw_stores and found.saw_stores, saw_jobs and found.saw_jobs
end
if all.stores > 0 then say("stores", "ok", ("%d of %d are without errors"):format(all.stores - all.broken, all.stores)) end
if all.jobs > 0 then say("jobs", "ok", ("%d of %d did not fail in %s"):format(all.jobs - all.failed, all.jobs, inputs.window)) end
if days then say("certificates", "ok", ("the first ends in %d days"):format(days)) end

if api.has("GetLicenseInformation") then
  local licence, err = api.try("GetLicenseInformation")
  local used, most = licence and licence.namedUsers, licence and licence.maxNamedUsers
  if err then
    say("licence", "unknown", err.message)
  elseif used and most and most > 0 then
    local share = used / most * 100
    say("licence", share > 100 and "critical" or share >= inputs.licence and "warning" or "ok", ("%d of %d users"):format(used, most))
    measure { name = "licensed users", value = used, warn = math.floor(most * inputs.licence / 100), crit = most, min = 0 }
  end
end

-- What is not known is not nothing.
if saw_stores then measure { name = "stores with errors", value = all.broken, crit = 0, min = 0 } end
if saw_jobs then measure { name = "jobs failed", value = all.failed, warn = 0, min = 0 } end
if days then measure { name = "certificate days", value = days, unit = "days", warn = inputs.certificates .. ":", crit = "0:" } end
return finish(name)
