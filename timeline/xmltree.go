package timeline

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"proxima/jobfile"
)

// node is an element, with no more of it than the readers ask for.
type node struct {
	name  string
	attrs []xml.Attr
	text  string // trimmed by nobody: names may end in blanks
	kids  []*node
	line  int
}

// attr is the value of an attribute, "" where there is none.
func (n *node) attr(name string) string {
	if n != nil {
		for _, a := range n.attrs {
			if a.Name.Local == name {
				return a.Value
			}
		}
	}
	return ""
}

// kid is the first child of that name, nil where there is none; nil has no children.
func (n *node) kid(names ...string) *node {
	for _, name := range names {
		if n == nil {
			return nil
		}
		var found *node
		for _, k := range n.kids {
			if k.name == name {
				found = k
				break
			}
		}
		n = found
	}
	return n
}

// say is the text of the child at the end of the names, without blanks around it.
func (n *node) say(names ...string) string {
	if k := n.kid(names...); k != nil {
		return strings.TrimSpace(k.text)
	}
	return ""
}

// maxText bounds what is kept of the text of one element: bookmarks are long, and read by nobody.
const maxText = 8 << 10

// parseXML reads a document into a tree of at most so many elements, and four attributes for each. Elements for which skip says so are passed over with
// all that is in them. Entities that a document defines itself are not followed, so none of
// them can grow.
func parseXML(file string, data []byte, skip func(name string) bool, most int) (*node, error) {
	text, err := toUTF8(file, data)
	if err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	fail := func(reason string) (*node, error) {
		line, _ := d.InputPos()
		return nil, &Error{File: file, Line: line, Reason: reason, Next: "export the timeline again"}
	}
	var root *node
	var stack []*node
	kept, attrs := 0, 0
	skipped := 0 // how deep in an element that nobody reads
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fail("not well-formed XML: " + jobfile.Printable(err.Error()))
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if len(stack)+skipped >= maxDepth {
				return fail("its elements are nested too deeply")
			}
			if skipped > 0 || (len(stack) > 0 && skip(tok.Name.Local)) {
				skipped++
				continue
			}
			attrs += len(tok.Attr)
			if kept++; kept > most || attrs > 4*most {
				return fail("it has too many elements")
			}
			if len(tok.Attr) > maxAttrs {
				return fail("an element of it has too many attributes")
			}
			line, _ := d.InputPos()
			n := &node{name: tok.Name.Local, attrs: tok.Attr, line: line} // RawToken's attributes are ours
			switch {
			case len(stack) > 0:
				top := stack[len(stack)-1]
				top.kids = append(top.kids, n)
			case root != nil:
				return fail("it has two root elements")
			default:
				root = n
			}
			stack = append(stack, n)
		case xml.EndElement:
			if skipped > 0 {
				skipped--
				continue
			}
			if len(stack) == 0 || stack[len(stack)-1].name != tok.Name.Local {
				return fail("not well-formed XML: </" + jobfile.Printable(tok.Name.Local) + "> ends what did not begin")
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if skipped == 0 && len(stack) > 0 {
				top := stack[len(stack)-1]
				// Between elements there are only blanks.
				if s := string(tok); len(top.text)+len(s) <= maxText && (top.text != "" || strings.TrimSpace(s) != "") {
					top.text += s
				}
			}
		}
	}
	if root == nil || len(stack)+skipped > 0 {
		return fail("it ends too early: the file is cut off")
	}
	return root, nil
}

// toUTF8 takes the byte order mark off and turns UTF-16 into UTF-8. Another encoding that the
// document declares is an error, unless it needs none of its characters.
func toUTF8(file string, data []byte) ([]byte, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		order = binary.BigEndian
	}
	if order == nil {
		data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
		if !utf8.Valid(data) {
			line := 1
			for rest := data; len(rest) > 0; {
				r, n := utf8.DecodeRune(rest)
				if r == utf8.RuneError && n == 1 {
					break
				}
				if r == '\n' {
					line++
				}
				rest = rest[n:]
			}
			return nil, &Error{File: file, Line: line, Reason: "it is not in UTF-8", Next: "export the timeline again, or save the file as UTF-8"}
		}
		return data, nil
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units))), nil
}

// xmlRoot is the name of the root element, "" where there is none: it tells FCPXML from xmeml,
// which share an extension. Only the beginning is read.
func xmlRoot(data []byte) string {
	head := data[:min(len(data), 64<<10)&^1]
	text, err := toUTF8("", head)
	if err != nil {
		text = head // cut in the middle of a character
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for {
		tok, err := d.RawToken()
		if err != nil {
			return ""
		}
		if s, ok := tok.(xml.StartElement); ok {
			return s.Name.Local
		}
	}
}
