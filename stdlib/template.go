package stdlib

import (
	"context"
	"os"

	"moonpost/engine/fault"
	"moonpost/engine/luavm"
	"moonpost/engine/secret"
	"moonpost/stdlib/csvfile"
)

const aboutTemplates = "A template is text with actions between {{ and }}: {{.user.name}} puts in a value, {{range .users}} … {{.name}} … {{end}} " +
	"repeats what is between for every element, {{if .note}} … {{else}} … {{end}} chooses, {{- and -}} also take the white space beside them " +
	"away; the rest stands in the manual of Go's text/template. Values are those of the table and nothing else: json.null is empty, and a " +
	"name that is not there is an error with its line (to ask for one that may be missing: get). Functions besides those of Go are " +
	`get . "note" "none", has . "note", join .rights ", ", upper, lower, title and trim, number .size 2 (decimals), ` +
	`date .created "%d.%m.%Y" (a time, or a text as the server writes it; layouts as for time.format), json .value, pad_left .n 8, ` +
	"pad_right .name 20. Templates of more than 1 MiB and results of more than 16 MiB are refused."

func templateModule(h Host) luavm.Module {
	values := luavm.Param{Name: "values", Type: luavm.Table, Doc: "what the template can name, at any depth: texts, numbers, booleans, lists and tables"}
	opts := luavm.Param{Name: "opts", Type: luavm.Record("template_options",
		luavm.Param{Name: "html", Type: luavm.Bool, Optional: true, Default: "false",
			Doc: "the result is HTML: values are escaped for the place in which they stand, so that they can never become tags or scripts"},
		luavm.Param{Name: "secret", Type: luavm.Bool, Optional: true, Default: "false",
			Doc: "values may be secrets, and the result is one: it can be passed on and is shown as ***"},
	), Doc: "how to fill it in", Optional: true}
	result := []luavm.Param{{Name: "text", Type: luavm.Union(luavm.String, luavm.Secret), Doc: "the text; a secret with opts.secret"}}
	return luavm.Module{
		Name: "template",
		Doc:  "Fills in texts: mails, reports, pages.",
		Funcs: []luavm.Func{
			{
				Name: "render", Doc: "Returns a template with values filled in. " + aboutTemplates,
				Params:  []luavm.Param{{Name: "template", Type: luavm.String, Doc: "the template"}, values, opts},
				Returns: result,
				Example: `local text = template.render("Dear {{.name}}, you have {{len .stores}} stores: {{join .stores \", \"}}.",
  { name = "Ada", stores = { "2025", "2026" } })
assert(text == "Dear Ada, you have 2 stores: 2025, 2026.")`,
				Call: func(c *luavm.Call) error { return render(h, c, "template.render", false) },
			},
			{
				Name:    "render_file",
				Doc:     "Returns a template that is a file with values filled in. The files are those that fs reaches. " + aboutTemplates,
				Params:  []luavm.Param{{Name: "path", Type: luavm.String, Doc: "the file with the template"}, values, opts},
				Returns: result,
				Effect:  luavm.Reads,
				Example: `fs.write("mail.html", "<p>Dear {{.name}}</p>")
assert(template.render_file("mail.html", { name = "A & B" }, { html = true }) == "<p>Dear A &amp; B</p>")`,
				Call: func(c *luavm.Call) error { return render(h, c, "template.render_file", true) },
			},
		},
	}
}

func render(h Host, c *luavm.Call, op string, fromFile bool) error {
	t := filledTemplate{name: "template", text: c.String(0), op: op}
	hidden := false
	if opts := c.Table(2); opts != nil {
		take(opts, "html", &t.html)
		take(opts, "secret", &hidden)
	}
	met := false
	values, err := c.EncodeJSON(c.Arg(1), luavm.EncodeOptions{Reveal: true, Secret: &met})
	if err != nil {
		return asOp(op, err)
	}
	if met && !hidden {
		return &fault.Error{
			Kind: fault.Invalid, Op: op, Message: "the values have a secret among them, and the result would not be one",
			Hint: "to make the result a secret: { secret = true }",
		}
	}
	if fromFile {
		if t.text, err = templateFile(h, c, op); err != nil {
			return asOp(op, err)
		}
		t.name = csvfile.Shown(c.String(0))
	}
	var text string
	err = c.Wait(func(ctx context.Context) (err error) {
		text, err = t.fill(ctx, values)
		return err
	})
	switch {
	case err != nil:
		return err
	case hidden:
		return c.Return(secret.New(text))
	}
	return c.Return(text)
}

// templateFile returns the text of the file that is argument 0.
func templateFile(h Host, c *luavm.Call, op string) (text string, err error) {
	m := files{host: h}
	shown := csvfile.Shown(c.String(0))
	err = m.reading(c, op, func(ctx context.Context, root *os.Root, name string) error {
		file, err := open(root, name)
		if err != nil {
			return err
		}
		defer file.Close()
		content, _, err := readText(ctx, file, shown, "")
		text = string(content)
		return err
	})
	return text, err
}
