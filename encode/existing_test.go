package encode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

// standing is what a probe would tell of a file of so many frames.
func standing(frames int64, rate jobfile.Rational, timecode string) *Probed {
	tb := jobfile.Rational{Num: rate.Den, Den: rate.Num}
	last := frames - 1
	return &Probed{
		Media:   jobfile.Media{Timecode: timecode, Video: jobfile.VideoStream{TimeBase: tb, FrameRate: rate, Frames: frames}},
		LastPTS: &last,
	}
}

func TestAProxyFitsByFramesRateAndTimecode(t *testing.T) {
	t.Parallel()
	pal, film, ntsc := jobfile.Rational{Num: 25, Den: 1}, jobfile.Rational{Num: 24, Den: 1}, jobfile.Rational{Num: 24000, Den: 1001}
	undeclared := standing(50, pal, "")
	undeclared.Media.Video.Frames = 0
	noEnd := standing(50, pal, "")
	noEnd.LastPTS = nil
	hidden := standing(50, pal, "") // the container counts one that its edit list hides
	hidden.Media.Video.Frames = 51
	blind := standing(50, pal, "")
	blind.LastPTS, blind.Media.Video.Frames = nil, 0
	phone := standing(50, jobfile.Rational{Num: 12475, Den: 499}, "")
	phone.Media.Video.TimeBase = jobfile.Rational{Num: 1, Den: 25}
	for _, c := range []struct {
		name          string
		proxy, source *Probed
		want          string
	}{
		{"the same", standing(50, pal, "10:00:00:00"), standing(50, pal, "10:00:00:00"), ""},
		{"a frame short", standing(49, pal, ""), standing(50, pal, ""), "it has 49 frames, its source 50"},
		{"a frame too many", standing(51, pal, ""), standing(50, pal, ""), "51 frames"},
		{"another rate", standing(50, film, ""), standing(50, pal, ""), "24/1 frames per second"},
		{"nearly the rate", standing(50, film, ""), standing(50, ntsc, ""), "frames per second"},
		{"an average", phone, standing(50, pal, ""), ""},
		{"another timecode", standing(50, pal, "00:00:00:00"), standing(50, pal, "10:00:00:00"), "begins at 00:00:00:00, its source's at 10:00:00:00"},
		{"none", standing(50, pal, ""), standing(50, pal, "10:00:00:00"), "begins at none"},
		{"zero is none", standing(50, pal, "00:00:00:00"), standing(50, pal, ""), ""},
		{"one that its source has not", standing(50, pal, "01:00:00:00"), standing(50, pal, ""), "its source's at none"},
		{"drop frame by another sign", standing(50, ntsc, "10:00:00.00"), standing(50, ntsc, "10:00:00;00"), ""},
		{"undeclared and short", undeclared, standing(51, pal, ""), "2.000000 s long, its source 2.040000 s"},
		{"undeclared", undeclared, standing(50, pal, ""), ""},
		{"its end is not known", noEnd, standing(50, pal, ""), ""},
		{"its end is not known, and it is short", noEnd, standing(51, pal, ""), "50 frames, its source 51"},
		{"hidden frames", standing(50, pal, ""), hidden, ""},
		{"nothing can be told", blind, standing(50, pal, ""), "cannot be told"},
	} {
		got := unfit(c.proxy, c.source)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatIsNoProxyDoesNotFit(t *testing.T) {
	t.Parallel()
	tl := tools(t)
	dir := t.TempDir()
	whole, short, text := filepath.Join(dir, "a.mov"), filepath.Join(dir, "b.mov"), filepath.Join(dir, "c.mov")
	make1 := func(path, seconds string) {
		sh(t, "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d="+seconds, "-c:v", "mjpeg", "-timecode", "10:00:00:00", path)
	}
	make1(whole, "0.4")
	make1(short, "0.36")
	if err := os.WriteFile(text, []byte("no film"), 0o600); err != nil {
		t.Fatal(err)
	}
	source, err := tl.Probe(t.Context(), whole)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{whole: "", short: "it has 9 frames, its source 10", text: "it is ", dir: "not a regular file"} {
		why, err := tl.Unfit(t.Context(), path, source)
		if err != nil || want == "" && why != "" || !strings.Contains(why, want) {
			t.Errorf("%s: %q, %v", filepath.Base(path), why, err)
		}
	}
}

func TestSizesAreEstimated(t *testing.T) {
	t.Parallel()
	m := &jobfile.Media{
		Video: jobfile.VideoStream{Width: 1920, Height: 1080, FrameRate: jobfile.Rational{Num: 25, Den: 1}},
		Sound: []jobfile.SoundStream{{Channels: 2, SampleRate: 48000}, {Channels: 1, SampleRate: 48000}},
	}
	pcm := jobfile.SoundRecipe{Encoder: "pcm_s16le"}
	for _, c := range []struct {
		name   string
		video  jobfile.VideoRecipe
		sound  jobfile.SoundRecipe
		lo, hi int64 // kilobytes a second
	}{
		{"DNxHR SQ", jobfile.VideoRecipe{Encoder: "dnxhd", Profile: "dnxhr_sq", IntraOnly: true}, jobfile.SoundRecipe{}, 14_500, 15_500},
		{"at 720 lines", jobfile.VideoRecipe{Encoder: "dnxhd", Profile: "dnxhr_sq", MaxHeight: 720, IntraOnly: true}, jobfile.SoundRecipe{}, 6_500, 7_000},
		{"sound", jobfile.VideoRecipe{Encoder: "x", Bitrate: "8M"}, pcm, 1_288, 1_288},
		{"one track", jobfile.VideoRecipe{Encoder: "x", Bitrate: "8000k"}, jobfile.SoundRecipe{Encoder: "pcm_s16le", Tracks: []int{2}}, 1_096, 1_096},
		{"coded sound", jobfile.VideoRecipe{Encoder: "x", Bitrate: "8000000"}, jobfile.SoundRecipe{Encoder: "aac", Bitrate: "192k"}, 1_048, 1_048},
		{"ProRes", jobfile.VideoRecipe{Encoder: "prores_aw", Profile: "proxy"}, jobfile.SoundRecipe{}, 4_000, 6_500},
		{"ProRes HQ", jobfile.VideoRecipe{Encoder: "prores_aw", Profile: "hq"}, jobfile.SoundRecipe{}, 35_000, 37_000},
		{"ProRes HQ by the other", jobfile.VideoRecipe{Encoder: "prores_ks", Profile: "hq"}, jobfile.SoundRecipe{}, 24_000, 26_000},
		{"ProRes by hardware", jobfile.VideoRecipe{Encoder: "prores_videotoolbox", Profile: "proxy"}, jobfile.SoundRecipe{}, 4_000, 6_500},
		{"x264", jobfile.VideoRecipe{Encoder: "libx264", CRF: intp(22)}, jobfile.SoundRecipe{}, 400, 1_000},
		{"x264, half of it", jobfile.VideoRecipe{Encoder: "libx264", CRF: intp(28)}, jobfile.SoundRecipe{}, 200, 500},
	} {
		got := Estimate(m, &jobfile.Recipe{Video: c.video, Sound: c.sound}, 10*time.Second) / 10 / 1000
		if got < c.lo || got > c.hi {
			t.Errorf("%s: %d kB a second, not %d to %d", c.name, got, c.lo, c.hi)
		}
	}
}
