package monitor

// Format is how one monitoring system takes a check.
type Format struct {
	// Name is what people call it.
	Name string
	// Alone says that the system takes standard error for a part of the
	// document, so nothing may stand there.
	Alone bool

	document func(Check) []byte
	byCode   bool // the exit code tells the state; else it is 0
}

// formats are all there are.
var formats = []Format{
	{Name: "nagios", document: nagios, byCode: true},
	{Name: "prtg", document: prtg},
	{Name: "checkmk", document: checkmk},
	{Name: "zabbix", document: zabbix, Alone: true},
}

// Names returns the names of the formats.
func Names() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.Name
	}
	return names
}

// Find returns the format of that name.
func Find(name string) (Format, bool) {
	for _, f := range formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// Document returns the check as the system reads it from standard output, with
// a line end.
func (f Format) Document(c Check) []byte { return f.document(c) }

// ExitCode returns the code that a program ends with whose check has that
// state.
func (f Format) ExitCode(s State) int {
	if f.byCode {
		return s.Code()
	}
	return 0
}
