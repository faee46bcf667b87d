package harden

var globalLines = []line{
	{"assert(v any, message? any) ... any", "Raises message when v is nil or false, else returns all its arguments. A message that is a table or an error is raised as it is."},
	{"error(message any, level? integer)", "Raises an error. A text gets file and line before it, of the caller with level 2 and none with level 0; a table with the fields kind and message becomes an error of that kind."},
	{"getmetatable(v any) metatable any", "Returns the metatable of v, or what its field __metatable says."},
	{"ipairs(list table) next function, list table, zero integer", "For loops over the elements 1, 2, … of a list up to the first nil."},
	{"next(t table, key? any) key any, value any", "Returns the field after key, or the first one; nil after the last."},
	{"pairs(t table) next function, t table, nothing any", "For loops over all fields of a table, in the order in which they were made."},
	{"pcall(f function, ... any) ok boolean, ... any", "Calls f and returns true and its results, or false and the error. What no playbook can mend is not caught: a refused login, Ctrl-C, a limit. Calls that wait work inside."},
	{"print(... any)", "Writes its arguments to standard output with tabs between them, secrets masked."},
	{"rawequal(a any, b any) equal boolean", "Compares without metamethods."},
	{"rawget(t table, key any) value any", "Reads a field without metamethods."},
	{"rawset(t table, key any, value any) t table", "Sets a field without metamethods."},
	{"require(name string) module any", "Returns a module of moonpost, or the file of that name beside the playbook: lib.names is lib/names.lua. It is loaded once."},
	{`select(n any, ... any) ... any`, `Returns its arguments from the n-th on, or their number for "#".`},
	{"setmetatable(t table, metatable any) t table", "Gives a table a metatable, or takes it away with nil. A table without __tostring is shown as table, without an address; __gc and __mode have no effect."},
	{"tonumber(v any, base? integer) number number", "Returns v as a number, nil when it is none. 010 is ten."},
	{"tostring(v any) text string", "Returns v as a text; errors are their message, secrets ***."},
	{"type(v any) type string", "Returns nil, boolean, number, string, table, function, thread or userdata."},
	{"unpack(list table, first? integer, last? integer) ... any", "Returns the elements of a list, at most 250,000."},
	{"xpcall(f function, handler function, ... any) ok boolean, ... any", "Like pcall, with handler called on the error before the calls are left. Arguments for f are taken, as in later versions of Lua."},
}

var stringLines = []line{
	{"byte(s string, first? integer, last? integer) ... integer", "Returns the bytes from first to last as numbers; the first one unless told otherwise."},
	{"char(... integer) text string", "Makes a text of bytes."},
	{"find(s string, pattern string, init? integer, plain? boolean) first integer, last integer, ... any", "Looks for a pattern, or a plain text, and returns where it begins and ends, and its captures; nil when it is not there."},
	{"format(format string, ... any) text string", "Writes values by a format: %d %i %u %c %x %X %o %e %E %f %g %G %q %s %%. %s takes any value; width and precision of %s count characters, not bytes."},
	{"gmatch(s string, pattern string) next function", "For loops over all matches: their captures, or the whole match."},
	{"gsub(s string, pattern string, replacement any, most? integer) text string, count integer", "Replaces matches by a text (%1 is a capture), by what a table has for them, or by what a function returns."},
	{"len(s string) n integer", "Returns the number of bytes."},
	{"lower(s string) text string", "Returns s in lower case; letters of all scripts, where Lua knows ASCII alone."},
	{"match(s string, pattern string, init? integer) ... any", "Returns the captures of the first match, or the whole match; nil when there is none."},
	{"rep(s string, n integer, sep? string) text string", "Returns s n times, with sep between them as in later versions of Lua."},
	{"reverse(s string) text string", "Returns the bytes of s the other way round."},
	{"sub(s string, first integer, last? integer) text string", "Returns the bytes from first to last; negative places count from the end."},
	{"upper(s string) text string", "Returns s in upper case; letters of all scripts, where Lua knows ASCII alone."},
}

