package csvfile

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"moonpost/engine/fault"
)

// names are lists of people and places in the languages that use the three
// code pages.
var names = map[string]string{
	"German":     "Jäger Müller Schröder Weiß Günther Köhler Händel Götz Böhm Großmann Öztürk Straße Käthe Jürgen Übelacker Änne",
	"French":     "René François Hélène Benoît Gaël Céline Noël Jérôme Zoé Françoise Lefèvre Garçon Bérengère Maître Loïc",
	"Danish":     "Søren Jørgensen Kjær Åse Bjørn Nørgaard Østergaard Håkon Ærø Mælk Skårup Sønderborg",
	"Swedish":    "Åström Öberg Sjöberg Håkansson Ängström Björk Lindström Mårtensson Söderberg Åke",
	"Spanish":    "Muñoz José Núñez María García Ángel Íñigo Peña Martínez Sánchez Ibáñez",
	"Italian":    "Niccolò Forlì Pietà Città Loredanò",
	"Portuguese": "João Conceição Gonçalves Simões Antônio Magalhães Estêvão",
	"Polish":     "Łukasz Wałęsa Dąbrowski Kowalczyk Zieliński Żółty Święty Małgorzata Grześ Krzyżanowski",
	"Czech":      "Dvořák Jiří Černý Šťastný Zdeněk Růžička Němec Svobodová Tomáš Ondřej",
	"Hungarian":  "Erdős Győr Kovács Szűcs Üllő Lőrinc Fűzfa Balázs István",
	"Irish":      "O’Brien O’Connor D’Angelo",
}

var charmaps = map[string]encoding.Encoding{
	"cp1252": charmap.Windows1252, "cp850": charmap.CodePage850, "cp1250": charmap.Windows1250,
}

func TestCodePages(t *testing.T) {
	// Words that alone are valid or plausible in another encoding. In a list
	// with others they are read right.
	lost := map[string]bool{"Íñigo in cp850": true, "Simões in cp850": true}

	for language, list := range names {
		for page, e := range charmaps {
			if _, err := e.NewEncoder().String(list); err != nil {
				continue
			}
			t.Run(language+" in "+page, func(t *testing.T) {
				if err := readBack(t, e, list); err != nil {
					t.Errorf("the whole list is refused: %v", err)
				}
				refused, words := 0, strings.Fields(list)
				for _, word := range words {
					if lost[word+" in "+page] {
						continue
					}
					if err := readBack(t, e, word); fault.KindOf(err) == fault.Invalid {
						refused++
					}
				}
				if page == "cp1252" && refused > len(words)/5 {
					t.Errorf("%d of %d words alone are refused, want a fifth at most", refused, len(words))
				}
			})
		}
	}
}

// readBack checks that words, encoded, are read as they were or refused.
func readBack(t *testing.T, e encoding.Encoding, words string) error {
	t.Helper()
	file, err := e.NewEncoder().Bytes([]byte("name\n" + strings.ReplaceAll(words, " ", "\n")))
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(t.Context(), bytes.NewReader(file), "x.csv", Options{})
	if err != nil {
		return err
	}
	for _, want := range strings.Fields(words) {
		if got, err := r.Read(); err != nil || got[0] != want {
			t.Errorf("Read() = %q, %v, want %q (%s)", got, err, want, r.Found())
		}
	}
	return nil
}

func TestUncertainEncodingsAreRefused(t *testing.T) {
	for _, test := range []struct {
		name, file, message, hint string
	}{
		{"one word that is right in two code pages", "name\nErd\xF5s\n",
			"x.csv: the encoding is not certain: Erdõs in cp1252, or Erdős in cp1250", `name the one that is right: encoding = "cp1252"`},
		{"Cyrillic", "name\n\xC8\xE2\xE0\xED\xEE\xE2\n\xCF\xE5\xF2\xF0\xEE\xE2\n",
			"x.csv: is not UTF-8, and in no code page tried (cp1252, cp850, cp1250) its words look right", `windows-1251`},
		{"Japanese", "name\n\x8E\x52\x93\x63\x91\xBE\x98\x59\n",
			"x.csv: is not UTF-8, and in no code page tried", `save the file as UTF-8`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewReader(t.Context(), strings.NewReader(test.file), "x.csv", Options{})
			wantFault(t, err, test.message, test.hint)
		})
	}
}
