//go:build linux

package benchmark

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rawVariable in the environment turns the test binary into the bare client.
const rawVariable = "MOONPOST_BENCHMARK_RAW"

func TestMain(m *testing.M) {
	if work := os.Getenv(rawVariable); work != "" {
		if err := raw(work, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// raw does the same work as the playbooks with nothing but net/http, the way a
// careful Go programmer would write it by hand.
func raw(work string, args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	concurrency, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	c := newBareClient(concurrency)
	var result any
	switch work {
	case "provision":
		result, err = c.provision(n, concurrency, args[2])
	case "jobs":
		result, err = c.jobs(n)
	default:
		err = fmt.Errorf("no such work: %s", work)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

type bareClient struct {
	base, authorization string
	http                *http.Client
}

type envelope struct {
	Error *struct {
		Message string `json:"message"`
	} `json:"error"`
	Token         *string         `json:"token"`
	StatusVersion int64           `json:"statusVersion"`
	StatusCode    string          `json:"statusCode"`
	Percent       *float64        `json:"percentProgress"`
	StatusText    *string         `json:"statusText"`
	Result        json.RawMessage `json:"result"`
	LogOutput     *string         `json:"logOutput"`
}

func newBareClient(concurrency int) *bareClient {
	login := os.Getenv("MOONPOST_USER") + ":" + os.Getenv("MOONPOST_PASSWORD")
	return &bareClient{
		base:          os.Getenv("MOONPOST_TARGET"),
		authorization: "Basic " + base64.StdEncoding.EncodeToString([]byte(login)),
		http: &http.Client{Transport: &http.Transport{
			MaxIdleConns:        concurrency,
			MaxIdleConnsPerHost: concurrency,
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
			TLSClientConfig:     &tls.Config{InsecureSkipVerify: true}, // the pin costs nothing per call
		}},
	}
}

func (c *bareClient) post(path string, form url.Values) (envelope, error) {
	var e envelope
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return e, err
	}
	req.Header.Set("Authorization", c.authorization)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.http.Do(req)
	if err != nil {
		return e, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(body[3:], &e); err != nil { // after the byte order mark
		return e, err
	}
	if e.Error != nil {
		return e, fmt.Errorf("%s: %s", path, e.Error.Message)
	}
	return e, nil
}

// timing is what one run of the provisioning reports.
type timing struct {
	Seconds float64 `json:"seconds"`
	Calls   float64 `json:"calls"`
}

func (c *bareClient) provision(users, concurrency int, prefix string) (timing, error) {
	started := time.Now()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range concurrency {
		group.Go(func() {
			for i := next.Add(1); i <= int64(users) && failed.Load() == nil; i = next.Add(1) {
				if err := c.user(prefix + strconv.FormatInt(i, 10)); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return timing{}, *err
	}
	return timing{Seconds: time.Since(started).Seconds(), Calls: float64(3 * users)}, nil
}

func (c *bareClient) user(name string) error {
	calls := []struct {
		fn   string
		form url.Values
	}{
		{"CreateUser", url.Values{"userName": {name}, "privileges": {"login"}, "fullName": {"User " + name}}},
		{"SetUserEmailAddresses", url.Values{"userName": {name}, "emailAddresses": {name + "@example.com"}}},
		{"SetUserPrivilegesOnFolder", url.Values{"userName": {name}, "folder": {name}, "privileges": {"read"}}},
	}
	for _, call := range calls {
		if _, err := c.post("/api/invoke/"+call.fn, call.form); err != nil {
			return err
		}
	}
	return nil
}

// jobs follows n jobs and returns the time at which each was seen to end.
func (c *bareClient) jobs(n int) ([]float64, error) {
	ends := make([]float64, 0, n)
	for range n {
		e, err := c.post("/api/invoke/VerifyStore", url.Values{"id": {"1"}})
		if err != nil {
			return nil, err
		}
		token := ""
		if e.Token != nil {
			token = *e.Token
		}
		for e.StatusCode == "running" {
			e, err = c.post("/api/get-status", url.Values{
				"token":                  {token},
				"lastKnownStatusVersion": {strconv.FormatInt(e.StatusVersion, 10)},
				"millisecondsTimeout":    {"5000"},
			})
			if err != nil {
				return nil, err
			}
		}
		ends = append(ends, float64(time.Now().UnixNano())/1e9)
	}
	return ends, nil
}
