package encode

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"proxima/jobfile"
)

var findTools = sync.OnceValues(func() (*Tools, error) { return Find(bgContext, "", "") })

// tools returns the installed ffmpeg; these tests are about it, so there is no skipping.
func tools(t testing.TB) *Tools {
	t.Helper()
	tl, err := findTools()
	if err != nil {
		t.Fatalf("these tests need ffmpeg and ffprobe 5.1 or later in PATH: %v", err)
	}
	return tl
}

func intp(n int) *int { return &n }

// recipes under test, by encoder.
func recipe(name string) jobfile.Recipe {
	r := jobfile.Recipe{
		Preset: name, Container: "mov", Ext: ".mov", LogLevel: "warning",
		Sound: jobfile.SoundRecipe{Encoder: "pcm_s16le"},
		Video: jobfile.VideoRecipe{ScaleFlags: "bicubic", MaxHeight: 270, IntraOnly: true},
	}
	v := &r.Video
	switch name {
	case "dnxhr":
		v.Encoder, v.Profile, v.PixelFormat = "dnxhd", "dnxhr_lb", "yuv422p"
	case "prores":
		v.Encoder, v.Profile, v.PixelFormat = "prores_aw", "proxy", "yuv422p10le"
	case "mjpeg":
		v.Encoder, v.PixelFormat, v.QScale = "mjpeg", "yuvj422p", intp(3)
	case "x264":
		v.Encoder, v.PixelFormat, v.CRF, v.Speed, v.IntraOnly = "libx264", "yuv420p", intp(23), "veryfast", false
		r.Container, r.Ext, r.Sound = "mp4", ".mp4", jobfile.SoundRecipe{Encoder: "aac", Bitrate: "128k"}
	case "x265":
		v.Encoder, v.PixelFormat, v.CRF, v.Speed, v.Tag, v.IntraOnly = "libx265", "yuv420p10le", intp(26), "ultrafast", "hvc1", false
		r.Container, r.Ext, r.Sound = "mp4", ".mp4", jobfile.SoundRecipe{Encoder: "aac", Bitrate: "128k"}
	case "mkv":
		v.Encoder, v.PixelFormat, v.CRF, v.Speed, v.IntraOnly = "libx264", "yuv420p", intp(23), "veryfast", false
		r.Container, r.Ext, r.Sound = "matroska", ".mkv", jobfile.SoundRecipe{Encoder: "aac", Bitrate: "128k"}
	case "cineform":
		v.Encoder, v.PixelFormat = "cfhd", "yuv422p10le"
	case "av1":
		v.Encoder, v.PixelFormat, v.CRF, v.Speed, v.IntraOnly = "libsvtav1", "yuv420p", intp(40), "12", false
		r.Container, r.Ext, r.Sound = "mp4", ".mp4", jobfile.SoundRecipe{Encoder: "aac", Bitrate: "128k"}
	default:
		panic(name)
	}
	return r
}

// newJob probes and plans a source; chunk 0 makes it one piece.
func newJob(t testing.TB, path string, r jobfile.Recipe, chunk time.Duration) (*jobfile.Job, *Probed) {
	t.Helper()
	tl := tools(t)
	p, err := tl.Probe(bgContext, path)
	if err != nil {
		t.Fatalf("probe: %v", err)
	}
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var cuts []int64
	if chunk > 0 {
		if cuts, _, err = tl.Cuts(bgContext, path, p, chunk); err != nil {
			t.Fatalf("cuts: %v", err)
		}
	}
	j := &jobfile.Job{
		Format: 1, ID: "50_20261126-101112_clip_k3f9", Source: jobfile.Source{Path: jobfile.Path{Rel: path}, Size: st.Size(), Modified: st.ModTime()},
		Recipe: r, Media: p.Media,
		Plan: jobfile.Plan{FirstPTS: p.FirstPTS, LastPTS: p.LastPTS},
	}
	j.Plan.Units = planUnits(p.FirstPTS, cuts, len(p.Media.Sound) > 0)
	if err := errors.Join(j.Recipe.Validate(), j.Media.Validate()); err != nil {
		t.Fatalf("job: %v", err)
	}
	return j, p
}

func planUnits(first int64, cuts []int64, sound bool) (u []jobfile.Planned) {
	if len(cuts) == 0 {
		u = append(u, jobfile.Planned{ID: jobfile.UnitWhole, Range: &jobfile.Range{Start: first}})
	} else {
		starts := append([]int64{first}, cuts...)
		for i, s := range starts {
			r := &jobfile.Range{Start: s}
			if i+1 < len(starts) {
				r.End = &starts[i+1]
			}
			u = append(u, jobfile.Planned{ID: jobfile.ChunkID(i), Range: r})
		}
		if sound {
			u = append(u, jobfile.Planned{ID: jobfile.UnitSound})
		}
	}
	return append(u, jobfile.Planned{ID: jobfile.UnitStitch})
}

// proxy runs all units of a job and stitches them.
func proxy(t testing.TB, j *jobfile.Job, source, dir string) (*jobfile.Final, []string, error) {
	t.Helper()
	_, f, warnings, err := proxyParts(t, j, source, dir)
	return f, warnings, err
}

