package encode

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"proxima/jobfile"
)

// testAsset gives a table that turns colours about, and a striped watermark.
func testAsset(a jobfile.Asset) ([]byte, error) {
	if strings.HasSuffix(a.Name, ".png") {
		img := image.NewNRGBA(image.Rect(0, 0, 200, 100))
		for y := range 100 {
			for x := range 200 {
				img.SetNRGBA(x, y, color.NRGBA{255, uint8(x), uint8(y * 2), uint8(255 * (x / 20 % 2))})
			}
		}
		var b bytes.Buffer
		err := png.Encode(&b, img)
		return b.Bytes(), err
	}
	var b strings.Builder
	b.WriteString("TITLE \"test\"\nLUT_3D_SIZE 5\n")
	for i := range 125 {
		fmt.Fprintf(&b, "%f %f %f\n", float64(i/25)/4, float64(i%5)/4, 1-float64(i/5%5)/4)
	}
	return []byte(b.String()), nil
}

// dressed is a recipe that puts on everything there is.
func dressed(name string) jobfile.Recipe {
	r := recipe(name)
	sum := strings.Repeat("0", 64)
	r.Video.LUT = &jobfile.Asset{Name: "look.cube", SHA256: sum}
	r.Video.BurnIn = &jobfile.BurnIn{Timecode: true, ClipName: true, Text: `%{n} 'it\'s: [in]`}
	r.Video.Watermark = &jobfile.Watermark{Image: jobfile.Asset{Name: "logo.png", SHA256: sum}, Position: "bottom right", Opacity: 60}
	return r
}

// reference makes a job's picture the plain way, in one run with no seek, no cut and no joining.
func reference(t *testing.T, j *jobfile.Job, source, out string) {
	t.Helper()
	c := *j
	c.Media.Sound = nil
	u := jobfile.Planned{ID: jobfile.UnitWhole, Range: &jobfile.Range{Start: j.Plan.FirstPTS}}
	d, err := dress(t.TempDir(), &c, testAsset)
	if err != nil {
		t.Fatal(err)
	}
	sh(t, "ffmpeg", unitArgs(&Task{Job: &c, Unit: u, Threads: 1, dress: d, lastTicks: frameTicks(&c.Media.Video)}, seek{}, "file:"+source, "file:"+out, "")...)
}

// hashes are of the decoded pictures alone.
func hashes(t *testing.T, path string) string {
	t.Helper()
	var b strings.Builder
	for _, l := range strings.Split(pictures(t, path, true), "\n") {
		if len(l) > 32 {
			b.WriteString(l[len(l)-32:] + "\n")
		}
	}
	return b.String()
}

// Paths of the dress stand in filters; a temporary folder may be called anything.
func TestDressInAFolderOfAnyName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its names cannot have these characters")
	}
	dir := filepath.Join(t.TempDir(), `a 'b' "c": d,e;[f]=\g\\ %d%%{h} #é\`)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	r := dressed("dnxhr")
	src := filepath.Join(dir, "a.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=0.4 -c:v mjpeg", "file:"+src)
	j, _ := newJob(t, src, r, 0)
	if _, _, err := proxy(t, j, src, dir); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), "proxima-") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	if err := tools(t).CanEncode(t.Context(), &r); err != nil {
		t.Error(err)
	}
}

func TestFilterPath(t *testing.T) {
	cases := map[string]string{
		"/tmp/a b/look.cube":   "/tmp/a b/look.cube",
		"C:/Users/x/look.cube": `C\\:/Users/x/look.cube`,
		"/a,b;[c]":             `/a\,b\;\[c\]`,
		"/it's":                `/it\\\'s`,
	}
	if runtime.GOOS == "windows" {
		cases[`C:\Users\it's\look.cube`] = `C\\:/Users/it\\\'s/look.cube`
	} else {
		cases[`/a\b`] = `/a\\\\b`
	}
	for in, want := range cases {
		if got := filterPath(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestCheckAsset(t *testing.T) {
	cube := func(text string) error { return CheckAsset(jobfile.Asset{Name: "a.cube"}, []byte(text)) }
	rows := strings.Repeat("0 0.5 1e0\n", 8)
	if err := cube("\ufeff# made by hand\r\nTITLE \"x\"\nDOMAIN_MIN 0 0 0\r\nLUT_3D_SIZE 2\r\n\r\n" + rows); err != nil {
		t.Error(err)
	}
	for text, words := range map[string]string{
		"":                                "LUT_3D_SIZE is missing",
		"LUT_1D_SIZE 2\n0 0 0\n":          "one-dimensional",
		"LUT_3D_SIZE 2\n" + rows[10:]:     "7 colours instead of 8",
		"LUT_3D_SIZE 999\n":               "no size",
		"LUT_3D_SIZE 2\n0 0 x\n" + rows:   "no number",
		"LUT_3D_SIZE 2\n0 0 nan\n" + rows: "no number",
		"rubbish\n":                       "not of a .cube file",
	} {
		var f *jobfile.Fault
		if err := cube(text); !errors.As(err, &f) || f.Kind != jobfile.FaultJob || !strings.Contains(f.Reason, words) {
			t.Errorf("%q: %v", text, err)
		}
	}
	var f *jobfile.Fault
	if err := CheckAsset(jobfile.Asset{Name: "a.png"}, []byte("ffconcat version 1.0\n")); !errors.As(err, &f) || f.Kind != jobfile.FaultJob || !strings.Contains(f.Reason, "no PNG picture") {
		t.Error(err)
	}
}

// A broken file is the job's fault, and no ffmpeg is run for it.
func TestABrokenLUTIsTheJobsFault(t *testing.T) {
	src := filepath.Join(t.TempDir(), "a.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=0.4 -c:v mjpeg", src)
	j, _ := newJob(t, src, dressed("dnxhr"), 0)
	_, err := tools(t).Encode(t.Context(), Task{
		Job: j, Unit: j.Plan.Units[0], Source: src, VideoPath: src + ".part", SoundPath: src + ".sound",
		Asset: func(jobfile.Asset) ([]byte, error) { return []byte("LUT_3D_SIZE 2\n"), nil },
	})
	var f *jobfile.Fault
	if !errors.As(err, &f) || f.Kind != jobfile.FaultJob {
		t.Error(err)
	}
}
