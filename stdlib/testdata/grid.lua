local grid = require("grid")
local expect = require("expect")

local users = {
  { userName = "ada", mails = 1200, note = "first of all programmers" },
  { userName = "日本 太郎", mails = 7, active = true },
}

function test_rows_by_name()
  expect.equal(grid.format(users), [[
userName   mails  note                      active
─────────  ─────  ────────────────────────  ──────
ada         1200  first of all programmers
日本 太郎      7                            true
]])
  expect.equal(grid.format(users, { columns = { "mails", "userName" } }), [[
mails  userName
─────  ─────────
 1200  ada
    7  日本 太郎
]])
end

function test_columns_have_titles_sides_and_widths()
  local columns = {
    { name = "note", title = "Remark", max_width = 8 },
    { name = "mails", title = "Mails", align = "left" },
    { name = "active", align = "right" },
    "gone",
  }
  expect.equal(grid.format(users, { columns = columns }), [[
Remark    Mails  active  gone
────────  ─────  ──────  ────
first o…  1200
          7        true
]])
end

function test_lists()
  expect.equal(grid.format { { "a", 10 }, { "bcd", 9.5 }, {} }, "a     10\nbcd  9.5\n\n")
  expect.equal(grid.format({ { "a", 10 }, { "bcd" } }, { columns = { "x", "n" }, border = true, ascii = true }), [[
+-----+----+
| x   |  n |
+-----+----+
| a   | 10 |
| bcd |    |
+-----+----+
]])
  expect.equal(grid.format({ { "a" } }, { columns = { "x" }, header = false }), "a\n")
end

function test_a_column_without_a_name()
  expect.equal(grid.format { { [""] = 1 } }, "\n─\n1\n")
  grid.format({ { a = 1 } }, { columns = { { title = "A" } } }) --! column 1 has no name, which rows by name need
end

function test_nothing_to_show()
  expect.equal(grid.format {}, "")
  expect.equal(grid.format({}, { columns = { "a", "b" } }), "a  b\n─  ─\n")
  expect.equal(grid.format({ {}, {} }, { columns = { "a" } }), "a\n─\n\n\n")
end

function test_values()
  local function cell(value) return (grid.format({ { value } }, { columns = { "v" }, header = false }):gsub("\n$", "")) end
  expect.equal(cell(true), "true")
  expect.equal(cell(0.1), "0.1")
  expect.equal(cell(2 ^ 53), tostring(2 ^ 53))
  expect.equal(cell(1e100), tostring(1e100))
  expect.equal(cell(1234567.5), "1234567.5")
  expect.equal(cell { 123456789.25, 0.5 }, "123456789.25, 0.5")
  expect.equal(cell(-1 / 0), "-Inf")
  expect.equal(cell(1 / 0), tostring(1 / 0))
  expect.equal(cell(json.null), "")
  expect.equal(cell { "login", "admin", 3 }, "login, admin, 3")
  expect.equal(cell { a = { 1 } }, '{"a":[1]}')
  expect.equal(cell { { 1 }, 2 }, "[[1],2]")
  expect.equal(cell(json.array {}), "")
  expect.equal(cell {}, "{}")
  expect.equal(cell { print }, "table")
  expect.equal(cell(print), "function")
  expect.equal(cell(host.secret("swordfish")), "***")
  local _, err = pcall(json.decode, "{")
  expect.equal(cell(err), tostring(err))
end

function test_text_cannot_act_on_the_terminal()
  expect.equal(grid.format { { ["a\tb"] = "x\r\ny\27[2Jz\255" } }, "a\\tb\n────────────────\nx\\ny\\x1b[2Jz\\xff\n")
end

function test_tables_fit_a_width()
  expect.equal(grid.format(users, { max_width = 34 }), [[
userName   mails  note           …
─────────  ─────  ─────────────
ada         1200  first of all…
日本 太郎      7
]])
  expect.equal(grid.format({ { n = 123456789, t = "abcdefghijklmnop" } }, { max_width = 22, ascii = true }), [[
        n  t
---------  -----------
123456789  abcdefgh...
]])
end

function test_wrong_arguments()
  grid.format({ { 1 }, { a = 1 } }) --! some rows are lists and others are tables by name
  grid.format({ { 1, 2, 3 } }, { columns = { "a" } }) --! a row has 3 elements, and columns names 1
  grid.format({ { a = 1 } }, { columns = { { title = "A" } } }) --! column 1 has no name
  grid.format({}, { max_width = 0 }) --! max_width is 0, want 1 or more
  grid.format({}, { columns = { { name = "a", max_width = -1 } } }) --! max_width of column 1 is -1
  grid.format({ "a" }) --! want table, got string
  grid.format({}, { width = 10 }) --! unknown field "width"
  grid.format({}, { columns = { { name = "a", align = "middle" } } }) --! want "left" or "right"
  local rows = { { ("x"):rep(1e6) } }
  for i = 2, 100 do rows[i] = { "x" } end
  grid.format(rows) --! more than 64 MiB
  expect.equal(#grid.format(rows, { max_width = 40 }), 39 + #"…\n" + 99 * 2)
end

function test_printing_fits_the_screen()
  grid.print({ { name = "a name that is too long for the screen", n = 1 } })
  expect.equal(host.printed(), [[
name                                   n
-------------------------------------  -
a name that is too long for the sc...  1
]])
  grid.print({})
  expect.equal(#host.printed(), 3 * 41)
end
