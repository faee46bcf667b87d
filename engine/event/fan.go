package event

// Fan returns a Sink that gives every event to each of sinks in turn.
func Fan(sinks ...Sink) Sink {
	kept := make(fan, 0, len(sinks))
	for _, s := range sinks {
		if s != nil && s != Discard {
			kept = append(kept, s)
		}
	}
	switch len(kept) {
	case 0:
		return Discard
	case 1:
		return kept[0]
	}
	return kept
}

type fan []Sink

func (f fan) Emit(e Event) {
	for _, s := range f {
		s.Emit(e)
	}
}
