package encode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// CanEncode proves that this machine's ffmpeg can make what a recipe asks for, by making a
// second of it: builds differ in their encoders, and hardware ones may be listed and not
// work. Errors: *jobfile.Fault of FaultMachine (encoder missing or not working here) or
// FaultJob (the recipe itself can't work, as sound its container does not take), or ctx's.
func (t *Tools) CanEncode(ctx context.Context, r *jobfile.Recipe) error {
	dir, err := scratchFor("try")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	url, err := fileURL(filepath.Join(dir, "try"+r.Ext))
	if err != nil {
		return err
	}
	if err := containerTakes(r); err != nil {
		return err
	}
	if err := dressable(&r.Video); err != nil {
		return err
	}
	job := tryJob(r)
	d, err := dress(dir, job, standIn)
	if err != nil {
		return err
	}
	_, err = t.run(ctx, command{prog: t.ffmpeg, args: tryArgs(job, d, url), stall: t.StallAfter, stdout: func([]byte) bool { return true }})
	if err == nil || isCtx(err) {
		return err
	}
	var e *exitError
	if !errors.As(err, &e) {
		return classify(err, "")
	}
	text := strings.Join(e.tail, "\n")
	encoders := r.Video.Encoder
	if s := r.Sound.Encoder; s != "" && s != "copy" {
		encoders += " and " + s
		if strings.Contains(text, "Unknown encoder '"+r.Video.Encoder+"'") {
			encoders = r.Video.Encoder
		} else if strings.Contains(text, "Unknown encoder '"+s+"'") {
			encoders = s
		}
	}
	f := &jobfile.Fault{Kind: jobfile.FaultMachine, Err: e}
	switch {
	case strings.Contains(text, "Unknown encoder"):
		f.Reason, f.Next, f.Err = "this machine's ffmpeg lacks the encoder "+encoders, "install a full build of ffmpeg", nil
	case reNoFilter.MatchString(text):
		f.Reason, f.Next, f.Err = "this machine's ffmpeg lacks the filter "+reNoFilter.FindStringSubmatch(text)[1], "install a full build of ffmpeg", nil
	case strings.Contains(text, "not currently supported in container"):
		f.Kind, f.Reason, f.Next = jobfile.FaultJob, "the recipe's container "+r.Container+" does not take what it encodes", "use another preset, or container: mov"
	default:
		f.Reason, f.Next = "the encoder "+encoders+" does not work on this machine", "try the recipe by hand with this machine's ffmpeg"
	}
	return f
}

var reNoFilter = regexp.MustCompile(`No such filter: '([a-z0-9_]{1,40})'`)

// tryJob is a job for a test picture, in a size every encoder takes. The recipe's own size is
// left out: it is the encoder that is tried, and some refuse what a small height makes of this
// picture though they would take a wider source's.
func tryJob(r *jobfile.Recipe) *jobfile.Job {
	j := &jobfile.Job{Recipe: *r, Source: jobfile.Source{Path: jobfile.Path{Rel: "try"}}}
	j.Media.Video = jobfile.VideoStream{Width: 320, Height: 240, PixelFormat: "yuv420p", TimeBase: jobfile.Rational{Num: 1, Den: 25}, FrameRate: jobfile.Rational{Num: 25, Den: 1}}
	j.Recipe.Video.MaxHeight, j.Recipe.Video.MaxWidth, j.Recipe.HWAccel = 0, 0, ""
	return j
}

// standIn is in place of a recipe's files: it is the filters that are tried.
func standIn(a jobfile.Asset) ([]byte, error) {
	if path.Ext(a.Name) == ".png" {
		var b bytes.Buffer
		err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 2, 2)))
		return b.Bytes(), err
	}
	var b strings.Builder
	b.WriteString("LUT_3D_SIZE 2\n")
	for i := range 8 {
		fmt.Fprintln(&b, i&1, i>>1&1, i>>2)
	}
	return []byte(b.String()), nil
}

// tryArgs encode a second of a test picture and tone.
func tryArgs(job *jobfile.Job, d *worn, out string) []string {
	r := &job.Recipe
	a := []string{
		"-nostdin", "-hide_banner", "-n", "-v", "level+warning", "-nostats", "-progress", "pipe:1",
		"-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=1",
	}
	sound := r.Sound.Encoder != "" && r.Sound.Encoder != "copy"
	if sound {
		a = append(a, "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=1")
	}
	a = append(a, "-map", "0:v", "-vf", pictureFilters(&job.Media.Video, &r.Video, &jobfile.Range{}, d, ""))
	a = append(a, encoderArgs(&r.Video, r.Threads)...)
	if sound {
		a = append(a, "-map", "1:a", "-c:a", r.Sound.Encoder)
		if r.Sound.Bitrate != "" {
			a = append(a, "-b:a", r.Sound.Bitrate)
		}
		if r.Sound.SampleRate > 0 {
			a = append(a, "-ar", strconv.Itoa(r.Sound.SampleRate))
		}
	}
	return append(a, "-f", r.Container, out)
}
