-- What these lines print was taken from the reference implementation of Lua
-- 5.1 (TZ=UTC, LC_ALL=C) and stands in lua51.txt.
local function out(...)
  local texts = {}
  for i = 1, select("#", ...) do
    texts[i] = tostring((select(i, ...)))
  end
  print(table.concat(texts, "|"))
end
-- try prints the results of a call, and ERR for an error: its words are ours.
local function results(ok, ...)
  if ok then out(...) else print("ERR") end
end
local function try(f, ...) results(pcall(f, ...)) end

-- format: numbers
local numbers = { 0, 1, -1, 3.7, -3.7, 255, 1e15, 123456789, 0.1, 1e-5, 1e100, -0.5, 2 ^ 31, 2 ^ 53 }
for _, spec in ipairs {
  "%d", "%5d", "%-5d|", "%05d", "%+d", "% d", "%.3d", "%8.3d", "%i", "% 5d", "%+5d", "%-+5d|", "%.0d",
  "%x", "%X", "%#x", "%o", "%#o", "%#.3x", "%u",
  "%e", "%.2E", "%f", "%.0f", "%10.2f", "%-10.2f|", "%+.1f", "%#.0f", "%010.3f",
  "%g", "%.3g", "%G", "%#g", "%.10g", "%.14g", "%.0g",
} do
  for _, n in ipairs(numbers) do
    local whole = spec:find("[dixXou]")
    if not (whole and (n > 2 ^ 62 or n < 0 and spec:find("[xXou]"))) then
      try(string.format, spec, n)
    end
  end
end
-- format: texts
for _, spec in ipairs { "%s", "%10s", "%-10s|", "%.3s", "%5.1s|", "%q" } do
  for _, text in ipairs { "", "abc", "hello world", 'a"b\\c' } do
    try(string.format, spec, text)
  end
end
try(string.format, "%c%c|%3c|%-3c|", 65, 66, 67, 68)
try(string.format, "100%%")
try(string.format, "%5s %s", 12, 1.5)
for _, spec in ipairs { "%", "%y", "%123d", "%.123d", "%*d", "%5", "%-", "%d", "%ll" } do
  try(string.format, spec)
end

-- positions
for i = -4, 5 do
  for j = -4, 5 do
    out(("abc"):sub(i, j))
    out(("abc"):byte(i, j))
  end
  out(("abc"):sub(i))
  out(("abc"):byte(i))
