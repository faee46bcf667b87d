-- Profiles fill the archive: one that fails or no longer runs loses mail without
-- anybody noticing. A profile is judged by its last run, so that a failure that
-- mended itself clears itself, and by the pause that its schedule promises.
playbook {
  about = "Finds profiles that fail, are overdue or did not finish.",
  inputs = {
    window   = { type = "duration", default = "24h", about = "how far back runs are looked at: 24h, 90m, 7d" },
    history  = { type = "duration", default = "30d", about = "how far back the last run and success are looked for, where the window has none" },
    profiles = { type = "list", default = {}, about = "names or numbers of the profiles; left out: all" },
    grace    = { type = "duration", default = "1h", about = "how much later than its pause a run may be" },
    strict   = { type = "boolean", default = false, about = "a failure in the window counts even when a later run succeeded" },
    zone     = { type = "enum", values = { "server", "utc" }, default = "server", about = "whose clock the times are shown by" },
  },
  columns = { "instance", "profile", "state", "last_success", "note" },
  examples = {
    "moonpost run profile-health --sandbox",
    "moonpost run profile-health window=7d --output csv",
    "moonpost run profile-health --format prtg",
  },
}

local time = require("time")
local now = time.now()
local hour = 60 * 60

-- What a run says of itself, in five words. Anything unknown did not finish as
-- it should.
local kinds = {
  succeeded = "ok", completedWithErrors = "with_errors", completedWithWarnings = "with_errors", failed = "failed",
}
local function kind_of(result)
  if not result.completeTime then return "running" end -- such a run has no id either
  return kinds[result.result] or "unfinished"
end

-- The archives of the target: the one that was named or, on a Service Provider
-- Edition without --instance, all that run.
local function archives()
  if api.edition ~= "spe" or run.instance ~= "" then return { api } end
  return api.instances { status = "running" }
end

-- The runs of a stretch of time, the oldest first, with begin and end in
-- seconds. They are asked for in UTC, which means the same everywhere; the text
-- by the server's clock comes from a second, wider question, because nothing
-- else tells the server's offset.
local function runs_of(archive, duration, profile)
  local window = time.last(duration)
  local results = archive.GetWorkerResults({ profileID = profile }, { window = window })
  local shown = {}
  if inputs.zone == "server" and #results > 0 then
    local from, to = time.parse(window.from, "utc") - 15 * hour, time.parse(window.to, "utc") + 15 * hour
    local by_server = time.window(time.format(from, "%FT%T", "utc"), time.format(to, "%FT%T", "utc"))
    for _, result in ipairs(archive.GetWorkerResults({ profileID = profile }, { window = by_server })) do
      if result.id then shown[result.id] = result.startTime end
    end
  end
  local runs = {}
  for i, result in ipairs(results) do
    runs[i] = {
      profile = result.profileId, kind = kind_of(result), result = result.result, items = result.itemsArchived or 0,
      began = time.parse(result.startTime, "utc"), ended = time.parse(result.completeTime or result.startTime, "utc"),
      shown = (result.id and shown[result.id] or result.startTime):gsub("T", " "),
    }
  end
  table.sort(runs, function(a, b) return a.began < b.began end)
  return runs
end

local missing = {} -- what was asked for and not seen yet
for _, wanted in ipairs(inputs.profiles) do missing[wanted] = true end

local function is_asked_for(profile)
  local asked = #inputs.profiles == 0
  for _, wanted in ipairs(inputs.profiles) do
    if profile.name == wanted or tostring(profile.id) == wanted then
      asked, missing[wanted] = true, nil
    end
  end
  return asked
end

local function span(seconds)
  if seconds < 2 * hour then return ("%d min"):format(seconds / 60) end
  if seconds < 72 * hour then return ("%d h"):format(seconds / hour) end
  return ("%d days"):format(seconds / (24 * hour))
end

-- How long a profile that runs by itself may be silent; nil for one that does
-- not.
local function patience(profile)
  local execution = profile.serverSideExecution
  if not execution or not execution.automatic then return nil end
  return (tonumber(execution.automaticPauseBetweenExecutions) or 0) + time.duration(inputs.grace)
end

-- The verdict on one profile: its state in a word, and why. One that runs now is
-- judged by the run before, and is not overdue however long it takes.
local function judge(profile, last, seen)
  local allowed = seen.running == 0 and patience(profile)
  if last and last.kind == "failed" then return "failed", "the last run failed" end
  if inputs.strict and seen.failed > 0 then return "failed", ("%d runs failed"):format(seen.failed) end
  if allowed and not last then return "overdue", "no run in " .. inputs.history end
  if allowed and now - last.ended > allowed then return "overdue", ("no run for %s"):format(span(now - last.ended)) end
  if last and last.kind == "unfinished" then return "unfinished", "ended as " .. last.result end
  if last and last.kind == "with_errors" then return "with_errors", "the last run had " .. (last.result:match("Warnings") or "Errors"):lower() end
  if seen.running > 0 then return "ok", "runs now" end
  if not last then return "idle", "runs on demand, and did not" end
  if seen.failed > 0 then return "ok", ("%d runs failed before"):format(seen.failed) end
  return "ok", ""
