// Package csvfile reads and writes CSV files as people really have them: it
// finds delimiter and encoding by itself and says what it found, refuses what
// it would have to guess, names file, line and column in every complaint, and
// holds one row at a time. Start at Open and at NewWriter. It knows no Lua.
//
// A file is checked to its end (encoding, NUL bytes) before its first row is
// given, so that bad bytes in the last line are met before anything was done
// with the first. Errors are *fault.Error of kind invalid.
package csvfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"moonpost/engine/fault"
)

// The largest row that is read, so that a file of one endless line or with a
// quote that is never closed cannot fill the memory.
const (
	MaxField   = 64 << 10 // bytes
	MaxRow     = 1 << 20  // bytes
	MaxColumns = 1000
)

// Options says how a file is to be read. The zero value finds everything.
type Options struct {
	Delimiter string // one ASCII character; "" finds one of , ; tab |
	Encoding  string // "utf-8", "utf-16", "cp1252", "cp850", "gbk", …; "" finds the first four and cp1250
	Comment   string // lines that begin with this character are skipped; "" skips none
	Trim      bool   // cut white space around every value
	NoHeader  bool   // the first row is data
	Short     bool   // rows may have fewer fields than the header
}

// Found says how a file is read.
type Found struct {
	Encoding  string
	Delimiter string // "" when the file has one column
	Guessed   bool   // the encoding was judged by the words in the file
}

// String returns the reading as a person says it.
func (f Found) String() string {
	switch f.Delimiter {
	case "":
		return "read as " + f.Encoding + ", one column"
	case "\t":
		return "read as " + f.Encoding + ", delimiter tab"
	}
	return fmt.Sprintf("read as %s, delimiter %q", f.Encoding, f.Delimiter)
}

// Reader gives the rows of one file. It is not safe for concurrent use.
type Reader struct {
	name   string
	opts   Options
	found  Found
	split  splitter
	header []string
	width  int // fields a row must have; 0 until the first row without header
	close  func() error
}

// Open opens the CSV file at path and reads it through the function through,
// when that is not nil: the place to let others work while the disk turns.
// Everything but a regular file is refused without being opened. The file is
// closed at its end, at an error and by Close.
func Open(ctx context.Context, path string, opts Options, through func(io.Reader) io.Reader) (*Reader, error) {
	name := Shown(filepath.Base(path))
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &fault.Error{Kind: fault.Invalid, Op: op, Message: name + ": no such file", Hint: "looked for " + Shown(path)}
	case err != nil:
		return nil, unreadable(name, err)
	case info.IsDir():
		return nil, invalid("%s: is a folder, not a CSV file", name)
	case !info.Mode().IsRegular():
		return nil, invalid("%s: is no regular file", name)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(name, err)
	}
	r, err := NewReader(ctx, file, name, opts)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	r.close = file.Close
	if through != nil {
		r.split.src = through(r.split.src)
	}
	return r, nil
}

// Text returns the text of src as UTF-8, without a byte order mark, and how it
// is read. An empty encoding is found, as Options say. src is checked to its end
// before; only that ends with ctx.
func Text(ctx context.Context, src io.ReadSeeker, name, encoding string) (io.Reader, Found, error) {
	text, err := openText(ctx, src, name, encoding)
	if err != nil {
		return nil, Found{}, err
	}
	return text.reader, Found{Encoding: text.encoding, Guessed: text.guessed}, nil
}

// NewReader reads src, whose name stands in messages. It reads src twice: once
// to its end to find and check, then row by row. Only the search ends with ctx.
func NewReader(ctx context.Context, src io.ReadSeeker, name string, opts Options) (*Reader, error) {
	r := &Reader{name: name, opts: opts, close: func() error { return nil }}
	text, err := openText(ctx, src, name, opts.Encoding)
	if err != nil {
		return nil, err
	}
	r.found.Encoding, r.found.Guessed = text.encoding, text.guessed
	if r.split, err = newSplitter(text.reader, opts); err != nil {
		return nil, err
	}
	for !r.split.eof && len(r.split.unread()) < chunk/2 {
		if err := r.split.fill(); err != nil {
			return nil, unreadable(name, err)
		}
	}
	named := r.split.takeSeparatorLine()
	switch {
	case opts.Delimiter != "":
		r.found.Delimiter = opts.Delimiter
	case named != "":
		r.found.Delimiter = named
	default:
		if r.found.Delimiter, err = findDelimiter(name, r.split.unread(), r.split.eof, opts); err != nil {
			return nil, err
		}
	}
	if r.found.Delimiter != "" {
		r.split.delimiter = r.found.Delimiter[0]
	}
	if opts.NoHeader {
		return r, nil
	}
	return r, r.readHeader()
}

