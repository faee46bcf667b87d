-- try gives errors back instead of raising them.
local users, err = api.try("GetUsers")
assert(#users == 2 and err == nil)

local nothing, none = api.try("SlowCall", { seconds = "0s" })
assert(nothing == nil and none == nil, "success is err == nil")

local user, failed = api.try("FailCall")
assert(user == nil and failed.kind == "server")

local _, lost = api.try("LoseAnswer", { id = "1" })
assert(lost.kind == "unknown", "it can be caught, and is counted all the same")

local _, wrong = api.try("Echo", { a = print })
assert(wrong.kind == "invalid")
