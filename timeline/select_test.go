package timeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// The media that a proxy is wanted of are, in each sample, those that the answers say are seen: no
// sound, no still, and no second reference.
func TestTheSamplesSelectWhatIsExpected(t *testing.T) {
	t.Parallel()
	for name, want := range expected(t) {
		p, err := Read(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		kinds := map[string]string{}
		for _, m := range want.Media {
			kinds[m.Target] = m.Kind
		}
		for i, tl := range want.Timelines {
			var seen, active []string
			for _, u := range tl.Uses {
				if !u.Video || kinds[u.Media] != "video" || want.Format == "otio" && !u.Active {
					continue
				}
				seen = append(seen, u.Media)
				if u.Active {
					active = append(active, u.Media)
				}
			}
			for _, c := range []struct {
				choice Choice
				want   []string
			}{
				{Choice{Timelines: []int{i}}, seen},
				{Choice{Timelines: []int{i}, ActiveAngles: true}, active},
			} {
				s := p.Select(c.choice)
				if got := selected(p, s.Media); !slices.Equal(got, c.want) {
					t.Errorf("%s, %s, %+v: selected\n%s\nwant\n%s", name, tl.Name, c.choice, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
			}
		}
	}
}

// Lists of clips have no timelines: all that they hold is wanted.
func TestListsSelectAllTheirMedia(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"ale/sampleUHD.ale", "ale/sample_cdl.ale", "csv/metadata_utf8.csv", "csv/metadata_utf16le.csv", "list/list.txt",
	} {
		p, err := Read(filepath.Join("testdata", filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
			continue
		}
		s := p.Select(Choice{All: true})
		want := 0
		for _, m := range p.Media {
			if m.Kind == Video || m.Kind == "" {
				want++
			}
		}
		if len(s.Media) != want || len(s.Media) == 0 {
			t.Errorf("%s: %d of %d media, %+v", name, len(s.Media), len(p.Media), s.LeftOut)
		}
	}
}

// An edit list selects each source of a picture line, and no black.
func TestEditListsSelectTheirPictures(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "edl", "*"))
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	total := 0 // some have only stills and sound
	for _, f := range files {
		p, err := Read(f)
		if err != nil {
			t.Error(err)
			continue
		}
		s := p.Select(Choice{Timelines: []int{0}})
		var want []int
		for _, u := range p.Timelines[0].Uses {
			if u.Video && p.Media[u.Media].Kind == Video && !slices.Contains(want, u.Media) {
				want = append(want, u.Media)
			}
		}
		total += len(want)
		if !slices.Equal(s.Media, want) {
			t.Errorf("%s: selected %v, want %v", f, s.Media, want)
		}
	}
	if total < 20 {
		t.Errorf("only %d media in all", total)
	}
}

func selected(p *Project, media []int) []string {
	var out []string
	for _, m := range media {
		out = append(out, p.Media[m].Target)
	}
	return out
}

func TestWhatIsLeftOutIsCounted(t *testing.T) {
	t.Parallel()
	use := func(m int, video, active bool) Use {
		return Use{Media: m, Video: video, Audio: true, Enabled: true, Active: active, Count: 1}
	}
	media := []Media{
		{Target: "a", Kind: Video},
		{Target: "b", Kind: Video},
		{Target: "still", Kind: Still},
		{Target: "frames", Kind: Sequence},
		{Target: "sound", Kind: Sound},
		{Target: "heard", Kind: Video},
		{Target: "pool", Kind: Video},
		{Target: "folder"},
	}
	off := use(0, true, true)
	off.Enabled = false
	uses := []Use{use(1, true, false), off, use(2, true, true), use(3, true, true), use(4, true, true), use(5, false, true)}
	p := &Project{Media: media, Timelines: []Timeline{
		{Uses: uses, Counts: Counts{Generators: 2, Nested: 1, Missing: 1}},
		{Uses: []Use{use(1, true, true), use(0, true, true)}, Counts: Counts{Generators: 1}},
	}}
	otio := *p
	otio.Format = OTIO
	for name, c := range map[string]struct {
		p    *Project
		c    Choice
		want string
		left LeftOut
	}{
		"one":            {p, Choice{Timelines: []int{0}}, "b a", LeftOut{Generators: 2, Missing: 1, Stills: 2, Sound: 2}},
		"picked angles":  {p, Choice{Timelines: []int{0}, ActiveAngles: true}, "a", LeftOut{2, 1, 2, 2, 1, 0}},
		"an angle there": {p, Choice{Timelines: []int{0, 1}, ActiveAngles: true}, "b a", LeftOut{3, 1, 2, 2, 0, 0}},
		"other order":    {p, Choice{Timelines: []int{1, 0}}, "b a", LeftOut{3, 1, 2, 2, 0, 0}},
		"the pool":       {p, Choice{All: true}, "b a heard pool folder", LeftOut{3, 1, 2, 1, 0, 0}},
		"an OTIO proxy":  {&otio, Choice{Timelines: []int{0}}, "a", LeftOut{2, 1, 2, 2, 0, 1}},
		"nothing":        {p, Choice{}, "", LeftOut{}},
	} {
		s := c.p.Select(c.c)
		if got := strings.Join(selected(c.p, s.Media), " "); got != c.want || s.LeftOut != c.left {
			t.Errorf("%s: %q, %+v; want %q, %+v", name, got, s.LeftOut, c.want, c.left)
		}
	}
	want := "2 titles and generators, 1 clip without a medium, 2 stills, 2 media of sound alone, 1 angle that is not picked"
	if got := p.Select(Choice{Timelines: []int{0}, ActiveAngles: true}).LeftOut; got.String() != want || got.Total() != 8 {
		t.Errorf("%s, %d", got, got.Total())
	}
	if (LeftOut{}).String() != "" {
		t.Error("nothing is something")
	}
}

func TestPatternsMatchNamesOfTimelines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"reel 1", "Reel 1", true},
		{"reel", "Reel 1", false},
		{"reel*", "Reel 1/2 (old)", true},
		{"*old*", "Reel 1/2 (old)", true},
		{"*/2*", "Reel 1/2", true},
		{"reel ?", "Reel 12", false},
		{"reel ??", "REEL 12", true},
		{"*a*b*c", "xaxbxc", true},
		{"*a*b*c", "xaxbxcx", false},
		{"[1]", "[1]", true},
		{"\u00c4rger*", "a\u0308rger 2", true},
		{"", "", true},
		{"*", "", true},
		{"**", "x", true},
		{"?", "", false},
		{strings.Repeat("a*", 200) + "b", strings.Repeat("a", 5000), false},
	} {
		if got := Match(c.pattern, c.name); got != c.want {
			t.Errorf("%.30q matches %.30q: %v", c.pattern, c.name, got)
		}
	}
}

