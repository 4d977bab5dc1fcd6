package timeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"

	"proxima/jobfile"
)

// object is a JSON value, with no more of it than the reader asks for.
type object struct {
	schema string // OTIO_SCHEMA without its number: "Clip" of "Clip.2"
	text   string // of a string or a number
	isTrue bool
	no     bool // false is said
	keys   []string
	kids   []*object // by keys, or the elements of an array
	line   int
	span
	keySpans []span // by keys
}

// span is where something lies in the text: from the first byte of it to the first after it.
type span struct{ start, end int }

// get is a member of an object, nil where there is none; nil has no members.
func (o *object) get(names ...string) *object {
	for _, name := range names {
		if o == nil {
			return nil
		}
		var found *object
		for i, k := range o.keys {
			if k == name {
				found = o.kids[i] // the last one counts, as in every JSON reader
			}
		}
		o = found
	}
	return o
}

// say is the text of a member, "" where there is none.
func (o *object) say(names ...string) string {
	if m := o.get(names...); m != nil {
		return m.text
	}
	return ""
}

// isSchema reports whether o is an object of one of the schemas.
func (o *object) isSchema(names ...string) bool {
	if o != nil {
		for _, n := range names {
			if o.schema == n {
				return true
			}
		}
	}
	return false
}

// wanted are the members that are read. Whatever else there is, is passed over unread:
// metadata above all, which is most of a file.
func wanted(key string) bool {
	switch key {
	case "OTIO_SCHEMA", "name", "enabled", "kind", "children", "tracks", "global_start_time",
		"rate", "value", "start_time", "duration", "source_range", "available_range",
		"media_reference", "media_references", "active_media_reference_key",
		"target_url", "target_url_base", "name_prefix", "name_suffix", "start_frame",
		"frame_zero_padding":
		return true
	}
	return false
}

// skipped is a JSON value that nobody reads.
type skipped struct{}

func (*skipped) UnmarshalJSON([]byte) error { return nil }

// otioParser reads JSON into objects.
type otioParser struct {
	file  string
	data  []byte
	d     *json.Decoder
	kept  int
	most  int
	depth int
	// Line numbers are counted on from the last one.
	at   int64
	line int
}

// parseJSON reads a document of bounded depth, and of at most so many values that are wanted.
func parseJSON(file string, data []byte, most int) (*object, error) {
	text, err := toUTF8(file, data)
	if err != nil {
		return nil, err
	}
	text = finite(text)
	p := &otioParser{file: file, data: text, d: json.NewDecoder(bytes.NewReader(text)), most: most, line: 1}
	p.d.UseNumber()
	tok, err := p.d.Token()
	if err != nil {
		return nil, p.broken(err)
	}
	return p.value(tok, 0, true)
}

// finite replaces NaN and Infinity, which OTIO's own writer puts where a number is none, and
// which JSON does not know. The length stays, for the line numbers.
func finite(text []byte) []byte {
	if !bytes.Contains(text, []byte("NaN")) && !bytes.Contains(text, []byte("Inf")) {
		return text
	}
	out := bytes.Clone(text)
	for i, inString := 0, false; i < len(out); i++ {
		switch {
		case inString && out[i] == '\\':
			i++
		case out[i] == '"':
			inString = !inString
		case inString:
		default:
			for _, word := range []string{"-Infinity", "Infinity", "-Inf", "Inf", "NaN"} {
				if bytes.HasPrefix(out[i:], []byte(word)) {
					copy(out[i:], "0"+strings.Repeat(" ", len(word)-1))
					break
				}
			}
		}
	}
	return out
}

func (p *otioParser) where() int {
	if off := min(p.d.InputOffset(), int64(len(p.data))); off > p.at {
		p.line += bytes.Count(p.data[p.at:off], []byte("\n"))
		p.at = off
	}
	return p.line
}

func (p *otioParser) fail(reason string) error {
	return &Error{File: p.file, Line: p.where(), Reason: reason, Next: "export the timeline again"}
}

func (p *otioParser) broken(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return p.fail("not well-formed JSON: " + jobfile.Printable(syntax.Error()))
	}
	return p.fail("it ends too early: the file is cut off")
}

// value reads what begins with tok, somewhere after the byte that is given. Inside
// media_references every key is wanted.
func (p *otioParser) value(tok json.Token, after int64, selective bool) (*object, error) {
	if p.kept++; p.kept > p.most {
		return nil, p.fail("it has too many elements")
	}
	o := &object{line: p.where(), span: p.token(after)}
	switch tok := tok.(type) {
	case string:
		o.text = tok
	case json.Number:
		o.text = tok.String()
	case bool:
		o.isTrue, o.no = tok, !tok
	case json.Delim:
		if p.depth++; p.depth > 2*maxDepth {
			return nil, p.fail("its elements are nested too deeply")
		}
		if err := p.members(o, tok == '{', selective); err != nil {
			return nil, err
		}
		o.end = int(p.d.InputOffset())
		p.depth--
	}
	return o, nil
}

// token is where the last token lies, which began somewhere after the byte that is given.
func (p *otioParser) token(after int64) span {
	end := p.d.InputOffset()
	between := p.data[after:end]
	return span{int(end) - len(bytes.TrimLeft(between, " \t\r\n:,")), int(end)}
}

func (p *otioParser) members(o *object, named, selective bool) error {
	for p.d.More() {
		after := p.d.InputOffset()
		tok, err := p.d.Token()
		if err != nil {
			return p.broken(err)
		}
		inner := true
		if named {
			key, _ := tok.(string)
			if selective && !wanted(key) {
				if err := p.d.Decode(&skipped{}); err != nil {
					return p.broken(err)
				}
				continue
			}
			o.keys = append(o.keys, key)
			o.keySpans = append(o.keySpans, p.token(after))
			after = p.d.InputOffset()
			inner = key != "media_references"
			if tok, err = p.d.Token(); err != nil {
				return p.broken(err)
			}
		}
		kid, err := p.value(tok, after, inner)
		if err != nil {
			return err
		}
		o.kids = append(o.kids, kid)
		if named && o.keys[len(o.keys)-1] == "OTIO_SCHEMA" {
			o.schema, _, _ = strings.Cut(kid.text, ".")
		}
	}
	if _, err := p.d.Token(); err != nil {
		return p.broken(err)
	}
	return nil
}

// otioTime is a RationalTime: a count of frames and their rate, made exact. nil and 0/0 where
// it is none.
func otioTime(o *object) (*big.Rat, jobfile.Rational) {
	if !o.isSchema("RationalTime") {
		return nil, jobfile.Rational{}
	}
	value, rate := number(o.say("value")), SnapRate(number(o.say("rate")))
	if value == nil {
		return nil, rate
	}
	return tidy(value), rate
}

// otioSeconds is a RationalTime in seconds, nil where it has no rate.
func otioSeconds(o *object) *big.Rat {
	frames, rate := otioTime(o)
	if frames == nil || !rate.Valid() {
		return nil
	}
	return frames.Mul(frames, big.NewRat(rate.Den, rate.Num))
}

// frameRate leaves out what is a sample rate.
func frameRate(r jobfile.Rational) jobfile.Rational {
	if r.Valid() && r.Num/r.Den > maxRate {
		return jobfile.Rational{}
	}
	return r
}
