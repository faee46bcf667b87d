package command

import (
	"cmp"
	"errors"
	"io/fs"

	"moonpost/engine/api"
	"moonpost/engine/manual"
	"moonpost/engine/targets"
)

// live returns what the target said of itself when it was asked last; nil when
// no target is named, or when the environment names one that was never asked.
func (o *docOptions) live() (*manual.Live, error) {
	address := o.program.or(o.target, "MOONPOST_TARGET")
	if address == "" {
		return nil, nil
	}
	live, err := o.cached(address)
	if err != nil && o.target == "" {
		return nil, nil // nobody asked for the comparison
	}
	return live, err
}

func (o *docOptions) cached(address string) (*manual.Live, error) {
	instance, _ := o.program.Env("MOONPOST_INSTANCE")
	url := address
	if targets.IsName(address) {
		t, err := o.program.book().Find(address)
		if err != nil {
			return nil, err
		}
		url, instance = t.Address(), cmp.Or(instance, t.Instance)
	}
	at, err := api.Address(url, instance)
	if err != nil {
		return nil, err
	}
	dir, err := o.program.CacheDir()
	if err != nil {
		return nil, misuse("doc", "there is no folder for copies of metadata: "+err.Error(), "")
	}
	functions, err := api.Cached(dir, at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, misuse("doc", at+" was never asked what it offers", "ask it once: moonpost functions --target "+address)
	}
	if err != nil {
		return nil, err
	}
	return &manual.Live{Target: at, Functions: functions}, nil
}
