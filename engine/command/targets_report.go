package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"moonpost/engine/api"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/survey"
)

// reportUsage is what help says of --report.
const reportUsage = "`FILE` gets what the server answers where little is known, as text or, with --output json or a name in .json, as JSON; - is standard output. No value of the server is in it, so it can be given to the makers of moonpost"

// survey asks the server of a login and writes the report.
func (o *checkOptions) survey(ctx context.Context, to *talk, l login) error {
	p := o.program
	asJSON := o.output.format == "json" || strings.HasSuffix(o.report, ".json")
	switch {
	case o.output.format != "" && o.output.format != "json" || o.output.columns != nil:
		return misuse(checkOp, "--report is text or JSON", "")
	case l.missing != nil:
		return l.missing
	}
	out, err := o.openReport() // before the server is asked for minutes
	if err != nil {
		return err
	}
	c := &connection{program: p, op: checkOp, flags: &serverFlags{}, login: l, sink: to.sink, brake: newBrake(), readOnly: true}
	defer c.close()
	to.sink.Emit(event.Log{Level: event.Info, Message: "asking " + c.shown() + " with reads alone; this may take some minutes"})
	ended := supervise(ctx, p.interruption(c.brake, to), func(ctx context.Context) (*survey.Report, error) {
		server, err := c.open(ctx)
		if err != nil {
			return nil, err
		}
		secure, err := api.TLSConfig(c.config(l))
		if err != nil {
			return nil, err
		}
		return survey.Run(ctx, survey.Config{
			Server: server, URL: l.url, TLS: secure, User: l.user, Password: l.password, Instance: l.instance,
			Now: p.Now, Version: readBuild().Version,
			Progress: func(what string) { to.sink.Emit(event.Log{Level: event.Debug, Message: "asking " + what}) },
		})
	})
	if err := ended.failure(checkOp); err != nil {
		out.discard()
		return err
	}
	to.close()
	return o.write(out, ended.value, asJSON)
}

// reportFile is where a report goes.
type reportFile struct {
	io.Writer
	masked *stream
	file   *os.File // nil: standard output
}

func (o *checkOptions) openReport() (*reportFile, error) {
	if o.report == "-" {
		return &reportFile{Writer: o.program.stdout}, nil
	}
	file, err := o.program.create(checkOp, "--report", o.report)
	if err != nil {
		return nil, err
	}
	masked := newStream(file, o.program.secrets)
	return &reportFile{masked, masked, file}, nil
}

func (f *reportFile) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.masked.Close(), f.file.Close())
}

// discard ends a report that will not be written.
func (f *reportFile) discard() {
	if f.file == nil {
		return
	}
	info, err := f.file.Stat()
	_ = f.close()
	if err == nil && info.Mode().IsRegular() {
		_ = os.Remove(f.file.Name())
	}
}

// write writes a report.
func (o *checkOptions) write(out *reportFile, r *survey.Report, asJSON bool) error {
	var err error
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(r)
	} else {
		err = r.Write(out)
	}
	if err = errors.Join(err, out.close()); err != nil {
		return &fault.Error{Kind: fault.State, Op: checkOp, Message: "the report is not complete", Err: err}
	}
	if o.report != "-" && !o.talk.quiet {
		fmt.Fprintf(o.program.stderr, "the report is in %s; read it before you give it away\n", o.report)
	}
	return nil
}
