package command_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"moonpost/engine/catalogue"
	"moonpost/engine/command"
	"moonpost/engine/process"
	"moonpost/engine/sandbox"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"moonpost": func() { os.Exit(command.Main(context.Background(), process.FromOS())) },
	})
}

// TestCommands runs the scripts of testdata. A script's name says what is true.
// Beside the commands of testscript there are
//
//	ends CODE PROGRAM [ARGUMENT …]   runs a program that is to end with that exit code
//	server [slow] [spe] [german] [FAULT …]
//	                                 starts a sandbox that the environment points to; slow: its jobs last
//	ready FILE                       points the environment to the sandbox whose output goes to a file
//	waitfor FILE PATTERN             waits until a file has a line like that
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, ".state"))
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, ".config"))
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, ".state"))
			e.Setenv("GORACE", "atexit_sleep_ms=0") // else each process waits for a second
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ends": ends, "server": server, "ready": ready, "waitfor": waitfor,
		},
	})
}

func ends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: ends CODE PROGRAM [ARGUMENT …]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%v ended with %d, want %d", args[1:], got, want)
	}
}

func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: server [slow] [spe] [german] [BEHAVIOUR=VALUE …] [FAULT …]")
	}
	o := sandbox.Options{Seed: 1, JobSpeed: 1000}
	for _, arg := range args {
		switch arg {
		case "slow":
			o.JobSpeed = 1
		case "spe":
			o.Edition = catalogue.SPE
		case "german":
			o.ErrorTexts = arg
		default:
			if strings.Contains(arg, "=") {
				o.Behaviour = append(o.Behaviour, arg)
				continue
			}
			o.Faults = append(o.Faults, arg)
		}
	}
	s, err := sandbox.New(o)
	ts.Check(err)
	ts.Check(s.Start())
	ts.Defer(s.Close)
	ts.Setenv("MOONPOST_TARGET", s.URL())
	ts.Setenv("MOONPOST_USER", s.User())
	ts.Setenv("MOONPOST_PASSWORD", s.Password())
	ts.Setenv("MOONPOST_FINGERPRINT", s.Fingerprint())
}

func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ready FILE")
	}
	waitfor(ts, neg, []string{args[0], "}\n"})
	var at struct{ URL, User, Password, Fingerprint string }
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &at))
	ts.Setenv("MOONPOST_TARGET", at.URL)
	ts.Setenv("MOONPOST_USER", at.User)
	ts.Setenv("MOONPOST_PASSWORD", at.Password)
	ts.Setenv("MOONPOST_FINGERPRINT", at.Fingerprint)
}

func waitfor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE PATTERN")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	file := ts.MkAbs(args[0])
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if text, err := os.ReadFile(file); err == nil && pattern.Match(text) {
			return
		}
	}
	ts.Fatalf("no line like %q came into %s", args[1], args[0])
}
