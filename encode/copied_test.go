package encode

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

// What the queuer is told of copied sound is what the join would find.
func TestSoundThatIsCopiedIsTriedFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, codecs := range []string{"pcm_s16le", "pcm_alaw", "aac+pcm_alaw", "pcm_alaw+aac", "flac", "adpcm_ms", "wmav2"} {
		src := filepath.Join(dir, codecs+".mkv")
		in, out := "", " -map 0:v -c:v mjpeg"
		for i, codec := range strings.Split(codecs, "+") {
			in += " -f lavfi -i sine=duration=1"
			out += fmt.Sprintf(" -map %d:a -c:a:%d %s", i+1, i, codec)
		}
		ff(t, "-f lavfi -i testsrc2=size=160x120:rate=25:duration=1"+in+out, src)
	}
	const encoded = "use a preset that encodes the sound"
	for _, c := range []struct{ codecs, recipe, reason, next string }{
		{"pcm_s16le", "mjpeg", "", ""},
		{"pcm_alaw", "x264", "a proxy in .mp4 does not take this source's sound as it is (pcm_alaw), which the preset asks for", encoded + ", or ext: .mkv"},
		{"pcm_alaw", "mkv", "", ""},
		{"aac+pcm_alaw", "x264", "a proxy in .mp4 does not take this source's sound as it is (aac, pcm_alaw), which the preset asks for", encoded + ", or ext: .mkv"},
		{"pcm_alaw+aac", "x264", "a proxy in .mp4 does not take this source's sound as it is (aac, pcm_alaw), which the preset asks for", encoded + ", or ext: .mkv"},
		{"pcm_alaw+aac", "mjpeg", "", ""},
		{"flac", "mjpeg", "a proxy in .mov does not take this source's sound as it is (flac), which the preset asks for", encoded + ", or ext: .mkv"},
		{"flac", "x264", "", ""},
		{"adpcm_ms", "mkv", "this source's sound cannot be copied (adpcm_ms), which the preset asks for", encoded},
		{"wmav2", "mkv", "a proxy in .mkv does not take this source's sound as it is (wmav2), which the preset asks for", encoded},
	} {
		t.Run(c.codecs+" in "+c.recipe, func(t *testing.T) {
			t.Parallel()
			src, r := filepath.Join(dir, c.codecs+".mkv"), recipe(c.recipe)
			r.Sound = jobfile.SoundRecipe{Encoder: "copy"}
			j, p := newJob(t, src, r, 0)
			read, err := tools(t).TakesSound(t.Context(), src, &p.Media, &r, time.Minute)
			var f *jobfile.Fault
			switch {
			case c.reason == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.reason != "" && (!errors.As(err, &f) || f.Kind != jobfile.FaultJob || f.Reason != c.reason || f.Next != c.next):
				t.Errorf("%v", err)
			}
			if read == 0 {
				t.Error("nothing was read")
			}
			if _, _, err := proxy(t, j, src, t.TempDir()); (err == nil) != (c.reason == "") {
				t.Errorf("the proxy itself: %v", err)
			}
		})
	}
}

// Sound may begin late, and nobody waits for ever until it does.
func TestSoundThatBeginsLate(t *testing.T) {
	t.Parallel()
	src := filepath.Join(t.TempDir(), "a.mkv")
	ff(t, "-f lavfi -i testsrc2=size=160x120:rate=25:duration=12 -itsoffset 10 -f lavfi -i sine=duration=1 -map 0:v -map 1:a -c:v mjpeg -c:a pcm_alaw", src)
	r := recipe("x264")
	r.Sound = jobfile.SoundRecipe{Encoder: "copy"}
	_, p := newJob(t, src, r, 0)
	if _, err := tools(t).TakesSound(t.Context(), src, &p.Media, &r, time.Minute); err == nil {
		t.Error("A-law goes into .mp4")
	}
	if _, err := tools(t).TakesSound(t.Context(), src, &p.Media, &r, time.Nanosecond); err != nil {
		t.Errorf("without patience: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := tools(t).TakesSound(ended, src, &p.Media, &r, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever asked has gone: %v", err)
	}
}

// A source that fails is not said to be refused by the container.
func TestSoundThatCannotBeReadIsTheSources(t *testing.T) {
	t.Parallel()
	src := filepath.Join(t.TempDir(), "a.mov")
	put(t, src, []byte("no clip"))
	r := recipe("mjpeg")
	r.Sound = jobfile.SoundRecipe{Encoder: "copy"}
	_, err := tools(t).TakesSound(t.Context(), src, &jobfile.Media{Sound: []jobfile.SoundStream{{Index: 1, Codec: "aac"}}}, &r, time.Minute)
	var f *jobfile.Fault
	if !errors.As(err, &f) || f.Kind != jobfile.FaultSource {
		t.Errorf("%v", err)
	}
}

// What is left out of the proxy does not matter for its container.
func TestOnlyChosenSoundIsAskedFor(t *testing.T) {
	j := &jobfile.Job{Recipe: jobfile.Recipe{Sound: jobfile.SoundRecipe{Encoder: "copy", Tracks: []int{2}}}}
	j.Media.Sound = []jobfile.SoundStream{{Codec: "opus"}, {Codec: "pcm_s16le"}}
	if got := soundCodecs(j); len(got) != 1 || got[0] != "pcm_s16le" {
		t.Errorf("%q", got)
	}
}

// A header that is refused says why before; one that the disk refused says it itself.
func TestWhyAHeaderIsNotWritten(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{
			"[mov @ 0x1] [error] opus only supported in MP4.",
			"[error] Could not write header for output file #0 (incorrect codec parameters ?): Invalid argument",
			"[error] Error initializing output stream 0:0 -- ",
		}, "opus only supported in MP4."},
		{[]string{
			"[warning] Guessed Channel Layout for Input Stream #0.2 : mono",
			"[error] Could not write header for output file #0 (incorrect codec parameters ?): No space left on device",
			"[error] Error initializing output stream 0:0 -- ",
		}, "Could not write header for output file #0 (incorrect codec parameters ?): No space left on device"},
	} {
		if got := lastMeaningful(c.lines); got != c.want {
			t.Errorf("%q", got)
		}
	}
}

// A program that crashes or hangs says nothing of a container.
func TestWhatSaysNothingOfSoundIsNotRefused(t *testing.T) {
	refusal := &jobfile.Fault{Kind: jobfile.FaultJob, Reason: "no"}
	full := &exitError{prog: "ffmpeg", code: 1, tail: []string{"[error] Could not write header for output file #0 (incorrect codec parameters ?): No space left on device"}}
	var f *jobfile.Fault
	for err, want := range map[error]bool{
		&exitError{prog: "ffmpeg", code: 1, tail: []string{"[error] opus only supported in MP4."}}:                      true,
		&exitError{prog: "ffmpeg", code: 1, tail: []string{"[error] Could not write header (?): Invalid argument"}}:     true,
		&exitError{prog: "ffmpeg", code: 1, tail: []string{"[error] something else"}}:                                   false,
		&exitError{prog: "ffmpeg", stalled: time.Minute, tail: []string{"[error] Could not write header (?): Invalid"}}: false,
	} {
		if got := untaken(err, "file:a", refusal); (got != nil) != want || want && !errors.Is(got, refusal) {
			t.Errorf("%v: %v", err, got)
		}
	}
	if err := untaken(full, "file:a", refusal); !errors.As(err, &f) || f.Kind != jobfile.FaultMachine {
		t.Errorf("a full disk: %v", err)
	}
}
