package encode

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/gomonobold"

	"proxima/jobfile"
)

// The timecode that is worked out from a frame's time is the one that ffmpeg itself counts,
// across dropped numbers and midnight.
func TestTimecodeIsFFmpegsOwn(t *testing.T) {
	dir := t.TempDir()
	font := filepath.Join(dir, "font.ttf")
	if err := os.WriteFile(font, gomonobold.TTF, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		rate jobfile.Rational
		tc   string
	}{
		{jobfile.Rational{Num: 30000, Den: 1001}, "00:00:58;20"},
		{jobfile.Rational{Num: 30000, Den: 1001}, "10:09:58;20"},
		{jobfile.Rational{Num: 30000, Den: 1001}, "23:59:58;20"},
		{jobfile.Rational{Num: 60000, Den: 1001}, "01:01:58;50"},
		{jobfile.Rational{Num: 30000, Den: 1001}, "01:01:58:20"},
		{jobfile.Rational{Num: 24000, Den: 1001}, "01:00:00:00"},
		{jobfile.Rational{Num: 25, Den: 1}, "23:59:58:00"},
		{jobfile.Rational{Num: 50, Den: 1}, ""},
	} {
		m := &jobfile.Media{Timecode: c.tc, Video: jobfile.VideoStream{FrameRate: c.rate, TimeBase: jobfile.Rational{Num: c.rate.Den, Den: c.rate.Num}}}
		file := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(file, []byte(timecodeText(m, 0)), 0o600); err != nil {
			t.Fatal(err)
		}
		sum := func(text string) string {
			return sh(t, "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=c=gray:s=160x32:d=3:r="+c.rate.String(),
				"-vf", "drawtext=fontfile="+filterPath(font)+":fontsize=16:fontcolor=white:x=2:y=2:"+text, "-pix_fmt", "gray", "-f", "framemd5", "-")
		}
		tc := c.tc
		if tc == "" {
			tc = "00:00:00:00"
		}
		want := sum("tc24hmax=1:rate=" + c.rate.String() + ":timecode=" + filterPath(tc))
		if got := sum("textfile=" + filterPath(file)); got != want {
			t.Errorf("%s at %s: %s", tc, c.rate, firstDiff(got, want))
		}
	}
}

func TestUsualRate(t *testing.T) {
	for in, want := range map[jobfile.Rational]string{
		{Num: 25, Den: 1}: "25/1", {Num: 2997, Den: 100}: "30000/1001", {Num: 30, Den: 1}: "30/1", {Num: 19001, Den: 317}: "60000/1001",
		{Num: 359100, Den: 12011}: "", {Num: 0, Den: 1}: "",
	} {
		got, ok := usualRate(in)
		if ok != (want != "") || ok && got.String() != want {
			t.Errorf("%s: %s %v", in, got, ok)
		}
	}
}

func TestWordsFit(t *testing.T) {
	b := &jobfile.BurnIn{ClipName: true, Text: "short"}
	l := words(b, strings.Repeat("long", 40)+"_0001.mov", 640, 360)
	if !strings.HasSuffix(l.name, "_0001.mov") || !strings.Contains(l.name, "…") || float64(len([]rune(l.name)))*advance*float64(l.nameSize) > 320 {
		t.Errorf("%+v", l)
	}
	if l := words(&jobfile.BurnIn{}, "a", 640, 360); l != nil {
		t.Errorf("%+v", l)
	}
	for p, want := range map[jobfile.Path]string{{Root: "a", Rel: `b/c\d.mov`}: `c\\d.mov`, {Rel: `C:\x\y.mov`}: "y.mov", {Rel: "/x/y.mov"}: "y.mov"} {
		if got := clipName(p); got != want && !(p.Root == "a" && got == `c\d.mov`) {
			t.Errorf("%+v: %s", p, got)
		}
	}
}
