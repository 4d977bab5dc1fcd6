package jobfile

import (
	"errors"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// DecodeByHand reads a document that a person wrote: as Decode does, but the error says in
// words what is wrong in which line, and what may have been meant. It is a *DecodeError.
func DecodeByHand(file string, data []byte, v any) error {
	return WithLine(meant(Explain(Decode(file, data, v), data), v), data)
}

// WithLine adds the line that an error is about.
func WithLine(err error, data []byte) error {
	var de *DecodeError
	lines := strings.Split(string(data), "\n")
	if !errors.As(err, &de) || de.Line < 1 || de.Line > len(lines) {
		return err
	}
	out := *de
	if l := strings.TrimSpace(strings.TrimPrefix(lines[de.Line-1], "\ufeff")); l != "" && !strings.Contains(de.Reason, lineIs) {
		out.Reason += lineIs + shortened(Printable(l)) + ")"
	}
	return &out
}

const lineIs = " (the line is: "

// shortened keeps what a terminal shows in two lines.
func shortened(s string) string {
	if r := []rune(s); len(r) > 160 {
		return string(r[:160]) + "..."
	}
	return s
}

// advice says in words what the YAML library says in its own, and what to do.
var advice = []struct{ has, say string }{
	{"could not find end character of double-quoted", `a " is missing at the end of a text that begins here`},
	{"could not find end character of single-quoted", `a ' is missing at the end of a text that begins here`},
	{"',' or ']' must be specified", "a , or ] is missing before this: the list above has no end"},
	{"',' or '}' must be specified", "a , or } is missing before this: the bracket above has no end"},
	{"sequence end token ']' not found", "a ] is missing: the list that begins here has no end"},
	{"flow mapping end token '}' not found", "a } is missing: the bracket that begins here has no end"},
	{"could not find flow mapping end token", "a } is missing: the bracket that begins here has no end"},
	{"unknown escape character", `a \ within "double quotes" begins a special sign: put a Windows path into 'single quotes'`},
	{"where mapping is expected", "fields belong here, each on a line of its own with a colon and a space after its name, like name: value"},
	{"where sequence is expected", "a list belongs here: write it like [a, b], or each on a line of its own below, after a dash"},
	{"of type int", "a whole number belongs here"},
	{"of type bool", "true or false belongs here"},
	{"of type string", "a word belongs here"},
	{colonHere, "a colon that can't be here: write one field a line, and put a text with a colon in it into quotes"},
	{"value is not allowed in this context", "this line fits to none above: indent what belongs together alike, and look for a bracket too many"},
	{"non-map value is specified", "a name and a colon are missing: write it like crf: 20"},
	{"unexpected key name", "a colon and a space are missing after the field's name: write it like crf: 20"},
	{"is a reserved character", "a text that begins with @ or ` needs quotes around it"},
	{tokenHere, "a sign that can't begin a word here: indent with spaces, not tabs, and put such a text in quotes"},
	{"find alias", "a text that begins with * needs quotes around it"},
	{"find anchor", "a text that begins with * needs quotes around it"},
	{"already defined", ""},
}

const (
	colonHere = "mapping value is not allowed in this context"
	tokenHere = "cannot start any token"
)

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// Explain puts a parser's error into words.
func Explain(err error, data []byte) error {
	var de *DecodeError
	if !errors.As(err, &de) {
		return err
	}
	out := *de
	out.Line, out.Column = max(1, out.Line), max(1, out.Column)
	for _, a := range advice {
		if !strings.Contains(de.Reason, a.has) {
			continue
		}
		if a.say != "" {
			out.Reason = a.say
		} else {
			out.Reason += ": each name stands once; remove one of them"
		}
		if lines := strings.Split(string(data), "\n"); a.has == colonHere && out.Line < len(lines) {
			if this, next := indent(lines[out.Line-1]), indent(lines[out.Line]); next > this {
				out.Line, out.Column, out.Reason = out.Line+1, next+1, "indented further than the line above, which has its value already: let both begin in the same column"
			}
		} else if a.has == tokenHere && out.Line >= 1 && out.Line <= len(lines) && strings.HasPrefix(strings.TrimLeft(lines[out.Line-1], " "), "\t") {
			out.Reason = "a tab, which YAML does not take for indenting: write two spaces instead"
		}
		break
	}
	return &out
}

var reUnknownField = regexp.MustCompile(`^unknown field "([^"]*)"$`)

// meant adds to an unknown field's name those of v that it may stand for.
func meant(err error, v any) error {
	var de *DecodeError
	if !errors.As(err, &de) {
		return err
	}
	m := reUnknownField.FindStringSubmatch(de.Reason)
	if m == nil {
		return err
	}
	top, all := fieldNames(reflect.TypeOf(v), 0)
	out := *de
	switch near := Near(m[1], all); {
	case len(near) > 0:
		out.Reason += ", did you mean " + strings.Join(near, " or ") + "?"
	case de.Column == 1:
		out.Reason += "; the fields are " + strings.Join(top, ", ")
	}
	return &out
}

// fieldNames are the names that documents have for the fields of a type, and of what it holds.
func fieldNames(t reflect.Type, depth int) (top, all []string) {
	for t != nil && (t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct || t == reflect.TypeFor[Node]() || depth > 8 {
		return nil, nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		top = append(top, name)
		_, below := fieldNames(f.Type, depth+1)
		for _, n := range append([]string{name}, below...) {
			if !slices.Contains(all, n) {
				all = append(all, n)
			}
		}
	}
	return top, all
}
