-- Long jobs as plain calls: verifies every store, one after another, and
-- reports what the server wrote on the way.
playbook {
  about = "Verifies the archive stores and fails when one has findings.",
  inputs = {
    only = { type = "list", default = {}, about = "names of the stores; left out: all" },
  },
}

local wanted = {}
for _, name in ipairs(inputs.only) do wanted[name] = true end

local reports = {}
for _, store in ipairs(api.GetStores()) do
  if #inputs.only == 0 or wanted[store.name] then
    local lines = 0
    local _, job = api.invoke("VerifyStore", { id = store.id }, function(progress)
      -- Called for every status the server gives; log holds the new lines only.
      if progress.log then
        lines = lines + select(2, progress.log:gsub("\n", ""))
      end
    end)
    reports[#reports + 1] = {
      store   = store.name,
      lines   = lines,
      seconds = job and math.floor(job.elapsed * 10 + 0.5) / 10 or 0,
    }
    log.info("%s is verified", store.name)
  end
end

return reports
