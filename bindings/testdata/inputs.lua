-- Inputs by name, and the run.

function test_inputs()
  assert(inputs.name == "ada" and inputs.count == 3 and inputs.flag == false)
  assert(inputs.list[2] == "b" and #inputs.list == 2)
  assert(tostring(inputs.password) == "***")
  assert(inputs.nothing == nil, "optional and not given")
  print(inputs.nmae) --! script: inputs: no input nmae is declared; did you mean name?
  inputs.name = "x" --! a module cannot be changed
end

function test_run()
  assert(run.id == "r1" and run.target == "fake" and run.instance == "alpha" and run.playbook == "test.lua" and run.started == 1234.5)
  print(run.taget) --! did you mean target?
  run.id = "x" --! a module cannot be changed
end
