-- Reads a CSV file row by row and adds up what stands in one column.
playbook {
  inputs = {
    file = { type = "file", required = true, about = "CSV with userName, fullName, emailAddress, size, folder and note" },
    by   = { type = "enum", values = { "name", "position" }, required = true, about = "how a row's value is asked for" },
  },
}

local csv = require("csv")
local time = require("time")

local started, rows, sum = time.now(), 0, 0
if inputs.by == "name" then
  for row in csv.rows(inputs.file) do
    rows, sum = rows + 1, sum + tonumber(row.size)
  end
else
  for row in csv.rows(inputs.file, { header = false }) do
    if rows > 0 then sum = sum + tonumber(row[4]) end
    rows = rows + 1
  end
  rows = rows - 1 -- the header
end
return { seconds = time.now() - started, rows = rows, sum = sum }
