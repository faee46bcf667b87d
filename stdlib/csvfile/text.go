package csvfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"moonpost/engine/fault"
)

// text is the content of a file as UTF-8.
type text struct {
	reader   io.Reader
	encoding string
	guessed  bool
}

const utf8Name = "UTF-8"

// boms are the byte order marks, longer ones before those they begin with.
var boms = []struct{ mark, encoding string }{
	{"\xFF\xFE\x00\x00", "UTF-32LE"},
	{"\x00\x00\xFE\xFF", "UTF-32BE"},
	{"\xEF\xBB\xBF", utf8Name},
	{"\xFF\xFE", "UTF-16LE"},
	{"\xFE\xFF", "UTF-16BE"},
}

// openText finds the encoding of src, checks src to its end, and returns its
// text from the start. The order is: byte order mark, the option, the pattern
// of UTF-16, valid UTF-8, and the code page in which the words make sense.
func openText(ctx context.Context, src io.ReadSeeker, name, option string) (*text, error) {
	head := make([]byte, 4<<10)
	n, err := io.ReadFull(src, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, unreadable(name, err)
	}
	head = head[:n]

	wanted, err := byName(option)
	if err != nil {
		return nil, err
	}
	f := &finder{ctx: ctx, src: src, name: name}
	for _, bom := range boms {
		if !bytes.HasPrefix(head, []byte(bom.mark)) {
			continue
		}
		if wanted.name != "" && wanted.name != bom.encoding && wanted.name != "UTF-16" {
			return nil, invalid("%s: begins with the mark of %s, but encoding = %q was given", name, bom.encoding, option)
		}
		found, err := byName(bom.encoding)
		if err != nil {
			return nil, invalid("%s: is %s text, which is not read; save it as UTF-8", name, bom.encoding)
		}
		f.start = int64(len(bom.mark))
		return f.checked(found)
	}
	if wanted.name == "" || wanted.name == "UTF-16" {
		if order := utf16Order(head); order != "" {
			wanted, _ = byName(order)
		}
	}
	switch wanted.name {
	case "UTF-16":
		return nil, invalid("%s: no byte order mark, so utf-16 is not certain; give encoding = \"utf-16le\" or \"utf-16be\"", name)
	case "":
		return f.found()
	}
	return f.checked(wanted)
}

// codec is an encoding by name; the empty name is none.
type codec struct {
	name string
	encoding.Encoding
}

// byName returns the encoding of an option's value.
func byName(option string) (codec, error) {
	switch name := strings.ToLower(option); name {
	case "":
		return codec{}, nil
	case "utf-8", "utf8":
		return codec{utf8Name, encoding.Nop}, nil
	case "utf-16", "utf16":
		return codec{name: "UTF-16"}, nil
	case "utf-16le", "utf16le":
		return codec{"UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)}, nil
	case "utf-16be", "utf16be":
		return codec{"UTF-16BE", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)}, nil
	case "cp1252", "windows-1252", "ansi":
		return codec{"cp1252", charmap.Windows1252}, nil
	case "cp1250", "windows-1250":
		return codec{"cp1250", charmap.Windows1250}, nil
	case "cp850", "ibm850":
		return codec{"cp850", charmap.CodePage850}, nil
	case "cp437", "ibm437":
		return codec{"cp437", charmap.CodePage437}, nil
	case "latin1", "iso-8859-1":
		return codec{"iso-8859-1", charmap.ISO8859_1}, nil
	default:
		found, err := htmlindex.Get(name)
		if err != nil || found == encoding.Replacement {
			return codec{}, invalid("unknown encoding %s; known are utf-8, utf-16, cp1252, cp850, cp1250, cp437, iso-8859-1 "+
				"and the names of the web such as gbk and shift_jis", Shown(option))
		}
		return codec{name, found}, nil
	}
}

// utf16Order recognises UTF-16 without a mark by its NULs: Western text has one
// in every second byte and none in the others.
func utf16Order(head []byte) string {
	pairs := len(head) / 2
	if pairs < 2 {
		return ""
	}
	var nuls [2]int
	for i, b := range head[:2*pairs] {
		if b == 0 {
			nuls[i%2]++
		}
	}
	switch {
	case nuls[0] == 0 && nuls[1] > pairs/2:
		return "UTF-16LE"
	case nuls[1] == 0 && nuls[0] > pairs/2:
		return "UTF-16BE"
	}
	return ""
}

// finder reads a source as often as it takes.
type finder struct {
	ctx   context.Context
	src   io.ReadSeeker
	name  string
	start int64 // behind the byte order mark
}

