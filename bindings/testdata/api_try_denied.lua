-- What no playbook can mend is raised by try, too.
api.try("DenyLogin") --!! the login was refused
