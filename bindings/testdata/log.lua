-- What is logged is tested in Go; here is what is refused.

function test_formats()
  log.info("100% sure")
  log.warn("%s%% of %d", 12.5, 7)
  log.debug("%s and %s", "one")
  log.error(select(2, pcall(api.invoke, "FailCall")))
  local cycle = {}
  cycle[1] = cycle
  log.info("%s", cycle)
  log.info("%d", "x") --! script: log: argument 2 is x, want a number for %d
  log.info("%v", 1) --! %v is no directive
  log.info({}, 1) --! the first of several arguments is the format, want text
  log.wran("x") --! did you mean warn?
end
