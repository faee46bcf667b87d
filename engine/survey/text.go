package survey

import (
	"fmt"
	"io"
	"strings"
)

// Write writes the report for people.
func (r *Report) Write(w io.Writer) error {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	list := func(title string, rows []string) {
		if len(rows) == 0 {
			rows = []string{"none"}
		}
		line("%s:", title)
		for _, row := range rows {
			line("  %s", row)
		}
	}
	for _, sentence := range r.About {
		line("# %s", sentence)
	}
	line("\nmade        %s by moonpost %s", r.Made, r.Moonpost)
	line("server      %s %s", r.Edition, r.Version)
	c := r.Connection
	line("\nCONNECTION\n")
	line("HTTP        %s, HTTP/2 on offer: %s", c.HTTP, yes(c.HTTP2))
	line("TLS         %s, %s", c.TLS, c.Cipher)
	line("certificate %s", c.Certificate)
	line("Server      %s", c.Server)
	line("headers     %s", strings.Join(c.Headers, ", "))
	line("\nQUESTIONS")
	for _, f := range r.Answers {
		line("\n%s (%s, section %d)", f.Asks, f.ID, f.Section)
		if f.Status != 0 {
			line("  HTTP %d", f.Status)
		}
		for _, says := range f.Answer {
			line("  %s", says)
		}
	}
	line("\nMETADATA: %d functions, sorted by name: %s\n", r.Metadata.Functions, yes(r.Metadata.Sorted))
	list("not in the catalogue", r.Metadata.NotInCatalogue)
	list("in the catalogue only", r.Metadata.Missing)
	list("arguments that differ", r.Metadata.Arguments)
	list("keys beyond name, args, type, nullable", r.Metadata.ExtraKeys)
	list("types", r.Metadata.Types)
	list("includeIndexes", r.Metadata.IncludeIndexes)
	line("\nRESULTS")
	for _, f := range r.Functions {
		outcome := f.Outcome
		if f.AsJob {
			outcome += ", as a job"
		}
		line("\n%s: %s", f.Name, outcome)
		for _, s := range f.Shape {
			says := strings.Join(s.Types, "|")
			if len(s.Length) > 0 {
				says += ", " + strings.Join(s.Length, "|")
			}
			if s.Absent {
				says += ", sometimes absent"
			}
			line("  %-40s %s", "."+s.Path, says)
		}
		for _, d := range f.Differs {
			line("  differs: %s", d)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
