-- The smallest playbook: one call, its result.
local info = api.invoke("GetServerInfo")

log.info("MailStore %s on %s", info.version, info.machineName)

return info
