package encode

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

// What an editor sets for a clip comes out as one plain run of ffmpeg makes it, in chunks too.
func TestFlipAndLevel(t *testing.T) {
	t.Parallel()
	for _, c := range clipCases[:1] {
		t.Run(c.name, func(t *testing.T) { clipCase(t, c) })
	}
}

type clipCaseOf struct {
	name, level, flip, recipe string
	source                    string // how it is made
	filter                    string // of the plain run; the rest is the recipe's
	chunk                     time.Duration
}

const clipSource = "-f lavfi -i testsrc2=size=320x240:rate=25:duration=2 -c:v libx264 -preset ultrafast -g 12 -pix_fmt "

var clipCases = []clipCaseOf{
	{"full levels in an untagged file, flipped both ways, in chunks", "full", "both", "prores", clipSource + "yuv420p", "scale=320:240:flags=bicubic:interl=-1:in_range=full:out_range=limited,format=yuv422p10le,hflip,vflip", time.Second},
	{"flipped sideways", "", "horizontal", "dnxhr", clipSource + "yuv420p", "scale=320:240:flags=bicubic:interl=-1:out_range=limited,format=yuv422p,hflip", 0},
	{"upside down", "", "vertical", "mjpeg", clipSource + "yuv420p", "scale=320:240:flags=bicubic:interl=-1:out_range=full,format=yuvj422p,vflip", 0},
	{"video levels in a file that says full", "video", "", "prores", clipSource + "yuvj420p", "scale=320:240:flags=bicubic:interl=-1:in_range=limited:out_range=limited,format=yuv422p10le", 0},
	{"full levels for x264", "full", "vertical", "x264", clipSource + "yuv420p", "scale=320:240:flags=bicubic:interl=-1:in_range=full:out_range=limited,format=yuv420p,vflip,setparams=range=tv", 0},
}

func clipCase(t *testing.T, c clipCaseOf) {
	t.Parallel()
	dir := t.TempDir()
	src := filepath.Join(dir, "a.mp4")
	ff(t, c.source, src)
	r := recipe(c.recipe)
	r.Video.DataLevel, r.Video.Flip = c.level, c.flip
	r.Sound = jobfile.SoundRecipe{}
	j, _ := newJob(t, src, r, c.chunk)
	if n := len(j.Plan.VideoUnits()); (n > 1) != (c.chunk > 0) {
		t.Fatalf("%d chunks", n)
	}
	f, _, err := proxy(t, j, src, dir)
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, "want"+r.Ext)
	args := []string{"-nostdin", "-v", "error", "-y", "-noautorotate", "-threads", "1", "-i", src, "-vf", c.filter}
	args = append(append(args, encoderArgs(&r.Video, 1)...), "-fps_mode", "passthrough", want)
	sh(t, "ffmpeg", args...)
	hash := func(file string) string {
		return sh(t, "ffmpeg", "-nostdin", "-v", "error", "-noautorotate", "-i", file, "-map", "0:v:0", "-f", "framemd5", "-fps_mode", "passthrough", "-")
	}
	a, b := contents(hash(f.Path)), contents(hash(want))
	if a != b || a == "" {
		t.Error("pictures:", firstDiff(a, b))
	}
	// ProRes knows no other; ffmpeg 7 does not say so.
	if got := strings.TrimSpace(sh(t, "ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=color_range", "-of", "csv=p=0", f.Path)); c.level != "" && got != "tv" && !(c.recipe == "prores" && got == "unknown") {
		t.Errorf("the proxy says that its range is %q", got)
	}
}

// A picture that lies on its side in its file is mirrored as it is shown.
func TestFlipOfATurnedPicture(t *testing.T) {
	for _, c := range []struct {
		rotation int
		flip     string
		want     string
	}{
		{0, "", ""},
		{0, "horizontal", "hflip"},
		{0, "vertical", "vflip"},
		{0, "both", "hflip vflip"},
		{90, "horizontal", "vflip"},
		{-90, "vertical", "hflip"},
		{180, "horizontal", "hflip"},
		{-90, "both", "hflip vflip"},
	} {
		got := strings.Join(flipFilters(&jobfile.VideoStream{Rotation: c.rotation}, &jobfile.VideoRecipe{Flip: c.flip}), " ")
		if got != c.want {
			t.Errorf("turned by %d, flipped %s: %s", c.rotation, c.flip, got)
		}
	}
}

// contents are the last column of a listing of frames.
func contents(listing string) string {
	var out []string
	for _, l := range strings.Split(listing, "\n") {
		if i := strings.LastIndexByte(l, ','); i >= 0 && !strings.HasPrefix(l, "#") {
			out = append(out, strings.TrimSpace(l[i+1:]))
		}
	}
	return strings.Join(out, "\n")
}

// White of full range is white of limited range in the proxy, not whiter.
func TestFullLevelsAreWhite(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	src := filepath.Join(dir, "a.mov")
	ff(t, "-f lavfi -i color=white:size=256x144:rate=25:duration=0.2,format=yuv420p,geq=lum=255:cb=128:cr=128 -c:v libx264 -qp 0", src)
	r := recipe("dnxhr")
	r.Video.DataLevel, r.Sound = "full", jobfile.SoundRecipe{}
	j, _ := newJob(t, src, r, 0)
	f, _, err := proxy(t, j, src, dir)
	if err != nil {
		t.Fatal(err)
	}
	out := sh(t, "ffmpeg", "-nostdin", "-v", "error", "-i", f.Path, "-frames:v", "1", "-pix_fmt", "yuv422p", "-f", "rawvideo", "-")
	if got := int(out[len(out)/4]); got < 233 || got > 237 {
		t.Errorf("white is %d, not 235", got)
	}
}
