package world

// A store that is detached or cannot be opened has folders of its own that do
// not show. When DeleteEmptyFolders deletes them meanwhile, they come back with
// the store.

// remember notes the paths of folders that are gone in the stores that have
// mail in them.
func (a *archive) remember(paths map[int64]string) {
	there := a.paths()
	for _, stores := range [][]*store{a.Stores, a.Detached} {
		for _, s := range stores {
			for _, p := range s.Mail {
				if _, ok := there[p.Folder]; ok || paths[p.Folder] == "" {
					continue
				}
				if s.Lost == nil {
					s.Lost = map[int64]string{}
				}
				s.Lost[p.Folder] = paths[p.Folder]
			}
		}
	}
}

// reunite makes the folders of stores that can be opened again.
func (a *archive) reunite() {
	for _, s := range a.Stores {
		if len(s.Lost) == 0 || s.usable() != nil {
			continue
		}
		for i := range s.Mail {
			if path, ok := s.Lost[s.Mail[i].Folder]; ok {
				s.Mail[i].Folder = a.makeFolder(path).ID
			}
		}
		s.Lost = nil
	}
}
