-- Decodes a large JSON text into tables.
playbook { inputs = { text = { type = "string", required = true, about = "the JSON text" } } }

local time = require("time")

local started = time.now()
local rows = json.decode(inputs.text)
return { seconds = time.now() - started, rows = #rows, sum = rows[#rows].id }
