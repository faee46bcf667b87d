package world

import (
	"slices"
	"strings"
	"testing"
)

func hostConfig(name, thumbprint string) string {
	return `config={"serverName":"` + name + `","port":8472,"serverCertificate":{"thumbprint":"` + thumbprint + `"},"baseDirectory":"D:\\SPE"}`
}

func TestInstanceHosts(t *testing.T) {
	w := spe()
	print := strings.Repeat("0F", 20)
	line := func(name, print, base string) string {
		return `{"serverName":"` + name + `","port":8472,"serverCertificate":{"thumbprint":"` + print + `"},"baseDirectory":` + base + `}`
	}
	first := line("MAILSTORE", thumbprint(hostPort), `"D:\\MailStoreSPE"`)
	run(t, w, []step{
		do("GetInstanceHosts", "["+first+"]"),
		fails("CreateInstanceHost", "The property serverName must not be empty.", "config={}"),
		fails("CreateInstanceHost", "'a b' is not a valid server name.", hostConfig("a b", print)),
		fails("CreateInstanceHost", "'123' is not the thumbprint of a certificate.", hostConfig("HOST2", "123")),
		fails("CreateInstanceHost", "Specified argument was out of the range of valid values.", `config={"serverName":"HOST2"}`),
		fails("CreateInstanceHost", "The API argument port has the wrong shape.", `config={"serverName":"HOST2","port":"8472"}`),
		fails("CreateInstanceHost", "The API argument port has the wrong shape.", `config={"serverName":"HOST2","port":84.5}`),
		fails("CreateInstanceHost", "The API argument serverCertificate has the wrong shape.", `config={"serverName":"HOST2","serverCertificate":"x"}`),
		fails("CreateInstanceHost", "Unknown property serverCertificate.print.", `config={"serverName":"HOST2","serverCertificate":{"print":"x"}}`),
		fails("CreateInstanceHost", `'F:\SPE' is not the path of a directory on a drive of the host.`,
			strings.Replace(hostConfig("HOST2", print), "D:", "F:", 1)),
		do("CreateInstanceHost", "null", hostConfig("HOST2", print)),
		fails("CreateInstanceHost", "The server 'host2' is registered already.", hostConfig("host2", print)),
		do("GetInstanceHosts", "["+line("HOST2", print, `"D:\\SPE"`)+","+first+"]"),
		do("GetInstanceHosts", "["+line("HOST2", print, `"D:\\SPE"`)+"]", "serverNameFilter=host*"),
		do("GetInstanceHosts", "[]", "serverNameFilter=host"),

		fails("GetDirectoriesOnInstanceHost", "The instance host 'HOST2' is not available.", "serverName=HOST2"), // not paired yet
		do("PairWithManagementServer", "null", "serverType=instanceHost", "serverName=host2", "port=8472", "thumbprint="+print),
		do("GetDirectoriesOnInstanceHost", `["SPE"]`, "serverName=host2", "path=D:"),
		do("SetInstanceHostConfiguration", "null", strings.Replace(hostConfig("HOST2", print), `"D:\\SPE"`, "null", 1)),
		fails("SetInstanceHostConfiguration", "The instance host 'HOST3' does not exist.", hostConfig("HOST3", print)),
		do("GetInstanceHosts", "["+line("HOST2", print, "null")+"]", "serverNameFilter=HOST2"),

		fails("DeleteInstanceHost", "The instance host 'mailstore' has 3 instances.", "serverName=mailstore"),
		do("DeleteInstanceHost", "null", "serverName=host2"),
		fails("DeleteInstanceHost", "The instance host 'host2' does not exist.", "serverName=host2"),
		do("GetInstanceHosts", "["+first+"]"),
	})
	want := []string{
		"CreateInstanceHost HOST2", "PairWithManagementServer instanceHost|HOST2|8472", "SetInstanceHostConfiguration HOST2", "DeleteInstanceHost HOST2",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestDirectoriesOnAnInstanceHost(t *testing.T) {
	w := spe()
	host := "serverName=mailstore"
	run(t, w, []step{
		fails("GetDirectoriesOnInstanceHost", "The instance host 'x' does not exist.", "serverName=x"),
		do("GetDirectoriesOnInstanceHost", `["C:\\","D:\\","E:\\"]`, host),
		do("GetDirectoriesOnInstanceHost", `["Backup","MailStoreSPE"]`, host, `path=d:\`),
		do("GetDirectoriesOnInstanceHost", `["alpha","bravo","charlie"]`, host, `path=D:\mailstorespe`),
		do("GetDirectoriesOnInstanceHost", `["2024-01","2024-02"]`, host, `path=D:\MailStoreSPE\alpha\`),
		do("GetDirectoriesOnInstanceHost", "[]", host, `path=D:\Backup`),
		do("GetDirectoriesOnInstanceHost", `["Legacy"]`, host, `path=E:`), // a store that is detached
		fails("GetDirectoriesOnInstanceHost", `Could not find a part of the path 'D:\Nowhere'.`, host, `path=D:\Nowhere`),
		fails("GetDirectoriesOnInstanceHost", `Could not find a part of the path ''.`, host, "path="),

		do("CreateDirectoryOnInstanceHost", "null", host, `path=D:\Customers\Übung\`),
		fails("CreateDirectoryOnInstanceHost", `The directory 'd:\customers' already exists.`, host, `path=d:\customers`),
		fails("CreateDirectoryOnInstanceHost", `'Z:\x' is not the path of a directory on a drive of the host.`, host, `path=Z:\x`),
		fails("CreateDirectoryOnInstanceHost", `'D:\a?' is not the path of a directory on a drive of the host.`, host, `path=D:\a?`),
		fails("CreateDirectoryOnInstanceHost", `'D:\\a' is not the path of a directory on a drive of the host.`, host, `path=D:\\a`),
		fails("CreateDirectoryOnInstanceHost", "The directory 'C:' already exists.", host, `path=C:\`),
		do("GetDirectoriesOnInstanceHost", `["Übung"]`, host, `path=D:\Customers`),

		do("CreateInstance", "null", config("delta", `,"baseDirectory":"D:\\Customers\\Delta"`)),
		do("GetDirectoriesOnInstanceHost", `["Delta","Übung"]`, host, `path=D:\Customers`),
		do("DeleteInstances", "null", "instanceFilter=delta"),
		do("GetDirectoriesOnInstanceHost", `["Übung"]`, host, `path=D:\Customers`),
	})
	want := []string{`CreateDirectoryOnInstanceHost MAILSTORE|D:\Customers\Übung`, "CreateInstance delta", "DeleteInstances delta"}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}

func TestClientAccessServers(t *testing.T) {
	w := spe()
	print := strings.Repeat("A1", 20)
	entry := func(name string, port, print string) string {
		return `{"serverName":"` + name + `","port":` + port + `,"serverCertificate":{"thumbprint":"` + print + `"}}`
	}
	first := entry("MAILSTORE", "8473", thumbprint(accessPort))
	plain := "withServiceStatus=false"
	run(t, w, []step{
		fails("GetClientAccessServers", "Missing API argument withServiceStatus."),
		do("GetClientAccessServers", "["+first+"]", plain),
		do("CreateClientAccessServer", "null", "config="+entry("cas2", "8473", print)),
		fails("CreateClientAccessServer", "The server 'CAS2' is registered already.", "config="+entry("CAS2", "8473", print)),
		fails("CreateClientAccessServer", "Unknown property baseDirectory.", hostConfig("cas3", print)),
		do("GetClientAccessServers", `[{"serverName":"cas2","port":8473,"serverCertificate":{"thumbprint":"`+print+`"},"active":false,"systemProperties":null}]`,
			"serverNameFilter=CAS*", "withServiceStatus=true"),
		do("SetClientAccessServerConfiguration", "null", "config="+entry("CAS2", "443", print)),
		fails("SetClientAccessServerConfiguration", "The client access server 'cas3' does not exist.", "config="+entry("cas3", "443", print)),
		do("GetClientAccessServers", "["+entry("cas2", "443", print)+"]", "serverNameFilter=cas2", plain),
		fails("PairWithManagementServer", "Requested value 'managementServer' was not found.",
			"serverType=managementServer", "serverName=cas2", "port=443", "thumbprint="+print),
		fails("PairWithManagementServer", "The name must not be empty.", "serverType=clientAccessServer", "serverName=", "port=443", "thumbprint="+print),
		fails("PairWithManagementServer", "Specified argument was out of the range of valid values.",
			"serverType=clientAccessServer", "serverName=cas3", "port=0", "thumbprint="+print),
		do("PairWithManagementServer", "null", "serverType=clientAccessServer", "serverName=cas3", "port=444", "thumbprint="+print), // registers it too
		do("GetClientAccessServers", "["+entry("cas2", "443", print)+","+entry("cas3", "444", print)+","+first+"]", plain),
		do("DeleteClientAccessServer", "null", "serverName=CAS2"),
		fails("DeleteClientAccessServer", "The client access server 'CAS2' does not exist.", "serverName=CAS2"),
	})
	want := []string{
		"CreateClientAccessServer cas2", "SetClientAccessServerConfiguration cas2", "PairWithManagementServer clientAccessServer|cas3|444",
		"DeleteClientAccessServer cas2",
	}
	if got := effects(w); !slices.Equal(got, want) {
		t.Errorf("effects = %q, want %q", got, want)
	}
}