// proxyParts is proxy that also tells what was stitched.
func proxyParts(t testing.TB, j *jobfile.Job, source, dir string) (st StitchTask, f *jobfile.Final, warnings []string, err error) {
	t.Helper()
	tl := tools(t)
	st = StitchTask{Job: j, Target: filepath.Join(dir, ".target"), Log: testLog(t)}
	for _, u := range j.Plan.Units {
		if u.ID == jobfile.UnitStitch {
			continue
		}
		task := Task{Job: j, Unit: u, Source: source, VideoPath: filepath.Join(dir, "."+string(u.ID)+"-v"), SoundPath: filepath.Join(dir, "."+string(u.ID)+"-s"), Threads: 1, Log: testLog(t), Asset: testAsset}
		made, err := tl.Encode(bgContext, task)
		if err != nil {
			return st, nil, warnings, fmt.Errorf("unit %s: %w", u.ID, err)
		}
		warnings = append(warnings, made.Warnings...)
		if made.Video != nil {
			st.Video = append(st.Video, VideoSource{task.VideoPath, made.Video})
		}
		if made.Sound != nil {
			st.Sound = &SoundSource{task.SoundPath, made.Sound}
		}
	}
	if f, err = tl.Stitch(bgContext, st); err != nil {
		return st, nil, warnings, fmt.Errorf("stitch: %w", err)
	}
	return st, f, warnings, nil
}

// encodeUnit makes one unit of picture.
func encodeUnit(t *testing.T, tl *Tools, j *jobfile.Job, u jobfile.Planned) *Made {
	t.Helper()
	made, err := tl.Encode(t.Context(), Task{Job: j, Unit: u, Source: j.Source.Path.Rel, VideoPath: filepath.Join(t.TempDir(), "v"), Threads: 1, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

type tlog struct{ t testing.TB }

func (l tlog) Write(p []byte) (int, error) {
	if os.Getenv("ENCODE_TEST_LOG") != "" {
		l.t.Logf("%s", bytes.TrimSpace(p))
	}
	return len(p), nil
}

func testLog(t testing.TB) tlog { return tlog{t} }

// sh runs a program and returns its stdout.
func sh(t testing.TB, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

// ff runs ffmpeg over a line of arguments; words in braces keep their spaces.
func ff(t testing.TB, line string, out string) {
	t.Helper()
	args := append([]string{"-nostdin", "-v", "error", "-y"}, strings.Fields(line)...)
	sh(t, "ffmpeg", append(args, out)...)
}

// uninterrupted makes a proxy the plain way: one run of ffmpeg over the whole source, with no
// seek, no cut and no joining, which is what everything else has to equal.
func uninterrupted(t testing.TB, j *jobfile.Job, source, out string) {
	t.Helper()
	f := pictureFilters(&j.Media.Video, &j.Recipe.Video, &jobfile.Range{}, &worn{}, "")
	_, f, _ = strings.Cut(f, ",") // not the cut
	args := []string{"-nostdin", "-v", "error", "-y", "-noautorotate", "-threads", "1", "-i", source, "-map", fmt.Sprint("0:", j.Media.Video.Index)}
	for _, s := range mustSound(j) {
		args = append(args, "-map", fmt.Sprint("0:", s.Index))
	}
	args = append(args, "-vf", f)
	args = append(args, encoderArgs(&j.Recipe.Video, 1)...)
	// Of the picture alone: release 9 would count the sound in the same units, and round it.
	args = append(args, "-fps_mode", "passthrough", "-enc_time_base:v", j.Media.Video.TimeBase.String(), "-video_track_timescale", fmt.Sprint(timescale(j.Media.Video.TimeBase)),
		"-c:a", j.Recipe.Sound.Encoder)
	if j.Recipe.Sound.Bitrate != "" {
		args = append(args, "-b:a", j.Recipe.Sound.Bitrate)
	}
	sh(t, "ffmpeg", append(args, "-f", j.Recipe.Container, out)...)
}

func mustSound(j *jobfile.Job) []jobfile.SoundStream { s, _ := chosenSound(j); return s }

// finest is a time base that all that are met here go into.
const finest = "1/705600000"

// pictures lists every decoded frame with its time; withHash also its content.
func pictures(t testing.TB, path string, withHash bool) string {
	t.Helper()
	out := sh(t, "ffmpeg", "-nostdin", "-v", "error", "-noautorotate", "-copyts", "-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", finest, "-f", "framehash", "-hash", "md5", "-")
	var b strings.Builder
	for _, l := range strings.Split(out, "\n") {
		f := strings.Split(l, ",")
		if strings.HasPrefix(l, "#") || len(f) < 6 {
			continue
		}
		b.WriteString(strings.TrimSpace(f[2]))
		if withHash {
			b.WriteString(f[5])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// sounds lists each stream's decoded samples, and where it starts.
func sounds(t testing.TB, path string) (hashes, starts string) {
	t.Helper()
	starts = sh(t, "ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "stream=start_time", "-of", "csv=p=0", path)
	if strings.TrimSpace(starts) == "" { // release 9 ends a line of nothing
		return "", ""
	}
	return sh(t, "ffmpeg", "-nostdin", "-v", "error", "-i", path, "-map", "0:a", "-f", "streamhash", "-hash", "md5", "-"), starts
}

// firstDiff shows where two listings part.
func firstDiff(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	n := 0
	first := ""
	for i := range max(len(x), len(y)) {
		var p, q string
		if i < len(x) {
			p = x[i]
		}
		if i < len(y) {
			q = y[i]
		}
		if p != q {
			if n == 0 {
				first = fmt.Sprintf("line %d: %q and %q", i, p, q)
			}
			n++
		}
	}
	return fmt.Sprintf("%d lines and %d, %d differ; %s", len(x), len(y), n, first)
}
