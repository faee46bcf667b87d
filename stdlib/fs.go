package stdlib

import (
	"moonpost/engine/luavm"
)

// fsEntry is what is known of a file or folder.
var fsEntry = luavm.Record("fs_entry",
	luavm.Param{Name: "path", Type: luavm.String, Doc: "its path as it was asked for, of fs.list from the folder of the playbook on; with / between folders"},
	luavm.Param{Name: "size", Type: luavm.Integer, Doc: "bytes; 0 for a folder"},
	luavm.Param{Name: "modified", Type: luavm.Number, Doc: "when it was last changed: a time as of time.now()"},
	luavm.Param{Name: "is_dir", Type: luavm.Bool, Doc: "whether it is a folder"},
)

func fsModule(h Host) luavm.Module {
	m := &files{host: h}
	path := func(doc string) luavm.Param { return luavm.Param{Name: "path", Type: luavm.String, Doc: doc} }
	file := path("the file; its folder must be there")
	from := luavm.Param{Name: "from", Type: luavm.String, Doc: "the file that is there"}
	to := luavm.Param{Name: "to", Type: luavm.String, Doc: "its new path"}
	over := luavm.Param{Name: "opts", Type: luavm.Record("fs_copy_options",
		luavm.Param{Name: "overwrite", Type: luavm.Bool, Doc: "put it over a file that is there already", Optional: true, Default: "false"},
	), Doc: "what to do with a file that is there", Optional: true}
	return luavm.Module{
		Name: "fs",
		Doc: "Files of the playbook's folder, and for reading the file inputs that it declares, by their path: nothing else can be reached, " +
			"through links neither (kind permission). Paths are relative to the folder, with / on all systems. What is not there is an " +
			"error of kind not_found, what is there already one of kind exists. New files have names that Windows takes too. For tables " +
			"see csv, for digests hash.file.",
		Funcs: []luavm.Func{
			{
				Name: "read",
				Doc: "Returns the content of a text file as UTF-8, without a byte order mark. Its encoding is found as csv finds it, and said in the " +
					"log when it is not UTF-8. Files of more than 64 MiB are refused: read large tables with csv.rows.",
				Params: []luavm.Param{
					path("the file"),
					{Name: "opts", Type: luavm.Record("fs_read_options",
						luavm.Param{Name: "encoding", Type: luavm.String, Optional: true, Default: "found in the file",
							Doc: `as for csv.rows, such as "utf-8" or "cp1252"; "bytes" for a file that is no text`},
					), Doc: "how to read", Optional: true},
				},
				Returns: []luavm.Param{{Name: "text", Type: luavm.String, Doc: "all of it"}},
				Effect:  luavm.Reads,
				Example: `assert(fs.read("users.csv"):find("^userName"))`,
				Call:    m.read,
			},
			{
				Name: "write",
				Doc: "Writes a file. It appears whole or not at all: it is written beside its place, brought to disk and then moved there, over a " +
					"file that is there already.",
				Params: []luavm.Param{file, {Name: "text", Type: luavm.String, Doc: "its whole content; bytes are written as they are"}},
				Effect: luavm.Writes,
				Example: `fs.write("report.txt", "all is well\n")
assert(fs.read("report.txt") == "all is well\n")`,
				Call: m.write,
			},
			{
				Name: "append",
				Doc: "Writes at the end of a file, which is made when it is not there. What one call writes stays together, and is not brought to disk " +
					"at once.",
				Params: []luavm.Param{file, {Name: "text", Type: luavm.String, Doc: "what to add, with its line end"}},
				Effect: luavm.Writes,
				Example: `fs.append("log.txt", "one\n")
fs.append("log.txt", "two\n")
assert(fs.read("log.txt") == "one\ntwo\n")`,
				Call: m.append,
			},
			{
				Name: "exists", Doc: "Tells whether there is a file or a folder.",
				Params:  []luavm.Param{path("where to look")},
				Returns: []luavm.Param{{Name: "yes", Type: luavm.Bool, Doc: "false, too, where a folder of the path is missing"}},
				Effect:  luavm.Reads,
				Example: `assert(fs.exists("users.csv") and not fs.exists("nobody.csv"))`,
				Call:    m.exists,
			},
			{
				Name: "stat", Doc: "Returns what is known of a file or a folder. Of a link, what it leads to.",
				Params:  []luavm.Param{path("what to look at")},
				Returns: []luavm.Param{{Name: "entry", Type: fsEntry, Doc: "size and the like"}},
				Effect:  luavm.Reads,
				Example: `local entry = fs.stat("users.csv")
assert(entry.size > 0 and not entry.is_dir)`,
				Call: m.stat,
			},
			{
				Name: "list",
				Doc: "Returns the files and folders whose path matches a pattern, in the order of their paths. In a pattern * stands for any characters " +
					"but /, ? for one, [a-z] for one of several, {csv,txt} for one of several texts, ** for any folders and none. ** does not " +
					"go through links, and links that lead nowhere or out of the folder are left out. More than 100,000 are refused.",
				Params:  []luavm.Param{{Name: "pattern", Type: luavm.String, Doc: `such as "reports/*.csv" or "**/*.log"`, Optional: true, Default: `"*"`}},
				Returns: []luavm.Param{{Name: "entries", Type: luavm.List(fsEntry), Doc: "empty when nothing matches"}},
				Effect:  luavm.Reads,
				Example: `for _, entry in ipairs(fs.list("*.csv")) do print(entry.path, entry.size) end`,
				Call:    m.list,
			},
			{
				Name: "mkdir", Doc: "Makes a folder, and those above it that are missing. One that is there already is no error.",
				Params: []luavm.Param{path("the folder")},
				Effect: luavm.Writes,
				Example: `fs.mkdir("reports/2026")
fs.write("reports/2026/november.txt", "")`,
				Call: m.mkdir,
			},
			{
				Name: "remove", Doc: "Removes a file, a link or an empty folder.",
				Params: []luavm.Param{path("what to remove")},
				Effect: luavm.Writes,
				Example: `fs.write("old.txt", "")
fs.remove("old.txt")
assert(not fs.exists("old.txt"))`,
				Call: m.remove,
			},
			{
				Name: "copy", Doc: "Copies a file, a declared input too. Like fs.write, it makes the whole file or none.",
				Params: []luavm.Param{from, to, over},
				Effect: luavm.Writes,
				Example: `fs.copy("users.csv", "users.bak.csv")
assert(fs.stat("users.bak.csv").size == fs.stat("users.csv").size)`,
				Call: m.copy,
			},
			{
				Name: "move", Doc: "Gives a file or a folder another path.",
				Params: []luavm.Param{from, to, over},
				Effect: luavm.Writes,
				Example: `fs.mkdir("done")
fs.move("users.csv", "done/users.csv")
assert(not fs.exists("users.csv"))`,
				Call: m.move,
			},
		},
	}
}
