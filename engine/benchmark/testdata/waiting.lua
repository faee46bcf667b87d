-- Many tasks that wait at the same time.
playbook { about = "Waits in many tasks.", inputs = { tasks = { type = "number", required = true, about = "how many" } } }

local all = {}
for i = 1, inputs.tasks do all[i] = task.spawn(task.sleep, 1) end
for i = 1, inputs.tasks do all[i]:await() end
