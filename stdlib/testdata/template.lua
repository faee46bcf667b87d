local template = require("template")
local fs = require("fs")
local expect = require("expect")

local function fill(text, values, opts) return template.render(text, values or {}, opts) end

function test_values()
  expect.equal(fill("{{.a}} {{.b}} {{.c}} {{.d}}", { a = "x", b = 1, c = 2.5, d = true }), "x 1 2.5 true")
  expect.equal(fill("{{.n}} {{.m}}", { n = 1e6, m = 2 ^ 53 - 1 }), "1000000 9007199254740991")
  expect.equal(fill("{{.n}} {{.m}} {{join .l \"/\"}}", { n = 1234567.5, m = -0.25, l = { 123456789.25 } }), "1234567.5 -0.25 123456789.25")
  expect.equal(fill("{{.n}} {{json .n}} {{printf \"%.2f %v\" .n .n}} {{number .n 1}} {{pad_left .n 11}} {{gt .n 1.5}} {{eq .n 1234567.5}}", { n = 1234567.5 }),
    "1234567.5 1234567.5 1234567.50 1234567.5 1234567.5   1234567.5 true true")
  expect.equal(fill("<b title=\"{{.n}}\">{{.n}}</b><script>x={{.n}}</script>", { n = 1234567.5 }, { html = true }),
    "<b title=\"1234567.5\">1234567.5</b><script>x= 1234567.5 </script>")
  expect.equal(fill("{{.a.b.c}}", { a = { b = { c = "deep" } } }), "deep")
  expect.equal(fill("[{{.a}}]{{if .a}}yes{{else}}no{{end}}", { a = json.null }), "[]no")
  expect.equal(fill("{{range $i, $u := .users}}{{$i}}={{$u.name}};{{end}}", { users = { { name = "ada" }, { name = "bob" } } }), "0=ada;1=bob;")
  expect.equal(fill("{{range .none}}x{{else}}nobody{{end}}", { none = {} }), "nobody")
  expect.equal(fill("{{range .}}{{.}},{{end}}", { "a", "b" }), "a,b,")
  expect.equal(fill("{{range $k, $v := .m}}{{$k}}{{$v}} {{end}}", { m = { b = 2, a = 1 } }), "a1 b2 ")
  expect.equal(fill("{{with .a}}{{.}}{{end}}{{/* a remark */}} {{- 1}}", { a = "x" }), "x1")
  expect.equal(fill("größe"), "größe")
end

function test_functions()
  local values = { name = "ada lovelace", rights = { "a", 1, true }, n = 1234.5, t = 0, empty = "", at = "2026-11-22T10:00:00" }
  expect.equal(fill('{{get . "note" "none"}} {{get . "name" "none"}} [{{get . "note"}}] {{has . "name"}} {{has . "x"}}', values), "none ada lovelace [] true false")
  expect.equal(fill('{{or .empty "none"}}', values), "none")
  expect.equal(fill('{{join .rights ", "}}', values), "a, 1, true")
  expect.equal(fill('{{upper .name}} {{lower "ÄB"}} {{title .name}} {{trim " x "}}', values), "ADA LOVELACE äb Ada Lovelace x")
  expect.equal(fill('{{number .n 2}} {{number 3 1}} {{number "7" 0}} {{.n | printf "%8.1f"}}', values), "1234.50 3.0 7   1234.5")
  expect.equal(fill('{{date .at "%d.%m.%Y %H:%M"}} {{date .t "%s"}}', values), "22.11.2026 10:00 0")
  expect.equal(fill('{{json .rights}} {{json "<&>"}}', values), '["a",1,true] "<&>"')
  expect.equal(fill('{{pad_left 7 3}}|{{pad_right "日本" 5}}|', values), "  7|日本 |")
  expect.equal(fill('{{printf "%s %d %05.1f %x%% %-5q|" .name 3 2.5 255 "a"}}', values), 'ada lovelace 3 002.5 ff% "a"  |')
  expect.equal(fill('{{print "a" 1 2}}{{len .rights}}{{index .rights 0}}{{if and (gt .n 1.0) (eq .empty "")}}!{{end}}', values), "a1 23a!")
end

function test_mistakes_are_named_with_their_line()
  fill("a\n{{.nmae}}", { name = "x" }) --! invalid: template.render: template:2: the values have no nmae at <.nmae>; hint: did you mean name?
  fill("{{.user.x}}", { user = {} }) --! the values have no x at <.user.x>; hint: for one that may be missing: {{get . "x" ""}}
  fill("{{if .x}}{{end}}") --! template:1: the values have no x
  fill("{{upper\n.}}", { 1 }) --! template:2: wrong type for value
  fill("{{uper .x}}") --! template:1: function "uper" not defined; hint: did you mean upper?
  fill("a{{if .x}}") --! template:1: unexpected EOF
  fill("{{") --! template:1: unclosed action
  fill("{{.x.y}}", { x = "text" }) --! template:1: can't evaluate field y
  fill('{{number "x" 1}}') --! error calling number: want a number and 0 to 20 decimals, got x and 1
  fill('{{date "x" "%d"}}') --! error calling date: date: "x" is no time
  fill('{{date 0 "%Q"}}') --! which is no letter of os.date
  fill('{{pad_left "x" 10001}}') --! want a width of 1 to 10000, got 10001
  fill('{{template "x"}}') --! template "x" not defined
