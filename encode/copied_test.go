package encode

import (
	"context"
	"errors"
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
	sources := map[string]string{}
	for _, codec := range []string{"pcm_s16le", "flac", "adpcm_ms", "wmav2"} {
		sources[codec] = filepath.Join(dir, codec+".mkv")
		ff(t, "-f lavfi -i testsrc2=size=160x120:rate=25:duration=1 -f lavfi -i sine=duration=1 -c:v mjpeg -c:a "+codec, sources[codec])
	}
	const encoded = "use a preset that encodes the sound"
	for _, c := range []struct{ codec, recipe, next string }{
		{"pcm_s16le", "mjpeg", ""},
		{"pcm_s16le", "x264", encoded + ", or ext: .mkv"},
		{"pcm_s16le", "mkv", ""},
		{"flac", "mjpeg", encoded + ", or ext: .mkv"},
		{"flac", "x264", ""},
		{"adpcm_ms", "mkv", encoded},
		{"wmav2", "mkv", encoded},
	} {
		t.Run(c.codec+" in "+c.recipe, func(t *testing.T) {
			t.Parallel()
			src, r := sources[c.codec], recipe(c.recipe)
			r.Sound = jobfile.SoundRecipe{Encoder: "copy"}
			j, p := newJob(t, src, r, 0)
			read, err := tools(t).TakesSound(t.Context(), src, &p.Media, &r, time.Minute)
			var f *jobfile.Fault
			switch {
			case c.next == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.next != "" && (!errors.As(err, &f) || f.Kind != jobfile.FaultJob || f.Next != c.next || !strings.Contains(f.Reason, "in "+r.Ext+" does not take") || !strings.Contains(f.Reason, "("+c.codec+")")):
				t.Errorf("%v", err)
			}
			if read == 0 {
				t.Error("nothing was read")
			}
			if _, _, err := proxy(t, j, src, t.TempDir()); (err == nil) != (c.next == "") {
				t.Errorf("the proxy itself: %v", err)
			}
		})
	}
}

// Sound may begin late, and nobody waits for ever until it does.
func TestSoundThatBeginsLate(t *testing.T) {
	t.Parallel()
	src := filepath.Join(t.TempDir(), "a.mkv")
	ff(t, "-f lavfi -i testsrc2=size=160x120:rate=25:duration=12 -itsoffset 10 -f lavfi -i sine=duration=1 -map 0:v -map 1:a -c:v mjpeg -c:a pcm_s16le", src)
	r := recipe("x264")
	r.Sound = jobfile.SoundRecipe{Encoder: "copy"}
	_, p := newJob(t, src, r, 0)
	if _, err := tools(t).TakesSound(t.Context(), src, &p.Media, &r, time.Minute); err == nil {
		t.Error("PCM goes into .mp4")
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
