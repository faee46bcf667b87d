package world

import (
	"slices"
	"strings"
)

// What is kept by the name of something follows it when it gets another one.
// That the real server does so is a guess.

// handOver gives profiles and jobs to an owner by his new name. The jobs of an
// instance belong to system administrators.
func (a *archive) handOver(from, to string) {
	for _, p := range a.Profiles {
		if fold(p.owner()) == fold(from) {
			p.Properties = p.Properties.With("owner", to)
		}
	}
	for _, j := range a.Jobs {
		if a.Instance == nil && fold(j.Owner) == fold(from) {
			j.Owner = to
		}
	}
}

// followTop lets what is kept by the name of a top-level folder follow it: the
// rights on it, which are gone when it is no top-level folder any more, and the
// state of its indexes.
func (a *archive) followTop(from, to string) {
	top := !strings.Contains(to, "/")
	for _, u := range a.Users {
		kept := make([]folderRights, 0, len(u.Folders))
		for _, f := range u.Folders {
			switch {
			case fold(f.Folder) == fold(from) && top:
				kept = append(kept, folderRights{to, f.Rights})
			case fold(f.Folder) != fold(from) && fold(f.Folder) != fold(to):
				kept = append(kept, f)
			}
		}
		u.Folders = kept
	}
	for _, s := range slices.Concat(a.Stores, a.Detached) {
		if i := slices.Index(s.Rebuilt, fold(from)); i >= 0 {
			s.Rebuilt = slices.Replace(slices.Clone(s.Rebuilt), i, i+1, fold(to))
		}
	}
}
