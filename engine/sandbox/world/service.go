package world

import (
	"strings"

	"moonpost/engine/sandbox/answer"
)

var serviceFunctions = map[string]handler{
	"GetServiceConfiguration": getServiceConfiguration,
	"SetServiceCertificate":   setServiceCertificate,
}

// Certificates are those with which the service can be run. They are named by
// their thumbprint: the SHA-1 of the certificate in upper-case hex, as Windows
// writes it. Its methods are called under the world's lock.
type Certificates interface {
	Active() string
	Use(thumbprint string) bool // false: there is no such certificate
}

// paperCertificates stand in for certificates where nothing listens.
type paperCertificates struct {
	active string
	known  []string
}

func (p *paperCertificates) Active() string { return p.active }

func (p *paperCertificates) Use(thumbprint string) bool {
	for _, k := range p.known {
		if k == thumbprint {
			p.active = k
			return true
		}
	}
	return false
}

func newPaperCertificates() *paperCertificates {
	known := []string{strings.Repeat("0123456789", 4), strings.Repeat("ABCDEF0123", 4)}
	return &paperCertificates{active: known[0], known: known}
}

// getServiceConfiguration answers the keys that one script reads.
func getServiceConfiguration(c *Call) (any, error) {
	return answer.Obj(
		"baseDirectory", c.archive.base(),
		"serverCertificate", answer.Obj("thumbprint", c.opts.Certificates.Active()),
		"debugLog", false,
		"auditLogLocation", "windowsEventLog",
	), nil
}

// setServiceCertificate takes the thumbprint as Windows shows it, in upper or
// lower case and with blanks between its bytes. New connections meet the new
// certificate.
func setServiceCertificate(c *Call) (any, error) {
	thumbprint := strings.ToUpper(strings.ReplaceAll(c.Text("thumbprint"), " ", ""))
	if !c.opts.Certificates.Use(thumbprint) {
		return nil, problem("There is no certificate with the thumbprint '%s' in the certificate store.",
			"Im Zertifikatspeicher gibt es kein Zertifikat mit dem Fingerabdruck '%s'.", c.Text("thumbprint"))
	}
	c.Effect()
	return nil, nil
}
