playbook { about = "Does nothing here.", inputs = { x = { type = "string" } } }
