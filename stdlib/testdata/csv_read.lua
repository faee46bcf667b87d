local csv = require("csv")
local expect = require("expect")

local function read(text, opts)
  host.write("x.csv", text)
  return csv.read("x.csv", opts)
end

function test_rows_by_name()
  local seen = {}
  for row in csv.rows("users.csv") do
    seen[#seen + 1] = row.userName .. ": " .. row.fullName
  end
  expect.equal(seen, { "ada: Ada Lovelace", "bob: Bob, Junior" })
end

function test_rows_are_plain_tables()
  local row = csv.rows("users.csv")()
  expect.equal(row, { userName = "ada", fullName = "Ada Lovelace", password = "swordfish" })
  local names = {}
  for name in pairs(row) do names[#names + 1] = name end
  expect.equal(names, { "userName", "fullName", "password" })
  expect.equal(json.encode(row), '{"userName":"ada","fullName":"Ada Lovelace","password":"swordfish"}')
  row.seen = true
  expect.is_true(row.seen)
end

function test_an_iterator_ends_for_good()
  local next_row = csv.rows("users.csv")
  next_row()
  next_row()
  expect.is_nil(next_row())
  expect.is_nil(next_row())
end

function test_an_absent_column_is_an_error()
  local row = csv.rows("users.csv")()
  local x = row.username --! script: csv: users.csv: has no column username; hint: did you mean userName?
  local x = row.email --! hint: its columns are userName, fullName, password
  expect.is_nil(row[1])
  row = csv.rows("users.csv", { strict = false })()
  expect.is_nil(row.username)
  expect.equal(row.userName, "ada")
end

function test_rows_by_position()
  local rows = read("1;2\n3;4\n", { header = false })
  expect.equal(rows, { { "1", "2" }, { "3", "4" } })
  expect.equal(json.encode(rows), '[["1","2"],["3","4"]]')
  expect.equal(read("", { header = false }), {})
  expect.equal(json.encode(read("a,b\n")), "[]")
end

function test_columns_without_header()
  expect.equal(read("1;2\n", { header = false, columns = { "a", "b" } }), { { a = "1", b = "2" } })
  read("1;2\n", { header = false, columns = { "a" } }) --! csv.read: x.csv: line 1 has 2 fields, and columns names 1
  read("1;2\n", { header = false, columns = { "a", "b", "c" } }) --! x.csv: line 1 has 2 fields, and columns names 3
  expect.equal(read("1;2\n", { header = false, columns = { "a", "b", "c" }, strict = false }), { { a = "1", b = "2" } })
  read("1;2\n", { header = false, columns = { a = "b" } }) --! without header, columns must be a list of all names
  read("1;2\n", { header = false, columns = { "a", "a" } }) --! two columns would be named a
end

function test_columns_that_must_be_there()
  expect.equal(#csv.read("users.csv", { columns = { "userName", "password" } }), 2)
  csv.read("users.csv", { columns = { "username" } }) --! csv.read: users.csv: has no column username; hint: did you mean userName?
  csv.rows("users.csv", { columns = { "e-mail" } }) --! csv.rows: users.csv: has no column e-mail; hint: its columns are
end

function test_columns_under_other_names()
  local row = csv.rows("users.csv", { columns = { name = "fullName", id = "userName" } })()
  expect.equal(row, { id = "ada", name = "Ada Lovelace", password = "swordfish" })
  local x = row.fullName --! has no column fullName
  csv.rows("users.csv", { columns = { id = "username" } }) --! has no column username; hint: did you mean userName?
  csv.rows("users.csv", { columns = { password = "userName" } }) --! two columns would be named password
  csv.rows("users.csv", { columns = { 5 } }) --! want
end

function test_columns_that_may_be_there()
  local all = { "userName", "fullName", "password", "phone" }
  local row = csv.rows("users.csv", { columns = { "userName" }, allowed = all, secret = { "password" } })()
  assert(row.fullName == "Ada Lovelace" and row.phone == nil and tostring(row.password) == "***")
  print(row.phones) --! has no column phones
  host.write("more.csv", "userName,fulName\nada,Ada\n")
  csv.read("more.csv", { allowed = all }) --! invalid: csv.read: more.csv: there is no use for the column fulName; hint: did you mean fullName?
  csv.read("more.csv", { allowed = { "userName" } }) --! hint: columns are userName
  csv.read("more.csv", { allowed = { "userName", "fulName", "password" }, secret = { "password" } })
  csv.read("more.csv", { allowed = { "userName", "fulName" }, secret = { "password" } }) --! has no column password
  csv.read("more.csv", { allowed = { "login", "fulName" }, columns = { login = "userName" } })
end

function test_an_empty_secret_hides_nothing()
  host.write("empty.csv", "userName,password\nada,\n")
  assert(csv.read("empty.csv", { secret = { "password" } })[1].password == "")
end

function test_secret_columns()
  local row = csv.rows("users.csv", { secret = { "password" } })()
  expect.equal(tostring(row.password), "***")
  expect.equal(json.encode(row), '{"userName":"ada","fullName":"Ada Lovelace","password":"***"}')
  expect.equal(host.redacted("it is swordfish"), "it is ***")
  expect.equal(host.redacted("it is hunter22"), "it is hunter22") -- not read yet
  csv.rows("users.csv", { secret = { "pasword" } }) --! has no column pasword; hint: did you mean password?
  row = csv.rows("users.csv", { columns = { pw = "password" }, secret = { "pw" } })()
  expect.equal(tostring(row.pw), "***")
end

function test_line_numbers()
  expect.equal(read('a,b\n\n1,"x\ny"\n3,4\n', { line = "line" }), { { a = "1", b = "x\ny", line = 3 }, { a = "3", b = "4", line = 5 } })
  csv.rows("users.csv", { line = "userName" }) --! line = "userName" is a column of the file: choose another name
  csv.rows("users.csv", { line = "line", header = false }) --! line = "line" needs rows by name
  local row = csv.rows("users.csv", { line = "line" })()
  local x = row.lines --! did you mean line?
end

function test_short_rows()
  read("a,b\n1\n") --! csv.read: x.csv:2: 1 field, the header has 2
  expect.equal(read("a,b\n1\n", { strict = false }), { { a = "1" } })
  read("a,b\n1,2,3\n", { strict = false }) --! x.csv:2: 3 fields, the header has 2
end

function test_trim_and_comments()
  expect.equal(read("# people\n a , b \n 1 , 2 \n", { trim = true, comment = "#" }), { { a = "1", b = "2" } })
end

function test_what_was_found_is_said_once()
  read("a;b\n1;2\n")
  read("a;b\n1;2\n")
  expect.equal(host.logged(), 'info x.csv: read as UTF-8, delimiter ";"')
end

function test_the_ordinary_is_said_quietly()
  csv.read("users.csv")
  expect.equal(host.logged(), 'debug users.csv: read as UTF-8, delimiter ","')
end

function test_encodings()
  expect.equal(read("name\nM\252ller\nSchr\246der\n"), { { name = "Müller" }, { name = "Schröder" } })
  expect.contains(host.logged(), "info x.csv: read as cp1252, one column")
  expect.equal(read("\255\254a\000\10\000\228\000"), { { a = "ä" } })
  expect.equal(read("name\nErd\245s\n", { encoding = "cp1250" })[1].name, "Erdős")
  read("name\nErd\245s\n") --! the encoding is not certain: Erdõs in cp1252, or Erdős in cp1250; hint: name the one that is right
  read("name\nx\n", { encoding = "klingon" }) --! unknown encoding klingon
  read("a\000b\n") --! has a NUL byte, so it is no text
end

function test_delimiters()
  expect.equal(read("a:b\n1:2\n", { delimiter = ":" }), { { a = "1", b = "2" } })
  read("a;b,c\n1;2,3\n") --! the delimiter is not certain: "," gives 2 columns, ";" gives 2 columns; hint: name the one that is right
  read("a;b\n", { delimiter = "::" }) --! is no single ASCII character
end

function test_the_memory_does_not_grow_with_the_file()
  local lines = {}
  for i = 1, 50000 do lines[i] = "user" .. i .. ",some text that makes the line longer than it would be" end
  host.write("x.csv", "name,text\n" .. table.concat(lines, "\n"))
  lines = nil
  local before, rows = host.live(), 0
  for row in csv.rows("x.csv") do
    rows = rows + 1
    if rows % 20000 == 0 then expect.is_true(host.live() - before < 1024 * 1024, "less than 1 MiB after " .. rows .. " rows") end
  end
  expect.equal(rows, 50000)
end

function test_bad_files()
  csv.rows("user.csv") --! csv.rows: user.csv: no such file; hint: looked for /
  csv.rows(".") --! is a folder, not a CSV file
  csv.rows("/dev/null") --! null: is no regular file
  csv.rows("") --! the path is empty
  csv.rows() --! argument path: missing
  read("") --! x.csv: is empty; its first line must name the columns
  read("a,a\n") --! x.csv:1: columns 1 and 2 are both named a
  read("a,\n") --! x.csv:1: column 2 has no name
  read('a,b\n1,"x\n') --! x.csv:2:3: the quote that opens here is never closed
  read(("c,"):rep(1001) .. "c\n") --! more than 1000 columns
  csv.rows("users.csv", { header = "no" }) --! argument opts.header: want boolean, got string
  csv.rows("users.csv", { delimeter = ";" }) --! did you mean delimiter?
end

function test_an_error_in_a_row_names_it_and_stays()
  host.write("x.csv", "a,b\n1,2\n3\n5,6\n")
  local next_row = csv.rows("x.csv")
  next_row()
  next_row() --! x.csv:3: 1 field, the header has 2
  next_row() --! x.csv:3: 1 field, the header has 2
end

function test_absolute_paths()
  local path = host.write("y.csv", "a\n1\n")
  expect.equal(csv.read(path), { { a = "1" } })
end

function test_tasks_may_share_an_iterator()
  local lines = {}
  for i = 1, 20000 do lines[i] = "some text" .. i .. "," .. i end
  host.write("x.csv", "text,n\n" .. table.concat(lines, "\n") .. "\n")
  local next_row, rows, running = csv.rows("x.csv"), 0, 4
  for _ = 1, 4 do
    host.spawn(function()
      for row in next_row do
        rows = rows + (row.text:match("^some text") and 1 or 0)
      end
      running = running - 1
      if running == 0 then expect.equal(rows, 20000) end
    end)
  end
end
