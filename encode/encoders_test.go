package encode

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

func TestEncoderArgs(t *testing.T) {
	for _, c := range []struct {
		r    jobfile.VideoRecipe
		want string
	}{
		{jobfile.VideoRecipe{Encoder: "libx264", PixelFormat: "yuv420p", CRF: intp(20), Speed: "slow"}, "-c:v libx264 -pix_fmt yuv420p -crf 20 -preset slow -threads 2"},
		{jobfile.VideoRecipe{Encoder: "libx265", PixelFormat: "yuv420p", CRF: intp(20), Args: []string{"-x265-params", "bframes=2"}}, "-c:v libx265 -pix_fmt yuv420p -crf 20 -x265-params info=0:log-level=error:pools=2:bframes=2 -threads 2"},
		{jobfile.VideoRecipe{Encoder: "libsvtav1", PixelFormat: "yuv420p", CRF: intp(35), Speed: "8", Args: []string{"-svtav1-params", "scd=0"}}, "-c:v libsvtav1 -pix_fmt yuv420p -crf 35 -preset 8 -svtav1-params lp=2:scd=0 -threads 2"},
		{jobfile.VideoRecipe{Encoder: "h264_nvenc", PixelFormat: "yuv420p", CRF: intp(23), Speed: "p5"}, "-c:v h264_nvenc -pix_fmt yuv420p -rc vbr -cq 23 -b:v 0 -preset p5 -bf 0 -threads 2"},
		{jobfile.VideoRecipe{Encoder: "hevc_qsv", PixelFormat: "nv12", CRF: intp(23), Tag: "hvc1"}, "-c:v hevc_qsv -pix_fmt nv12 -global_quality 23 -tag:v hvc1 -bf 0 -threads 2"},
		{jobfile.VideoRecipe{Encoder: "h264_amf", PixelFormat: "yuv420p", CRF: intp(23), Speed: "balanced"}, "-c:v h264_amf -pix_fmt yuv420p -rc cqp -qp_i 23 -qp_p 23 -quality balanced -bf 0 -threads 2"},
		{jobfile.VideoRecipe{Encoder: "hevc_videotoolbox", PixelFormat: "yuv420p", QScale: intp(60), Args: []string{"-bf", "2"}}, "-c:v hevc_videotoolbox -pix_fmt yuv420p -q:v 60 -bf 2 -threads 2"},
		{jobfile.VideoRecipe{Encoder: "prores_aw", Profile: "hq", PixelFormat: "yuv422p10le"}, "-c:v prores_aw -profile:v 3 -pix_fmt yuv422p10le -threads 2"},
		{jobfile.VideoRecipe{Encoder: "prores_aw", Profile: "4444xq", PixelFormat: "yuv444p10le"}, "-c:v prores_aw -profile:v 5 -pix_fmt yuv444p10le -threads 2"},
		{jobfile.VideoRecipe{Encoder: "prores_ks", Profile: "hq", PixelFormat: "yuv422p10le"}, "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le -threads 2"},
		{jobfile.VideoRecipe{Encoder: "prores_videotoolbox", Profile: "proxy", PixelFormat: "p210le"}, "-c:v prores_videotoolbox -profile:v proxy -pix_fmt p210le -threads 2"},
	} {
		if got := strings.Join(encoderArgs(&c.r, 2), " "); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func clip4s(t *testing.T, dir string) string {
	t.Helper()
	src := filepath.Join(dir, "a.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=3 -f lavfi -i sine=d=3 -f lavfi -i sine=f=880:d=3 -map 0 -map 1 -map 2 -ac 1 -c:v libx264 -preset ultrafast -g 20 -bf 2 -c:a pcm_s16le -timecode 10:00:00:00", src)
	return src
}

// ffmpeg would wait for ever.
func TestAV1InMovIsRefused(t *testing.T) {
	r := recipe("av1")
	r.Container, r.Ext = "mov", ".mov"
	var f *jobfile.Fault
	if err := tools(t).CanEncode(t.Context(), &r); !errors.As(err, &f) || f.Kind != jobfile.FaultJob {
		t.Error(err)
	}
}

func TestChosenTracks(t *testing.T) {
	dir := t.TempDir()
	src := clip4s(t, dir)
	for _, c := range []struct {
		tracks []int
		sound  int
		warned bool
	}{{[]int{2}, 1, false}, {[]int{2, 7}, 1, true}, {[]int{7}, 0, true}} {
		r := recipe("mjpeg")
		r.Sound.Tracks = c.tracks
		j, p := newJob(t, src, r, time.Second)
		j.Plan.Units = jobfile.PlanUnits(&j.Media, &j.Recipe, p.FirstPTS, []int64{j.Plan.VideoUnits()[1].Range.Start}, 75)
		out := filepath.Join(dir, strings.Repeat("x", c.sound+len(c.tracks)+c.tracks[0]))
		if err := os.Mkdir(out, 0o700); err != nil {
			t.Fatal(err)
		}
		st, f, warnings, err := proxyParts(t, j, src, out)
		if err != nil {
			t.Fatal(c.tracks, err)
		}
		got := 0
		if st.Sound != nil {
			got = len(st.Sound.Part.Streams)
		}
		warned := slices.ContainsFunc(warnings, func(w string) bool { return strings.Contains(w, "sound track 7") })
		if got != c.sound || warned != c.warned {
			t.Errorf("tracks %v: %d streams, warnings %q", c.tracks, got, warnings)
		}
		if c.sound == 1 {
			a, _ := sounds(t, f.Path)
			if b := sh(t, "ffmpeg", "-nostdin", "-v", "error", "-i", src, "-map", "0:a:1", "-f", "streamhash", "-hash", "md5", "-"); a != b {
				t.Errorf("tracks %v: another stream", c.tracks)
			}
		}
	}
}

// Whatever chip a recipe asks for: where there is none, the unit is made all the same.
func TestDecodingInHardwareFallsBack(t *testing.T) {
	dir := t.TempDir()
	src := clip4s(t, dir)
	for _, how := range []string{"cuda", "auto"} {
		r := recipe("mjpeg")
		r.HWAccel = how
		j, _ := newJob(t, src, r, 0)
		out := filepath.Join(dir, how)
		if err := os.Mkdir(out, 0o700); err != nil {
			t.Fatal(err)
		}
		f, warnings, err := proxy(t, j, src, out)
		if err != nil {
			t.Fatal(how, err)
		}
		t.Log(how, warnings)
		want := filepath.Join(out, "want.mov")
		j.Recipe.HWAccel = ""
		reference(t, j, src, want)
		if a, b := hashes(t, f.Path), hashes(t, want); a != b {
			t.Error("pictures:", firstDiff(a, b))
		}
	}
}
