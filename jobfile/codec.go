package jobfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// MaxDocument bounds documents from the folder. The largest honest one is the job.yaml of a
// day-long clip cut every second; presets and farm.yaml are written by hand.
const MaxDocument = 16 << 20 // bytes

// DecodeError says where in a document the mistake is.
type DecodeError struct {
	File         string // as given by the caller
	Line, Column int    // from 1; 0 where unknown
	Reason       string
	Newer        bool // of a version that this program does not know: not broken, and not ours to judge
}

func (e *DecodeError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", Printable(e.File), e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("%s: %s", Printable(e.File), e.Reason)
}

type validator interface{ Validate() error }

// Decode reads one YAML document strictly: unknown and duplicate fields, a second document,
// oversize, bytes that are no UTF-8 and values that do not validate are errors with a place.
// Fields that are absent keep the value they have in v, so defaults are set beforehand.
func Decode(file string, data []byte, v any) (err error) {
	fail := func(line, col int, format string, a ...any) error {
		return &DecodeError{File: file, Line: line, Column: col, Reason: fmt.Sprintf(format, a...)}
	}
	// The library has panicked at documents. One that anybody can write must not end the daemon.
	defer func() {
		if r := recover(); r != nil {
			err = fail(1, 1, "cannot be read as YAML (%s)", Printable(fmt.Sprint(r)))
		}
	}()
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	switch {
	case len(data) > MaxDocument:
		return fail(1, 1, "larger than %d bytes, which no document of Proxima's is", MaxDocument)
	case !utf8.Valid(data):
		line, col := firstInvalid(data)
		return fail(line, col, "not UTF-8 text")
	case len(bytes.TrimSpace(data)) == 0:
		return fail(1, 1, "empty")
	}
	data = plainWildcards(data)
	if e := misshapen(data); e != nil {
		e.File = file
		return e
	}
	dec := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict(), yaml.DisallowUnknownField())
	if err := dec.Decode(v); err != nil {
		// What a newer version added is no mistake, and its number tells which of the two it is.
		if n := newerIn(data, v); n != nil {
			line, col := placeOf(data, n.Error())
			return &DecodeError{File: file, Line: line, Column: col, Reason: n.Error(), Newer: true}
		}
		if placed := (*DecodeError)(nil); errors.As(err, &placed) { // of a Node, or of who reads one
			return &DecodeError{File: file, Line: placed.Line, Column: placed.Column, Reason: placed.Reason}
		}
		var ye yaml.Error
		if errors.As(err, &ye) {
			t := ye.GetToken()
			if t != nil && t.Position != nil {
				return fail(t.Position.Line, t.Position.Column, "%s", Printable(restorer.Replace(ye.GetMessage())))
			}
			return fail(1, 1, "%s", Printable(ye.GetMessage()))
		}
		if errors.Is(err, io.EOF) {
			return fail(1, 1, "empty")
		}
		return fail(1, 1, "%s", Printable(strings.SplitN(err.Error(), "\n", 2)[0]))
	}
	var second any
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		return fail(1, 1, "more than one document in the file")
	}
	if val, ok := v.(validator); ok {
		if err := val.Validate(); err != nil {
			line, col := placeOf(data, err.Error())
			return &DecodeError{File: file, Line: line, Column: col, Reason: err.Error(), Newer: errors.As(err, new(*newerFormat))}
		}
	}
	return nil
}

// newerIn looks whether a document that cannot be read states a newer format; nil if it does
// not, or if documents like v state none.
func newerIn(data []byte, v any) error {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil
	}
	if f, ok := t.Elem().FieldByName("Format"); !ok || f.Tag.Get("yaml") != "format" {
		return nil
	}
	var head struct {
		Format int `yaml:"format"`
	}
	if err := yaml.Unmarshal(data, &head); err != nil || head.Format <= Format {
		return nil
	}
	return &newerFormat{head.Format}
}

// firstInvalid finds the first byte that belongs to no rune.
func firstInvalid(data []byte) (line, col int) {
	line, col = 1, 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			return line, col
		case r == '\n':
			line, col = line+1, 0
		}
		col++
		data = data[n:]
	}
	return line, col
}

// Encode writes v as a document, below a comment for whoever opens it.
func Encode(comment string, v any) (data []byte, err error) {
	defer func() { // as in Decode: what others wrote is written again
		if r := recover(); r != nil {
			err = fmt.Errorf("write document: %s", Printable(fmt.Sprint(r)))
		}
	}()
	var b bytes.Buffer
	for _, l := range strings.Split(strings.TrimRight(comment, "\n"), "\n") {
		if l != "" {
			fmt.Fprintf(&b, "# %s\n", OneLine(l))
		}
	}
	enc := yaml.NewEncoder(&b, yaml.Indent(2), yaml.CustomMarshaler(marshalText))
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write document: %w", err)
	}
	return b.Bytes(), nil
}

// marshalText writes a string so that it reads back the same and shows on a terminal as what
// it is. The library's own style loses a leading tab and carriage returns, and writes
// escape sequences raw; "? a" becomes a key, and "..." panics. Names of files and what others wrote
// may hold any of these.
func marshalText(s string) ([]byte, error) {
	first, _ := utf8.DecodeRuneInString(s)
	plain := s == "" || first == '/' || unicode.IsLetter(first) || unicode.IsNumber(first)
	if plain && !strings.ContainsFunc(s, func(r rune) bool { return !Shows(r) }) {
		return yaml.Marshal(s)
	}
	var b bytes.Buffer
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case Shows(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.Bytes(), nil
}

// Duration is a time.Duration that documents write as "45s" or "3m0s".
type Duration time.Duration

// D is the plain duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalYAML writes "45s".
func (d Duration) MarshalYAML() (any, error) { return time.Duration(d).String(), nil }

// UnmarshalYAML reads "45s", "1m30s"; a bare number is an error, since nobody knows its unit.
func (d *Duration) UnmarshalYAML(from ast.Node) error {
	var n Node
	if err := n.UnmarshalYAML(from); err != nil {
		return err
	}
	v, err := time.ParseDuration(n.Word)
	if err != nil || v < 0 {
		return n.Wrong("", "%s is not a duration like 45s or 1m30s", Quote(n.Word))
	}
	*d = Duration(v)
	return nil
}

// Format is the version of the farm folder's documents. A daemon refuses newer ones: it
// could lose what it does not understand.
const Format = 1

func checkFormat(f int) error {
	switch {
	case f == 0:
		return fmt.Errorf("format: missing, every document of Proxima's states it")
	case f > Format:
		return &newerFormat{f}
	case f < 0:
		return fmt.Errorf("format: %d", f)
	}
	return nil
}

type newerFormat struct{ format int }

func (e *newerFormat) Error() string {
	return fmt.Sprintf("format: %d is newer than this program knows (%d); update Proxima on this machine", e.format, Format)
}