func (r *Reader) readHeader() error {
	names, err := r.split.row()
	if errors.Is(err, io.EOF) {
		return invalid("%s: is empty; its first line must name the columns", r.name)
	}
	if err != nil {
		return r.fail(err)
	}
	r.header = slices.Clone(names)
	seen := make(map[string]int, len(names))
	for i, name := range r.header {
		// White space around a column's name is never meant, and an Excel
		// sheet shows none of it.
		name = strings.TrimSpace(name)
		r.header[i] = name
		if name == "" {
			return &fault.Error{
				Kind: fault.Invalid, Op: op, Message: fmt.Sprintf("%s:%d: column %d has no name", r.name, r.split.line, i+1),
				Hint: "name every column in the first line, or read the file by position: header = false",
			}
		}
		if first, twice := seen[name]; twice {
			return invalid("%s:%d: columns %d and %d are both named %s", r.name, r.split.line, first, i+1, Shown(name))
		}
		seen[name] = i + 1
	}
	r.width = len(names)
	return nil
}

// Header returns the names of the columns; nil without a header.
func (r *Reader) Header() []string { return r.header }

// Found returns how the file is read.
func (r *Reader) Found() Found { return r.found }

// Name returns the file's name as messages show it.
func (r *Reader) Name() string { return r.name }

// Line returns the number, from 1, of the line where the row of the last Read
// begins.
func (r *Reader) Line() int { return r.split.line }

// Read returns the next row, whose slice is reused by the next Read, and io.EOF
// after the last one. Blank lines are no rows. After an error it closes the
// file and gives that error again.
func (r *Reader) Read() ([]string, error) {
	row, err := r.split.row()
	if err == nil {
		if len(row) == r.width {
			return row, nil
		}
		err = r.checkWidth(row)
		if err == nil {
			return row, nil
		}
		r.split.err = err
	}
	_ = r.Close()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	return nil, r.fail(err)
}

func (r *Reader) checkWidth(row []string) error {
	switch {
	case r.width == 0:
		r.width = len(row)
	case len(row) < r.width && r.opts.Short:
	case r.header == nil:
		return r.split.errorf(0, "%s, the rows before have %d", count(len(row), "field"), r.width)
	default:
		return r.split.errorf(0, "%s, the header has %d", count(len(row), "field"), r.width)
	}
	return nil
}

// Close closes the file. It may be called more than once.
func (r *Reader) Close() error {
	closeFile := r.close
	r.close = func() error { return nil }
	return closeFile()
}

// fail names the file in an error of the layers below.
func (r *Reader) fail(err error) error {
	if at, ok := errors.AsType[*positionError](err); ok {
		place := r.name + ":" + strconv.Itoa(at.line)
		if at.column > 0 {
			place += ":" + strconv.Itoa(at.column)
		}
		return &fault.Error{Kind: fault.Invalid, Op: op, Message: place + ": " + at.message, Hint: at.hint}
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return unreadable(r.name, err)
}

const op = "csv"

func invalid(format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Op: op, Message: fmt.Sprintf(format, args...)}
}

func unreadable(name string, err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		err = cause.Err
	}
	return &fault.Error{Kind: fault.Invalid, Op: op, Message: name + ": cannot be read", Err: err}
}

// Shown returns text as messages show a name or a value from outside: short,
// and with everything escaped that could steer a terminal.
func Shown(text string) string {
	const longest = 120
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	if quoted := strconv.Quote(text); quoted != `"`+text+`"` {
		return quoted
	}
	return text
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
