package world

import "slices"

func pick(w *World, from []string) string { return from[w.rng.IntN(len(from))] }

// plain writes the umlauts of a name with ASCII letters.
func plain(name string) string {
	var out []rune
	for _, r := range name {
		if i := slices.Index(umlauts, r); i >= 0 {
			out = append(out, []rune(spellings[i])...)
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

var (
	umlauts   = []rune("äöüÄÖÜßéèëçñóøåłØÅŁ'")
	spellings = []string{"ae", "oe", "ue", "Ae", "Oe", "Ue", "ss", "e", "e", "e", "c", "n", "o", "o", "a", "l", "O", "A", "L", ""}

	givenNames = []string{
		"Anna", "Bernd", "Claudia", "Dörte", "Emil", "Françoise", "Günther", "Hanna", "Ilse", "Jürgen", "Karin",
		"Lars", "Mónica", "Niklas", "Olga", "Petra", "Quentin", "René", "Sören", "Theresa", "Ulrich", "Vera", "Wanda",
		"Xaver", "Yasmin", "Zoë",
	}
	familyNames = []string{
		"Müller", "Schmidt", "Schröder", "Weiß", "Øverland", "O'Connor", "Łukasz", "Peña", "Lefèvre", "Jansson",
		"Brückner", "Kowalski", "Åkesson", "Fischer", "Großmann", "Hübner", "Novák", "Smith", "Tanaka", "Vogel",
	}
)
