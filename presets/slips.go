package presets

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"proxima/jobfile"
)

var (
	reNoColon = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(\s*[=;]\s*|\s+)(\S.*)$`)
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
		if at := strings.IndexAny(lead+body, "\u00a0\u2007\u202f\u3000"); at >= 0 && at <= len(lead) {
			return wrong(at+1, "a space that is none to YAML, as some editors and web pages have them: write plain spaces instead")
		}
		plain, _, _ := strings.Cut(body, " #")
		plain = strings.TrimRight(plain, " ")
		if m := reNoColon.FindStringSubmatch(plain); m != nil && !strings.Contains(m[1]+m[2], ":") {
			value := m[3]
			if looksLikeField(m[1]) && !strings.HasPrefix(value, ":") && !strings.Contains(value, ": ") {
				what := "the colon is missing"
				if sign := strings.TrimSpace(m[2]); sign != "" {
					what = "a colon belongs here, not " + sign
				}
				return wrong(col, "%s: write %s: %s", what, m[1], jobfile.Printable(value))
			}
		}
		if !strings.ContainsAny(plain, "\"'[{") && strings.HasSuffix(plain, "]") {
			return wrong(col+len(plain)-1, "a ] without its [: write the list like [a, b]")
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
	return errors.As(err, &u) && len(u.Near) > 0 && jobfile.SlipsApart(squash(word), squash(u.Near[0])) <= 2
}
