-- Verifying an archive store takes minutes to hours. The server reports what it
-- finds in the log of the job, in its own words and in no documented form. What
-- is documented are the lines about progress, which end with "...": every other
-- line is shown, and the closing line when it counts something.
playbook {
  about = "Verifies archive stores and shows what the server found.",
  inputs = {
    stores      = { type = "list", default = {}, about = "names or numbers of the stores; left out: all that are not disabled" },
    indexes     = { type = "boolean", default = false, about = "verify the search indexes too" },
    concurrency = { type = "number", default = 1, about = "stores at a time; each reads all of its messages from disk" },
  },
  examples = {
    "moonpost run verify-stores --sandbox",
    "moonpost run verify-stores stores=2024-01,2024-02 indexes=true",
  },
}

-- Every store of the target: of the instance that was named or, on a Service
-- Provider Edition without --instance, of all that run.
local function all_stores()
  local archives = { api }
  if api.edition == "spe" and run.instance == "" then archives = api.instances { status = "running" } end
  local list = {}
  for _, archive in ipairs(archives) do
    local instance = archive.instance_id ~= "" and archive.instance_id or nil
    for _, store in ipairs(archive.GetStores()) do
      list[#list + 1] = { server = archive, instance = instance, store = store }
    end
  end
  return list
end

-- The stores that are asked for, each of them once. A name that fits none is an
-- error before any work begins.
local function chosen(stores)
  if #inputs.stores == 0 then return stores end
  local list, taken = {}, {}
  for _, wanted in ipairs(inputs.stores) do
    local found = false
    for _, entry in ipairs(stores) do
      if entry.store.name == wanted or tostring(entry.store.id) == wanted then
        found = true
        if not taken[entry] then
          list[#list + 1], taken[entry] = entry, true
        end
      end
    end
    if not found then error("there is no store " .. wanted) end
  end
  return list
end

local function findings_of(log)
  local lines = {}
  for line in log:gmatch("[^\r\n]+") do
    line = line:match("^%s*(.-)%s*$")
    if line ~= "" then lines[#lines + 1] = line end
  end
  local found = {}
  for i, line in ipairs(lines) do
    local progress = line:sub(-3) == "..."
    local closing = i == #lines and not line:find("[1-9]")
    if not progress and not closing then found[#found + 1] = line end
  end
  return found
end

local function row_of(entry, result, findings, seconds)
  return {
    instance = entry.instance,
    store    = entry.store.name,
    messages = entry.store.statisticsCount,
    result   = result,
    seconds  = seconds and math.floor(seconds * 10 + 0.5) / 10 or json.null,
    findings = json.array(findings),
  }
end

local function verify(entry)
  local store = entry.store
  if store.requestedState == "disabled" and #inputs.stores == 0 then
    return row_of(entry, "skipped", { "the store is disabled" })
  end
  local params = { id = store.id }
  if inputs.indexes then params.includeIndexes = true end -- old servers do not take it
  local _, job = entry.server.invoke("VerifyStore", params, { key = (entry.instance and entry.instance .. "/" or "") .. store.name })
  local findings = findings_of(job and job.log or "")
  return row_of(entry, #findings == 0 and "ok" or "findings", findings, job and job.elapsed or 0)
end

local stores = chosen(all_stores())
local rows, failures = task.map(stores, verify, { label = "stores", concurrency = inputs.concurrency, on_error = "collect" })
for _, failure in ipairs(failures) do
  rows[failure.index] = row_of(failure.item, "failed", { failure.error.message })
end

local count = { ok = 0, findings = 0, failed = 0, skipped = 0 }
for _, row in ipairs(rows) do count[row.result] = count[row.result] + 1 end
local said = { ("%d of %d stores are fine"):format(count.ok, #rows) }
if count.findings > 0 then said[#said + 1] = count.findings .. " with findings" end
if count.failed > 0 then said[#said + 1] = count.failed .. " could not be verified" end
if count.skipped > 0 then said[#said + 1] = count.skipped .. " skipped" end
run.finish {
  state   = count.findings + count.failed > 0 and "critical" or "ok",
  text    = table.concat(said, ", "),
  metrics = {
    { name = "verified", value = count.ok + count.findings, min = 0 },
    { name = "findings", value = count.findings, crit = 0, min = 0 },
    { name = "failed", value = count.failed, crit = 0, min = 0 },
  },
}
return rows
