package survey

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"moonpost/engine/catalogue"
)

// question is one request that a client would not send by itself. None can
// change a server: they read the metadata or what the server is, or name a
// function or job that does not exist. None has a wrong password, since a few
// of those may lock an account.
type question struct {
	id      string
	asks    string
	section int // of protocol.md

	method   string // "": POST
	path     string // below /api/; see path
	form     string
	mime     string // Content-Type; "": that of a form
	noLogin  bool
	compress bool // offers gzip
}

const (
	noType       = "-"                                // no Content-Type at all
	noFunction   = "invoke/MoonpostAsksForNoFunction" // which does not exist
	noToken      = "token=00000000000000000000000000000000"
	statusFields = noToken + "&lastKnownStatusVersion=0&millisecondsTimeout=0"
)

var questions = []question{
	{id: "metadata_without_login", asks: "Is get-metadata open without a login?", section: 2, path: "get-metadata", noLogin: true},
	{id: "function_without_login", asks: "What does a call without a login get, and how is the challenge made?", section: 2, noLogin: true},
	{id: "metadata", asks: "How is the list of functions made?", section: 4, path: "get-metadata"},
	{id: "metadata_by_get", asks: "Is GET allowed for get-metadata?", section: 1, method: http.MethodGet, path: "get-metadata"},
	{id: "function_by_get", asks: "Is GET allowed for a function?", section: 1, method: http.MethodGet},
	{id: "envelope", asks: "How is an answer made?", section: 5},
	{id: "gzip", asks: "Are answers compressed where that is offered?", section: 1, path: "get-metadata", compress: true},
	{id: "two_slashes", asks: "Are empty path segments passed over?", section: 1, path: "/get-metadata"},
	{id: "lower_case_function", asks: "Do capitals of a function's name matter?", section: 3, path: "lower"},
	{id: "unknown_function", asks: "What does a function that does not exist get?", section: 7, path: noFunction},
	{id: "extra_argument", asks: "What does an argument get that the function does not have?", section: 3, form: "moonpostAsks=1"},
	{id: "missing_argument", asks: "What does a missing argument get?", section: 5, path: "needy"},
	{id: "json_content_type", asks: "What does Content-Type application/json get?", section: 3, mime: "application/json", form: "{}"},
	{id: "no_content_type", asks: "Is Content-Type needed?", section: 3, mime: noType},
	{id: "unknown_token", asks: "What does an unknown token get?", section: 6, path: "get-status", form: statusFields},
	{id: "status_without_wait", asks: "Does get-status want millisecondsTimeout even where the token is unknown?", section: 6, path: "get-status", form: noToken + "&lastKnownStatusVersion=0"},
	{id: "status_without_token", asks: "What does get-status without any argument get?", section: 6, path: "get-status"},
}

// Finding is the answer to one question.
type Finding struct {
	ID      string   `json:"id"`
	Asks    string   `json:"asks"`
	Section int      `json:"section"` // of moonpost's notes on the protocol
	Status  int      `json:"status"`  // of HTTP; 0 without an answer
	Answer  []string `json:"answer"`
}

// prober asks the questions.
type prober struct {
	cfg     Config
	mask    *mask
	edition catalogue.Edition
	client  *http.Client

	first    *http.Response // of the first question that was answered
	metadata []byte
}

func (p *prober) askAll(ctx context.Context) []Finding {
	all := []Finding{}
	for _, q := range questions {
		if ctx.Err() != nil {
			break
		}
		p.cfg.Progress(q.id)
		f := Finding{ID: q.id, Asks: q.asks, Section: q.section}
		resp, body, err := p.send(ctx, q)
		if err != nil {
			f.Answer = []string{"no answer: " + maskError(err)}
		} else {
			f.Status, f.Answer = resp.StatusCode, p.describe(q, resp, body)
		}
		all = append(all, f)
	}
	return all
}

// introductions is the call that tells what a server is, and needy a read that
// has to have an argument.
var (
	introductions = map[catalogue.Edition]string{catalogue.Server: "GetServerInfo", catalogue.SPE: "GetEnvironmentInfo"}
	needy         = map[catalogue.Edition]string{catalogue.Server: "GetUserInfo", catalogue.SPE: "GetInstanceConfiguration"}
)

// path returns where a question goes: "" stands for the introduction, "lower"
// for its name without capitals, "needy" for a read that has to have an argument.
func (p *prober) path(q question) string {
	switch q.path {
	case "":
		return "invoke/" + introductions[p.edition]
	case "lower":
		return "invoke/" + strings.ToLower(introductions[p.edition])
	case "needy":
		return "invoke/" + needy[p.edition]
	}
	return q.path
}

// send sends one question.
func (p *prober) send(ctx context.Context, q question) (*http.Response, []byte, error) {
	method := q.method
	if method == "" {
		method = http.MethodPost
	}
	u, err := url.Parse(p.cfg.URL)
	if err != nil {
		return nil, nil, err
	}
	u.Path = "/api/" + p.path(q)
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(q.form))
	if err != nil {
		return nil, nil, err
	}
	if !q.noLogin {
		req.SetBasicAuth(p.cfg.User, p.cfg.Password.Reveal())
	}
	switch {
	case q.mime == "" && method == http.MethodPost:
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case q.mime != noType && q.mime != "":
		req.Header.Set("Content-Type", q.mime)
	}
	if q.compress {
		req.Header.Set("Accept-Encoding", "gzip")
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	const most = 16 << 20
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return nil, nil, err
	}
	if p.first == nil {
		p.first = resp
	}
	return resp, body, nil
}

// maskError says why there is no answer, without addresses.
func maskError(err error) string {
	late, ok := errors.AsType[net.Error](err)
	switch {
	case ok && late.Timeout():
		return "not in time"
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	return "the connection failed"
}
