package world

import (
	"runtime"

	"moonpost/engine/sandbox/answer"
)

var infoFunctions = map[string]handler{
	"GetServerInfo":      getServerInfo,
	"GetEnvironmentInfo": getEnvironmentInfo,
	"Ping":               ping,
}

func getServerInfo(c *Call) (any, error) {
	return answer.Obj("version", c.opts.Version, "machineName", c.opts.MachineName), nil
}

func getEnvironmentInfo(c *Call) (any, error) {
	return answer.Obj(
		"version", c.opts.Version,
		"webClientVersion", c.opts.Version,
		"copyright", "Simulated by moonpost",
		"licenseeName", "Example Hosting GmbH",
		"licenseeID", 4711,
		"serverName", c.opts.MachineName,
		"userName", c.caller,
		"systemProperties", answer.Obj(
			"processors", []string{"Simulated CPU " + runtime.GOARCH},
			"totalPhysicalMemory", int64(16<<30),
			"operatingSystem", "Microsoft Windows Server 2022 Standard",
		),
	), nil
}

func ping(*Call) (any, error) { return nil, nil }
