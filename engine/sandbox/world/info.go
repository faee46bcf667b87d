package world

import "moonpost/engine/sandbox/answer"

var infoFunctions = map[string]handler{
	"GetServerInfo": getServerInfo,
	"Ping":          ping,
}

func getServerInfo(c *Call) (any, error) {
	return answer.Obj("version", c.opts.Version, "machineName", c.opts.MachineName), nil
}

func ping(*Call) (any, error) { return nil, nil }