var tableLines = []line{
	{"concat(list list, sep? string, first? integer, last? integer) text string", "Joins the texts and numbers of a list."},
	{"getn(list list) n integer", "Returns the number of elements, like #list."},
	{"insert(list list, ... any)", "Puts a value at the end of a list, or, as insert(list, place, value), before the element of that place."},
	{"maxn(t table) n number", "Returns the largest number that is a key."},
	{"remove(list list, place? integer) value any", "Takes the last element, or that of a place, out of a list and returns it."},
	{"sort(list list, less? function)", "Sorts a list. The order of equal elements is kept, less may wait, and a less that contradicts itself does no harm."},
}

var mathLines = []line{
	{"abs(x number) y number", "Returns x without its sign."},
	{"acos(x number) y number", "Arc cosine, in radians."},
	{"asin(x number) y number", "Arc sine, in radians."},
	{"atan(x number) y number", "Arc tangent, in radians."},
	{"atan2(y number, x number) angle number", "Arc tangent of y/x, in the right quadrant."},
	{"ceil(x number) n number", "Rounds up."},
	{"cos(x number) y number", "Cosine of radians."},
	{"cosh(x number) y number", "Hyperbolic cosine."},
	{"deg(x number) y number", "Radians in degrees."},
	{"exp(x number) y number", "Returns e to the power of x."},
	{"floor(x number) n number", "Rounds down."},
	{"fmod(x number, y number) rest number", "Remainder of x/y with the sign of x."},
	{"frexp(x number) m number, e number", "Splits x into m * 2^e."},
	{"ldexp(m number, e number) x number", "Returns m * 2^e."},
	{"log(x number) y number", "Natural logarithm."},
	{"log10(x number) y number", "Logarithm to base 10."},
	{"max(... number) x number", "Returns the largest."},
	{"min(... number) x number", "Returns the smallest."},
	{"mod(x number, y number) rest number", "Like fmod, under its old name."},
	{"modf(x number) whole number, fraction number", "Splits x at its point."},
	{"pow(x number, y number) z number", "Returns x^y."},
	{"rad(x number) y number", "Degrees in radians."},
	{"random(first? integer, last? integer) x number", "Returns a number from 0 to 1 without 1, from 1 to first, or from first to last. Every run has other ones."},
	{"sin(x number) y number", "Sine of radians."},
	{"sinh(x number) y number", "Hyperbolic sine."},
	{"sqrt(x number) y number", "Square root."},
	{"tan(x number) y number", "Tangent of radians."},
	{"tanh(x number) y number", "Hyperbolic tangent."},
}

var osLines = []line{
	{"clock() seconds number", "Seconds since the run began, not processor time."},
	{"date(format? string, time? number) text any", "Writes a time as strftime does, in English; with ! first in UTC, and *t gives a table of its fields. See time for dates as MailStore writes them."},
	{"difftime(later number, earlier number) seconds number", "Returns the seconds between two times."},
	{"time(fields? table) seconds integer", "Returns now, or the local time that a table names, in seconds since 1970. run.started stays the same while the run lasts."},
}

var coroutineLines = []line{
	{"create(f function) co coroutine", "Makes a coroutine of a function. 1,000 may be alive."},
	{"resume(co coroutine, ... any) ok boolean, ... any", "Lets a coroutine go on until it yields or ends; false and the error when it raises one."},
	{"running() co coroutine", "Returns the coroutine that runs, nil outside of one."},
	{"status(co coroutine) status string", "Returns running, suspended, normal or dead."},
	{"wrap(f function) resume function", "Returns a function that resumes the coroutine of f, and raises its errors."},
	{"yield(... any) ... any", "Leaves the coroutine and gives values to resume. It is refused inside a metamethod or a function of moonpost that calls back."},
}

var debugLines = []line{
	{"traceback(message? any) text any", "Returns a message with the lines of the playbook that led here; anything but a text as it is."},
}
