package world

import (
	"errors"
	"fmt"
	"runtime"

	"moonpost/engine/sandbox/answer"
)

var environmentFunctions = map[string]handler{
	"GetEnvironmentInfo": getEnvironmentInfo,
	"GetServiceStatus":   getServiceStatus,
}

// environment is what an SPE has beside the archives of its instances. All of
// it stands in exported fields, so that it can be saved.
type environment struct {
	Administrators map[string]*user       // those who may use the API, by folded name
	Hosts          map[string]*serverRole // instance hosts, by folded name
	AccessServers  map[string]*serverRole // client access servers, by folded name
	Settings       answer.Map             // of the whole system, by the function that reads them
	LastProcessID  int64
}

// seedEnvironment makes an SPE in single server mode: all roles on one machine.
func (w *World) seedEnvironment(admin *user) {
	w.Environment = &environment{
		Administrators: map[string]*user{fold(admin.Name): admin},
		Hosts: map[string]*serverRole{fold(w.opts.MachineName): {
			Name: w.opts.MachineName, Port: hostPort, Thumbprint: thumbprint(hostPort), Paired: thumbprint(hostPort),
			Base: `D:\MailStoreSPE`, Directories: []string{`C:\Program Files\MailStore Infinity`, `D:\Backup`},
		}},
		AccessServers: map[string]*serverRole{fold(w.opts.MachineName): {
			Name: w.opts.MachineName, Port: accessPort, Thumbprint: thumbprint(accessPort), Paired: thumbprint(accessPort),
		}},
		Settings:      answer.Map{},
		LastProcessID: 3996,
	}
	for _, s := range systemSettings() {
		w.Environment.Settings[s.get] = s.initial
	}
}

// check refuses what no SPE can have become.
func (e *environment) check(archives map[string]*archive) error {
	if e == nil {
		return errors.New("the environment is missing")
	}
	for id, a := range archives {
		if a.Instance == nil || e.Hosts[fold(a.Instance.Host)] == nil {
			return fmt.Errorf("instance %q has no host", id)
		}
	}
	return nil
}

func getEnvironmentInfo(c *Call) (any, error) {
	return c.environmentInfo(), nil
}

func (c *Call) environmentInfo() answer.Object {
	user := c.caller
	if a := c.Environment.Administrators[fold(c.caller)]; a != nil {
		user = a.Name // whatever the case in which it was typed
	}
	return answer.Obj(
		"version", c.opts.Version,
		"webClientVersion", c.opts.Version,
		"copyright", "Simulated by moonpost",
		"licenseeName", licensee,
		"licenseeID", 4711,
		"serverName", c.opts.MachineName,
		"userName", user,
		"systemProperties", systemProperties(),
	)
}

const licensee = "Example Hosting GmbH"

func systemProperties() answer.Object {
	return answer.Obj(
		"processors", []string{"Simulated CPU " + runtime.GOARCH},
		"totalPhysicalMemory", int64(16<<30),
		"operatingSystem", "Microsoft Windows Server 2022 Standard",
	)
}
