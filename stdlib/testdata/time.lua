local expect = require("expect")
local time = require("time")

-- The clock stands at 2026-11-22T09:30:15.25Z; the zone here is 3:30 h west.

function test_now()
  expect.equal(time.now(), 1795339815.25)
  expect.equal(time.format(time.now(), nil, "utc"), "2026-11-22T09:30:15Z")
end

function test_format()
  expect.equal(time.format(time.now()), "2026-11-22T06:00:15-03:30")
  expect.equal(time.format(time.now(), "%F %T %z"), "2026-11-22 06:00:15 -0330")
  expect.equal(time.format(time.now(), "%Y %y %m %d %e %j %H %I %M %S %p %a %A %b %B %s %%", "utc"),
    "2026 26 11 22 22 326 09 09 30 15 AM Sun Sunday Nov November 1795339815 %")
  expect.equal(time.format(-1, "%T", "utc"), "23:59:59")
  expect.equal(time.format("0", "%F", "utc"), "1970-01-01")
  time.format(0, "%Q") --! has %Q, which is no letter of os.date
  time.format(0, "100%") --! is no letter of os.date; hint: write a per cent sign as %%
  time.format(1e300) --! is no time
  time.format(0, "%F", "CET") --! want "local" or "utc", got "CET"
end

function test_parse()
  expect.equal(time.parse("2026-11-22T09:30:15.25Z"), time.now())
  expect.equal(time.parse("2026-11-22T09:30:15.25", "utc"), time.now())
  expect.equal(time.parse("2026-11-22 06:00:15.25"), time.now())
  expect.equal(time.parse("2026-11-22T10:30:15.25+01:00"), time.now())
  expect.equal(time.parse("1970-01-01", "utc"), 0)
  expect.equal(time.parse(" 1970-01-01T00:01 ", "utc"), 60)
  expect.equal(time.parse("1969-12-31T23:59:59Z"), -1)
  expect.equal(time.format(time.parse("2026-02-28"), "%F"), "2026-02-28")
  time.parse("22.11.2026") --! "22.11.2026" is no time; hint: write 2026-11-22
  time.parse("2026-02-30") --! is no time
  time.parse("") --! is no time
  time.parse(5) --! want string, got number
end

function test_duration()
  expect.equal(time.duration("1h30m"), 5400)
  expect.equal(time.duration("90s"), 90)
  expect.equal(time.duration("30d"), 30 * 86400)
  expect.equal(time.duration("2w1d12h"), 15.5 * 86400)
  expect.equal(time.duration(2.5), 2.5)
  time.duration("soon") --! want duration, got the text "soon"
  time.duration("-1s") --! want duration
end

function test_last()
  expect.equal(time.last("24h"), { from = "2026-11-21T09:30:16", to = "2026-11-22T09:30:16", zone = "UTC" })
  expect.equal(time.last(60).from, "2026-11-22T09:29:16")
  time.last(0) --! the duration must be more than nothing
end

function test_window()
  expect.equal(time.window("2026-11-01", "2026-12-01"), { from = "2026-11-01T00:00:00", to = "2026-12-01T00:00:00", zone = "$Local" })
  expect.equal(time.window("2026-11-01 08:00", "2026-11-01T09:30:05").from, "2026-11-01T08:00:00")
  expect.equal(time.window("2026-11-01", "2026-12-01", "W. Europe Standard Time").zone, "W. Europe Standard Time")
  expect.equal(time.window(0, time.now()), { from = "1970-01-01T00:00:00", to = "2026-11-22T09:30:15", zone = "UTC" })
  expect.equal(time.window("2026-11-01T01:00:00+01:00", 1.8e9).from, "2026-11-01T00:00:00")
  time.window("2026-12-01", "2026-11-01") --! from 2026-12-01T00:00:00 is not before to 2026-11-01T00:00:00
  time.window("2026-12-01", "2026-12-01") --! is not before
  time.window("2026-11-01", time.now()) --! one end has a zone and the other has none
  time.window(0, 1, "$Local") --! both ends have a zone, so the window is in UTC, not in "$Local"
  time.window("yesterday", "today") --! "yesterday" is no time
  time.window(0 / 0, 1) --! got
  time.window({}, 1) --! want string or number, got table
end
