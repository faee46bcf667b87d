package world

import "testing"

// TestNoPasswordIsAnswered puts passwords where a careless script could put
// them, and reads what is there.
func TestNoPasswordIsAnswered(t *testing.T) {
	w, alpha := spe(), "instanceID=alpha"
	run(t, w, []step{
		do("SetSmtpSettings", "null", alpha, `settings={"hostname":"h","Password":"x","proxy":{"proxyPassword":["x"]},"passwordRequired":true}`),
		do("GetSmtpSettings", `{"hostname":"h","Password":null,"proxy":{"proxyPassword":null},"passwordRequired":true}`, alpha),
		do("SetCredentialSettings", "null", alpha, "id=1", `settings={"TenantId":"t","ClientSecret":"x"}`),
		do("GetCredentialSettings", `{"TenantId":"t","ClientSecret":null}`, alpha, "id=1"),
		do("CreateUser", "null", alpha, "userName=ada", "privileges=login"),
		do("DeleteProfile", "null", alpha, "id=1"),
		do("CreateProfile", "2", alpha, `properties={"name":"n","owner":"ada","connector":"Imap","password":"x","details":{"servers":[{"password":"x","host":"h"}]}}`, "raw=true"),
		do("GetProfiles", `[{"id":2,"version":1,"name":"n","owner":"ada","connector":"Imap","password":null,`+
			`"details":{"servers":[{"password":null,"host":"h"}]},"serverSideExecution":{"automatic":false,"automaticPauseBetweenExecutions":0}}]`, alpha, "raw=true"),
	})
}

// TestSettingsKeepTheirKinds sends values that the server could not use.
func TestSettingsKeepTheirKinds(t *testing.T) {
	w := bare()
	wrong := func(fn, form, key string) step {
		return fails(fn, "The API argument "+key+" has the wrong shape.", form)
	}
	run(t, w, []step{
		wrong("SetSmtpSettings", `settings={"hostname":7}`, "hostname"),
		wrong("SetSmtpSettings", `settings={"port":"587"}`, "port"),
		wrong("SetDirectoryServicesConfiguration", `config={"type":"activeDirectory","groups":"Sales"}`, "groups"),
		wrong("SetDirectoryServicesConfiguration", `config={"deleteUsers":"false"}`, "deleteUsers"),
		wrong("SetComplianceConfiguration", `config={"legalHoldEnabled":"yes"}`, "legalHoldEnabled"),
		wrong("SetRetentionPolicies", `config=[{"enabled":"true"}]`, "enabled"),
		wrong("SetRetentionPolicies", `config=[{"searchCriteria":"ada"}]`, "searchCriteria"),
		wrong("SetRetentionPolicies", `config=[{"searchCriteria":{"excludedArchives":"ada"}}]`, "searchCriteria.excludedArchives"),
		fails("SetRetentionPolicies", OutOfRange().Error(), `config=[{"period":9000000000000000000,"periodInterval":"year"}]`),
		fails("SetRetentionPolicies", OutOfRange().Error(), `config=[{"period":2100,"periodInterval":"year"}]`),
		do("SetRetentionPolicies", "null", `config=[{"period":36500,"periodInterval":"day","name":null,"more":[1]}]`),
		do("SetSmtpSettings", "null", `settings={"hostname":null,"port":25,"more":{"a":1}}`),
	})
}