end

function test_values_that_are_no_data_are_refused()
  fill("x", { f = print }) --! template.render: f: a function has no JSON
  local cycle = {}
  cycle.self = cycle
  fill("x", cycle) --! inside itself
  fill("x", { n = 0 / 0 }) --! not finite
  template.render("x") --! argument values: missing, want table
end

function test_html_is_escaped_where_it_stands()
  local values = { name = '<b>"A" & B</b>', url = "javascript:alert(1)", list = { "a", "b" } }
  expect.equal(fill("<p title='{{.name}}'>{{.name}}</p>", values, { html = true }),
    "<p title='&lt;b&gt;&#34;A&#34; &amp; B&lt;/b&gt;'>&lt;b&gt;&#34;A&#34; &amp; B&lt;/b&gt;</p>")
  expect.equal(fill('<a href="{{.url}}">', values, { html = true }), '<a href="#ZgotmplZ">')
  expect.equal(fill("<script>{{range .list}}f({{.}});{{end}}</script>", values, { html = true }), '<script>f("a");f("b");</script>')
  expect.equal(fill("{{.name}}", values), '<b>"A" & B</b>')
  fill("<p>\n{{.nmae}}", values, { html = true }) --! template:2: the values have no nmae at <.nmae>; hint: did you mean name?
  fill("<a href='{{if .name}}'{{end}}>", values, { html = true }) --! invalid: template.render: template:1: {{if}} branches end in different contexts
end

function test_secrets()
  local values = { name = "ada", password = host.secret("swordfish") }
  fill("{{.name}}", values) --! invalid: template.render: the values have a secret among them, and the result would not be one; hint: to make the result a secret
  local text = fill("{{.name}}: {{.password}}", values, { secret = true })
  expect.equal(tostring(text), "***")
  expect.equal(require("hash").hmac_sha256(text, ""), require("hash").hmac_sha256("ada: swordfish", ""))
  expect.equal(tostring(fill("x", {}, { secret = true })), "***")
end

function test_files()
  fs.mkdir("mails")
  fs.write("mails/a.txt", "Dear {{.name}},\n{{.note}}")
  expect.equal(template.render_file("mails/a.txt", { name = "Ada", note = "x" }), "Dear Ada,\nx")
  template.render_file("mails/a.txt", { name = "Ada" }) --! invalid: template.render_file: mails/a.txt:2: the values have no note
  template.render_file("none.txt", {}) --! not_found: template.render_file: there is no none.txt
  template.render_file("../x", {}) --! permission: template.render_file: ../x is outside of
  expect.equal(template.render_file(host.given(), {}), "given")
end

function test_nothing_grows_without_end()
  fill(("x"):rep(2 ^ 20 + 1)) --! template is larger than 1 MiB
  for _, name in ipairs { "html", "urlquery", "js" } do
    local _, err = pcall(fill, "{{$x := .s}}{{range 100}}{{$x = " .. name .. " $x}}{{end}}", { s = ("<&"):rep(1e6) })
    expect.equal(err.message, "the result is larger than 16 MiB", name)
  end
  fill("{{range 1000000000}}{{$.s}}{{end}}", { s = ("x"):rep(1e5) }) --! invalid: template.render: the result is larger than 16 MiB
  fill("{{$s := \"x\"}}{{range 100}}{{$s = print $s $s}}{{end}}") --! the result is larger than 16 MiB
  fill("{{$s := \"x\"}}{{range 100}}{{$s = printf \"%s%s\" $s $s}}{{end}}") --! the result is larger than 16 MiB
  fill("{{$s := \"\\\\\"}}{{range 100}}{{$s = js $s}}{{end}}") --! the result is larger than 16 MiB
  fill("{{join .l .s}}", { l = { 1, 2, 3, 4 }, s = ("x"):rep(6e6) }) --! the result is larger than 16 MiB
  fill('{{printf "%99999d" 1}}') --! printf takes widths of 10000 at most
  fill('{{printf "%*d" 9 1}}') --! printf takes no * and no [n]
  fill('{{printf "%[1]d" 1}}') --! printf takes no * and no [n]
  fill('{{define "x"}}{{template "x"}}{{end}}{{template "x"}}') --! exceeded maximum template depth
end
