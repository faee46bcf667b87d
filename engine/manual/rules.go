package manual

// rules explains how values travel between Lua, moonpost and the server. Each
// example is a playbook that runs against the sandbox.
func rules() []Entry {
	var entries []Entry
	for _, r := range valueRules {
		entries = append(entries, Entry{
			Kind: Rule, Name: r.name, About: r.about, Examples: []Sample{{Language: "lua", Text: r.example}},
		})
	}
	return entries
}

var valueRules = []struct{ name, about, example string }{
	{"sent as they are", "false, 0 and an empty text are sent as arguments; nil alone leaves an argument out.",
		`api.SetJobEnabled { id = 1, enabled = false }
for _, job in ipairs(api.GetJobs()) do
  if job.id == 1 then assert(job.enabled == false) end
end`},
	{"nulls of the server", "A null field of an object is absent in Lua, with the option nulls it is json.null. A null element of a list is always json.null, and a null result is nil.",
		`assert(json.decode('{"name":null}').name == nil)
assert(json.decode('{"name":null}', { nulls = true }).name == json.null)
assert(json.decode('[1,null]')[2] == json.null)`},
	{"clearing", "Leaving out the value of SetUserFullName and its like clears it on the server. So that this never happens by mistake, a call must say it with json.null.",
		`local _, err = api.try("SetUserFullName", { userName = "ada.lovelace" })
assert(err.kind == "invalid")
api.SetUserFullName { userName = "ada.lovelace", fullName = json.null }`},
	{"empty lists and objects", "A list from the server or from JSON stays a list when it is empty. An empty table of Lua is an object, json.array{} is a list.",
		`assert(json.encode(json.decode("[]")) == "[]")
assert(json.encode({}) == "{}")
assert(json.encode(json.array{}) == "[]")`},
	{"tables as arguments", "A table becomes JSON where the server takes JSON, and text with commas where it takes such a list; an element with a comma in it is refused. Elsewhere a table is an error.",
		`api.SetUserPrivileges { userName = "ada.lovelace", privileges = { "login", "export" } }
local _, err = api.try("SetUserFullName", { userName = "ada.lovelace", fullName = { "Ada" } })
assert(err.kind == "invalid")`},
	{"numbers and texts", "A number may be given as a text of digits, as CSV files have it. Where the server wants a text, a number is refused, because 007 and 7 are not the same name.",
		`api.VerifyStore { id = "1" }
local _, err = api.try("GetUserInfo", { userName = 7 })
assert(err.kind == "invalid")`},
	{"large numbers", "A Lua number is exact up to 2^53. Larger whole numbers from the server become texts, and are refused as numbers.",
		`assert(json.decode("9007199254740993") == "9007199254740993")`},
	{"defaults", "An argument that one version of the server requires and another does not know is filled in where a harmless value is known, such as includeIndexes of VerifyStore.",
		`local _, job = api.VerifyStore { id = 1 }
assert(not job or job.status == "succeeded")`},
	{"times and durations", "A duration is a number of seconds or a text like 90s, 1h30m, 7d or 2w. Times of the server are texts without a zone: 2026-01-31T08:00:00.",
		`task.sleep("10ms")
api.invoke("GetWorkerResults", {}, { window = require("time").last("7d"), timeout = "2m" })`},
	{"secrets", "A secret is shown as *** wherever text leaves the program, and is sent in clear to the server alone. Texts that a playbook makes of it are masked, too.",
		`local csv = require("csv")
csv.write("new.csv", { { userName = "ada", password = "correct horse" } })
for row in csv.rows("new.csv", { secret = { "password" } }) do
  assert(tostring(row.password) == "***")
end`},
}
