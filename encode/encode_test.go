package encode

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestChunkedEqualsUninterrupted(t *testing.T) {
	for _, c := range []struct{ name, file, make, recipe string }{
		{"open GOP", "a.mp4", "-f lavfi -i testsrc2=size=320x240:rate=25:duration=6 -f lavfi -i sine=duration=6 -c:v libx264 -preset ultrafast -x264-params open-gop=1:keyint=25:bframes=2 -c:a aac", "dnxhr"},
		{"transport stream, odd name", "%03d 'q\" -x:\n🎬.ts", "-f lavfi -i testsrc2=size=320x240:rate=25:duration=6 -c:v libx264 -preset ultrafast -g 25 -output_ts_offset 3600", "mjpeg"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			src := filepath.Join(dir, c.file)
			ff(t, c.make, "file:"+src)
			j, _ := newJob(t, src, recipe(c.recipe), 2*time.Second)
			if n := len(j.Plan.VideoUnits()); n < 3 {
				t.Fatalf("%d chunks", n)
			}
			if _, _, err := proxy(t, j, src, dir); err != nil {
				t.Fatal(err)
			}
			want := filepath.Join(dir, "want.mov")
			uninterrupted(t, j, "file:"+src, want)
			got := filepath.Join(dir, ".target")
			if a, b := pictures(t, got, true), pictures(t, want, true); a != b {
				t.Error("pictures:", firstDiff(a, b))
			}
			if a, _ := sounds(t, got); len(j.Media.Sound) > 0 {
				if b, _ := sounds(t, want); a != b {
					t.Error("sounds:", firstDiff(a, b))
				}
			}
		})
	}
}

func TestNotVideo(t *testing.T) {
	for name, text := range map[string]string{"empty.mp4": "", "notes.txt": "a line of text\nand another\n"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := tools(t).Probe(t.Context(), path)
		if _, ok := err.(*NotVideo); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A recipe for a small picture says nothing about the encoder: no machine may be ruled out
// for it before a source is known.
func TestASmallHeightRulesNoMachineOut(t *testing.T) {
	r := recipe("dnxhr")
	r.Video.MaxHeight = 144
	if err := tools(t).CanEncode(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
}