func TestTimelinesAreOrderedAsPeopleCount(t *testing.T) {
	t.Parallel()
	p := &Project{}
	for _, n := range []string{"Trailer 10", "trailer 2", "Trailer  2", "Reel", "B", "Open", "Trailer 02"} {
		p.Timelines = append(p.Timelines, Timeline{Display: n, Active: n == "Open"})
	}
	var got []string
	for _, i := range p.Ordered() {
		got = append(got, p.Timelines[i].Display)
	}
	if want := "Open,B,Reel,Trailer  2,Trailer 02,trailer 2,Trailer 10"; strings.Join(got, ",") != want {
		t.Errorf("%s, want %s", strings.Join(got, ","), want)
	}
}

func TestTimelinesAreToldFromFootage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, c := range map[string]struct {
		data string
		is   bool
		kind Format
	}{
		"a.txt":      {"TITLE: x\n001  AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\n* FROM CLIP NAME: a\n", true, EDL},
		"b.txt":      {"Heading\nFIELD_DELIM\tTABS\nFPS\t25\n\nColumn\nName\tTape\n\nData\na\tb\n", true, ALE},
		"c.txt":      {"/m/a.mov\n", true, List},
		"d.xml":      {"<?xml version=\"1.0\"?>\n<xmeml><sequence id=\"s\"><media/></sequence></xmeml>", true, XMEML},
		"e.xml":      {"<fcpxml><resources/><project><sequence/></project></fcpxml>", true, FCPXML},
		"no ending":  {"<fcpxml><resources/><project><sequence/></project></fcpxml>", true, FCPXML},
		"f.backup":   {"\xef\xbb\xbftitle: x\r\n001  AX V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00\r\n* FROM CLIP NAME: a\r\n", true, EDL},
		"g.json":     {`{"OTIO_SCHEMA":"Timeline.1","tracks":{"OTIO_SCHEMA":"Stack.1","children":[]}}`, true, OTIO},
		"utf16.txt":  {"\xff\xfeT\x00I\x00T\x00L\x00E\x00:\x00 \x00x\x00\n\x000\x000\x001\x00 \x00A\x00X\x00 \x00V\x00 \x00C\x00 \x000\x000\x00:\x000\x000\x00:\x000\x000\x00:\x000\x000\x00 \x000\x000\x00:\x000\x000\x00:\x000\x001\x00:\x000\x000\x00 \x000\x000\x00:\x000\x000\x00:\x000\x000\x00:\x000\x000\x00 \x000\x000\x00:\x000\x000\x00:\x000\x001\x00:\x000\x000\x00\n\x00*\x00 \x00F\x00R\x00O\x00M\x00 \x00C\x00L\x00I\x00P\x00 \x00N\x00A\x00M\x00E\x00:\x00 \x00a\x00\n\x00", true, EDL},
		"film.mov":   {"\x00\x00\x00\x14ftypqt  ", false, ""},
		"notes":      {"dear diary", false, ""},
		"page.html":  {"<html><title>x</title></html>", false, ""},
		"other.json": {`{"a":1}`, false, ""},
		"empty":      {"", false, ""},
	} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := Is(file); got != c.is {
			t.Errorf("%s is a timeline: %v", name, got)
		}
		if !c.is {
			continue
		}
		if p, err := Read(file); err != nil || p.Format != c.kind {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	for name, is := range map[string]bool{
		"testdata/synthetic/bundle.fcpxmld": true, "testdata/synthetic/bundle.otiod": true, "testdata/synthetic": false, "testdata/none": false,
	} {
		if Is(name) != is {
			t.Errorf("%s is a timeline: %v", name, !is)
		}
	}
}

func TestOnlyEditListsHaveSpans(t *testing.T) {
	t.Parallel()
	rate := jobfile.Rational{Num: 25, Den: 1}
	p, err := readEDL("f", []byte("001 A001 V C 01:00:10:00 01:00:20:12 00:00:00:00 00:00:10:12\n002 B001 V C 02:00:00:00 02:00:10:00 00:00:10:12 00:00:20:12\nM2 B001 012.5 02:00:00:00\n"))
	if err != nil {
		t.Fatal(err)
	}
	// What M2 slows down is believed for its first frame alone.
	if got := p.Spans(rate); len(got) != 2 || got[0] != (Span{90250, 90512}) || got[1] != (Span{180000, 180001}) {
		t.Errorf("%v", got)
	}
	if got := (&Project{}).Spans(rate); got != nil {
		t.Errorf("%v", got)
	}
}
