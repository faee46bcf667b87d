package world

import (
	"encoding/base64"
	"fmt"
	"time"

	"moonpost/engine/sandbox/answer"
)

var systemFunctions = map[string]handler{
	"TestSystemSmtpConfiguration": testSystemSMTPConfiguration,
	"ReloadBranding":              reloadBranding,
	"CreateLicenseRequest":        createLicenseRequest,
}

func testSystemSMTPConfiguration(c *Call) (any, error) {
	config, _ := c.Environment.Settings["GetSystemSmtpConfiguration"].(answer.Object)
	if err := reach(config.Text("hostname")); err != nil {
		return nil, err
	}
	c.Effect()
	return nil, nil
}

func reloadBranding(c *Call) (any, error) {
	c.Effect()
	return nil, nil
}

// createLicenseRequest answers a text to be sent to the vendor; its form is not
// known.
func createLicenseRequest(c *Call) (any, error) {
	users := 0
	for _, a := range c.Archives {
		users += len(a.Users)
	}
	request := fmt.Sprintf("licensee=%s;machine=%s;version=%s;instances=%d;users=%d;created=%s",
		licensee, c.opts.MachineName, c.opts.Version, len(c.Archives), users, date(time.Now().UTC()))
	c.Effect()
	return base64.StdEncoding.EncodeToString([]byte(request)), nil
}