end
out(("abc"):byte())
out((""):byte())
out(string.char())
out(string.char(65, 66))
try(string.char, 256)
try(string.char, -1)
out(("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-1), ("abc"):reverse(), ("a\0b"):len(), ("aBc1"):upper(), ("aBc1"):lower())
out(("x"):rep(3), ("%d"):format(3), #"abc", ("a,b"):find(",", 1, true))

-- tonumber
for _, text in ipairs {
  "10", " 10 ", "0x10", "1e1", "1e+1", "1E-1", "1.", ".1", ".", "", "-", "- 1", "-1", "+1", "0x", "0xg", "1x", "1e", "1 1",
  "\t1\n", "010", "1..2", "1e1.5",
} do
  out(text, tonumber(text))
end
for _, pair in ipairs {
  { "10", 2 }, { "12", 2 }, { "ff", 16 }, { "FF", 16 }, { "0xff", 16 }, { "zz", 36 }, { "7", 8 }, { "8", 8 }, { " 11 ", 2 },
  { "", 16 }, { "1.5", 16 }, { 10, 10 }, { "1e1", 10 },
} do
  out(tonumber(pair[1], pair[2]))
end
try(tonumber, "1", 1)
try(tonumber, "1", 37)
try(tonumber)

-- tables
local t = { 1, 2, 3 }
table.insert(t, 4)
table.insert(t, 1, 0)
table.insert(t, 3, 9)
out(unpack(t))
out(table.remove(t), table.remove(t, 1), table.remove(t, 2))
out(unpack(t))
out(#t)
out(table.concat({}, ","), table.concat({ 1, 2, "x" }, ","), table.concat({ 1, 2, 3 }, ",", 2))
out(table.concat({ 1, 2, 3 }, ",", 2, 2), table.concat({ 1, 2, 3 }, ",", 3, 2))
try(table.concat, { 1, {}, 3 })
try(table.concat, { 1, 2 }, ",", 1, 5)
try(table.concat, { 1, 2 }, ",", 0)
out(table.maxn { 1, 2, [10] = 1, [1.5] = 2 }, table.getn { 1, 2 })
local s = { 5, 2, 8, 1 }
table.sort(s)
out(unpack(s))
table.sort(s, function(a, b) return a > b end)
out(unpack(s))
try(table.sort, { 1, "x" })
s = { "b", "a", "C" }
table.sort(s)
out(unpack(s))
out(unpack({ 1, 2, 3 }, 2, 3))
out(unpack({}, 1, 3))
out(unpack({ 1 }, 3, 1))

-- math
out(math.max(1, 5, 3), math.min(4, 2), math.floor(-1.5), math.ceil(1.2), math.fmod(7, 3), math.abs(-3))
out(math.modf(3.5))
out(math.frexp(8))
out(math.ldexp(1, 4))
try(math.random, 0)
try(math.random, 2, 1)

-- os
for _, layout in ipairs {
  "%Y-%m-%d %H:%M:%S", "%c", "%x", "%X", "%a %A %b %B", "%d %j %U %w %W %y %p %I %M %%",
  "%D %e|%F %R %T %n%t%h %C %G %g %u %V %s",
} do
  for _, at in ipairs { 0, 1e9, 951782400, 1704067199, 1704585600 } do
    out(os.date("!" .. layout, at))
  end
end
local d = os.date("!*t", 1e9)
out(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
out(os.time { year = 2020, month = 1, day = 1, hour = 0 }, os.time { year = 2020, month = 14, day = -3 })
try(os.time, { year = 2020 })
out(os.difftime(5, 3))

-- base
out(select("#", 1, nil))
try(select, 0)
try(select, -5, 1)
out(select(-2, 1, 2, 3))
out(select(2, 1, 2, 3))
out(select(5, 1))
out(pcall(error, "m", 0))
out(pcall(error, nil))
out(xpcall(function() return 1, 2 end, print))
out(next({}))
out(rawequal(1, 1), type(next), type(nil), tostring(nil), tostring(false))

-- coroutines
local co = coroutine.create(function(a, b)
  out("in", a, b)
  local c = coroutine.yield(a + b)
  out("got", c)
  out(coroutine.yield(c * 2))
  return "end", 9
end)
out(coroutine.status(co))
out(coroutine.resume(co, 1, 2))
out(coroutine.status(co))
out(coroutine.resume(co, 10))
out(coroutine.resume(co, "x", "y"))
out(coroutine.status(co))
out((coroutine.resume(co)))
local w = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
out(w(), w(), w(), w())
out((pcall(w)))
local e = coroutine.create(function() error("x", 0) end)
out(coroutine.resume(e))
out(coroutine.status(e))
local ok, err = pcall(coroutine.wrap(function() error({ code = 5 }) end))
out(ok, err.code)
out(coroutine.running())
coroutine.wrap(function() out(type(coroutine.running()), coroutine.status(coroutine.running())) end)()
local outer
outer = coroutine.create(function()
  coroutine.resume(coroutine.create(function()
    out(coroutine.status(outer), (coroutine.resume(outer)))
  end))
end)
coroutine.resume(outer)
out((pcall(coroutine.yield)))
local tail = coroutine.wrap(function() return coroutine.yield(1) end)
out(tail())
out(tail(2, 3))
out((pcall(tail)))
local function deep(n)
  if n == 0 then return coroutine.yield("deep") end
  local r = deep(n - 1)
  return r
end
local dw = coroutine.wrap(function() return deep(3) end)
out(dw())
out(dw("back"))
for a, b in coroutine.wrap(function() coroutine.yield(1, 2) coroutine.yield(3, 4) end) do
  out(a, b)
end

-- patterns
out(("abc"):find("b", -1), ("abc"):find("", 10))
out(("abc"):find("", 4))
out(("abc"):match("", 10))
local g = {}
for k, v in string.gmatch("a=1, b=2", "(%w+)=(%w+)") do
  g[#g + 1] = k .. v
end
out(unpack(g))
out(("hello"):gsub("", "-"))
out(("abc"):gsub("%w", "%0%0"))
out(("abc"):gsub("b", { b = "X" }))
out(("abc"):gsub("b", function() end))
out(("abc def"):gsub("%f[%w]%w+", string.upper))
out(("abc"):gsub("%w*", "x"))
out(("abc"):gsub("a", "b", -1))
out(string.gsub(123, 2, 5))
try(string.gsub, "abc", "(a)", "%2")
try(string.gsub, "a", "a", { a = {} })
try(string.gsub, "a", "a", true)
