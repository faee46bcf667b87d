-- Instances and other servers.
assert(api.edition == "spe")
local acme = api.instance("acme")
assert(acme.Echo({ a = "x" }).instanceID == "acme")
assert(acme.invoke("Echo", { a = "x", instanceID = "other" }).instanceID == "other", "what the call gives counts")
assert(api.Echo({ a = "x" }).instanceID == nil)
assert(acme.edition == "spe" and acme.has("Echo"))

local other = api.target { url = "https://elsewhere", user = "admin", password = "correct horse", instance = "two" }
assert(other.Echo({ a = "x" }).instanceID == "two")
assert(other.edition == "server")
api.target { url = "https://elsewhere" } --! user
api.target({ url = "https://down", user = "admin", password = "correct horse" }).GetUsers() --! no connection to https://down
