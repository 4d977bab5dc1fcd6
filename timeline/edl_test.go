package timeline

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// told is an event in the shape of the answers.
func (e *edlEvent) told() map[string]any {
	m := map[string]any{
		"event": e.number, "reel": e.reel, "channels": e.channels, "edit": e.edit, "edit_frames": nil,
		"src_in": e.srcIn, "src_out": e.srcOut, "rec_in": e.recIn, "rec_out": e.recOut,
	}
	for k, v := range map[string]string{
		"edit_frames": e.frames, "from_clip_name": e.from, "to_clip_name": e.to,
		"from_path": e.fromPath, "from_is": e.fromIs, "to_is": e.toIs, "reel_full": e.full,
	} {
		if v != "" {
			m[k] = v
		}
	}
	var sources, speeds []any
	for _, s := range e.sources {
		sources = append(sources, s.name)
	}
	for _, s := range e.speeds {
		speeds = append(speeds, map[string]any{"reel": s.reel, "fps": s.fps, "at": s.at})
	}
	if sources != nil {
		m["source_files"] = sources
	}
	if speeds != nil {
		m["m2"] = speeds
	}
	return m
}

func set(s ...string) []string {
	s = slices.DeleteFunc(s, func(x string) bool { return x == "" })
	slices.Sort(s)
	return slices.Compact(s)
}

func TestTheEDLSamplesAreRead(t *testing.T) {
	listSamples(t, EDL, func(t *testing.T, name string, data []byte, want listAnswers) {
		l, err := parseEDL(name, data)
		if err != nil {
			t.Fatal(err)
		}
		p := l.project(name)
		soundProject(t, p)
		tl, wt := p.Timelines[0], want.Timelines[0]
		if tl.Name != wt.Name || tl.Display != wt.Display || !reflect.DeepEqual(tl.DropFrame, wt.Drop) || tl.Rate.Valid() {
			t.Errorf("the timeline is %+v, not %+v", tl, wt)
		}
		if l.highest != *wt.Highest {
			t.Errorf("the highest frame is %d, not %d", l.highest, *wt.Highest)
		}
		if len(l.events) != len(want.Events) {
			t.Fatalf("%d event lines, not %d", len(l.events), len(want.Events))
		}
		var reels, clips, sources, paths []string
		video, m2 := 0, 0
		for i := range l.events {
			e := &l.events[i]
			if got := e.told(); !reflect.DeepEqual(got, want.Events[i]) {
				t.Errorf("line %d is\n%v, not\n%v", e.line, got, want.Events[i])
			}
			if !noReel(e.reel) {
				reels = append(reels, e.reel)
			}
			clips = append(clips, e.from, e.to, e.key)
			paths = append(paths, e.fromPath, e.toPath)
			for _, s := range e.sources {
				if !isNull(s.name) {
					sources = append(sources, s.name)
				}
			}
			if e.video() {
				video++
			}
			m2 += len(e.speeds)
		}
		var wantPaths []string
		for _, p := range want.Paths {
			wantPaths = append(wantPaths, p.Target)
			if got, err := Decode(p.Target, ""); err != nil || got.Path != p.Path {
				t.Errorf("%q is the path %q, not %q", p.Target, got.Path, p.Path)
			}
		}
		for what, c := range map[string][2][]string{
			"reels": {reels, want.Reels}, "clip names": {clips, want.ClipNames},
			"source files": {sources, want.SourceFiles}, "paths": {paths, wantPaths},
		} {
			if got, want := set(c[0]...), set(c[1]...); !slices.Equal(got, want) {
				t.Errorf("the %s are %q, not %q", what, got, want)
			}
		}
		if video != want.VideoLines || m2 != want.M2 {
			t.Errorf("%d lines of video and %d speeds, not %d and %d", video, m2, want.VideoLines, want.M2)
		}
		noneIsLost(t, p, want)
	})
}

