-- What a run found out, said once.

function test_it_gives_back_what_it_was_given()
  local verdict = run.finish { state = "warning", text = "2 left", metrics = { { name = "left", value = 2, warn = 1, crit = "5:", min = 0, max = 9 } } }
  assert(verdict.state == "warning" and verdict.metrics[1].name == "left")
end

function test_it_is_said_once()
  run.finish { state = "ok", text = "" }
  run.finish { state = "ok", text = "" } --! script: run.finish: the verdict was given before, and there is one
end

function test_its_shape_is_checked()
  run.finish { text = "x" } --! state
  run.finish { state = "bad", text = "x" } --! want "ok" or "warning" or "critical" or "unknown", got "bad"
  run.finish { state = "ok" } --! text
  run.finish { state = "ok", text = "x", metric = {} } --! did you mean metrics?
  run.finish { state = "ok", text = "x", metrics = { { value = 1 } } } --! name
  run.finish { state = "ok", text = "x", metrics = { { name = "a" } } } --! value
  run.finish { state = "ok", text = "x", metrics = { { name = "", value = 1 } } } --! invalid: run.finish: a metric has no name
  run.finish { state = "ok", text = "x", metrics = { { name = "a", value = 0 / 0 } } } --! want number, got NaN
  run.finish { state = "ok", text = "x", metrics = { { name = "a", value = 1 }, { name = "a", value = 2 } } } --! metric a stands twice
  run.finish { state = "ok", text = "x", metrics = { { name = "a", value = 1, warn = "x" } } } --! warn of metric a: "x" is no range
  run.finish { state = "ok", text = "x", metrics = { { name = "a", value = 1, min = 2, max = 1 } } } --! metric a: min is larger than max
  run.finish { state = "ok", text = "none of them counted" }
end
