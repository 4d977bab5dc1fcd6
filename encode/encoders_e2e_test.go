//go:build e2e

package encode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// CineForm's pictures are equal to those of an uninterrupted run; AV1's are as many, at their
// times. Both are stitched and verified as any other.
func TestCineFormAndAV1(t *testing.T) {
	for _, name := range []string{"cineform", "av1"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			src := clip4s(t, dir)
			r := recipe(name)
			r.Flags = []string{"faststart"}
			j, _ := newJob(t, src, r, time.Second)
			if n := len(j.Plan.VideoUnits()); n < 3 {
				t.Fatalf("%d chunks", n)
			}
			f, _, err := proxy(t, j, src, dir)
			if err != nil {
				t.Fatal(err)
			}
			if f.Frames != 75 || f.Timecode != "10:00:00:00" {
				t.Errorf("%d frames, timecode %s", f.Frames, f.Timecode)
			}
			if got := len(strings.Fields(pictures(t, f.Path, false))); got != 75 {
				t.Errorf("%d frames decode", got)
			}
			if name == "cineform" {
				want := filepath.Join(dir, "want.mov")
				reference(t, j, src, want)
				if a, b := hashes(t, f.Path), hashes(t, want); a != b {
					t.Error("pictures:", firstDiff(a, b))
				}
			}
			if head, err := os.ReadFile(f.Path); err != nil || strings.Index(string(head), "moov") > strings.Index(string(head), "mdat") {
				t.Errorf("the index is not first: %v", err)
			}
		})
	}
}
