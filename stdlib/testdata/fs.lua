local fs = require("fs")
local expect = require("expect")

local function paths(entries)
  local list = {}
  for i, entry in ipairs(entries) do list[i] = entry.path end
  return table.concat(list, " ")
end

function test_files_are_written_and_read()
  fs.write("a.txt", "größe\r\n")
  expect.equal(fs.read("a.txt"), "größe\r\n")
  fs.write("a.txt", "")
  expect.equal(fs.read("./a.txt"), "")
  expect.equal(host.files(), "a.txt users.csv")
  expect.equal(fs.read(host.dir() .. "/a.txt"), "")
end

function test_a_file_is_whole_or_not_there()
  fs.mkdir("a.txt")
  fs.write("a.txt", "x") --! invalid: fs.write: a.txt: is a folder
  fs.write("none/a.txt", "x") --! not_found: fs.write: none/a.txt: there is no folder none; hint: make it first: fs.mkdir("none")
  expect.equal(host.files(), "a.txt users.csv")
end

function test_append()
  fs.append("log.txt", "one\n")
  fs.append("log.txt", "two\n")
  expect.equal(fs.read("log.txt"), "one\ntwo\n")
  fs.append("none/log.txt", "x") --! not_found: fs.append: none/log.txt: there is no folder none
  fs.append(".", "x") --! .: is a folder
end

function test_encodings()
  host.write("old.txt", "gr\246\223er als M\252nchen, f\252r \196rger und \214l")
  expect.equal(fs.read("old.txt"), "größer als München, für Ärger und Öl")
  expect.equal(host.logged(), "info old.txt: read as cp1252")
  expect.equal(fs.read("old.txt", { encoding = "cp1252" }):sub(1, 7), "größe")
  host.write("bom.txt", "\239\187\191text")
  expect.equal(fs.read("bom.txt"), "text")
  expect.equal(fs.read("bom.txt", { encoding = "bytes" }), "\239\187\191text")
  host.write("wide.txt", "\255\254a\0b\0")
  expect.equal(fs.read("wide.txt"), "ab")
  host.write("data.bin", "a\0b\255")
  expect.equal(fs.read("data.bin", { encoding = "bytes" }), "a\0b\255")
  fs.read("data.bin") --! invalid: fs.read: data.bin:1: has a NUL byte, so it is no text; hint: to read what is no text: { encoding = "bytes" }
  fs.read("old.txt", { encoding = "utf-8" }) --! old.txt:1: byte 0xF6 is not UTF-8
  fs.read("old.txt", { encoding = "klingon" }) --! unknown encoding klingon
end

function test_what_is_not_there()
  fs.read("none.txt") --! not_found: fs.read: there is no none.txt
  fs.read("users.csv/x") --! not_found: fs.read: there is no users.csv/x
  fs.stat("none.txt") --! not_found: fs.stat: there is no none.txt
  fs.remove("none.txt") --! not_found: fs.remove: there is no none.txt
  fs.copy("none.txt", "b.txt") --! not_found: fs.copy: there is no none.txt
  fs.move("none.txt", "b.txt") --! not_found: fs.move: there is no none.txt
  expect.is_false(fs.exists("none.txt"))
  expect.is_false(fs.exists("none/none.txt"))
  expect.is_false(fs.exists("users.csv/none.txt"))
  expect.is_true(fs.exists("users.csv"))
  expect.is_true(fs.exists("."))
end

