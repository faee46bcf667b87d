local csv = require("csv")
local expect = require("expect")

local function written(rows, opts)
  csv.write("out.csv", rows, opts)
  return host.content("out.csv")
end

function test_rows_by_name()
  expect.equal(csv.write("out.csv", { { a = "1", b = "x,y" }, { a = "2" } }), 2)
  expect.equal(host.content("out.csv"), 'a,b\n1,"x,y"\n2,\n')
end

function test_columns_come_in_the_order_in_which_they_are_met()
  expect.equal(written { { b = "1" }, { a = "2", b = "3" }, { c = "4" } }, "b,a,c\n1,,\n3,2,\n,,4\n")
end

function test_given_columns()
  expect.equal(written({ { a = "1", b = "2", c = "3" } }, { columns = { "c", "a", "d" } }), "c,a,d\n3,1,\n")
  expect.equal(written({}, { columns = { "a", "b" } }), "a,b\n")
  expect.equal(written {}, "")
end

function test_rows_by_position()
  expect.equal(written { { "1", "2" }, { "3", "4" } }, "1,2\n3,4\n")
  expect.equal(written({ { "1", "2" }, { "3" } }, { columns = { "a", "b" } }), "a,b\n1,2\n3,\n")
  csv.write("out.csv", { { "1" }, { "1", "2" } }, { columns = { "a" } }) --! row 2 has 2 fields, and columns names 1
  csv.write("out.csv", { {} }) --! row 1 has no fields
  expect.equal(written({ {} }, { columns = { "a", "b" } }), "a,b\n,\n")
  csv.write("out.csv", { { "1" }, { a = "1" } }) --! row 2 is a list and others are not
end

function test_values()
  expect.equal(written({ { 1, -2.5, true, false, json.null, "" } }, { columns = { "a", "b", "c", "d", "e", "f" } }),
    "a,b,c,d,e,f\n1,-2.5,true,false,,\n")
  expect.equal(written { { n = 1e15, m = 123456.789, k = -0.001 } }, "n,m,k\n1000000000000000,123456.789,-0.001\n")
  expect.equal(written { { rights = { "a", "b" }, more = { x = 1 } } }, 'rights,more\n"[""a"",""b""]","{""x"":1}"\n')
  csv.write("out.csv", { { a = 0 / 0 } }) --! row 1, column a: the number is not finite
  csv.write("out.csv", { { a = print } }) --! row 1, column a: json: a function has no JSON
  csv.write("out.csv", { { a = "\255" } }) --! row 2, column 1: "\xff" is no text
end

function test_formulas_are_made_text()
  expect.equal(written { { a = "=1+1", b = "-5", c = "@x", d = -5, e = "+49 89" } }, "a,b,c,d,e\n'=1+1,-5,'@x,-5,'+49 89\n")
  expect.equal(written({ { a = "=1+1" } }, { raw = true }), "a\n=1+1\n")
  expect.equal(written { { ["=a"] = "1" } }, "'=a\n1\n")
end

function test_styles()
  expect.equal(written({ { a = "1", b = "2,5" } }, { delimiter = ";" }), 'a;b\n1;"2,5"\n')
  expect.equal(written({ { a = "ä" } }, { bom = true }), "\239\187\191a\nä\n")
  csv.write("out.csv", {}, { delimiter = ":" }) --! want "," or ";"
end

function test_secrets_are_masked_and_that_is_said()
  expect.equal(written { { user = "ada", password = host.secret("swordfish") }, { user = "bob", password = host.secret("x") } },
    "user,password\nada,***\nbob,***\n")
  expect.equal(host.logged(), "warn out.csv: the values of password are secret and written as ***")
end

function test_an_iterator_is_written_as_it_comes()
  expect.equal(csv.write("out.csv", csv.rows("users.csv"), { columns = { "fullName", "userName" } }), 2)
  expect.equal(host.content("out.csv"), 'fullName,userName\nAda Lovelace,ada\n"Bob, Junior",bob\n')
  local n = 0
  local function rows()
    n = n + 1
    if n <= 2 then return { n = n } end
  end
  expect.equal(csv.write("out.csv", rows), 2)
  expect.equal(host.content("out.csv"), "n\n1\n2\n")
  n = 0
  csv.write("out.csv", function() n = n + 1 return { ["c" .. n] = 1 } end) --! row 2 has the column c2, which is not in the header; hint: name all columns
  csv.write("out.csv", function() return 5 end) --! the iterator gave no table
  csv.write("out.csv", function() error("no luck") end) --! no luck
end

function test_a_file_appears_whole_or_not_at_all()
  host.write("out.csv", "old")
  pcall(csv.write, "out.csv", { { a = "1" }, { a = print } })
  expect.equal(host.content("out.csv"), "old")
  expect.equal(host.files(), "out.csv users.csv")
  csv.write("out.csv", { { a = "1" } })
  expect.equal(host.content("out.csv"), "a\n1\n")
  expect.equal(host.files(), "out.csv users.csv")
end

function test_standard_output()
  expect.equal(csv.write("-", { { a = "1", b = "x\ny" } }), 1)
  expect.equal(host.printed(), 'a,b\n1,"x\ny"\n')
  expect.equal(host.files(), "users.csv")
end

function test_what_is_written_is_read_back()
  local rows = { { name = "Müller; Jan", note = 'say "hi"\r\n', empty = "" }, { name = " x", note = "a\tb|c", empty = "#" } }
  for _, delimiter in ipairs { ",", ";", "\t", "|" } do
    csv.write("out.csv", rows, { delimiter = delimiter, bom = delimiter == ";" })
    expect.equal(csv.read("out.csv"), rows)
  end
end

function test_bad_places()
  csv.write("none/out.csv", {}) --! there is no folder
  csv.write(".", {}) --! is a folder
  csv.write("/dev/null", {}) --! is no regular file
  csv.write("out.csv") --! argument rows: missing
  csv.write("out.csv", { 1 }) --! argument rows
end
