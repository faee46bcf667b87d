-- Pure interpreter work; runs in plain gopher-lua and in moonpost alike.
local function timed(name, work)
  local started = os.clock()
  work()
  print(name .. " " .. (os.clock() - started))
end

local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
timed("fib30", function() fib(30) end)

timed("adds10M", function()
  local x = 0
  for i = 1, 1e7 do x = x + i % 7 end
end)

timed("sort1M", function()
  local seed, values = 42, {}
  for i = 1, 1e6 do
    seed = (seed * 1103515245 + 12345) % 2147483648
    values[i] = seed
  end
  table.sort(values)
end)

for _, n in ipairs { 250000, 1000000 } do
  local parts = {}
  for i = 1, n do parts[i] = "x" end
  timed("concat" .. n, function() table.concat(parts, ",") end)
end
