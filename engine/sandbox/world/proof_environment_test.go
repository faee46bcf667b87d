package world

import "strings"

const newServer = `config={"serverName":"new","port":444,"serverCertificate":{"thumbprint":"0123456789012345678901234567890123456789"}}`

// environmentCalls are those of the functions of a whole SPE.
func environmentCalls() []goodCall {
	own := strings.Replace(newServer, `"new"`, `"MAILSTORE"`, 1)
	return []goodCall{
		{fn: "CreateInstance", form: []string{config("delta", "")}, proof: []string{"instanceFilter=delta"}, wrong: []string{config("alpha", "")}},
		{fn: "SetInstanceConfiguration", form: []string{config("alpha", "")}, proof: []string{"instanceID=alpha"}, wrong: []string{config("zulu", "")}},
		{fn: "StopInstances", form: []string{"instanceFilter=*"}, proof: []string{"instanceFilter=*"}},
		{fn: "StartInstances", form: []string{"instanceFilter=*"}, proof: []string{"instanceFilter=*"}, first: [][]string{{"StopInstances", "instanceFilter=bravo"}}},
		{fn: "RestartInstances", form: []string{"instanceFilter=alpha"}, proof: []string{"instanceFilter=alpha"}},
		{fn: "FreezeInstances", form: []string{"instanceFilter=alpha,bravo"}, proof: []string{"instanceFilter=alpha,bravo"}},
		{fn: "ThawInstances", form: []string{"instanceFilter=a*"}, proof: []string{"instanceFilter=a*"}, first: [][]string{{"FreezeInstances", "instanceFilter=alpha"}}},
		{fn: "DeleteInstances", form: []string{"instanceFilter=bravo"}, proof: []string{"instanceFilter=bravo"}, first: [][]string{{"StopInstances", "instanceFilter=bravo"}}, wrong: []string{"instanceFilter=alpha"}},
		{fn: "CreateInstanceHost", form: []string{newServer}, proof: []string{"serverNameFilter=new"}, wrong: []string{own}},
		{fn: "SetInstanceHostConfiguration", form: []string{own}, proof: []string{"serverNameFilter=MAILSTORE"}, wrong: []string{newServer}},
		{fn: "DeleteInstanceHost", form: []string{"serverName=new"}, proof: []string{"serverNameFilter=new"}, first: [][]string{{"CreateInstanceHost", newServer}}, wrong: []string{"serverName=none"}},
		{fn: "CreateDirectoryOnInstanceHost", form: []string{"serverName=MAILSTORE", `path=D:\New`}, proof: []string{"serverName=MAILSTORE", `path=D:\`}, wrong: []string{"serverName=none", `path=D:\New`}},
		{fn: "CreateClientAccessServer", form: []string{newServer}, proof: []string{"serverNameFilter=new", "withServiceStatus=false"}, wrong: []string{own}},
		{fn: "SetClientAccessServerConfiguration", form: []string{own}, proof: []string{"serverNameFilter=MAILSTORE", "withServiceStatus=false"}, wrong: []string{newServer}},
		{fn: "DeleteClientAccessServer", form: []string{"serverName=MAILSTORE"}, proof: []string{"serverNameFilter=MAILSTORE", "withServiceStatus=false"}, wrong: []string{"serverName=none"}},
		{fn: "PairWithManagementServer", form: []string{"serverType=instanceHost", "serverName=new", "port=444", "thumbprint=" + strings.Repeat("0123456789", 4)}, wrong: []string{"serverType=instanceHost", "serverName=new", "port=0", "thumbprint=" + strings.Repeat("0123456789", 4)}},
		{fn: "CreateSystemAdministrator", form: []string{`config={"userName":"ada"}`, "password=x"}, wrong: []string{`config={"userName":"admin"}`, "password=x"}},
		{fn: "SetSystemAdministratorConfiguration", form: []string{`config={"userName":"admin","fullName":"A"}`}, wrong: []string{`config={"userName":"zoe"}`}},
		{fn: "SetSystemAdministratorPassword", form: []string{"userName=admin", "password=x"}, wrong: []string{"userName=zoe", "password=x"}},
		{fn: "DeleteSystemAdministrator", form: []string{"userName=ada"}, first: [][]string{{"CreateSystemAdministrator", `config={"userName":"ada"}`, "password=x"}}, wrong: []string{"userName=zoe"}},
		{fn: "CreateSystemAdministratorAPIPassword", form: []string{"userName=admin"}, wrong: []string{"userName=zoe"}},
		{fn: "InitializeSystemAdministratorMFA", form: []string{"userName=admin"}, wrong: []string{"userName=zoe"}},
		{fn: "DeactivateSystemAdministratorMFA", form: []string{"userName=admin"}, wrong: []string{"userName=zoe"}},
		{fn: "SetSystemSmtpConfiguration", form: []string{`config={"hostname":"x"}`}},
		{fn: "TestSystemSmtpConfiguration"},
		{fn: "ReloadBranding"},
		{fn: "CreateLicenseRequest"},
		{fn: "SetArchiveAdminEnabled", form: []string{"instanceID=alpha", "enabled=false"}, proof: []string{"instanceID=alpha"}, wrong: []string{"instanceID=zulu", "enabled=false"}},
		{fn: "CreateClientOneTimeUrlForArchiveAdmin", form: []string{"instanceID=alpha", "instanceUrl=https://x.example"}, wrong: []string{"instanceID=zulu"}},
		{fn: "TransferStores"},
	}
}
