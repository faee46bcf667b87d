package world

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"moonpost/engine/catalogue"
	"moonpost/engine/sandbox/answer"
)

// saved is what Save writes.
type saved struct {
	At      time.Time // when it was written
	Options Options
	Random  []byte // where the source of random numbers stands
	State   state
}

// Changes counts what may have changed the state: a world with the same count
// needs no second Save.
func (w *World) Changes() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	return w.changes
}

// Save writes the world so that Load can go on with it. Passwords are written
// as they are.
func (w *World) Save(to io.Writer) error {
	text, err := w.encode()
	if err == nil {
		_, err = to.Write(text)
	}
	return err
}

func (w *World) encode() ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.settle()
	s := saved{At: time.Now(), Options: w.opts, State: w.state}
	s.Options.User, s.Options.Password = w.administrator()
	var err error
	if s.Random, err = w.source.MarshalBinary(); err != nil {
		return nil, err
	}
	return json.Marshal(s)
}

// ContradictionError says that a world was saved with another option than it
// is to be loaded with.
type ContradictionError struct {
	Option string // "edition"
	Saved  string // "" where it is a secret
	Asked  string
}

func (e *ContradictionError) Error() string {
	if e.Saved == "" {
		return "another " + e.Option
	}
	return fmt.Sprintf("%s %s, not %s", e.Option, e.Saved, e.Asked)
}

// Load makes a world from what Save wrote. Options that are zero are taken from
// there; one that says something else is a *ContradictionError. What ran when
// it was saved was cut off: tokens are not known any more, and runs of profiles
// and server jobs show as cancelled.
func Load(from io.Reader, o Options) (*World, error) {
	var s saved
	d := json.NewDecoder(from)
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more text after the end")
	}
	if err := s.complete(); err != nil {
		return nil, err
	}
	o, err := o.onto(s.Options)
	if err != nil {
		return nil, err
	}
	w := empty(o.withDefaults())
	w.state = s.State
	if err := w.source.UnmarshalBinary(s.Random); err != nil {
		return nil, err
	}
	for _, a := range w.Archives {
		a.interrupt(s.At)
	}
	return w, nil
}

// complete fills in what a newer server keeps and an older one did not write,
// and refuses what no server can have written.
func (s *saved) complete() error {
	if s.Options.Edition != catalogue.Server && s.Options.Edition != catalogue.SPE {
		return fmt.Errorf("there is no edition %q", s.Options.Edition)
	}
	if err := sound(reflect.ValueOf(&s.State).Elem(), "State"); err != nil {
		return err
	}
	if s.Options.Edition == catalogue.Server {
		s.State.Environment = nil
		if s.State.Archives[""] == nil {
			return errors.New("the archive is missing")
		}
	} else if err := s.State.Environment.check(s.State.Archives); err != nil {
		return err
	}
	return s.State.Ledger.restore()
}

// sound makes maps that are missing and refuses null where an object has to be.
func sound(v reflect.Value, path string) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return fmt.Errorf("%s is null", path)
		}
		return sound(v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || v.Field(i).Kind() == reflect.Pointer && v.Field(i).IsNil() {
				continue
			}
			if err := sound(v.Field(i), path+"."+f.Name); err != nil {
				return err
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := sound(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		if v.IsNil() {
			v.Set(reflect.MakeMap(v.Type()))
		}
		for _, key := range v.MapKeys() {
			if err := sound(v.MapIndex(key), fmt.Sprintf("%s[%v]", path, key)); err != nil {
				return err
			}
		}
	}
	return nil
}

// onto fills in the options that are left out from those of a saved world.
func (o Options) onto(kept Options) (Options, error) {
	asked, was := reflect.ValueOf(&o).Elem(), reflect.ValueOf(kept.withDefaults())
	explicit := reflect.ValueOf(o.withDefaults())
	for i := range asked.NumField() {
		f := asked.Type().Field(i)
		switch {
		case f.Tag.Get("json") == "-": // how it behaves: as asked now
		case asked.Field(i).IsZero():
			asked.Field(i).Set(was.Field(i))
		case explicit.Field(i).Interface() != was.Field(i).Interface():
			e := &ContradictionError{Option: strings.ToLower(f.Name[:1]) + f.Name[1:]}
			if f.Name != "Password" {
				e.Saved, e.Asked = shown(was.Field(i)), shown(explicit.Field(i))
			}
			return o, e
		}
	}
	return o, nil
}

// shown writes an option; what is negative stands for none.
func shown(v reflect.Value) string {
	if v.CanInt() && v.Int() < 0 {
		return "0"
	}
	return fmt.Sprint(v.Interface())
}

// interrupt ends what ran when the server did.
func (a *archive) interrupt(at time.Time) {
	for _, j := range a.Jobs {
		if j.LastStart.After(j.LastComplete) {
			a.ended(j, answer.Cancelled, at)
		}
	}
	for len(a.Runs) > 0 {
		a.endRun(a.Runs[0], answer.Cancelled, at)
	}
}

// restore fills in what is not saved.
func (l *ledger) restore() error {
	l.index = make(map[entry]int, len(l.Rows))
	for i, row := range l.Rows {
		args, err := hex.DecodeString(row.Args)
		if err != nil || len(args) != len(digest{}) {
			return fmt.Errorf("the digest of effect %d is damaged", i)
		}
		l.index[entry{row.Fn, row.Key, digest(args)}] = i
	}
	return nil
}
