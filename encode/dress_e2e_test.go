//go:build e2e

package encode

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What a picture wears is the same whether it was made in one run or in chunks.
func TestDressedEqualsUninterrupted(t *testing.T) {
	for _, c := range []struct{ name, file, make, recipe string }{
		{"29.97 drop-frame over a minute", "a.mov", "-f lavfi -i testsrc2=size=320x240:rate=30000/1001:duration=4 -c:v libx264 -preset ultrafast -g 15 -bf 2 -timecode 00:59:58;20", "dnxhr"},
		{"HEVC 10 bit without timecode", "a.mp4", "-f lavfi -i testsrc2=size=320x240:rate=25:duration=4 -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=20", "prores"},
		{"variable frame rate", "a.mp4", "-f lavfi -i testsrc2=size=320x240:rate=60:duration=4 -vf settb=1/90000,select='not(eq(mod(n*n+3*n\\,11)\\,4))' -fps_mode vfr -enc_time_base 1/90000 -c:v libx264 -preset ultrafast -g 20 -video_track_timescale 90000", "mjpeg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			src := filepath.Join(dir, c.file)
			ff(t, c.make, src)
			j, _ := newJob(t, src, dressed(c.recipe), 1200*time.Millisecond)
			if n := len(j.Plan.VideoUnits()); n < 3 {
				t.Fatalf("%d chunks", n)
			}
			f, _, err := proxy(t, j, src, dir)
			if err != nil {
				t.Fatal(err)
			}
			want := filepath.Join(dir, "want.mov")
			reference(t, j, src, want)
			a, b := hashes(t, f.Path), hashes(t, want)
			if a != b || a == "" {
				t.Error("pictures:", firstDiff(a, b))
			}
			if keep := os.Getenv("ENCODE_TEST_KEEP"); keep != "" {
				ff(t, "-i "+f.Path+" -vf select=gte(n\\,40) -frames:v 1", filepath.Join(keep, c.recipe+".png"))
			}
		})
	}
}
