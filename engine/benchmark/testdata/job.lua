-- Follows jobs to their end and says when it went on after each.
playbook {
  about = "Verifies one store again and again.",
  inputs = { jobs = { type = "number", required = true, about = "how many times" } },
}

local time = require("time")

local ends = {}
for i = 1, inputs.jobs do
  api.invoke("VerifyStore", { id = 1 })
  ends[i] = time.now()
end
return ends
