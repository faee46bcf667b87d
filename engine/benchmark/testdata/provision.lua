-- Three changing calls for each user, the same as the bare client makes.
playbook {
  about = "Provisions made-up users as fast as it can.",
  inputs = {
    users       = { type = "number", required = true, about = "how many users" },
    concurrency = { type = "number", required = true, about = "how many at a time" },
    prefix      = { type = "string", required = true, about = "of the user names" },
  },
}

local time = require("time")

local names = {}
for i = 1, inputs.users do names[i] = inputs.prefix .. i end

local started = time.now()
task.each(names, function(name)
  api.invoke("CreateUser", { userName = name, privileges = "login", fullName = "User " .. name })
  api.invoke("SetUserEmailAddresses", { userName = name, emailAddresses = name .. "@example.com" })
  api.invoke("SetUserPrivilegesOnFolder", { userName = name, folder = name, privileges = "read" })
end, { concurrency = inputs.concurrency })

return { seconds = time.now() - started, calls = 3 * inputs.users }
