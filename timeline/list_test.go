package timeline

import (
	"path"
	"strings"
	"testing"

	"proxima/jobfile"
)

func TestTheListSampleIsRead(t *testing.T) {
	listSamples(t, List, func(t *testing.T, name string, data []byte, want listAnswers) {
		p, err := readList(path.Base(name), data) // relative paths stay as they are
		if err != nil {
			t.Fatal(err)
		}
		soundProject(t, p)
		if len(p.Media) != len(want.Media) {
			t.Fatalf("%d media, not %d", len(p.Media), len(want.Media))
		}
		for i, m := range p.Media {
			w := want.Media[i]
			if m.Target != w.Target || m.Path != w.Path || (m.Kind == "") != w.Folder {
				t.Errorf("%+v, not %+v", m, w)
			}
		}
	})
}

func TestDialectsOfLists(t *testing.T) {
	for text, want := range map[string]string{
		"'it'\\''s.mov'\n'90s.mov":                 "it's.mov '90s.mov",
		"A\x00.\x00m\x00o\x00v\x00\n\x00":          "A.mov",
		"\xff.mov":                                 "\xff.mov",
		"a%20b+c.mov":                              "a%20b+c.mov",
		"file:///D:/a%20b+c.mov":                   "D:/a b+c.mov",
		"file://localhost/D%3a/x.mov":              "D:/x.mov",
		"file://srv/s/x.mov":                       "//srv/s/x.mov",
		"file:////srv/s/x.mov":                     "//srv/s/x.mov",
		"file://D:/x%zz.mov":                       "D:/x%zz.mov",
		"D:\\x://y.mov":                            "D:/x://y.mov",
		"a.mov\r\n\x1a\x00\x00":                    "a.mov",
		"/m/a.mov\nfile:///m/a.mov\nfile:/m/a.mov": "/m/a.mov",
	} {
		p, err := readList("l.txt", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		var got []string
		for _, m := range p.Media {
			got = append(got, m.Path)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: %q, not %q", text, s, want)
		}
	}
	for text, line := range map[string]int{
		"": 0, "# nothing\n\n": 0, "a.mov\nhttps://x/y.mov": 2, "a\n\"b": 2, "ftyp\x01\x02": 1, "a\nb\nfile://localhost": 3, "file:": 1,
		strings.Repeat("x", maxLine+1): 1,
	} {
		_, err := readList("l.txt", []byte(text))
		if e := refused(t, err); e.Line != line {
			t.Errorf("%.40q: line %d, not %d: %v", text, e.Line, line, err)
		}
	}
}

func TestStrangeNamesInErrorsArePrintable(t *testing.T) {
	_, err := readList("l.txt", []byte("\"\xff\u202e\x1b"))
	if e := refused(t, err); jobfile.Printable(e.Reason) != e.Reason {
		t.Errorf("%q", e.Reason)
	}
}

func FuzzList(f *testing.F) { fuzzList(f, "testdata/list/*", readList) }
