//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"proxima/internal/corpus"
	"proxima/jobfile"
)

// fidelityPresets are small, so that a corpus of forty sources takes minutes; what is tested
// does not depend on the size.
const fidelityPresets = `
dnx:
  {codec: dnxhd, profile: dnxhr_sq, vertical_res: 240, pix_fmt: yuv422p, threads: 1}
pro:
  {codec: prores, profile: proxy, vertical_res: 240, pix_fmt: yuv422p10le, threads: 1}
jpg:
  {codec: mjpeg, qscale: 3, vertical_res: 240, pix_fmt: yuvj422p, threads: 1}
avc:
  {codec: x264, crf: 20, speed: veryfast, vertical_res: 240, pix_fmt: yuv420p, audio_codec: aac, ext: .mp4, threads: 1}
hvc:
  {codec: x265, crf: 20, speed: ultrafast, vertical_res: 240, pix_fmt: yuv420p, tag: hvc1, audio_codec: aac, ext: .mp4, threads: 1}
`

// joins are the sources whose joins are worth a look where pictures lean on each other: what
// the encoder sees of the others is no different.
var joins = []string{"open-gop.mp4", "uneven-gop.mp4", "hevc10-23976.mp4", "vfr-phone.mp4", "avchd-50i.m2ts", "copy-trimmed.mp4"}

var inter = map[string]bool{"avc": true, "hvc": true}

// chunkLength is so short that most keyframes of a source are cut at; the places of cuts
// have nothing to do with an intra codec, so one of them shows all.
func chunkLength(preset string) string {
	if preset == "dnx" || preset == "pro" {
		return "4s"
	}
	return "2s"
}

// The heart of it: what the farm stitched from chunks (as many as some seconds' length and the
// source's keyframes give) decodes to the same frames, at the same times, with the same PCM,
// as one run of ffmpeg over the whole source with the same recipe. Where pictures lean on
// each other, they are as many, as timed and as good.
func TestStitchedEqualsUninterrupted(t *testing.T) {
	dir, err := corpus.Folder()
	if err != nil {
		t.Fatal(err)
	}
	if err := corpus.Make(context.Background(), dir); err != nil {
		t.Fatal(err)
	}
	r := newRoom(t)
	if err := os.WriteFile(filepath.Join(r.farm, "presets", "test.yaml"), []byte(fidelityPresets), 0o644); err != nil {
		t.Fatal(err)
	}
	// All are queued before any is made: cores that one preset's last chunks leave idle have others'.
	presets := []string{"dnx", "pro", "jpg", "avc", "hvc"}
	docs := make([]queueDocument, len(presets))
	for i, preset := range presets {
		sources := []string{dir}
		if inter[preset] {
			sources = nil
			for _, name := range joins {
				sources = append(sources, filepath.Join(dir, name))
			}
		}
		stdout, code, stderr := r.try(append(append([]string{"queue"}, sources...), "--preset", preset, "--output", filepath.Join(r.dir, preset), "--existing", "keep-both", "--chunk-over", "0s", "--chunk-length", chunkLength(preset), "--json")...)
		if code != 0 {
			t.Fatalf("queue exited with %d\n%s", code, stderr)
		}
		if err := json.Unmarshal([]byte(stdout), &docs[i]); err != nil {
			t.Fatal(err)
		}
	}
	r.run("work", "--name", "w", "--until-idle")
	for i, preset := range presets {
		t.Run(preset, func(t *testing.T) {
			r := &room{t: t, dir: r.dir, farm: r.farm}
			want := len(corpus.Sources())
			if inter[preset] {
				want = len(joins)
			}
			made := 0
			for _, c := range docs[i].Clips {
				if c.Status != "make" {
					continue
				}
				made++
				t.Run(filepath.Base(c.Source), func(t *testing.T) {
					t.Parallel()
					compare(t, r, c)
				})
			}
			if made != want {
				t.Errorf("%d of %d sources were queued", made, want)
			}
		})
	}
}

var (
	cut   = regexp.MustCompile(`trim=[^,]*,`)
	shift = regexp.MustCompile(`-bsf:v setts=\S*`)
)

