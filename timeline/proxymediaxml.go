package timeline

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// fcpxmlProxies finds where the proxies go. Apple's definition of an asset is one or more
// media-rep, then its metadata; a media-rep is of the original or of the proxy, and has its URL.
// It is so since version 1.9: before, an asset was one file.
func fcpxmlProxies(text []byte, proxies func(target string) (string, bool)) ([]edit, error) {
	root, err := parseXML("", text, skipFCPXML, maxElements) // keeps the bounds, for both of us
	if err != nil {
		return nil, err
	}
	if root.name != "fcpxml" {
		return nil, &Error{Line: root.line, At: root.name, Reason: "the root element is not fcpxml", Next: "export the timeline as FCPXML"}
	}
	if v := root.attr("version"); !hasMediaReps(v) {
		return nil, &Error{
			Line: root.line, At: "version", Reason: "FCPXML " + jobfile.Printable(v) + " has no place for proxies, which came with 1.9",
			Next: "export the timeline as FCPXML 1.9 or later",
		}
	}
	f := &assetFinder{text: text, d: xml.NewDecoder(bytes.NewReader(text))}
	f.d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var edits []edit
	for {
		a, err := f.next()
		if err != nil || a == nil {
			return edits, err
		}
		target := source(&a.node)
		path, ok := "", false
		if target != "" {
			path, ok = proxies(target)
		}
		if !ok {
			continue
		}
		more, err := a.attach(text, path)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
}

// hasMediaReps reports whether a version is 1.9 or later.
func hasMediaReps(version string) bool {
	major, minor, _ := strings.Cut(version, ".")
	m, err1 := strconv.Atoi(major)
	n, err2 := strconv.Atoi(minor)
	return err1 == nil && err2 == nil && (m > 1 || m == 1 && n >= 9)
}

// assetPlace is an asset with the places of its media-reps.
type assetPlace struct {
	node
	reps []span // by node.kids
}

// attach replaces the proxy that is there, or puts one after the last media-rep.
func (a *assetPlace) attach(text []byte, path string) ([]edit, error) {
	url, ok := FileURL(path)
	if !ok {
		return nil, badProxy(path)
	}
	if len(a.reps) == 0 {
		return nil, &Error{
			Line: a.line, At: "asset " + jobfile.Printable(a.attr("id")), Reason: "it has no media-rep, as it must have in this version",
			Next: "export the timeline again",
		}
	}
	rep := `<media-rep kind="proxy-media" src="` + url + `"/>`
	var edits []edit
	for i, at := range a.reps {
		if a.kids[i].attr("kind") != "proxy-media" {
			continue
		}
		if rep == "" { // more than one
			at.start -= len(blanksBefore(text, at.start))
		}
		edits = append(edits, edit{at.start, at.end, rep})
		rep = ""
	}
	if rep != "" {
		last := a.reps[len(a.reps)-1]
		edits = append(edits, edit{last.end, last.end, string(blanksBefore(text, last.start)) + rep})
	}
	return edits, nil
}

// blanksBefore is the indentation before a place, with the end of the line above.
func blanksBefore(text []byte, at int) []byte {
	return text[len(bytes.TrimRight(text[:at], " \t\r\n")):at]
}

// assetFinder goes through a document that is known to be well-formed.
type assetFinder struct {
	text  []byte
	d     *xml.Decoder
	stack []string
}

// next is the next resource that is a file; nil after the last one.
func (f *assetFinder) next() (*assetPlace, error) {
	var a *assetPlace
	for {
		start := int(f.d.InputOffset())
		tok, err := f.d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, &Error{Reason: "not well-formed XML: " + jobfile.Printable(err.Error())}
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			switch {
			case name == "asset" && f.in("fcpxml", "resources"):
				line, _ := f.d.InputPos()
				a = &assetPlace{node: node{name: name, attrs: tok.Attr, line: line}}
			case a != nil && name == "media-rep" && f.in("fcpxml", "resources", "asset"):
				a.kids = append(a.kids, &node{name: name, attrs: tok.Attr})
				a.reps = append(a.reps, span{start: start})
			}
			f.stack = append(f.stack, name)
		case xml.EndElement:
			if len(f.stack) == 0 {
				return nil, &Error{Reason: "not well-formed XML: an element ends that did not begin"}
			}
			f.stack = f.stack[:len(f.stack)-1]
			switch {
			case a != nil && f.in("fcpxml", "resources"):
				return a, nil
			case a != nil && tok.Name.Local == "media-rep" && f.in("fcpxml", "resources", "asset") && len(a.reps) > 0:
				a.reps[len(a.reps)-1].end = int(f.d.InputOffset())
			}
		}
	}
}

// in reports whether these are the elements that we are in.
func (f *assetFinder) in(names ...string) bool {
	if len(f.stack) != len(names) {
		return false
	}
	for i, n := range names {
		if f.stack[i] != n {
			return false
		}
	}
	return true
}
