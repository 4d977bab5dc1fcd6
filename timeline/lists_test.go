package timeline

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// listAnswers are the expected answers to the samples of lists, as far as they are compared.
type listAnswers struct {
	Format    Format
	Timelines []struct {
		Name    string
		Display string `json:"display_name"`
		Drop    *bool  `json:"drop_frame"`
		Highest *int64 `json:"highest_frame_field"`
	}
	Events      []map[string]any
	VideoLines  int `json:"video_event_lines"`
	M2          int `json:"m2_lines"`
	Reels       []string
	ClipNames   []string `json:"clip_names"`
	SourceFiles []string `json:"source_files"`
	Paths       []struct{ Target, Path string }
	FPS         string
	Columns     int
	Rows        []map[string]string
	Media       []struct {
		Target, Path, Name, Rate, Reel string
		Start                          string `json:"start_tc"`
		Frames                         string `json:"duration_frames"`
		Folder                         bool
	}
	Without []string `json:"rows_without_directory"`
}

// listSamples gives each sample of a format with its answer.
func listSamples(t *testing.T, f Format, check func(t *testing.T, name string, data []byte, want listAnswers)) {
	t.Helper()
	raw, err := os.ReadFile("testdata/expected-lists.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]listAnswers{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name].Format != f {
			continue
		}
		n++
		data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { check(t, name, data, all[name]) })
	}
	if n == 0 {
		t.Fatalf("no sample of %s has an answer", f)
	}
}

func TestTheReaderOfAListIsToldByTheName(t *testing.T) {
	raw, err := os.ReadFile("testdata/expected-lists.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]listAnswers{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		p, err := Read(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
		} else if p.Format != want.Format || len(p.Media) == 0 {
			t.Errorf("%s is read as %s, with %d media", name, p.Format, len(p.Media))
		}
	}
}

// A list travels with its footage: what is relative in it lies beside it.
func TestRelativePathsOfListsBeginAtTheList(t *testing.T) {
	for name, text := range map[string]string{
		"l.txt": "x/a%20b.mov\n",
		"l.csv": "File Name,Clip Directory\na%20b.mov,x/\n",
		"l.ale": "Heading\nFPS\t25\nColumn\nName\tSource File\nData\nc\tx/a%20b.mov\n",
		"l.edl": "001 AX V C 01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00\n* FROM FILE: x/a%20b.mov\n",
	} {
		p, err := readers()[filepath.Ext(name)]("/m/"+name, []byte(text))
		if err != nil {
			t.Error(err)
			continue
		}
		if m := p.Media[0]; m.Path != "/m/x/a%20b.mov" || !slices.Contains(m.Names, "/m/x/a b.mov") {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// soundProject checks what holds of every Project, whatever was read.
func soundProject(t *testing.T, p *Project) {
	t.Helper()
	for _, m := range p.Media {
		if m.Target == "" {
			t.Errorf("a medium without a target: %+v", m)
		}
		for _, r := range []*jobfile.Rational{m.Start, m.Duration} {
			if r != nil && (r.Num < 0 || r.Den <= 0) {
				t.Errorf("%q has the time %v", m.Target, r)
			}
		}
	}
	for _, tl := range p.Timelines {
		seen := map[Use]bool{}
		for _, u := range tl.Uses {
			if u.Media < 0 || u.Media >= len(p.Media) || u.Count < 1 {
				t.Fatalf("use %+v of %d media", u, len(p.Media))
			}
			key := Use{Media: u.Media, Enabled: u.Enabled, Active: u.Active}
			if seen[key] {
				t.Errorf("use %+v is there twice", u)
			}
			seen[key] = true
		}
	}
}

// refused checks that err is an *Error that says what to do.
func refused(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %T: %v", err, err)
	}
	if e.Reason == "" || e.Next == "" || e.File == "" {
		t.Fatalf("the error says too little: %+v", e)
	}
	return e
}

// fuzzList runs a reader on the samples of a folder, their beginnings, and what is made of them.
func fuzzList(f *testing.F, pattern string, read func(string, []byte) (*Project, error)) {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		f.Fatal(err, names)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		// The long samples show the same shapes over and over: their first lines are enough.
		if len(data) > 2000 {
			data = data[:2000]
		}
		for i := range 8 {
			f.Add(data[:len(data)*(i+1)/8])
		}
	}
	fuzzLists(f, read)
}

func fuzzLists(f *testing.F, read func(string, []byte) (*Project, error)) {
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := read("f", data)
		if err != nil {
			refused(t, err)
			return
		}
		soundProject(t, p)
	})
}