// noneIsLost checks that every name of the answer can be searched for: none was left on the way
// from the events to the media.
func noneIsLost(t *testing.T, p *Project, want listAnswers) {
	t.Helper()
	have := map[string]bool{}
	for _, m := range p.Media {
		have[m.Target], have[m.Reel], have[m.Name], have[m.Path] = true, true, true, true
		for _, n := range m.Names {
			have[n] = true
		}
	}
	names := slices.Concat(want.Reels, want.ClipNames, want.SourceFiles)
	for _, p := range want.Paths {
		names = append(names, p.Target, p.Path)
	}
	for _, n := range names {
		// FCP's generator is no medium.
		if !have[n] && n != "TEXT" && n != "SLUG" {
			t.Errorf("%q is in no medium", n)
		}
	}
}

func edlOf(t *testing.T, lines ...string) *Project {
	t.Helper()
	p, err := readEDL("cut.edl", []byte(strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	soundProject(t, p)
	return p
}

const (
	tcs  = " 01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00"
	zero = " 01:00:00:00 01:00:00:00 00:00:00:00 00:00:00:00"
)

func targets(p *Project) []string {
	var s []string
	for _, m := range p.Media {
		s = append(s, m.Reel+"|"+m.Target+"|"+m.Name)
	}
	return s
}

func TestSourcesGoToTheirSideOfATransition(t *testing.T) {
	for _, c := range []struct {
		rule  string
		lines []string
		want  []string
	}{
		{
			"two sources, in order",
			[]string{"001 A001C001 V C" + zero, "001 B002C002 V D 012" + tcs, "* FROM CLIP NAME: one", "* TO CLIP NAME: two", "* SOURCE FILE: first", "* SOURCE FILE: second"},
			[]string{"A001C001|first|one", "B002C002|second|two"},
		},
		{
			"one source, of the reel that it begins with",
			[]string{"001 A001C001 V C" + zero, "001 B002_002 V D 012" + tcs, "* FROM CLIP NAME: one", "* TO CLIP NAME: two", "* SOURCE FILE: b002.002_X"},
			[]string{"A001C001|one|one", "B002_002|b002.002_X|two"},
		},
		{
			"from black",
			[]string{"001 BL V C" + zero, "001 A001 V D 012" + tcs, "* TO CLIP NAME: two", "* SOURCE FILE: second"},
			[]string{"A001|second|two"},
		},
		{
			"from black, which Avid writes as a source",
			[]string{"001 BL V C" + zero, "001 A001 V D 012" + tcs, "* TO CLIP NAME: two", "* SOURCE FILE: (NULL)", "* SOURCE FILE: second"},
			[]string{"A001|second|two"},
		},
		{
			"a clip is known by its name first, and by its file later",
			[]string{"001 A001 V C" + tcs, "* FROM CLIP NAME: one", "002 A001 V C" + tcs, "* FROM CLIP NAME: one", "* SOURCE FILE: first", "003 A001 V C" + tcs, "* FROM CLIP NAME: one"},
			[]string{"A001|first|one"},
		},
		{
			"to black",
			[]string{"001 A001 V C" + zero, "001 BL V D 012" + tcs, "* FROM CLIP NAME: one", "* SOURCE FILE: first"},
			[]string{"A001|first|one"},
		},
		{
			"remarks below each line",
			[]string{"001 A001 V C" + zero, "* FROM CLIP NAME: one", "* SOURCE FILE: first", "001 B001 V W001 012" + tcs, "* TO CLIP NAME: two", "* SOURCE FILE: second"},
			[]string{"A001|first|one", "B001|second|two"},
		},
		{
			"half a transition loses no name",
			[]string{"001 B001 V D 012" + tcs, "* FROM CLIP NAME: one", "* TO CLIP NAME: two"},
			[]string{"|one|one", "B001|two|two"},
		},
		{
			"a key",
			[]string{"001 A001 V K B" + tcs, "001 B001 V K 000" + tcs, "* FROM CLIP NAME: one", "* KEY CLIP NAME: two"},
			[]string{"A001|one|one", "B001|two|two"},
		},
		{
			"a key with lengths",
			[]string{"001 A001 V K B 000" + tcs, "001 B001 V K O 012" + tcs, "* FROM CLIP NAME: one", "* KEY CLIP NAME: two"},
			[]string{"A001|one|one", "B001|two|two"},
		},
		{
			"two files without reels, of which one is not named",
			[]string{"001 AX V C" + zero, "001 AX V D 012" + tcs, "* FROM CLIP NAME: one"},
			[]string{"|one|one"},
		},
		{
			"a fade from black names its clip as the first",
			[]string{"001 BL V C" + zero, "001 A001 V D 012" + tcs, "* FROM CLIP NAME: one"},
			[]string{"A001|one|one"},
		},
		{
			"a source of another tape",
			[]string{"001 A001 A2 C" + tcs, "* SOURCE FILE: (NULL)", ">>> SOURCE ROLL9 ROLL9 060a", "* SOURCE FILE: nine"},
			[]string{"A001|A001|", "ROLL9|nine|"},
		},
		{
			"picture and sound of one number",
			[]string{"001 A001 V C" + tcs, "001 A001 A C" + tcs, "* FROM CLIP NAME: one"},
			[]string{"A001|one|one"},
		},
		{
			"a reel with blanks, and one that was cut short",
			[]string{"001 MY REEL 7 V C" + tcs, "002 VERYLONG V C" + tcs, "* OTIO TRUNCATED REEL NAME FROM: VERYLONGREEL", "*FROM CLIP NAME:x"},
			[]string{"MY REEL 7|MY REEL 7|", "VERYLONGREEL|x|x"},
		},
		{
			"a reel that FCP renamed, told once",
			[]string{"001 006I V C" + tcs, "* FROM CLIP NAME: x", "002 006I V C" + tcs, "* FROM CLIP NAME: x", "FINAL CUT PRO REEL: 006-I REPLACED BY: 006I"},
			[]string{"006-I|x|x"},
		},
		{
			"AX is no reel, and paths are literal",
			[]string{"001 AX V C" + tcs, `* FROM FILE: S:\a%20b\c.mov`, "002 ax V C" + tcs, "* FROM CLIP NAME: c.mov"},
			[]string{`|S:\a%20b\c.mov|`, "|c.mov|c.mov"},
		},
	} {
		if got := targets(edlOf(t, c.lines...)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", c.rule, got, c.want)
		}
	}
}

func TestWhatIsNoMediumIsCounted(t *testing.T) {
	p := edlOf(t, "001 GEN V C"+tcs, "002 AX V C"+tcs, "* FROM CLIP NAME: SLUG", "* FROM CLIP IS A STILL", "003 AX V C"+tcs, "004 BL V C"+tcs,
		"005 AX V C"+tcs, "* FROM CLIP NAME: pack.png", "* FROM CLIP IS A STILL")
	if got := p.Timelines[0].Counts; got != (Counts{Generators: 2, Missing: 1}) {
		t.Errorf("%+v", got)
	}
	if len(p.Media) != 1 || p.Media[0].Kind != Still {
		t.Errorf("%+v", p.Media)
	}
}

func TestChannelsTellPictureAndSound(t *testing.T) {
	for ch, want := range map[string]Use{
		"V": {Video: true}, "V2": {Video: true}, "A": {Audio: true}, "A2": {Audio: true}, "AA/V": {Video: true, Audio: true},
		"B": {Video: true, Audio: true}, "NONE": {}, "AA": {Audio: true}, "A12": {Audio: true},
	} {
		u := edlOf(t, "001 A001 "+ch+" C"+tcs).Timelines[0].Uses[0]
		if u.Video != want.Video || u.Audio != want.Audio {
			t.Errorf("%s: %+v", ch, u)
		}
	}
	if u := edlOf(t, "001 A001 NONE C"+tcs, "AUD   3  4").Timelines[0].Uses[0]; !u.Audio {
		t.Error("AUD tells of no sound")
	}
}

func TestDropFrameOfAnEDL(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		lines []string
		want  *bool
	}{
		{[]string{"001 A V C" + tcs}, nil},
		{[]string{"FCM: NON-DROP FRAME", "001 A V C" + tcs}, &no},
		{[]string{"FCM:DROP FRAME", "001 A V C" + tcs}, &yes},
		{[]string{"FCM: NON-DROP FRAME", "001 A V C 01:00:00:00 01:00:01:00 00:00:00;00 00:00:01;00"}, &yes},
		{[]string{"FCM: NON-DROP FRAME", "001 A V C" + tcs, "FCM: DROP FRAME", "002 A V C" + tcs}, nil},
	} {
		if got := edlOf(t, c.lines...).Timelines[0].DropFrame; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %v", c.lines, got)
		}
	}
}

