//go:build e2e

package encode

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"proxima/jobfile"
)

// Whoever looks at a proxy of a camera that was held on its side sees words and watermark as on
// one that stood: at the same places, upright. And chunks are what one run would have made.
func TestDressOfTurnedPicturesStandsUpright(t *testing.T) {
	for _, c := range []struct {
		recipe string
		angles []int // by which the display matrix turns the coded picture, clockwise
	}{{"dnxhr", []int{90, 180, 270}}, {"x264", []int{90}}} {
		t.Run(c.recipe, func(t *testing.T) {
			t.Parallel()
			dress := dressed(c.recipe)
			dress.Video.MaxHeight = 0
			bare := dress
			bare.Video.BurnIn, bare.Video.Watermark = nil, nil
			standing := grey(t, "288x384")
			want, without := made(t, standing, dress, 0), made(t, standing, bare, 0)
			for _, angle := range c.angles {
				size := "384x288"
				if angle == 180 {
					size = "288x384"
				}
				src := grey(t, size)
				turn(t, src, angle)
				chunked := made(t, src, dress, 700*time.Millisecond)
				for _, frame := range []string{"3", "30", "48"} {
					a, b, plain := shown(t, chunked, frame), shown(t, want, frame), shown(t, without, frame)
					// What turning costs is little: smoothed colours, marks on even places.
					if off, worn := apart(a, b), apart(b, plain); worn < 4 || off > worn/8 {
						t.Errorf("turned by %d, frame %s is %.2f off what it is upright; the dress itself makes %.2f", angle, frame, off, worn)
					}
				}
				if c.recipe != "dnxhr" { // x264's rate control knows what came before
					continue
				}
				j, _ := newJob(t, src, dress, 0)
				if got := quarter(j.Media.Video.Rotation); got != angle/90 {
					t.Fatalf("turned by %d, read as %d quarters", angle, got)
				}
				one := filepath.Join(t.TempDir(), "one.mov")
				reference(t, j, src, one)
				if a, b := hashes(t, chunked), hashes(t, one); a != b || a == "" {
					t.Errorf("turned by %d: %s", angle, firstDiff(a, b))
				}
			}
		})
	}
}

// grey makes two seconds of nothing, with a timecode: what can be seen is what it wears.
func grey(t *testing.T, size string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "clip.mov")
	ff(t, "-f lavfi -i color=0x606060:size="+size+":rate=25:duration=2 -c:v libx264 -preset ultrafast -g 12 -timecode 10:00:00:00", file)
	return file
}

// made is the proxy of a source; chunk 0 makes it in one piece.
func made(t *testing.T, src string, r jobfile.Recipe, chunk time.Duration) string {
	t.Helper()
	j, _ := newJob(t, src, r, chunk)
	if n := len(j.Plan.VideoUnits()); chunk > 0 && n < 3 {
		t.Fatalf("%d chunks", n)
	}
	f, _, err := proxy(t, j, src, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return f.Path
}

// Interlaced pictures wear the same in chunks as in one run, and keep their fields.
func TestDressedInterlacedEqualsUninterrupted(t *testing.T) {
	for _, c := range []struct{ name, make string }{
		{"upper field first", "-vf tinterlace=interleave_top,fieldorder=tff -flags +ildct+ilme -x264-params tff=1"},
		{"lower field first", "-vf tinterlace=interleave_bottom,fieldorder=bff -flags +ildct+ilme -x264-params bff=1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			src := filepath.Join(dir, "a.mov")
			ff(t, "-f lavfi -i testsrc2=size=320x240:rate=50:duration=2 "+c.make+" -c:v libx264 -preset ultrafast -g 12 -timecode 10:00:00:00", src)
			j, _ := newJob(t, src, dressed("dnxhr"), 700*time.Millisecond)
			if n := len(j.Plan.VideoUnits()); n < 3 || j.Media.Video.FieldOrder == "" || j.Media.Video.FieldOrder == "progressive" {
				t.Fatalf("%d chunks, fields %q", n, j.Media.Video.FieldOrder)
			}
			f, _, err := proxy(t, j, src, dir)
			if err != nil {
				t.Fatal(err)
			}
			want := filepath.Join(dir, "want.mov")
			reference(t, j, src, want)
			if a, b := hashes(t, f.Path), hashes(t, want); a != b || a == "" {
				t.Error("pictures:", firstDiff(a, b))
			}
		})
	}
}

// turn gives a QuickTime file a display matrix that turns its picture clockwise. It is written
// by hand: ffmpeg's option for it has changed its name.
func turn(t *testing.T, file string, angle int) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	one := uint32(1 << 16)
	matrix := map[int][4]uint32{90: {0, one, -one, 0}, 180: {-one, 0, 0, -one}, 270: {0, -one, one, 0}}[angle]
	at := bytes.Index(data, []byte("tkhd"))
	if at < 0 {
		t.Fatal("no track")
	}
	at += 4 + 40 // the box's name, and what comes before its matrix
	for i, v := range []uint32{matrix[0], matrix[1], 0, matrix[2], matrix[3]} {
		binary.BigEndian.PutUint32(data[at+4*i:], v)
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// shown is a frame as a player shows it, in grey.
func shown(t *testing.T, path, frame string) []byte {
	t.Helper()
	return []byte(sh(t, "ffmpeg", "-nostdin", "-v", "error", "-i", path, "-vf", `select=eq(n\,`+frame+`)`, "-frames:v", "1", "-pix_fmt", "gray", "-f", "rawvideo", "-"))
}

// apart is the root of the mean square of what two pictures differ by.
func apart(a, b []byte) float64 {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(a)))
}
