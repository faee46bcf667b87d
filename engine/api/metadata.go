package api

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"moonpost/engine/atomicfile"
	"moonpost/engine/call"
	"moonpost/engine/catalogue"
	"moonpost/engine/fault"
)

// offered is a function as the server's metadata lists it (protocol.md 4).
type offered struct {
	Name string `json:"name"`
	Args []struct {
		Name     string `json:"name"`
		Type     string `json:"type"` // string, number, bool or json; without regard to case
		Nullable *bool  `json:"nullable"`
	} `json:"args"`
}

// decodeMetadata reads the list of functions. Functions and arguments without a
// name are left out, and the second of two with one name.
func decodeMetadata(text []byte) ([]offered, error) {
	var all []offered
	if err := json.Unmarshal(text, &all); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, syntax
		}
		return nil, errShape("its metadata is no list of functions")
	}
	seen := map[string]bool{}
	all = slices.DeleteFunc(all, func(f offered) bool {
		twice := f.Name == "" || seen[f.Name]
		seen[f.Name] = true
		return twice
	})
	if len(all) == 0 {
		return nil, errShape("its metadata lists no function")
	}
	for i := range all {
		args := map[string]bool{}
		kept := all[i].Args[:0]
		for _, a := range all[i].Args {
			if a.Name != "" && !args[a.Name] {
				args[a.Name] = true
				kept = append(kept, a)
			}
		}
		all[i].Args = kept
	}
	return all, nil
}

// editionOf tells the edition by the function that introduces the server.
func editionOf(all []offered, instance string) catalogue.Edition {
	has := func(e catalogue.Edition) bool {
		return slices.ContainsFunc(all, func(f offered) bool { return f.Name == introductions[e] })
	}
	if has(catalogue.SPE) || instance != "" && !has(catalogue.Server) {
		return catalogue.SPE
	}
	return catalogue.Server
}

// cacheFile is where the metadata of a target is kept.
func cacheFile(dir, target string) string {
	return filepath.Join(dir, "metadata-"+string(escape(nil, strings.ToLower(target)))+".json")
}

// keep writes a copy of the metadata, as the server sent it. A copy that is the
// same already is left alone.
func keep(dir, target string, text []byte) error {
	file := cacheFile(dir, target)
	if old, err := os.ReadFile(file); err == nil && string(old) == string(text) {
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return atomicfile.Write(file, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// Cached returns the functions that the target (host:port) offered when a
// client with this CacheDir last asked it, without asking it now. Without a copy
// the error wraps fs.ErrNotExist.
func Cached(dir, target string) ([]call.Function, error) {
	text, err := os.ReadFile(cacheFile(dir, target))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &fault.Error{
				Kind: fault.Usage, Op: "metadata of " + target, Message: "there is no copy of it", Err: err,
				Hint: "call the server once: moonpost functions --target " + target,
			}
		}
		return nil, &fault.Error{Kind: fault.State, Op: "metadata of " + target, Err: err}
	}
	all, err := decodeMetadata(text)
	if err != nil {
		return nil, &fault.Error{Kind: fault.State, Op: "metadata of " + target, Message: "the copy is damaged", Err: err}
	}
	return newOffer(all, "").functions, nil
}

// Known returns the functions that the catalogue has for an edition: what is
// there to work with when no server was ever asked.
func Known(edition catalogue.Edition) []call.Function {
	var all []call.Function
	for _, f := range catalogue.All() {
		if f.In(edition) {
			all = append(all, fromCatalogue(f, edition).Function)
		}
	}
	return all
}