// compare holds one proxy against an uninterrupted run of the command in its log, with what
// cuts and seeks taken out.
func compare(t *testing.T, r *room, c clip) {
	if _, err := os.Stat(c.Output); err != nil {
		_, _, why := r.try("status", c.Job)
		out, _, _ := r.try("status", c.Job)
		t.Fatalf("no proxy: %s%s", out, why)
	}
	store, _, err := jobfile.Open(r.farm)
	if err != nil {
		t.Fatal(err)
	}
	job, err := store.Job(c.Job)
	if err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(t.TempDir(), "whole"+filepath.Ext(c.Output))
	filters, encoder := recipeOfLog(t, filepath.Join(r.farm, "done", c.Job, "log"))
	args := []string{"-noautorotate", "-i", "file:" + c.Source, "-map", fmt.Sprintf("0:%d", job.Media.Video.Index)}
	for _, s := range job.Media.Sound {
		args = append(args, "-map", fmt.Sprintf("0:%d", s.Index))
	}
	args = append(args, "-vf", filters)
	args = append(args, encoder...)
	args = append(args, "-c:a", job.Recipe.Sound.Encoder)
	if job.Recipe.Sound.SampleRate > 0 {
		args = append(args, "-ar", strconv.Itoa(job.Recipe.Sound.SampleRate))
	}
	ffmpeg(t, append(args, "-f", job.Recipe.Container, whole)...)

	streams := streamsOf(t, c.Output)
	if n := strings.Count(streams, "audio"); n != len(job.Media.Sound) {
		t.Fatalf("%d streams of sound, the source has %d", n, len(job.Media.Sound))
	}
	sound := len(job.Media.Sound) > 0
	files := []encoded{{c.Output, 0, sound}, {whole, 0, sound}}
	if c.Preset == "dnx" || inter[c.Preset] { // times do not hang on the intra codec
		files = append(files, encoded{c.Source, job.Media.Video.Index, false})
	}
	all := decode(t, files...)
	gotTimes, gotHashes, gotSound := all[0].times, all[0].hashes, all[0].samples
	wantTimes, wantHashes, wantSound := all[1].times, all[1].hashes, all[1].samples
	sourceTimes := all[len(all)-1].times
	if len(gotTimes) != len(wantTimes) {
		t.Fatalf("%d frames, uninterrupted %d", len(gotTimes), len(wantTimes))
	}
	for i := range gotTimes {
		if math.Abs(gotTimes[i]-wantTimes[i]) > 0.0011 {
			t.Fatalf("frame %d at %f s, uninterrupted at %f s", i, gotTimes[i], wantTimes[i])
		}
		if job.Recipe.Video.IntraOnly && gotHashes[i] != wantHashes[i] {
			t.Fatalf("frame %d is another picture", i)
		}
	}
	if len(sourceTimes) != len(gotTimes) {
		t.Fatalf("%d frames, the source shows %d", len(gotTimes), len(sourceTimes))
	}
	for i := range gotTimes {
		if got, want := gotTimes[i]-gotTimes[0], sourceTimes[i]-sourceTimes[0]; math.Abs(got-want) > 0.0011 {
			t.Fatalf("frame %d comes %f s after the first, in the source %f s", i, got, want)
		}
	}
	if !job.Recipe.Video.IntraOnly {
		if got, want := ssim(t, job, c.Source, c.Output, filters), ssim(t, job, c.Source, whole, filters); got < want-0.002 {
			t.Errorf("SSIM %f, uninterrupted %f", got, want)
		}
	}
	// A lossy encoder's output hangs on where its first block begins; only PCM can be equal.
	if gotSound != wantSound && strings.HasPrefix(job.Recipe.Sound.Encoder, "pcm_") {
		t.Errorf("sound\n%suninterrupted\n%s", gotSound, wantSound)
	}
	if line, want := strings.TrimRight(strings.SplitN(streams, "\n", 2)[0], ","), strings.TrimRight("video,"+job.Media.Timecode, ","); line != want {
		t.Errorf("the first stream is %q, not %q", line, want)
	}
	if c.Name() == "single-keyframe.mp4" && len(c.Chunks) != 1 {
		t.Errorf("%d chunks", len(c.Chunks))
	}
}

