package command

import "moonpost/engine/manual"

// variables are those of the environment that moonpost reads.
var variables = []manual.Named{
	{Name: "MOONPOST_TARGET", About: "Where to, as --target."},
	{Name: "MOONPOST_USER", About: "Who logs in, as --user."},
	{Name: "MOONPOST_PASSWORD", About: "The password; it is never taken from the command line."},
	{Name: "MOONPOST_INSTANCE", About: "The instance, as --instance."},
	{Name: "MOONPOST_CA", About: "Authorities to trust, as --ca."},
	{Name: "MOONPOST_FINGERPRINT", About: "The one certificate to trust, as --fingerprint."},
	{Name: "NO_COLOR", About: "Set to anything: no colours and no bold text."},
	{Name: "COLUMNS", About: "The width of the output, where no terminal tells it."},
	{Name: "TERM", About: "dumb: the terminal is written to as a file is, without moving bars."},
	{Name: "XDG_STATE_HOME", About: "On Linux the folder of what moonpost has to remember; ~/.local/state unless set."},
	{Name: "XDG_CACHE_HOME", About: "On Linux the folder of copies of server metadata; ~/.cache unless set."},
	{Name: "XDG_CONFIG_HOME", About: "On Linux the folder of settings; ~/.config unless set."},
	{Name: "GOGC", About: "How often memory is tidied up, as for any Go program; 400 unless set."},
	{Name: "GOMEMLIMIT", About: "The memory above which it is tidied up more often; half of the machine's, 2 GiB at most, unless set."},
}
