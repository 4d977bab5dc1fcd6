package timeline

import (
	"reflect"
	"strings"
	"testing"
)

func TestTheCSVSamplesAreRead(t *testing.T) {
	listSamples(t, CSV, func(t *testing.T, name string, data []byte, want listAnswers) {
		p, err := readCSV(name, data)
		if err != nil {
			t.Fatal(err)
		}
		soundProject(t, p)
		if len(p.Media) != len(want.Media) || !strings.Contains(strings.Join(p.Notes, "\n"), `"`+want.Without[0]+`"`) {
			t.Fatalf("%d media, notes %q", len(p.Media), p.Notes)
		}
		for i, m := range p.Media {
			w := want.Media[i]
			rate := listRate(w.Rate)
			folder, file, _ := strings.Cut(w.Target, "|")
			if m.Target != folder+"/"+file && m.Target != folder+`\`+file {
				t.Errorf("target %q of %q", m.Target, w.Target)
			}
			if m.Path != w.Path || m.Name != w.Name || m.Rate != rate || m.Reel != w.Reel ||
				!reflect.DeepEqual(m.Start, listSeconds(w.Start, rate)) || !reflect.DeepEqual(m.Duration, framesLong(w.Frames, rate)) {
				t.Errorf("%+v, not %+v", m, w)
			}
		}
	})
}

func TestDialectsOfCSV(t *testing.T) {
	for rule, c := range map[string]struct{ text, want string }{
		"another language":          {"Navn,Mappe,Ting\na.mov,/m/x,\nBin,,\nb.mov,/m/y,z\n", "/m/x/a.mov /m/y/b.mov"},
		"semicolons":                {"File Name;Clip Directory\na,b.mov;D:\\x\n", `D:\x\a,b.mov`},
		"a line for spreadsheets":   {"sep=;\r\nFile Name;Clip Directory\r\na,b,c.mov;/m\r\n", "/m/a,b,c.mov"},
		"tabs, CR alone":            {"File Name\tClip Directory\ra.mov\t\\\\s\\x\r", `\\s\x\a.mov`},
		"a full path in the folder": {"File Name,Clip Directory\na.mov,/m/a.mov\n", "/m/a.mov"},
		"a quote in a field":        {"File Name,Clip Directory,Note\na.mov,/m,5\" LCD\n", "/m/a.mov"},
		"lines in a quoted field":   {"File Name,Clip Directory,Note\na.mov,/m,\"x\ny\"\n", "/m/a.mov"},
		"one clip twice":            {"File Name,Clip Directory\na.mov,/m/\na.mov,/m/\n", "/m/a.mov"},
		"paths alone":               {"Wo\n/m/a.mov\n", "/m/a.mov"},
	} {
		p, err := readCSV("m.csv", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		var got []string
		for _, m := range p.Media {
			got = append(got, m.Target)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, not %s", rule, s, c.want)
		}
	}
	for text, line := range map[string]int{
		"": 0, "File Name,Clip Directory\n": 0, "sep=,\nFile Name,Clip Directory\n": 0, "a,b\nc,d\n": 1,
		"File Name,Clip Directory\n\"a.mov,/m\nb.mov,/m\n":         2,
		"File Name,Clip Directory,N\na.mov,/m,5\"\n\"b\",/m,\"x\n": 3,
	} {
		_, err := readCSV("m.csv", []byte(text))
		if e := refused(t, err); e.Line != line {
			t.Errorf("%q: line %d, not %d: %v", text, e.Line, line, err)
		}
	}
}

func FuzzCSV(f *testing.F) { fuzzList(f, "testdata/csv/*", readCSV) }
