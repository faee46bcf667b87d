package stdlib

import "moonpost/engine/luavm"

// csvReading is the options of csv.rows and csv.read.
var csvReading = luavm.Record("csv_options",
	luavm.Param{Name: "delimiter", Type: luavm.String, Doc: "what separates fields", Optional: true, Default: "found in the file: one of , ; tab |"},
	luavm.Param{Name: "encoding", Type: luavm.String, Optional: true, Default: "found in the file: utf-8, utf-16, cp1252, cp850 or cp1250",
		Doc: `"utf-8", "utf-16", "cp1252", "cp850", "iso-8859-1", or a name of the web such as "gbk"`},
	luavm.Param{Name: "header", Type: luavm.Bool, Doc: "the first line names the columns; without, rows are lists", Optional: true, Default: "true"},
	luavm.Param{Name: "columns", Type: luavm.Union(luavm.List(luavm.String), luavm.Map(luavm.String)), Optional: true, Default: "all, as the file names them",
		Doc: `columns that must be there: { "userName" }, or under other names: { userName = "Login" }. Others are kept. Without header: the names of all columns in order`},
	luavm.Param{Name: "allowed", Type: luavm.List(luavm.String), Optional: true, Default: "any",
		Doc: "columns that may be there, under the names that columns gives; another one is refused. One that is missing reads as nil"},
	luavm.Param{Name: "secret", Type: luavm.List(luavm.String), Doc: "columns whose values are secrets: shown nowhere; an empty one stays empty text", Optional: true, Default: "{}"},
	luavm.Param{Name: "trim", Type: luavm.Bool, Doc: "cut white space around every value", Optional: true, Default: "false"},
	luavm.Param{Name: "strict", Type: luavm.Bool, Optional: true, Default: "true",
		Doc: "raise when a row is asked for a column that is not there, or has fewer fields than the header; otherwise that is nil"},
	luavm.Param{Name: "comment", Type: luavm.String, Doc: "skip lines that begin with this character", Optional: true, Default: "none are skipped"},
	luavm.Param{Name: "line", Type: luavm.String, Doc: "give every row its line number under this name", Optional: true, Default: "not given"},
)

const aboutReading = "Delimiter and encoding are found by themselves and said in the log; a file that can be read in two ways is refused, with " +
	"the option that settles it. The whole file is checked for bytes that are no text before its first row is given. Errors name file, " +
	"line and column. Fields of more than 64 KiB, rows of more than 1 MiB and more than 1,000 columns are refused."

func csvModule(h Host) luavm.Module {
	m := &csvReader{host: h, told: map[string]bool{}}
	path := luavm.Param{Name: "path", Type: luavm.String, Doc: "the file; a relative path starts at the playbook's folder"}
	reading := luavm.Param{Name: "opts", Type: csvReading, Doc: "how to read", Optional: true}
	row := luavm.Union(luavm.Map(luavm.Any), luavm.List(luavm.String))
	return luavm.Module{
		Name: "csv",
		Doc:  "Reads and writes CSV files as Excel and other programs make them.",
		Funcs: []luavm.Func{
			{
				Name: "rows",
				Doc: "Returns an iterator over the rows of a CSV file, for a for loop or as the items of task.map. A row is a table by column " +
					"name; all values are texts. Asking a row for a column that the file does not have is an error. One row is in memory " +
					"at a time, so a file may be of any size. " + aboutReading,
				Params: []luavm.Param{path, reading},
				Returns: []luavm.Param{{Name: "next", Doc: "gives the next row, nil after the last",
					Type: luavm.Type{Kind: luavm.Function.Kind, Results: []luavm.Param{{Name: "row", Type: row, Doc: "the row"}}}}},
				Effect: luavm.Reads,
				Example: `for row in csv.rows("users.csv", { columns = { "userName" }, secret = { "password" }, line = "line" }) do
  print(row.line, row.userName)
end`,
				Call: func(c *luavm.Call) error {
					rows, err := m.open(c, "csv.rows")
					if err != nil {
						return err
					}
					return c.Return(luavm.Func{
						Name: "next", Doc: "Returns the next row.",
						Iterator: true,
						Call:     rows.next,
					})
				},
			},
			{
				Name:    "read",
				Doc:     "Returns all rows of a CSV file as a list. For large files, and where one row at a time is enough, see csv.rows. " + aboutReading,
				Params:  []luavm.Param{path, reading},
				Returns: []luavm.Param{{Name: "rows", Type: luavm.List(row), Doc: "the rows in order"}},
				Effect:  luavm.Reads,
				Example: `local users = csv.read("users.csv")
assert(#users == 2 and users[1].userName == "ada")`,
				Call: func(c *luavm.Call) error {
					rows, err := m.open(c, "csv.read")
					if err != nil {
						return err
					}
					return rows.all(c)
				},
			},
			csvWrite(h),
		},
	}
}