func (c clip) Name() string { return filepath.Base(c.Source) }

// recipeOfLog reads the filters and encoder options that the first picture unit ran with.
func recipeOfLog(t *testing.T, dir string) (filters string, encoder []string) {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(dir, "0000.a1.*.log"))
	whole, _ := filepath.Glob(filepath.Join(dir, "whole.a1.*.log"))
	files = append(files, whole...)
	if len(files) == 0 {
		t.Fatal("no log")
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`-vf '?([^' ]*)'? (.*? -video_track_timescale \d+)`).FindStringSubmatch(string(data))
	if m == nil {
		t.Fatalf("no command in the log:\n%s", data)
	}
	return cut.ReplaceAllString(m[1], ""), strings.Fields(shift.ReplaceAllString(strings.ReplaceAll(m[2], "'", ""), ""))
}

// encoded is a file, its stream of picture, and whether its sound is wanted.
type encoded struct {
	file   string
	stream int
	sound  bool
}

// decoded is the time in seconds and the hash of every frame, and a hash of each stream of sound.
type decoded struct {
	times   []float64
	hashes  []string
	samples string
}

// decode decodes files in one run: much of it is the start.
func decode(t *testing.T, files ...encoded) []decoded {
	t.Helper()
	dir := t.TempDir()
	at := func(i int, what string) string { return filepath.Join(dir, fmt.Sprint(i, what)) }
	args := []string{"-copyts"}
	for _, e := range files {
		args = append(args, "-noautorotate", "-i", "file:"+e.file)
	}
	for i, e := range files {
		args = append(args, "-map", fmt.Sprintf("%d:%d", i, e.stream), "-fps_mode", "passthrough", "-enc_time_base", "1/705600000", "-f", "framemd5", at(i, "picture"))
		if e.sound {
			args = append(args, "-map", fmt.Sprint(i, ":a"), "-f", "streamhash", "-hash", "md5", at(i, "sound"))
		}
	}
	ffmpeg(t, args...)
	all := make([]decoded, len(files))
	for i, e := range files {
		if e.sound {
			all[i].samples = readFile(t, at(i, "sound"))
		}
		all[i].times, all[i].hashes = frames(t, readFile(t, at(i, "picture")))
	}
	return all
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// frames reads a framemd5 listing.
func frames(t *testing.T, listing string) (times []float64, hashes []string) {
	t.Helper()
	tb := 0.0
	for _, l := range strings.Split(listing, "\n") {
		if v, ok := strings.CutPrefix(l, "#tb 0: "); ok {
			r, err := jobfile.ParseRational(v)
			if err != nil {
				t.Fatal(err)
			}
			tb = r.Float()
		}
		f := strings.Split(l, ",")
		if strings.HasPrefix(l, "#") || len(f) < 6 {
			continue
		}
		pts, err := strconv.ParseInt(strings.TrimSpace(f[2]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		times, hashes = append(times, float64(pts)*tb), append(hashes, f[5])
	}
	return times, hashes
}

// streamsOf lists kind and timecode of each stream, a line each.
func streamsOf(t *testing.T, file string) string {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "stream=codec_type:stream_tags=timecode", "-of", "csv=p=0", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

var reSSIM = regexp.MustCompile(`All:([0-9.]+)`)

// ssim compares a proxy with its source, frame by frame in order.
func ssim(t *testing.T, job *jobfile.Job, source, proxy, filters string) float64 {
	t.Helper()
	graph := fmt.Sprintf("[0:%d]%s,setpts=N/25/TB[a];[1:v:0]setpts=N/25/TB[b];[a][b]ssim", job.Media.Video.Index, filters)
	out, err := exec.Command("ffmpeg", "-nostdin", "-v", "info", "-nostats", "-noautorotate", "-i", "file:"+source, "-noautorotate", "-i", proxy,
		"-filter_complex", graph, "-fps_mode", "passthrough", "-f", "null", "-").CombinedOutput()
	m := reSSIM.FindSubmatch(out)
	if err != nil || m == nil {
		t.Fatalf("ssim: %v\n%s", err, out)
	}
	v, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
