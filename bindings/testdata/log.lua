-- A single argument is text as it is; several are a format.
log.info("100% sure")
log.warn("%s%% of %d", 12.5, 7)
log.error("%-5s|%5.1f|%x|%c|%q", "ab", 2.25, 255, 65, 'a"b')
log.info({ b = 1, a = { true } })
log.info("%s %s %s", nil, { 1, 2 }, inputs.password)
log.info(select(2, pcall(api.invoke, "FailCall")))
log.info("%s", nil)
log.info("%s and %s", "one")
log.debug("%5s|%i|%g", true, "3", 0.5)
local cycle = {}
cycle[1] = cycle
log.info("%s", cycle)
log.info("%d", "x") --! argument 2 is x, want a number for %d
log.info("%d", 1.5) --! argument 2 is 1.5, want a whole number for %d
log.info("%v", 1) --! %v is no directive
log.info("%100s", 1) --! want flags, a width of two digits
log.info("50%", 1) --! the format ends inside a directive
log.info({}, 1) --! the first of several arguments is the format, want text
