-- How much there is in each archive store, and how much came since an earlier
-- run, whose figures were kept for this one.
playbook {
  about = "Shows sizes, counts and states of stores, with growth.",
  inputs = {
    every  = { type = "duration", default = "0s", about = "least time over which growth is measured: 24h for growth by day, however often it runs; left out: since the last run" },
    growth = { type = "boolean", default = false, about = "warn when no store got a message in that time" },
    sizes  = { type = "boolean", default = true, about = "ask for sizes, which can be slow" },
  },
  columns = { "instance", "store", "state", "messages", "new", "size_mb", "new_mb", "note" },
  examples = {
    "moonpost run store-report --sandbox",
    "moonpost run store-report every=24h growth=true --format zabbix",
    "moonpost run store-report --output csv > stores.csv",
  },
}

local time = require("time")
local state = require("state")

local megabyte = 1024 * 1024
local function mb(bytes) return bytes and math.floor(bytes / megabyte * 10 + 0.5) / 10 or json.null end

-- The archives of the target: the one that was named or, on a Service Provider
-- Edition without --instance, all that run.
local function archives()
  if api.edition ~= "spe" or run.instance ~= "" then return { api } end
  return api.instances { status = "running" }
end

-- What is to be done about a store, in a word or two.
local function note_on(store)
  local notes = {}
  if store.error then notes[#notes + 1] = store.error end
  if store.needsUpgrade then notes[#notes + 1] = "needs an upgrade" end
  if store.searchIndexesNeedRebuild then notes[#notes + 1] = "indexes need a rebuild" end
  return table.concat(notes, ", ")
end

local every = time.duration(inputs.every)

-- The figures to compare with: the newest that are old enough. Two are kept,
-- because new ones are too young for a while. Where none is old enough yet there
-- is growth, but no verdict on it.
local function earlier(kept)
  if not kept or run.started - kept.at >= every then return kept, kept end
  return kept.before or kept, kept.before
end

-- The stores of one archive beside earlier figures. All of a store that was not
-- there then is new.
local function look_at(archive)
  local instance = archive.instance_id
  local key = "figures " .. instance
  local kept = state.get(key)
  local before, ripe = earlier(kept)
  local figures = {}
  local found = {
    rows = {}, at = before and before.at, judged = ripe and 1 or 0, grew = 0,
    messages = 0, bytes = 0, sized = 0, more = 0, more_bytes = 0, more_sized = 0, errors = 0,
  }
  for _, store in ipairs(archive.GetStores { includeSize = inputs.sizes }) do
    local id = tostring(store.id)
    local messages, bytes = store.statisticsCount or 0, store.statisticsSize
    figures[id] = { messages, bytes }
    local last = before and (before.stores[id] or { 0, bytes and 0 })
    local more = last and messages - last[1]
    local more_bytes = last and last[2] and bytes and bytes - last[2]
    table.insert(found.rows, {
      instance = instance ~= "" and instance or nil,
      store    = store.name,
      state    = store.error and "error" or store.requestedState,
      messages = messages,
      new      = more or json.null,
      size_mb  = mb(bytes),
      new_mb   = mb(more_bytes),
      note     = note_on(store),
      id       = store.id,
    })
    found.messages, found.bytes = found.messages + messages, found.bytes + (bytes or 0)
    found.sized, found.more_sized = found.sized + (bytes and 1 or 0), found.more_sized + (more_bytes and 1 or 0)
    found.more, found.more_bytes = found.more + (more or 0), found.more_bytes + (more_bytes or 0)
    found.grew = found.grew + (more and more > 0 and 1 or 0)
    found.errors = found.errors + (store.error and 1 or 0)
  end
  if not kept or run.started - kept.at >= every then
    state.set(key, { at = run.started, stores = figures, before = kept and { at = kept.at, stores = kept.stores } })
  end
  return found
end

local rows = json.array {}
local total = { messages = 0, bytes = 0, sized = 0, more = 0, more_bytes = 0, more_sized = 0, errors = 0, judged = 0, grew = 0 }
local oldest = nil
for _, found in ipairs(task.map(archives(), look_at)) do
  for _, row in ipairs(found.rows) do rows[#rows + 1] = row end
  for name in pairs(total) do total[name] = total[name] + found[name] end
  if found.at then oldest = math.min(oldest or found.at, found.at) end
end

local function span(seconds)
  if seconds < 120 then return ("%d s"):format(seconds) end
  if seconds < 120 * 60 then return ("%d min"):format(seconds / 60) end
  if seconds < 72 * 60 * 60 then return ("%d h"):format(seconds / (60 * 60)) end
  return ("%d days"):format(seconds / (24 * 60 * 60))
end

-- Sizes that nobody knows are not nothing.
local said = ("%d stores, %d messages"):format(#rows, total.messages)
if total.sized > 0 then said = said .. (", %.1f GB"):format(total.bytes / megabyte / 1024) end
if oldest then
  said = said .. (", %+d messages in %s"):format(total.more, span(run.started - oldest))
end
if total.errors > 0 then said = said .. (", %d with errors"):format(total.errors) end

-- No mail for a while is the first sign of an archive that stands still. Stores
-- can shrink at the same time, so what counts is that none has grown.
local still = inputs.growth and total.judged > 0 and total.grew == 0
local metrics = {
  { name = "stores", value = #rows, min = 0 },
  { name = "messages", value = total.messages, min = 0 },
  { name = "errors", value = total.errors, crit = 0, min = 0 },
}
if total.sized > 0 then metrics[#metrics + 1] = { name = "size", value = total.bytes, unit = "B", min = 0 } end
if oldest then
  metrics[#metrics + 1] = { name = "new messages", value = total.more, warn = inputs.growth and "1:" or nil }
  if total.more_sized > 0 then metrics[#metrics + 1] = { name = "new bytes", value = total.more_bytes, unit = "B" } end
end
run.finish {
  state   = total.errors > 0 and "critical" or still and "warning" or "ok",
  text    = still and said .. ": nothing is archived" or said,
  metrics = metrics,
}
return rows
