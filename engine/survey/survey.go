// Package survey asks a server what is not known about the protocol, and says
// what it found without any value of that server, so that the report can be
// given away. Start at Run.
//
// It promises that only reads are sent, and the questions of probe.go, of which
// none can change anything; that a wrong password is never tried; and that a
// report holds names of functions, arguments and keys, types, classes of
// lengths, versions and the words of the vendor that are listed in mask.go.
package survey

import (
	"context"
	"crypto/tls"
	"net/http"
	"slices"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/secret"
)

// Config says which server to ask, and how.
type Config struct {
	Server   call.Server // lets reads through and nothing else
	URL      string      // https://host:port
	TLS      *tls.Config // trusts the server's certificate and no other
	User     string
	Password secret.Secret
	Instance string // of a Service Provider Edition; "": functions of instances are not read
	Now      func() time.Time
	Version  string // of moonpost
	Progress func(what string)
}

// Report is what a survey found.
type Report struct {
	About      []string   `json:"about"` // what it contains and what it does not
	Made       string     `json:"made"`  // the day
	Moonpost   string     `json:"moonpost"`
	Edition    string     `json:"edition"`
	Version    string     `json:"version"` // of the server; "" when it is none
	Connection Connection `json:"connection"`
	Answers    []Finding  `json:"answers"` // to the questions of probe.go
	Metadata   Metadata   `json:"metadata"`
	Functions  []Reading  `json:"functions"`
}

// about stands at the top of every report.
var about = []string{
	"What a MailStore server answers where the public documentation is silent.",
	"It contains: the server's edition and version, HTTP status codes, names of functions,",
	"arguments, keys and headers, types, classes of lengths, and how certificate and TLS are made.",
	"It contains no host, user, folder or store names, no addresses, no numbers of the archive, no",
	"texts of the server but those of the vendor that moonpost knows, and no password.",
	"Please read it before you give it away.",
}

// Run asks the server. The login is tried first, by a read: what that fails with
// is the error. What fails later stands in the report.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	introduced, err := cfg.Server.About(ctx)
	if err != nil {
		return nil, err
	}
	offered, err := cfg.Server.Functions(ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{
		About: about, Made: cfg.Now().UTC().Format(time.DateOnly), Moonpost: cfg.Version,
		Edition: introduced.Edition, Version: maskVersion(introduced.Version),
	}
	edition := catalogue.Edition(introduced.Edition)
	m := newMask(cfg)
	answers := readAll(ctx, cfg, offered, m)
	// Only now, since every value that was read is one that no key may be.
	p := &prober{cfg: cfg, mask: m, edition: edition, client: &http.Client{
		Transport:     &http.Transport{TLSClientConfig: cfg.TLS, DisableCompression: true, MaxConnsPerHost: 1},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       time.Minute,
	}}
	defer p.client.CloseIdleConnections()
	r.Answers = p.askAll(ctx)
	r.Connection = p.connection(ctx)
	r.Metadata = p.compare(edition)
	for _, a := range answers {
		r.Functions = append(r.Functions, a.reading(m))
	}
	slices.SortFunc(r.Functions, func(a, b Reading) int { return compareText(a.Name, b.Name) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return r, nil
}
