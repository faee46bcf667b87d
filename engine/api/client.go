// Package api is the client of a MailStore server: it sends calls of the
// Administration API, follows long jobs to their end, and knows from the
// server's own metadata which functions and arguments there are. It knows no
// Lua. Start at New; Client implements call.Server.
//
// It promises that a changing call is sent at most once unless the server said
// that it did nothing (429): "not sent" is decided where bytes are handed to the
// connection, and everything after the first byte that has no answer is
// unknown. An answer that is not what a MailStore says is an error, never a
// success. Nothing is sent to a server whose certificate or login was refused.
package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/secret"
)

// Config says which server to call and how.
type Config struct {
	URL      string // https://host[:port]; without a port that of the edition: 8463, with Instance 8474
	Instance string // filled in as instanceID where a function takes it and the call gives none
	User     string
	Password secret.Secret

	CAFile      string // PEM file of the authorities to trust instead of the system's
	Fingerprint string // SHA-256 of the server's certificate in hex; it alone decides when set
	Insecure    bool   // accept any certificate, with a warning

	Concurrency int           // ceiling of connections; 0: 256
	Rate        float64       // requests per second, long polls not counted; 0: no limit
	CallTimeout time.Duration // limit for one request; 0: 60 s

	Trace    io.Writer        // gets every request and answer, secrets masked; nil: none
	Secrets  *secret.Redactor // learns the password and secret arguments; nil: none
	Sink     event.Sink       // gets CallWaiting and warnings; nil: none
	CacheDir string           // folder for a copy of the metadata, see Cached; "": no copy
	Version  string           // of moonpost, for the User-Agent header
}

// Defaults of Config.
const (
	defaultConcurrency = 256
	defaultCallTimeout = 60 * time.Second
)

// Client calls one server. It is safe for concurrent use.
type Client struct {
	cfg    Config
	target string // host and port

	line  *line
	pace  pace
	login login
	trace *trace
	sink  event.Sink

	service   map[string]*route // the calls beside /api/invoke, by name
	base      url.URL
	header    http.Header // of every request; never changed after New
	functions flight[offer]
	about     flight[call.About]
	instances sync.Map // names that the list of instances need not be read for

	pollWait time.Duration           // how long the server is asked to hold a poll
	backoff  func(int) time.Duration // how long to wait before repeat n, from 1
	most     int64                   // largest body that is read
}

var _ call.Server = (*Client)(nil)

// New returns a client for the server of cfg. It opens no connection. A cfg
// that cannot work is an error of kind usage.
func New(cfg Config) (*Client, error) {
	where, err := parseTarget(cfg)
	if err != nil {
		return nil, err
	}
	trust, err := newTrust(cfg, where)
	if err != nil {
		return nil, err
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = defaultConcurrency
	}
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = defaultCallTimeout
	}
	if cfg.Sink == nil {
		cfg.Sink = event.Discard
	}
	cfg.Secrets.Add(cfg.Password)

	c := &Client{
		cfg:      cfg,
		target:   where.Host,
		base:     where,
		sink:     cfg.Sink,
		pollWait: 20 * time.Second,
		backoff:  backoff,
		most:     bodyLimit,
		header: http.Header{
			"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(cfg.User+":"+cfg.Password.Reveal()))},
			"Content-Type":  {"application/x-www-form-urlencoded"},
			"User-Agent":    {strings.TrimSuffix("moonpost/"+cfg.Version, "/")},
		},
	}
	if cfg.Rate > 0 {
		c.pace.limiter = rate.NewLimiter(rate.Limit(cfg.Rate), 1)
	}
	if cfg.Trace != nil {
		c.trace = &trace{out: cfg.Trace, secrets: cfg.Secrets}
	}
	c.line = newLine(cfg.Concurrency, dialer{address: where.Host, trust: trust, sink: cfg.Sink, warned: new(sync.Once)}.dial)
	c.service = map[string]*route{}
	for _, name := range []string{getMetadata, getStatus, cancelAsync} {
		c.service[name] = c.newRoute("/api/" + name)
	}
	return c, nil
}

// The service calls. They stand under /api/, beside /api/invoke/ (protocol.md
// 1), and are not part of the metadata.
const (
	getMetadata = "get-metadata"
	getStatus   = "get-status"
	cancelAsync = "cancel-async"
)

// Close ends what is under way, calls that wait included, and releases the
// connections.
func (c *Client) Close() {
	c.line.close()
}

// warn reports something that a person should know, without stopping.
func (c *Client) warn(message string) {
	c.sink.Emit(event.Log{Level: event.Warn, Message: message})
}

// About returns what the server said of itself. The first call asks the server
// and thereby proves the login; errors are those of Call.
func (c *Client) About(ctx context.Context) (call.About, error) {
	about, err := c.about.do(ctx, c.ask)
	if err != nil {
		return call.About{Target: c.target}, c.before(ctx, err, "")
	}
	return *about, nil
}

// Functions returns the functions that the server offers, by name, declared
// with what the catalogue knows about them. The first call asks the server. The
// slice is shared: do not change it.
func (c *Client) Functions(ctx context.Context) ([]call.Function, error) {
	offer, err := c.offered(ctx)
	if err != nil {
		return nil, c.before(ctx, err, "")
	}
	return offer.functions, nil
}

// fault makes an error of the client: op is the function or service call.
func (c *Client) fault(op string, f *failure, changing bool) *fault.Error {
	kind := f.kind
	if kind == "" {
		kind = fault.Server
		if changing {
			kind = fault.Unknown
		}
	}
	message, hint := f.message, f.hint
	if kind == fault.Unknown {
		message = "outcome unknown: " + message
		hint = cmp.Or(hint, "read from the server whether it took effect before you repeat the call")
	}
	if f.timeout {
		hint = strings.TrimPrefix(hint+"; raise --call-timeout, or look whether the server is overloaded", "; ")
	}
	did := "api.invoke " + op
	if op == "" {
		did = ""
	}
	return &fault.Error{
		Kind: kind, Op: did, Message: message, Hint: hint, Details: f.details,
		Fn: op, Target: c.target, Status: f.status, Attempt: f.attempt, Err: cause(f.err),
	}
}
