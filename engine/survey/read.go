package survey

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// Reading is what one reading function gave.
type Reading struct {
	Name    string   `json:"name"`
	Outcome string   `json:"outcome"`           // ok, the kind of an error, or why it was not called
	AsJob   bool     `json:"as_job,omitempty"`  // it came back running
	Shape   []Shape  `json:"shape,omitempty"`   // of its result
	Differs []string `json:"differs,omitempty"` // from the catalogue
}

// answer is what one function gave, before it is masked.
type answer struct {
	fn      catalogue.Function
	outcome string
	asJob   bool
	result  []byte
}

// unread are reads that are not tried: they are heavy, or about single mails.
var unread = []string{"GetMessages", "VerifyStore", "VerifyStores"}

// limit bounds one reading. A job that takes longer goes on at the server.
const limit = time.Minute

// readAll calls every function that only reads and whose arguments can be
// given without knowing the server, one after the other.
func readAll(ctx context.Context, cfg Config, offered []call.Function, m *mask) []answer {
	var all []answer
	for _, f := range offered {
		known, ok := catalogue.Find(f.Name)
		if !ok || !known.ReadOnly || f.Changing || slices.Contains(unread, f.Name) {
			continue
		}
		a := answer{fn: known}
		args, missing := arguments(cfg, f)
		if missing != "" {
			a.outcome = "not called: needs " + missing
			all = append(all, a)
			continue
		}
		cfg.Progress(f.Name)
		got, err := cfg.Server.Call(ctx, call.Request{Fn: f.Name, Args: args, Timeout: limit, OnTimeout: call.Leave}, nil)
		a.outcome, a.asJob, a.result = "ok", got.Job != nil, got.Result
		if err != nil {
			a.outcome = string(fault.KindOf(err))
		}
		leaves(decode(got.Result), m.meet)
		all = append(all, a)
		if ctx.Err() != nil || ends(err) {
			break
		}
	}
	return all
}

// ends reports whether nothing will be answered after err. A function that this
// user may not call is one finding among others.
func ends(err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	return ok && e.Kind.Fatal() && e.Status != http.StatusForbidden
}

// arguments returns what a function is called with, or which argument it needs
// that nobody can give.
func arguments(cfg Config, f call.Function) (args []call.Arg, missing string) {
	now := cfg.Now()
	const form = "2006-01-02T15:04:05"
	usual := map[string]any{
		"raw": true, "withServiceStatus": false, "instanceFilter": "*", "serverNameFilter": "*",
		"fromIncluding": now.Add(-24 * time.Hour).Format(form), "toExcluding": now.Format(form),
		"timeZoneID": "$Local", "timeZoneId": "$Local",
	}
	if cfg.Instance != "" {
		usual[call.InstanceArg] = cfg.Instance
	} else if f.Edition == string(catalogue.Server) {
		usual["userName"] = cfg.User // who is one of its users
	}
	for _, p := range f.Params {
		value, ok := usual[p.Name]
		switch {
		case p.Optional:
		case ok:
			args = append(args, call.Arg{Name: p.Name, Value: value})
		default:
			return nil, p.Name
		}
	}
	return args, ""
}

// reading returns what may be said of an answer.
func (a answer) reading(m *mask) Reading {
	r := Reading{Name: a.fn.Name, Outcome: a.outcome, AsJob: a.asJob}
	if a.outcome != "ok" {
		return r
	}
	r.Shape = shapeOf(m, a.result)
	r.Differs = differences(a.fn.Result, r.Shape)
	return r
}

// differences says where a result is not what the catalogue describes.
func differences(described string, got []Shape) []string {
	want, ok := parseNotation(described)
	if !ok {
		return nil
	}
	var all []string
	paths := map[string]Shape{}
	for _, s := range got {
		paths[s.Path] = s
		w, ok := want.find(s.Path)
		switch {
		case !ok && want.isOpen(s.Path):
		case !ok:
			all = append(all, s.Path+": the catalogue does not have it")
		case !w.takes(s.Types):
			all = append(all, s.Path+": "+strings.Join(s.Types, "|")+", the catalogue says "+strings.Join(w.types, "|"))
		}
	}
	for _, path := range want.paths() {
		holder, key := parent(path)
		if !key {
			continue
		}
		above, there := paths[holder]
		if _, ok := paths[path]; !ok && there && slices.Contains(above.Types, "object") {
			all = append(all, path+": absent")
		}
	}
	return all
}

// parent returns the path of the object that holds a key; false for what is no
// key.
func parent(path string) (string, bool) {
	if strings.HasSuffix(path, "[]") || path == "" {
		return "", false
	}
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i], true
	}
	return "", true
}
