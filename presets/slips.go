package presets

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"proxima/jobfile"
)

var (
	reNoColon = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(\s*=\s*|\s+)(\S.*)$`)
	reNoSpace = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*):([^\s:/].*)$`)
)

// slips finds the slips of the hand that a YAML parser takes for something else, line by line,
// before it does. Only what can't be meant is reported.
func slips(data []byte) *jobfile.DecodeError {
	if len(data) > jobfile.MaxDocument {
		return nil // the parser says so
	}
	brackets := 0
	for i, l := range strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n") {
		l = strings.TrimRight(l, " \t\r")
		body := strings.TrimLeft(l, " \t")
		lead := l[:len(l)-len(body)]
		wrong := func(col int, format string, a ...any) *jobfile.DecodeError {
			return &jobfile.DecodeError{Line: i + 1, Column: max(1, col), Reason: fmt.Sprintf(format, a...)}
		}
		col := len(lead) + 1
		if body == "" || body[0] == '#' {
			continue
		}
		// Inside brackets lines have another form. Quotes with brackets in them are rare enough
		// to be left to the parser.
		within := brackets > 0
		brackets = max(0, brackets+strings.Count(body, "[")+strings.Count(body, "{")-strings.Count(body, "]")-strings.Count(body, "}"))
		if within {
			continue
		}
		if at := strings.IndexByte(lead, '\t'); at >= 0 {
			return wrong(at+1, "a tab, which YAML does not take for indenting: write two spaces instead")
		}
		if body == "..." || body == "…" {
			return wrong(col, "three dots are no part of a preset: remove the line")
		}
		plain, _, _ := strings.Cut(body, " #")
		plain = strings.TrimRight(plain, " ")
		if m := reNoColon.FindStringSubmatch(plain); m != nil && !strings.Contains(m[1]+m[2], ":") {
			value := m[3]
			if looksLikeField(m[1]) && !strings.HasPrefix(value, ":") && !strings.Contains(value, ": ") {
				what := "the colon is missing"
				if strings.Contains(m[2], "=") {
					what = "a colon belongs here, not ="
				}
				return wrong(col, "%s: write %s: %s", what, m[1], jobfile.Printable(value))
			}
		}
		if m := reNoSpace.FindStringSubmatch(plain); m != nil && looksLikeField(m[1]) {
			return wrong(col+len(m[1])+1, "a space is missing after the colon: write %s: %s", m[1], jobfile.Printable(m[2]))
		}
	}
	return nil
}

// looksLikeField reports whether a word is a field, or one with a slip in it.
func looksLikeField(word string) bool {
	_, err := fieldNamed(word)
	if err == nil {
		return true
	}
	var u *Unknown
	return errors.As(err, &u) && len(u.Near) > 0 && distance(squash(word), squash(u.Near[0])) <= 2
}

// withLine adds the line that an error is about.
func withLine(err error, data []byte) error {
	var de *jobfile.DecodeError
	lines := strings.Split(string(data), "\n")
	if !errors.As(err, &de) || de.Line < 1 || de.Line > len(lines) {
		return err
	}
	out := *de
	if l := strings.TrimSpace(strings.TrimPrefix(lines[de.Line-1], "\ufeff")); l != "" {
		out.Reason += " (the line is: " + jobfile.Printable(l) + ")"
	}
	return &out
}

// advice says in words what the YAML library says in its own, and what to do.
var advice = []struct{ has, say string }{
	{"could not find end character of double-quoted", `a " is missing at the end of a text that begins here`},
	{"could not find end character of single-quoted", `a ' is missing at the end of a text that begins here`},
	{"',' or ']' must be specified", "a , or ] is missing before this: the list above has no end"},
	{"',' or '}' must be specified", "a , or } is missing before this: the bracket above has no end"},
	{"sequence end token ']' not found", "a ] is missing: the list that begins here has no end"},
	{colonHere, "a colon that can't be here: a text with a colon in it needs quotes around it"},
	{"value is not allowed in this context", "this line fits to none above: indent the fields of a preset alike, and look for a bracket too many"},
	{"non-map value is specified", "a name and a colon are missing: write it like crf: 20"},
	{"unexpected key name", "a colon and a space are missing after the field's name: write it like crf: 20"},
	{"is a reserved character", "a text that begins with @ or ` needs quotes around it"},
	{"cannot start any token", "a sign that can't begin a word here: indent with spaces, not tabs, and put such a text in quotes"},
	{"find alias", "a text that begins with * needs quotes around it"},
	{"find anchor", "a text that begins with * needs quotes around it"},
	{"already defined", ""},
}

const colonHere = "mapping value is not allowed in this context"

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// explain puts a parser's error into words.
func explain(err error, data []byte) error {
	var de *jobfile.DecodeError
	if !errors.As(err, &de) {
		return err
	}
	out := *de
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
		}
		break
	}
	out.Line, out.Column = max(1, out.Line), max(1, out.Column)
	return &out
}
