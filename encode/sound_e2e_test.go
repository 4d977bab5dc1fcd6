//go:build e2e

package encode

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// Every encoder of sound that a recipe may name reaches the finished file, in each container
// that takes it: the part on the way there is no QuickTime for all of them.
func TestSoundOfEveryEncoderReachesTheFile(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "a.mov")
	ff(t, "-f lavfi -i testsrc2=size=160x120:rate=25:duration=1 -f lavfi -i sine=d=1 -c:v mjpeg -c:a pcm_s16le -timecode 10:00:00:00", src)
	in := map[string][]string{
		"mov":      {"pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "aac", "alac", "ac3", "libmp3lame", "copy"},
		"mp4":      {"aac", "alac", "ac3", "libmp3lame", "libopus", "flac"},
		"matroska": jobfile.SoundEncoders[1:],
	}
	for container, encoders := range in {
		for _, e := range encoders {
			t.Run(container+"/"+e, func(t *testing.T) {
				r := recipe("mjpeg")
				if container == "mp4" {
					r = recipe("x264")
				}
				r.Container, r.Ext, r.Sound = container, jobfile.Containers[container][0], jobfile.SoundRecipe{Encoder: e}
				j, _ := newJob(t, src, r, 0)
				out := t.TempDir()
				f, _, err := proxy(t, j, src, out)
				if err != nil {
					t.Fatal(err)
				}
				want := strings.TrimPrefix(e, "lib")
				if e == "copy" {
					want = "pcm_s16le"
				}
				if want == "mp3lame" {
					want = "mp3"
				}
				got := sh(t, "ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=codec_name", "-of", "default=nw=1:nk=1", f.Path)
				if strings.TrimSpace(got) != want {
					t.Errorf("the file has %q, not %s", got, want)
				}
				_ = os.Remove(f.Path)
			})
		}
	}
	for _, e := range jobfile.SoundEncoders[1:] {
		if !slices.Contains(in["matroska"], e) {
			t.Errorf("%s is not tried", e)
		}
	}
}