func TestSpansOfTheSourceAreFramesOnceTheRateIsKnown(t *testing.T) {
	l, err := parseEDL("f", []byte(strings.Join([]string{
		"001 A001 V C 01:00:10:00 01:00:20:12 00:00:00:00 00:00:10:12", "002 A001 V C 01:00:05:00 01:00:06:00 00:00:10:12 00:00:11:12",
		"003 B001 V C 23:59:59:00 00:00:01:00 00:00:11:12 00:00:13:12", "004 C001 V C 01:00:00:24 01:00:01:24 00:00:13:12 00:00:14:12",
		"005 D001 A C 00:00:00:00 00:00:00:00 00:00:14:12 00:00:15:12",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	p := l.project("f")
	got := l.spans(jobfile.Rational{Num: 24, Den: 1})
	want := map[int]Span{0: {86400 + 5*24, 86400 + 20*24 + 12}, 1: {86400*24 - 24, 86400*24 + 24}}
	if len(p.Media) != 4 || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	if len(l.spans(jobfile.Rational{})) != 0 {
		t.Error("there are spans without a rate")
	}
}

func TestManyLinesOfOneEventEndSoon(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("1 A V C"+tcs+"\n", 20_000),
		strings.Repeat("1 A V C"+zero+"\n1 B V D 001"+tcs+"\n* SOURCE FILE: x\n* SOURCE FILE: x\n* SOURCE FILE: y\n", 20_000),
		"1 A V C" + tcs + "\n" + strings.Repeat("* FROM CLIP NAME: x\n* FROM CLIP NAME: y\n", 20_000),
	} {
		p, err := readEDL("f", []byte(text))
		if err != nil || len(p.Media) > 4 {
			t.Errorf("%d media, %v", len(p.Media), err)
		}
	}
	_, err := readEDL("f", []byte("1 A V C"+tcs+"\n"+strings.Repeat("*SOURCE FILE:x\n", 2*maxRows+1)))
	if e := refused(t, err); e.Line == 0 {
		t.Error(err)
	}
}

func TestADamagedEventIsNotPassedOver(t *testing.T) {
	for text, line := range map[string]int{
		"001 A V C" + tcs + "\r002 B V C 01:00:00:00 01:0":            2,
		"001 A V C 01:00:00:00 01:00:00:00 x 01:00:00:00 01:00:00:00": 1,
		"001" + tcs:       1,
		"001 A V Q" + tcs: 1,
		"001 001 V C" + tcs + "\n |C:ResolveColorBlue |M:Marker 1 |D:1": 1,
		"TITLE: nothing\n": 0,
		"":                 0,
		"\x00\x1a\x00":     0,
	} {
		_, err := readEDL("cut.edl", []byte(text))
		if e := refused(t, err); e.Line != line {
			t.Errorf("%q: line %d, not %d: %v", text, e.Line, line, err)
		}
	}
}

func TestAnEDLWithoutATitleHasTheNameOfItsFile(t *testing.T) {
	tl := edlOf(t, "\x00\x1a001 A V C"+tcs+"   ").Timelines[0]
	if tl.Name != "" || tl.Display != "cut" {
		t.Errorf("%q, %q", tl.Name, tl.Display)
	}
}

func FuzzEDL(f *testing.F) { fuzzList(f, "testdata/edl/*", readEDL) }