func TestRatesAreReadExactly(t *testing.T) {
	for s, want := range map[string]string{
		"25": "25/1", "25.000": "25/1", "23.976": "24000/1001", "23.98": "24000/1001", "23,976": "24000/1001",
		"29.97 DF": "30000/1001", "59.94": "60000/1001", "119.88": "120000/1001", "47.95": "48000/1001",
		"12.5": "25/2", "24000/1001": "24000/1001", "30": "30/1", "24.0fps": "24/1",
		"": "0/0", "abc": "0/0", "0": "0/0", "99999": "0/0", "1.2.3": "0/0", "24/0": "0/0", "-25": "0/0", ".": "0/0",
	} {
		if got := listRate(s).String(); got != want {
			t.Errorf("listRate(%q) is %s, not %s", s, got, want)
		}
	}
}

func TestTimecodesAreFrames(t *testing.T) {
	df := jobfile.Rational{Num: 30000, Den: 1001}
	for _, c := range []struct {
		tc   string
		rate jobfile.Rational
		want int64
	}{
		{"00;04;43;15", df, 8497},
		{"00:03:50;02", df, 6896},
		{"01;00;00;00", df, 107892},
		{"01;00;00;00", jobfile.Rational{Num: 60000, Den: 1001}, 215784},
		{"01:00:00;00", jobfile.Rational{Num: 25, Den: 1}, 90000},
		{"12:44:37:23", jobfile.Rational{Num: 24, Den: 1}, 1101071},
		{"12:44:37:23", jobfile.Rational{Num: 24000, Den: 1001}, 1101071},
		{"01:00:00:00", jobfile.Rational{Num: 50, Den: 1}, 180000},
		{"00;01;00;00", df, -1},
		{"01:00:00:25", jobfile.Rational{Num: 25, Den: 1}, -1},
		{"01:60:00:00", jobfile.Rational{Num: 25, Den: 1}, -1},
		{"1:00:00:00", jobfile.Rational{Num: 25, Den: 1}, 90000},
		{"01:00:00:00", jobfile.Rational{}, -1},
	} {
		if got, ok := listFrames(c.tc, c.rate); ok != (c.want >= 0) || ok && got != c.want {
			t.Errorf("listFrames(%s, %s) is %d, %v, not %d", c.tc, c.rate, got, ok, c.want)
		}
	}
}

func TestLinesEndInAnyWay(t *testing.T) {
	var got []string
	if err := eachLine("f", "a\r\nb\rc\n\nd", func(n int, line string) error {
		got = append(got, itoa(n)+line)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := "1a 2b 3c 4 5d"; strings.Join(got, " ") != want {
		t.Fatalf("%q, not %q", got, want)
	}
}

func TestTextInOtherLettersIsRead(t *testing.T) {
	for in, want := range map[string]string{
		"\xff\xfeA\x00\xe4\x00\x3d\xd8\x00\xde": "Aä😀",
		"\xfe\xff\x00A\x00\xe4":                 "Aä",
		"A\x00B\x00\xe4\x00":                    "ABä",
		"\x00A\x00B\x00\xe4":                    "ABä",
		"\xef\xbb\xbfA":                         "A",
		"M\xfcnchen \x80":                       "München €",
		"\xff\xfe\x3d\xd8":                      "�",
	} {
		got, note, err := listText("f", []byte(in))
		if err != nil || got != want || (note != "") != strings.HasPrefix(in, "M") {
			t.Errorf("%q is read as %q, %q, %v, not %q", in, got, note, err, want)
		}
	}
}

func TestKindsGoByTheName(t *testing.T) {
	for name, want := range map[string]Kind{
		"a.mov": Video, "a": Video, "a.WAV": Sound, "a.jpg": Still, "a_0001.jpg": Still, "a.0001.exr": Sequence, "a.exr": Still,
		"a_[0001-0100].tif": Sequence, `x.wav\a.mov`: Video, "A.12": Video,
	} {
		if got := listKind(name); got != want {
			t.Errorf("%s is %s, not %s", name, got, want)
		}
	}
}
