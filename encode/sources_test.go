//go:build e2e

package encode

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"proxima/internal/corpus"
	"proxima/jobfile"
)

const (
	picture4s = "-f lavfi -i testsrc2=size=320x240:rate=25:duration=4 "
	tone4s    = "-f lavfi -i aevalsrc=exprs=0.4*sin(880*t*t):s=48000:d=4 "
	quick     = " -c:v libx264 -preset ultrafast -threads 1 -bf 2 -g 20 "
)

// nasty are small sources, each with one thing that naive cutting or joining gets wrong.
var nasty = []struct {
	name, file, make, recipe string
	corpus                   bool // file is one of the corpus, not made here
	check                    func(t *testing.T, j *jobfile.Job, f *jobfile.Final)
}{
	{
		name: "variable frame rate", file: "a.mp4", recipe: "dnxhr",
		make: "-f lavfi -i testsrc2=size=320x240:rate=60:duration=4 -vf settb=1/90000,select='not(eq(mod(n*n+3*n\\,11)\\,2))',setpts='PTS+200*sin(N*1.7)' -fps_mode vfr -enc_time_base 1/90000" + quick + "-video_track_timescale 90000",
	},
	{
		name: "hours of offset", file: "a.m2ts", recipe: "prores",
		make: picture4s + tone4s + quick + "-c:a ac3 -mpegts_m2ts_mode 1 -output_ts_offset 36000.123 -f mpegts",
	},
	{
		name: "sound is late in a transport stream", file: "a.ts", recipe: "dnxhr",
		make: picture4s + "-itsoffset 0.4 " + tone4s + "-map 0:v -map 1:a" + quick + "-c:a mp2 -f mpegts",
	},
	{
		name: "rotated", file: "rotated-phone.mp4", recipe: "mjpeg", corpus: true,
		check: func(t *testing.T, j *jobfile.Job, f *jobfile.Final) {
			out := sh(t, "ffprobe", "-v", "error", "-show_entries", "stream=width,height:stream_side_data=rotation", "-of", "json", f.Path)
			if d, err := parseProbe([]byte(out)); err != nil || len(d.Streams) == 0 || d.Streams[0].rotation() != j.Media.Video.Rotation || j.Media.Video.Rotation == 0 || d.Streams[0].Width != 320 {
				t.Errorf("rotation %d became %s", j.Media.Video.Rotation, out)
			}
		},
	},
	{
		name: "sound is late, several streams", file: "a.mov", recipe: "dnxhr",
		make: picture4s + "-itsoffset 0.4 " + tone4s + "-f lavfi -i sine=duration=3 -map 0:v -map 1:a -map 2:a -map 1:a" + quick + "-c:a pcm_s24le",
	},
	{
		name: "picture is late", file: "a.mp4", recipe: "x264",
		make: "-itsoffset 0.5 " + picture4s + tone4s + "-map 0:v -map 1:a -fps_mode passthrough" + quick + "-c:a aac",
	},
	{
		name: "drop-frame timecode, reel, date", file: "a.mov", recipe: "prores",
		make: "-f lavfi -i testsrc2=size=320x240:rate=30000/1001:duration=4" + quick + "-timecode 00:59:58;20 -metadata:s:v reel_name=A001C002 -metadata creation_time=2021-03-04T05:06:07Z",
		check: func(t *testing.T, j *jobfile.Job, f *jobfile.Final) {
			tags := sh(t, "ffprobe", "-v", "error", "-show_entries", "stream_tags:format_tags", "-of", "default=nw=1", f.Path)
			for _, want := range []string{"timecode=00:59:58;20", "reel_name=A001C002", "creation_time=2021-03-04T05:06:07", "comment=Proxima proxy, job " + j.ID} {
				if !strings.Contains(tags, want) {
					t.Errorf("no %s in\n%s", want, tags)
				}
			}
		},
	},
	{
		name: "odd size", file: "a.mp4", recipe: "x265", make: "-f lavfi -i testsrc2=size=321x241:rate=25:duration=4,format=yuv444p" + quick,
		check: func(t *testing.T, _ *jobfile.Job, f *jobfile.Final) {
			if s := sh(t, "ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height,sample_aspect_ratio,codec_tag_string", "-of", "csv=p=0", f.Path); strings.TrimSpace(s) != "hvc1,320,240,1:1" {
				t.Error(s)
			}
		},
	},
	{
		name: "full range to limited", file: "a.mp4", recipe: "dnxhr",
		make: picture4s + "-vf scale=out_range=full,format=yuvj420p" + quick + "-color_range pc -color_primaries bt709 -color_trc bt709 -colorspace bt709",
	},
	{
		name: "interlaced", file: "a.mov", recipe: "prores",
		make: "-f lavfi -i testsrc2=size=720x576:rate=50:duration=4,tinterlace=4,fieldorder=tff" + quick + "-flags +ildct+ilme -x264-params tff=1",
	},
	{
		name: "keyframes that are none", file: "a.mkv", recipe: "dnxhr",
		make: picture4s + "-c:v libx264 -preset ultrafast -threads 1 -x264-params intra-refresh=1:keyint=20:bframes=0",
	},
	{
		name: "Matroska", file: "a.mkv", recipe: "mkv",
		make: "-f lavfi -i testsrc2=size=320x240:rate=60000/1001:duration=4 " + tone4s + quick + "-c:a libopus",
	},
	{name: "no timestamps", file: "a.h264", recipe: "dnxhr", make: picture4s + quick},
	{name: "RGB", file: "a.mov", recipe: "dnxhr", make: "-f lavfi -i testsrc2=size=320x240:rate=25:duration=3 -pix_fmt rgb24 -c:v png"},
}

