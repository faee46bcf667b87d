package bindings

import (
	"errors"
	"io/fs"
	"os"

	"moonpost/engine/call"
	"moonpost/engine/event"
	"moonpost/engine/fault"
	"moonpost/engine/luavm"
)

// status passes one status on: to the log file, the handle of the job
// and the playbook. It is called without the interpreter lock.
func (f *follower) status(s call.Status) {
	if f.failed != nil {
		return
	}
	s.Log, s.Gap = s.Lines(), false
	if f.log != nil {
		f.logged(s.Log)
	}
	if f.job != nil {
		f.job.add(s)
	}
	if f.opts.progress == nil {
		return
	}
	if f.failed = tell(f.c, f.opts.progress, s); f.failed != nil {
		f.stop(errStopFollowing)
	}
}

// tell calls fn with s, from inside a wait.
func tell(c *luavm.Call, fn luavm.Fn, s call.Status) error {
	return c.Enter(func() error {
		_, err := fn.Call(progress(c, s))
		return err
	})
}

// progress makes the table of the shape progressType.
func progress(c *luavm.Call, s call.Status) luavm.Tab {
	t := c.NewTable(0, 6)
	if s.Percent != nil {
		t.Set("percent", *s.Percent)
	}
	if s.Text != "" {
		t.Set("text", s.Text)
	}
	if s.Log != "" {
		t.Set("log", s.Log)
	}
	t.Set("version", s.Version)
	t.Set("status", s.Code)
	t.Set("elapsed", s.Elapsed)
	return t
}

// jobLog is the file that a job's log is added to.
type jobLog struct {
	file *os.File
	err  error // the first write that failed
}

func openJobLog(path string) (*jobLog, error) {
	refused := func(err error) error {
		return &fault.Error{Kind: fault.Invalid, Op: "open " + optLogFile + " " + path, Err: err}
	}
	// Opening a pipe would wait for its reader.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, refused(errors.New("it is no regular file"))
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, refused(err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, refused(err)
	}
	return &jobLog{file: file}, nil
}

// logged adds text to the log file. A full disk must not end a call that
// changes the server: it is warned about, once.
func (f *follower) logged(text string) {
	if text == "" || f.log.err != nil {
		return
	}
	if _, f.log.err = f.log.file.WriteString(f.host.Secrets.Redact(text)); f.log.err != nil {
		f.emit(event.Log{Level: event.Warn, Message: "the log of " + f.req.Fn + " is not complete: " + f.log.err.Error()})
	}
}

func (l *jobLog) close() { _ = l.file.Close() }
