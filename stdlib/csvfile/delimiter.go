package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"moonpost/engine/fault"
)

const delimiters = ",;\t|"

// findDelimiter returns the delimiter that cuts the first rows of a text into
// as many fields as the first one has. It returns "" for a text of one column.
// whole says that sample is all of the text.
func findDelimiter(name string, sample []byte, whole bool, opts Options) (string, error) {
	if !whole {
		sample = sample[:bytes.LastIndexByte(sample, '\n')+1]
	}
	var even, some []trial
	for _, delimiter := range delimiters {
		opts.Delimiter = string(delimiter)
		t, err := try(sample, whole, opts)
		switch {
		case err != nil:
			return "", err
		case t.columns < 2:
		case t.fitting == t.rows:
			even = append(even, t)
		default:
			some = append(some, t)
		}
	}
	candidates := even
	if len(candidates) == 0 {
		candidates = some
	}
	if len(candidates) == 0 {
		return "", nil
	}
	best, tied := candidates[0], false
	for _, t := range candidates[1:] {
		switch {
		case len(even) > 0 || t.share() == best.share():
			tied = true
		case t.share() > best.share():
			best, tied = t, false
		}
	}
	if tied {
		var readings []string
		for _, t := range candidates {
			readings = append(readings, fmt.Sprintf("%q gives %s", t.delimiter, count(t.columns, "column")))
		}
		return "", &fault.Error{
			Kind: fault.Invalid, Op: op,
			Message: name + ": the delimiter is not certain: " + strings.Join(readings, ", "),
			Hint:    fmt.Sprintf("name the one that is right: delimiter = %q", best.delimiter),
		}
	}
	return best.delimiter, nil
}

// trial says how a delimiter cuts the sample.
type trial struct {
	delimiter     string
	columns       int // of the first row
	rows, fitting int // fitting rows have as many fields and no lone quotes
}

func (t trial) share() float64 { return float64(t.fitting) / float64(t.rows) }

func try(sample []byte, whole bool, opts Options) (trial, error) {
	const enough = 200
	t := trial{delimiter: opts.Delimiter}
	if opts.Comment == opts.Delimiter {
		return t, nil
	}
	s, err := newSplitter(bytes.NewReader(sample), opts)
	if err != nil {
		return t, err
	}
	// A wrong delimiter cuts through quoted fields and leaves lone quotes.
	s.careful = true
	for t.rows < enough {
		s.lone = 0
		row, err := s.row()
		if errors.Is(err, io.EOF) {
			break
		}
		if at, ok := errors.AsType[*positionError](err); ok {
			if whole || !at.unclosed {
				t.rows++
			}
			break
		}
		if err != nil {
			return t, err
		}
		if t.rows == 0 {
			t.columns = len(row)
		}
		t.rows++
		if len(row) == t.columns && s.lone == 0 {
			t.fitting++
		}
	}
	return t, nil
}
