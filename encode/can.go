package encode

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// CanEncode proves that this machine's ffmpeg can make what a recipe asks for, by making a
// little of it: builds differ in their encoders, and hardware ones may be listed and not
// work. Errors: *jobfile.Fault of FaultMachine (encoder missing or not working here) or
// FaultJob (the recipe itself can't work, as sound its container does not take), or ctx's.
func (t *Tools) CanEncode(ctx context.Context, r *jobfile.Recipe) error {
	dir, err := os.MkdirTemp("", "proxima-try-")
	if err != nil {
		return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "no temporary folder can be made on this machine", Next: "make room on its system disk", Err: err}
	}
	defer os.RemoveAll(dir)
	url, err := fileURL(filepath.Join(dir, "try"+r.Ext))
	if err != nil {
		return err
	}
	_, err = t.run(ctx, command{prog: t.ffmpeg, args: tryArgs(r, url), stall: t.StallAfter, stdout: func([]byte) bool { return true }})
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
	case strings.Contains(text, "not currently supported in container"):
		f.Kind, f.Reason, f.Next = jobfile.FaultJob, "the recipe's container "+r.Container+" does not take what it encodes", "use another preset, or container: mov"
	default:
		f.Reason, f.Next = "the encoder "+encoders+" does not work on this machine", "try the recipe by hand with this machine's ffmpeg"
	}
	return f
}

// tryArgs encode half a second of a test picture and tone, in a size every encoder takes.
func tryArgs(r *jobfile.Recipe, out string) []string {
	v := jobfile.VideoStream{Width: 320, Height: 240, PixelFormat: "yuv420p", TimeBase: jobfile.Rational{Num: 1, Den: 25}, FrameRate: jobfile.Rational{Num: 25, Den: 1}}
	a := []string{
		"-nostdin", "-hide_banner", "-n", "-v", "level+warning", "-nostats", "-progress", "pipe:1",
		"-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=0.5",
	}
	sound := r.Sound.Encoder != "" && r.Sound.Encoder != "copy"
	if sound {
		a = append(a, "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=0.5")
	}
	// Without the recipe's size: it is the encoder that is tried, and some refuse what a small
	// height makes of this picture though they would take a wider source's.
	video := r.Video
	video.MaxHeight = 0
	a = append(a, "-map", "0:v", "-vf", pictureFilters(&v, &video, &jobfile.Range{}))
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
