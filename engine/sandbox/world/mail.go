package world

import (
	"strings"

	"moonpost/engine/sandbox/answer"
)

var mailFunctions = map[string]handler{
	"TestSmtpSettings": testSmtpSettings,
	"SendStatusReport": sendStatusReport,
}

// reach looks for a host that a configuration names. All hosts answer but those
// of the domain .invalid, which no real one can have (RFC 2606).
func reach(host string) error {
	if host == "" || strings.HasSuffix(fold(host), ".invalid") {
		return problem("The server '%s' could not be reached: no such host is known.",
			"Der Server '%s' ist nicht erreichbar: Der Host ist unbekannt.", host)
	}
	return nil
}

// smtp looks for the mail server.
func (c *Call) smtp() error {
	settings, _ := c.archive.Settings["GetSmtpSettings"].(answer.Object)
	return reach(settings.Text("hostname"))
}

func testSmtpSettings(c *Call) (any, error) {
	if err := c.smtp(); err != nil {
		return nil, err
	}
	c.Effect()
	return nil, nil
}

func sendStatusReport(c *Call) (any, error) {
	if _, err := zoneOf(c.Text("timeZoneId")); err != nil {
		return nil, err
	}
	recipients := c.List("recipients")
	if len(recipients) == 0 {
		return nil, problem("The report has no recipients.", "Der Bericht hat keine Empfänger.")
	}
	if err := checkAddresses(recipients); err != nil {
		return nil, err
	}
	if err := c.smtp(); err != nil {
		return nil, err
	}
	c.Effect(c.Text("timespan"), c.Text("timeZoneId"), c.Text("recipients"))
	return nil, nil
}
