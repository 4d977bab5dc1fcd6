package jobfile

import (
	"errors"
	"strings"
	"testing"
)

func TestSlipsApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"slow", "slwo", 1}, {"slow", "lows", 2}, {"x264", "x265", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}} {
		if got := SlipsApart(c.a, c.b); got != c.want {
			t.Errorf("%q %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := SlipsApart(c.b, c.a); got != c.want {
			t.Errorf("%q %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

// What a person may write into farm.yaml by a slip, and what they are told: the line, and what
// to write instead.
func TestMistakesInSettingsAreToldInWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"format: 1\ndefualts:\n  preset: x\n", `farm.yaml:2:1: unknown field "defualts", did you mean defaults? (the line is: defualts:)`},
		{"format: 1\nzzz: 1\n", `farm.yaml:2:1: unknown field "zzz"; the fields are format, defaults, keep, roots, rules, filters, workers (the line is: zzz: 1)`},
		{"format: 1\ndefaults:\n  lease: 3\n", `farm.yaml:3:10: "3" is not a duration like 45s or 1m30s (the line is: lease: 3)`},
		{"format: 1\ndefaults:\n  keep_free: 2\n", `farm.yaml:3:14: "2" is not a size like 2GiB or 500MB (the line is: keep_free: 2)`},
		{"format: 1\ndefaults:\n\tlease: 3m\n", "farm.yaml:3:1: a tab, which YAML does not take for indenting: write two spaces instead (the line is: lease: 3m)"},
		{"format: one\n", "farm.yaml:1:9: a whole number belongs here (the line is: format: one)"},
		{"format: 1\nrules: edit_proxy\n", "farm.yaml:2:8: a list belongs here: write it like [a, b], or each on a line of its own below, after a dash (the line is: rules: edit_proxy)"},
		{"format: 1\ndefaults: none\n", "farm.yaml:2:11: fields belong here, each on a line of its own with a colon and a space after its name, like name: value (the line is: defaults: none)"},
		{"format: 1\nroots:\n  a: {windows: \"R:\\Footage\"}\n", `farm.yaml:3:20: a \ within "double quotes" begins a special sign: put a Windows path into 'single quotes' (the line is: a: {windows: "R:\Footage"})`},
		{"format: 1\nroots:\n  a: {linux: /x\n", "farm.yaml:3:6: a } is missing: the bracket that begins here has no end (the line is: a: {linux: /x)"},
		{"format: 1\nrules:\n- when: {ext: {a: b}}\n  skip: x\n", "farm.yaml:3:15: neither a word nor a list of words (the line is: - when: {ext: {a: b}})"},
		{"format: 1\nworkers:\n  *: {}\n  *: {}\n", `farm.yaml:4:3: mapping key "*" already defined at [3:3]: each name stands once; remove one of them (the line is: *: {})`},
	} {
		_, err := ReadFarm("farm.yaml", []byte(c.text))
		if err == nil || err.Error() != c.want {
			t.Errorf("%q\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// Whatever farm.yaml holds, the mistake in it has a place and is fit for a terminal.
func FuzzReadFarm(f *testing.F) {
	for _, s := range []string{"format: 1\nworkers: {*: {}}\n", "format: 1\n\tx\n", "rules: [{when: {ext: a}}]\n", "format: \"\\U\n", "a: *b\n", "a:\n b: c\n  d: e\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return
		}
		_, err := ReadFarm("farm.yaml", data)
		var de *DecodeError
		if err == nil {
			return
		}
		if !errors.As(err, &de) || de.Line < 1 || de.Column < 1 || strings.ContainsFunc(err.Error(), func(r rune) bool { return !Shows(r) }) {
			t.Fatalf("no place, or not fit for a terminal: %q", err)
		}
	})
}