function test_nothing_outside_can_be_reached()
  for _, path in ipairs { "../x", "a/../../x", "/etc/hostname", host.given() .. "x", ".." } do
    for _, name in ipairs { "read", "stat", "exists", "list", "remove", "mkdir" } do
      local _, err = pcall(fs[name], path)
      expect.equal(err.kind, "permission", name .. " " .. path)
    end
    for _, name in ipairs { "write", "append" } do
      local _, err = pcall(fs[name], path, "x")
      expect.equal(err.kind, "permission", name .. " " .. path)
    end
    for _, name in ipairs { "copy", "move" } do
      local _, err = pcall(fs[name], "users.csv", path)
      expect.equal(err.kind, "permission", name .. " to " .. path)
      local _, err = pcall(fs[name], path, "x")
      expect.equal(err.kind, "permission", name .. " from " .. path)
    end
  end
  fs.read("../x") --! permission: fs.read: ../x is outside of
  fs.read("../x") --! the folder of the playbook; hint: declare the file: playbook { inputs
  fs.write("../x", "") --! hint: a playbook changes files in its own folder alone
  fs.read("") --! invalid: fs.read: the path is empty
  fs.write("", "") --! invalid: fs.write: the path is empty
end

function test_links_do_not_lead_out()
  host.link(host.given(), "out.txt")
  host.link("..", "up")
  for _, path in ipairs { "out.txt", "up/x", "up" } do
    for _, name in ipairs { "read", "stat", "exists" } do
      local _, err = pcall(fs[name], path)
      expect.equal(err.kind, "permission", name .. " " .. path)
    end
  end
  fs.read("out.txt") --! permission: fs.read: out.txt is a link that leads out of the folder of the playbook
  fs.write("out.txt", "x") --! permission: fs.write: out.txt is a link that leads out
  fs.append("out.txt", "x") --! permission: fs.append: out.txt is a link that leads out
  fs.write("up/x", "x") --! permission: fs.write: up/x is a link that leads out
  fs.mkdir("up/x") --! permission: fs.mkdir: up/x is a link that leads out
  fs.copy("users.csv", "up/x") --! permission: fs.copy: up/x is a link that leads out
  fs.move("users.csv", "up/x") --! permission: fs.move: up/x is a link that leads out
  expect.equal(paths(fs.list("**")), "users.csv")
  expect.equal(paths(fs.list("*/*")), "")
  fs.list("up/*") --! permission: fs.list: up/* is a link that leads out
  fs.remove("out.txt")
  expect.equal(fs.read(host.given()), "given")
end

function test_links_within_are_followed()
  fs.mkdir("d")
  fs.write("d/x.txt", "x")
  host.link("d", "link")
  host.link("d/x.txt", "x")
  expect.equal(fs.read("link/x.txt"), "x")
  expect.equal(fs.read("x"), "x")
  expect.equal(paths(fs.list("**/*.txt")), "d/x.txt")
end

function test_declared_inputs_are_read_only()
  local given = host.given()
  expect.equal(fs.read(given), "given")
  expect.is_true(fs.exists(given))
  expect.equal(fs.stat(given).path, given)
  fs.copy(given, "mine.txt")
  expect.equal(fs.read("mine.txt"), "given")
  fs.write(given, "x") --! permission
  fs.append(given, "x") --! permission
  fs.remove(given) --! permission
  fs.move(given, "x") --! permission
  fs.copy("users.csv", given) --! permission
end

function test_names_are_those_of_all_systems()
  fs.write("a:b.txt", "") --! invalid: fs.write: a:b.txt has one of < > : " | ? * or a control character in its name; hint: names are those
  fs.write("a?", "") --! has one of
  fs.write("a\nb", "") --! has one of
  fs.write("reports\\x.txt", "") --! write / between folders
  fs.write("con", "") --! is the name of a device
  fs.write("d/LPT1.txt", "") --! is the name of a device
  fs.write("name.", "") --! ends with a point or a blank
  fs.mkdir("name ") --! ends with a point or a blank
  fs.write("a\255", "") --! is not UTF-8
  fs.copy("users.csv", "nul") --! is the name of a device
  fs.write("COM¹.txt", "") --! is the name of a device
  fs.write("conin$", "") --! is the name of a device
  for _, name in ipairs { "console.txt", ".hidden", "日本.txt", "a b.c.txt", "com0" } do
    fs.write(name, "x")
    expect.equal(fs.read(name), "x")
  end
end

function test_files_with_other_names_can_be_put_away()
  host.write("12:30.csv", "x")
  fs.mkdir("done")
  fs.move("12:30.csv", "done/12-30.csv")
  expect.equal(fs.read("done/12-30.csv"), "x")
  host.write("what?", "x")
  fs.remove("what?")
  fs.append("what?", "") --! has one of
  expect.equal(host.files(), "done users.csv")
end

function test_long_names()
  local name = ("ä"):rep(125) .. ".txt" -- 254 bytes, and most systems take 255
  fs.write(name, "x")
  expect.equal(fs.read(name), "x")
  fs.write(name .. "xx", "x") --! invalid: fs.write: ää
end

function test_entries()
  fs.write("a.txt", "abc")
  local entry = fs.stat("a.txt")
  expect.equal({ entry.path, entry.size, entry.is_dir }, { "a.txt", 3, false })
  expect.is_true(entry.modified > 1700000000)
  local dir = fs.stat(".")
  expect.equal({ dir.size, dir.is_dir }, { 0, true })
end

function test_list()
  fs.mkdir("r/2025")
  fs.mkdir("r/2026")
  for _, path in ipairs { "r/2025/b.csv", "r/2026/a.csv", "r/2026/c.txt", "r/x.csv" } do fs.write(path, "x") end
  expect.equal(paths(fs.list()), "r users.csv")
  expect.equal(paths(fs.list("r/*")), "r/2025 r/2026 r/x.csv")
  expect.equal(paths(fs.list("r/**/*.csv")), "r/2025/b.csv r/2026/a.csv r/x.csv")
  expect.equal(paths(fs.list("r/202[56]/?.{csv,txt}")), "r/2025/b.csv r/2026/a.csv r/2026/c.txt")
  expect.equal(paths(fs.list("r/x.csv")), "r/x.csv")
  expect.equal(paths(fs.list("**/**/**/*.csv")), "r/2025/b.csv r/2026/a.csv r/x.csv users.csv")
  expect.equal(paths(fs.list("r/{x*,*.csv}")), "r/x.csv")
  expect.equal(paths(fs.list(host.dir() .. "/*.csv")), "users.csv")
  expect.equal(json.encode(fs.list("none/*")), "[]")
  fs.list("{r,../..}/x.csv") --! invalid: fs.list
  expect.equal(fs.list("r")[1].is_dir, true)
  fs.list("[a") --! invalid: fs.list: [a is no pattern
  fs.list("../*") --! permission: fs.list: ../* is outside of
end

function test_folders()
  fs.mkdir("a/b/c")
  fs.mkdir("a/b/c")
  fs.remove("a/b") --! invalid: fs.remove: a/b: the folder is not empty
  fs.remove("a/b/c")
  expect.is_false(fs.exists("a/b/c"))
  fs.mkdir("users.csv") --! exists: fs.mkdir: there is a users.csv already
  fs.mkdir("users.csv/x") --! fs.mkdir
  fs.remove(".") --! fs.remove
  fs.move(".", "x") --! fs.move
  fs.read("a") --! a: is a folder
end

function test_copy_and_move()
  fs.write("a", "1")
  fs.write("b", "2")
  fs.copy("a", "b") --! exists: fs.copy: there is a b already
  fs.move("a", "b") --! exists: fs.move: there is a b already
  fs.copy("a", "b", { overwrite = true })
  expect.equal(fs.read("b"), "1")
  fs.write("b", "2")
  fs.move("b", "a", { overwrite = true })
  expect.equal(fs.read("a"), "2")
  expect.is_false(fs.exists("b"))
  fs.mkdir("d")
  fs.move("a", "d", { overwrite = true }) --! fs.move: d: is a folder
  fs.move("d", "a", { overwrite = true }) --! invalid: fs.move: a: is a file, and a folder cannot take its place
  fs.copy("a", "d", { overwrite = true }) --! fs.copy: d: is a folder
  fs.copy("d", "e") --! fs.copy: d: is a folder
  fs.copy("a", "none/a") --! not_found: fs.copy: none/a: there is no folder none
  fs.move("a", "none/a") --! not_found: fs.move: none/a: there is no folder none
  fs.move("d", "e")
  expect.is_true(fs.stat("e").is_dir)
end

function test_secrets_are_not_written()
  fs.write("a", host.secret("swordfish")) --! argument text: want string, got secret
end
