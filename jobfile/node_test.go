package jobfile

import (
	"errors"
	"strings"
	"testing"
)

func TestWildcardKeysNeedNoQuotesAndKeepTheirPlace(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"*:\n  a: 1\n":               "*@1:1",
		"*proxy:\n  a: 1\n":          "*proxy@1:1",
		"*pro*y: {a: 1}\n":           "*pro*y@1:1",
		"?roxy: 1\n":                 "?roxy@1:1",
		"  *x: 1\n  '*y': 2\n":       "*x@1:3 *y@2:3",
		"{*a: 1, *b: 2}\n":           "*a@1:2 *b@1:9",
		"*: 1 # *x: 2\n":             "*@1:1",
		"a: \"x, *b: 1\"\n":          "a@1:1",
		"a: 'it''s, *b: 1'\n*c: 2":   "a@1:1 *c@2:1",
		"*a-b.c_d+e: 1\r\n*f: 1\r\n": "*a-b.c_d+e@1:1 *f@2:1",
		"tag:gpu*: 1\n":              "tag:gpu*@1:1",
		"a: &x 1\nb: *x\n":           "a@1:1 b@2:1",
	} {
		var n Node
		if err := Decode("f.yaml", []byte(text), &n); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var got []string
		for _, k := range n.Keys {
			got = append(got, k.Word+"@"+itoa(k.Line)+":"+itoa(k.Column))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: %s, want %s", text, s, want)
		}
	}
	var v struct {
		A int `yaml:"a"`
	}
	if err := Decode("f.yaml", []byte("a: 1\n*b: 2\n"), &v); err == nil || err.Error() != `f.yaml:2:1: unknown field "*b"` {
		t.Error(err)
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

func TestANodeUnfoldsAliasesWithinBounds(t *testing.T) {
	t.Parallel()
	var n Node
	if err := Decode("f.yaml", []byte("a: &a {x: 1, y: [2, \"3\"]}\nb: {<<: *a, x: 0480}\n"), &n); err != nil {
		t.Fatal(err)
	}
	if b := n.Get("b"); b == nil || b.Get("x").Word != "0480" || b.Get("y").Items[1].Word != "3" || n.Get("c") != nil {
		t.Errorf("%+v", n)
	}
	for text, want := range map[string]string{
		"a: &a {b: *a}\n":        "refers to itself",
		"a: &a\n  <<: *a\n":      "cannot find anchor", // the library's own word: an anchor ends where its value does
		"a: *none\n":             "none",
		"a: &a x\nb: {<<: *a}\n": "mapping is expected",
		"a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n" +
			"e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n": "unfolds to more",
	} {
		err := Decode("f.yaml", []byte(text), &n)
		var de *DecodeError
		if !errors.As(err, &de) || de.Line < 1 || de.Column < 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAPortableNameIsOneOnEverySystem(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"Proxy": true, "Optimized Media": true, "プロキシ": true, "": false, ".": false, "..": false, ".hidden": false, "a/b": false, `a\b`: false, "a:b": false,
		"con": false, "NUL.x": false, "a.": false, " a": false, "a\x1b": false, "~$a": false, strings.Repeat("x", 101): false, "a\u202eb": false,
	} {
		if err := PortableName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzNode(f *testing.F) {
	for _, s := range []string{"*:\n  a: 1\n", "{*a: [1, x], ?b: \"c\"}", "a: &a {x: 1}\nb: {<<: *a}\n", "- a\n- {b: c}\n", "a: |\n  *b: c\n", "a: 'x\n  *b: 1'\n", "~", "*a: &b *b"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var n Node
		err := Decode("f.yaml", data, &n)
		var de *DecodeError
		if err != nil && (!errors.As(err, &de) || strings.ContainsFunc(err.Error(), func(r rune) bool { return !Shows(r) })) {
			t.Fatalf("%q: %q", data, err)
		}
	})
}
