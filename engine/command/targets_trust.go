package command

import (
	"fmt"
	"io"
	"strings"
	"time"

	"moonpost/engine/api"
	"moonpost/engine/fault"
)

// soon is how long before its end a certificate is warned about.
const soon = 30 * 24 * time.Hour

// writeCertificate writes a certificate for people to compare.
func writeCertificate(w io.Writer, c api.Certificate, now time.Time) {
	rows := [][2]string{
		{"SHA-256", c.Fingerprint},
		{"SHA-1", c.Thumbprint + " (the thumbprint that Windows shows)"},
		{"subject", c.Subject},
		{"issuer", c.Issuer},
		{"names", strings.Join(c.Names, ", ")},
		{"valid", c.NotBefore.Format(time.DateOnly) + " to " + c.NotAfter.Format(time.DateOnly)},
	}
	if c.Issuer == "" {
		rows[3][1] = "itself"
	}
	fmt.Fprintf(w, "certificate of %s\n", fault.Visible(c.Target))
	for _, r := range rows {
		fmt.Fprintf(w, "  %-8s %s\n", r[0], fault.Visible(r[1]))
	}
	if doubt := ageing(c, now); doubt != "" {
		fmt.Fprintf(w, "warning: %s\n", doubt)
	}
}

// ageing says what is doubtful about the time for which a certificate is valid,
// "" for nothing.
func ageing(c api.Certificate, now time.Time) string {
	switch left := c.NotAfter.Sub(now); {
	case now.Before(c.NotBefore):
		return "the certificate is not valid before " + c.NotBefore.Format(time.DateOnly)
	case left < 0:
		return "the certificate expired on " + c.NotAfter.Format(time.DateOnly)
	case left < soon:
		return fmt.Sprintf("the certificate expires on %s, in %d days", c.NotAfter.Format(time.DateOnly), days(left))
	}
	return ""
}

func days(d time.Duration) int { return int(d / (24 * time.Hour)) }

// pin returns the fingerprint to trust from now on: the one that the command
// line gives, when the server shows it, or the one that a person agrees to.
// Nobody agrees to what they have not seen, so there is no flag that does.
func (p *program) pin(op string, c api.Certificate, given string) (string, error) {
	const question = "Is this what the server's administrator says? Trust it from now on?"
	if given != "" {
		if fault.KindOf(c.Refused) == fault.Certificate {
			return "", &fault.Error{
				Kind: fault.Certificate, Op: op, Target: c.Target, Message: "the server shows another certificate than that of --fingerprint",
				Hint: "ask whoever runs the server before you trust it",
			}
		}
		return c.Fingerprint, nil
	}
	if !p.canAsk() {
		return "", named(op, c.Refused, "there is nobody to ask whether it is right; "+
			"compare the SHA-256 with what the server's administrator says and give it: --fingerprint "+c.Fingerprint)
	}
	agreed, err := p.consent(op, question, "the certificate is not pinned")
	if err != nil {
		return "", err
	}
	if !agreed {
		return "", &fault.Error{Kind: fault.Certificate, Op: op, Message: "the certificate is not trusted, as you say", Target: c.Target}
	}
	return c.Fingerprint, nil
}

// named returns err as that of an operation, with another hint unless it is
// empty.
func named(op string, err error, hint string) error {
	e, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	copied := *e
	copied.Op = op
	if hint != "" {
		copied.Hint = hint
	}
	return &copied
}