// found decides between UTF-8 and the code pages.
func (f *finder) found() (*text, error) {
	utf, _ := byName(utf8Name)
	t, err := f.checked(utf)
	if bad, ok := errors.AsType[*badByteError](err); !ok || bad.bad == 0 {
		return t, err
	}
	sample, err := f.evidence()
	if err != nil {
		return nil, err
	}
	page, err := judge(f.name, sample)
	if err != nil {
		return nil, err
	}
	t, err = f.checked(page)
	if err == nil {
		t.guessed = true
	}
	return t, err
}

// checked reads the source to its end in an encoding and, when all of it is
// text, returns that text.
func (f *finder) checked(c codec) (*text, error) {
	decoded := func() (io.Reader, error) {
		if _, err := f.src.Seek(f.start, io.SeekStart); err != nil {
			return nil, unreadable(f.name, err)
		}
		if c.Encoding == encoding.Nop {
			return f.src, nil
		}
		return c.NewDecoder().Reader(f.src), nil
	}
	reader, err := decoded()
	if err != nil {
		return nil, err
	}
	check := checker{name: f.name, encoding: c.name, line: 1}
	buf := make([]byte, 256<<10)
	for {
		if err := context.Cause(f.ctx); err != nil {
			return nil, err
		}
		n, err := reader.Read(buf)
		if bad := check.write(buf[:n]); bad != nil {
			return nil, &fault.Error{Kind: fault.Invalid, Op: op, Err: bad}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, unreadable(f.name, err)
		}
	}
	if bad := check.end(); bad != nil {
		return nil, &fault.Error{Kind: fault.Invalid, Op: op, Err: bad}
	}
	if reader, err = decoded(); err != nil {
		return nil, err
	}
	if check.returns && check.line == 1 {
		reader = oldMac{reader}
	}
	return &text{reader: reader, encoding: c.name}, nil
}

// checker looks for bytes that are no text.
type checker struct {
	name, encoding string
	line           int
	returns        bool // a carriage return was seen
	tail           [utf8.UTFMax]byte
	held           int // bytes in tail: a character cut by the end of a piece
}

func (c *checker) write(piece []byte) error {
	for c.held > 0 && len(piece) > 0 {
		c.tail[c.held] = piece[0]
		c.held, piece = c.held+1, piece[1:]
		if utf8.FullRune(c.tail[:c.held]) {
			if err := c.whole(c.tail[:c.held]); err != nil {
				return err
			}
			c.held = 0
		}
	}
	end := len(piece)
	for back := 1; back < utf8.UTFMax && back <= len(piece); back++ {
		if start := len(piece) - back; utf8.RuneStart(piece[start]) {
			if !utf8.FullRune(piece[start:]) {
				end = start
			}
			break
		}
	}
	c.held += copy(c.tail[c.held:], piece[end:])
	return c.whole(piece[:end])
}

func (c *checker) end() error { return c.whole(c.tail[:c.held]) }

// whole checks a piece that cuts no character.
func (c *checker) whole(piece []byte) error {
	c.returns = c.returns || bytes.IndexByte(piece, '\r') >= 0
	valid := utf8.Valid(piece)
	if c.encoding != utf8Name && valid {
		// Decoders put this character where they find none.
		valid = !bytes.ContainsRune(piece, utf8.RuneError)
	}
	if valid && bytes.IndexByte(piece, 0) < 0 {
		c.line += bytes.Count(piece, []byte{'\n'})
		return nil
	}
	for len(piece) > 0 {
		r, size := utf8.DecodeRune(piece)
		switch {
		case r == 0, r == utf8.RuneError && (size == 1 || c.encoding != utf8Name):
			return &badByteError{name: c.name, encoding: c.encoding, line: c.line, bad: piece[0]}
		case r == '\n':
			c.line++
		}
		piece = piece[size:]
	}
	return nil
}

// badByteError is a byte that is no text in an encoding.
type badByteError struct {
	name, encoding string
	line           int
	bad            byte // of the decoded text
}

func (e *badByteError) Error() string {
	switch {
	case e.bad == 0:
		return fmt.Sprintf("%s:%d: has a NUL byte, so it is no text", e.name, e.line)
	case e.encoding == utf8Name:
		return fmt.Sprintf("%s:%d: byte 0x%02X is not UTF-8", e.name, e.line, e.bad)
	}
	return fmt.Sprintf("%s:%d: has bytes that are not %s", e.name, e.line, e.encoding)
}

// oldMac reads text whose lines end with a carriage return alone.
type oldMac struct{ io.Reader }

func (m oldMac) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