func TestNastySourcesEqualUninterrupted(t *testing.T) {
	for _, c := range nasty {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			src := filepath.Join(dir, c.file)
			if c.corpus {
				if err := corpus.Make(t.Context(), dir, c.file); err != nil {
					t.Fatal(err)
				}
			} else {
				ff(t, c.make, src)
			}
			f := equalsUninterrupted(t, src, recipe(c.recipe), 1500*time.Millisecond)
			if c.check != nil {
				c.check(t, f.job, f.final)
			}
		})
	}
}

// An edit list that hides the frames before a cut made by stream copy.
func TestHiddenFramesStayHidden(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole, src := filepath.Join(dir, "whole.mp4"), filepath.Join(dir, "a.mp4")
	ff(t, picture4s+tone4s+quick+"-c:a aac", whole)
	ff(t, "-ss 0.5 -i "+whole+" -map 0 -c copy", src)
	r := equalsUninterrupted(t, src, recipe("dnxhr"), 1500*time.Millisecond)
	if hidden := r.video[0].Part.Hidden; hidden == 0 {
		t.Error("nothing is hidden in this source")
	}
}

// sinceSound counts the times of pictures from where the sound starts, in milliseconds.
func sinceSound(t *testing.T, list, start string) string {
	t.Helper()
	from, err := strconv.ParseFloat(strings.TrimSpace(start), 64)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, l := range strings.Split(strings.TrimSpace(list), "\n") {
		n, err := strconv.ParseInt(l, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&b, math.Round((float64(n)/705600000-from)*1000))
	}
	return b.String()
}

type ran struct {
	job   *jobfile.Job
	final *jobfile.Final
	video []VideoSource
}

// equalsUninterrupted makes a proxy of src in one piece and in chunks and compares both with
// a plain run of ffmpeg: pictures and times, samples of sound, and where the sound starts.
func equalsUninterrupted(t *testing.T, src string, r jobfile.Recipe, chunk time.Duration) (res ran) {
	t.Helper()
	dir := t.TempDir()
	want := filepath.Join(dir, "want")
	for _, c := range []time.Duration{0, chunk} {
		j, _ := newJob(t, src, r, c)
		sub := filepath.Join(dir, fmt.Sprint(c))
		if err := os.Mkdir(sub, 0o700); err != nil {
			t.Fatal(err)
		}
		st, f, _, err := proxyParts(t, j, src, sub)
		if err != nil {
			t.Fatal(err)
		}
		if c == 0 {
			uninterrupted(t, j, src, want)
		}
		a, b := pictures(t, want, r.Video.IntraOnly), pictures(t, f.Path, r.Video.IntraOnly)
		ah, as := sounds(t, want)
		bh, bs := sounds(t, f.Path)
		if r.Container == "matroska" { // releases of ffmpeg differ in what they let begin before zero
			a, b, as, bs = sinceSound(t, a, as), sinceSound(t, b, bs), "", ""
		}
		if a != b || a == "" {
			t.Errorf("%d units, pictures: %s", len(j.Plan.Units), firstDiff(a, b))
		}
		if ah != bh || as != bs {
			t.Errorf("%d units, sound: %s; starts %q and %q", len(j.Plan.Units), firstDiff(ah, bh), as, bs)
		}
		res = ran{j, f, st.Video}
	}
	if isFormat(res.job.Media.Container, seekable...) && len(res.video) < 2 {
		t.Error("the source was not cut")
	}
	return res
}