end

local function row_of(archive, profile, runs)
  local seen = { ok = 0, failed = 0, with_errors = 0, unfinished = 0, running = 0 }
  local items, last, success = 0, nil, nil
  for _, r in ipairs(runs) do
    seen[r.kind] = seen[r.kind] + 1
    items = items + r.items
    if r.kind ~= "running" then last = r end
    if r.kind == "ok" then success = r end
  end
  if not success then -- the window may be shorter than the pause between two runs
    local before = last == nil
    for _, r in ipairs(runs_of(archive, inputs.history, profile.id)) do
      if r.kind == "running" then seen.running = 1 end
      if before and r.kind ~= "running" then last = r end
      if r.kind == "ok" then success = r end
    end
  end
  local state, note = judge(profile, last, seen)
  return {
    instance     = archive.instance_id ~= "" and archive.instance_id or nil,
    profile      = profile.name,
    state        = state,
    last_success = success and success.shown:sub(1, #"2026-01-31 10:00") or json.null,
    runs         = #runs,
    note         = note,
    failed       = seen.failed,
    with_errors  = seen.with_errors,
    unfinished   = seen.unfinished,
    items        = items,
    hours        = success and math.floor((now - success.began) / hour * 10 + 0.5) / 10 or json.null,
    owner        = profile.owner,
    id           = profile.id,
  }
end

local order = { failed = 1, overdue = 2, unfinished = 3, with_errors = 4, ok = 5, idle = 6 }

local archive_of, profiles, runs = {}, {}, {}
for _, archive in ipairs(archives()) do
  local found = archive.GetProfiles { raw = true }
  for _, r in ipairs(#found > 0 and runs_of(archive, inputs.window) or {}) do
    if r.profile then -- a run of a temporary or deleted profile belongs to none
      local key = archive.instance_id .. "/" .. r.profile
      runs[key] = runs[key] or {}
      table.insert(runs[key], r)
    end
  end
  for _, profile in ipairs(found) do
    if is_asked_for(profile) then
      profiles[#profiles + 1] = profile
      archive_of[profile] = archive
    end
  end
end
for _, wanted in ipairs(inputs.profiles) do
  if missing[wanted] then error("there is no profile " .. wanted) end
end

local rows = task.map(profiles, function(profile)
  local archive = archive_of[profile]
  return row_of(archive, profile, runs[archive.instance_id .. "/" .. profile.id] or {})
end)
table.sort(rows, function(a, b)
  if order[a.state] ~= order[b.state] then return order[a.state] < order[b.state] end
  if a.instance ~= b.instance then return a.instance < b.instance end
  return a.profile < b.profile
end)

local count = { failed = 0, overdue = 0, unfinished = 0, with_errors = 0, ok = 0, idle = 0 }
local total = { runs = 0, failed = 0, items = 0 }
local named = {}
for _, row in ipairs(rows) do
  count[row.state] = count[row.state] + 1
  for name in pairs(total) do total[name] = total[name] + row[name] end
  if order[row.state] < 3 and #named < 3 then
    named[#named + 1] = (row.instance and row.instance .. ": " or "") .. row.profile
  end
end

local said = { ("%d of %d profiles are fine"):format(count.ok + count.idle, #rows) }
for _, state in ipairs { "failed", "overdue", "unfinished", "with_errors" } do
  if count[state] > 0 then said[#said + 1] = count[state] .. " " .. state:gsub("_", " ") end
end
local bad = count.failed + count.overdue
run.finish {
  state   = bad > 0 and "critical" or count.unfinished + count.with_errors > 0 and "warning" or "ok",
  text    = table.concat(said, ", ") .. (#named > 0 and ": " .. table.concat(named, ", ") or "") .. (bad > #named and " …" or ""),
  metrics = {
    { name = "profiles", value = #rows, min = 0 },
    { name = "failed", value = count.failed, crit = 0, min = 0 },
    { name = "overdue", value = count.overdue, crit = 0, min = 0 },
    { name = "unfinished", value = count.unfinished, warn = 0, min = 0 },
    { name = "with errors", value = count.with_errors, warn = 0, min = 0 },
    { name = "runs", value = total.runs, min = 0 },
    { name = "failed runs", value = total.failed, min = 0 },
    { name = "messages", value = total.items, min = 0 },
  },
}
return json.array(rows)
