package command

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/urfave/cli/v2"
)

type versionOptions struct {
	program *program

	format string
}

func versionCommand(p *program) *command {
	o := &versionOptions{program: p}
	return newCommand(cli.Command{
		Name:  "version",
		Usage: "Prints the version of moonpost.",
		UsageText: `moonpost version
			moonpost version --output json`,
		Flags: []cli.Flag{outputFlag(&o.format, "text", "json")},
	}, o.run)
}

func (o *versionOptions) run(_ context.Context, args arguments) error {
	if len(args.all()) > 0 {
		return misuse("version", "unexpected argument "+args.all()[0], "")
	}
	b := readBuild()
	if o.format == "json" {
		text, err := json.Marshal(b)
		if err != nil {
			return err
		}
		fmt.Fprintf(o.program.stdout, "%s\n", text)
		return nil
	}
	parts := []string{"moonpost " + b.Version}
	if b.Commit != "" {
		parts = append(parts, b.Commit)
	}
	fmt.Fprintln(o.program.stdout, strings.Join(append(parts, b.Go, b.OS+"/"+b.Arch), ", "))
	return nil
}

// build says what this program was made of.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"` // with "+changes" when the work tree had any
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func readBuild() build {
	b := build{Version: "devel", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		b.Version = strings.TrimPrefix(v, "v")
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			b.Commit = s.Value[:min(12, len(s.Value))] + b.Commit
		case s.Key == "vcs.modified" && s.Value == "true":
			b.Commit += "+changes"
		}
	}
	return b
}
