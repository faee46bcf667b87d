-- A look around in the morning: mends one user, checks one store, counts.
local user, err = api.try("GetUserInfo", { userName = "ada.lovelace" })
if err and err.kind == "not_found" then
  api.CreateUser { userName = "ada.lovelace", fullName = "Ada Lovelace", privileges = "login" }
  log.info("ada.lovelace was missing and is created")
elseif err then
  error(err)
end

-- Verifying a store takes minutes: the call blocks, the function hears of every step.
local _, job = api.VerifyStore({ id = 1 }, function(progress)
  log.info("store 1: %s%%", progress.percent or "?")
end)

return { users = #api.GetUsers(), verified = job.status }
