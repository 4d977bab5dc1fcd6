package timeline

import (
	"math/big"
	"os"
	"reflect"
	"strings"
	"testing"

	"proxima/jobfile"
)

func TestTheALESamplesAreRead(t *testing.T) {
	listSamples(t, ALE, func(t *testing.T, name string, data []byte, want listAnswers) {
		l, err := parseALE(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if l.fps.String() != want.FPS || len(l.columns) != want.Columns || len(l.rows) != len(want.Rows) {
			t.Errorf("%s, %d columns, %d rows; not %s, %d, %d", l.fps, len(l.columns), len(l.rows), want.FPS, want.Columns, len(want.Rows))
		}
		p, err := readALE(name, data)
		if err != nil {
			t.Fatal(err)
		}
		soundProject(t, p)
		for i, r := range l.rows {
			got := map[string]string{
				"name": r.name, "tape": r.tape, "path_column": l.columns[l.path], "target": r.target, "start_tc": r.start, "end_tc": r.end,
			}
			if !reflect.DeepEqual(got, want.Rows[i]) {
				t.Errorf("row %d is %v, not %v", i, got, want.Rows[i])
			}
		}
	})
}

func TestPartsOfOneFileAreOneMedium(t *testing.T) {
	data, err := os.ReadFile("testdata/ale/sample_cdl.ale")
	if err != nil {
		t.Fatal(err)
	}
	p, err := readALE("a.ale", data)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Media) != 2 {
		t.Fatalf("%d media", len(p.Media))
	}
	m := p.Media[0] // three rows of 17:49:33:01 and later
	rate := jobfile.Rational{Num: 24000, Den: 1001}
	start := *seconds(big.NewRat(((17*60+49)*60+33)*24+1, 1), rate)
	if m.Path != "some/path/A005_C010_0501J0_001.R3D" || *m.Start != start || m.Duration != nil {
		t.Errorf("%+v, start %v, not %v", m, m.Start, start)
	}
	if d := p.Media[1].Duration; d == nil || *d != *seconds(big.NewRat(68, 1), rate) {
		t.Errorf("68 frames are %v", d)
	}
}

func TestDialectsOfALE(t *testing.T) {
	for rule, c := range map[string]struct{ text, want string }{
		"pairs on one line":        {"Heading\nFIELD_DELIM TABS FPS 25\nColumn\nName\tTape\nData\nc1\tr1\n", "c1|c1|r1|25/1"},
		"the rate is in the row":   {"Heading\n\nColumn\nName\tFPS\n\nData\nc1\t50\n", "c1|c1||50/1"},
		"folder and name apart":    {"Heading\nFPS\t25\nColumn\nName\tSource File Path\tSource File\nData\nc\tD:\\x\\\ta.mov\n", `D:\x\a.mov|c||25/1`},
		"the fuller column":        {"Heading\nFPS\t25\nColumn\nName\tSource File\tUNC\nData\nc\ta.mov\t//s/a.mov\n", "//s/a.mov|c||25/1"},
		"a clip named Data":        {"Heading\nFPS\t25\nColumn\nName\nData\nData\n", "Data|Data||25/1"},
		"CR alone, a tape alone":   {"Heading\rFPS\t25\rColumn\rName\tTape\rData\r\tR7\r", "R7||R7|25/1"},
		"more cells than columns":  {"Heading\nFPS\t25\nColumn\nName\t\nData\nc\t\tx\ty\n", "c|c||25/1"},
		"an empty Data is no harm": {"Heading\nFPS\t25\nColumn\nName\nData\n", ""},
	} {
		p, err := readALE("a.ale", []byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", rule, err)
			continue
		}
		got := ""
		for _, m := range p.Media {
			got += m.Target + "|" + m.Name + "|" + m.Reel + "|" + m.Rate.String()
		}
		if got != c.want {
			t.Errorf("%s: %s, not %s", rule, got, c.want)
		}
	}
	for _, text := range []string{"", "Heading\nFIELD_DELIM\tCOMMAS\nColumn\nName\nData\n", "Name\tTape\n", "Heading\nFPS\t25\nColumn\nName\nx\n", "Heading\nFPS\t25\n", "Heading\nColumn\nName\n"} {
		_, err := readALE("a.ale", []byte(text))
		refused(t, err)
	}
}

func TestRowsOfSoundAloneAreSound(t *testing.T) {
	p, err := readALE("a.ale", []byte("Heading\nFPS\t25\nColumn\nName\tTracks\tSource Path\nData\n"+
		"wild\tA1A2\t\nboth\tVA1A2\t\npicture\tV\t\nunsaid\t\t\nx\tA1\t/m/x.mxf\nx\tV\t/m/x.mxf\nx\tA2\t/m/x.mxf\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, m := range p.Media {
		got += m.Name + ":" + string(m.Kind) + " "
	}
	if want := "wild:audio both:video picture:video unsaid:video x:video "; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestManyColumnsEndSoon(t *testing.T) {
	head := "Heading\nFPS\t25\nColumn\n" + strings.Repeat("c\t", 30_000) + "Name\nData\n"
	if _, err := readALE("a.ale", []byte(head+strings.Repeat("x\t\n", 100_000))); err != nil {
		t.Error(err)
	}
}

func FuzzALE(f *testing.F) { fuzzList(f, "testdata/ale/*", readALE) }
