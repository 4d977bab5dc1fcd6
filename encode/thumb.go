package encode

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"proxima/jobfile"
)

// thumbWidth is how wide a thumbnail is, pixels: enough for a list on a dense screen.
const thumbWidth = 320

// thumbWithin is how long somebody who looks at a page waits for one.
const thumbWithin = 20 * time.Second

// Thumb returns a picture of a film as a small JPEG, taken a third into it: slates and black lie at
// its beginning. It reads no more of the film than that picture, and opens it as it does sources.
func (t *Tools) Thumb(ctx context.Context, path string, seconds float64) ([]byte, error) {
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	dir, err := scratchFor("thumb")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "thumb.jpg")
	args := []string{"-hide_banner", "-nostdin", "-v", "level+error", "-threads", "1"}
	args = append(args, inputOptions()...)
	args = append(args, "-ss", strconv.FormatFloat(max(0, seconds/3), 'f', 3, 64), "-i", url,
		"-map", "0:V:0", "-frames:v", "1", "-an", "-sn", "-dn",
		"-vf", "scale="+strconv.Itoa(thumbWidth)+":-2:flags=bilinear,format=yuvj420p",
		"-c:v", "mjpeg", "-q:v", "5", "-strict", "unofficial", "-f", "image2", "-update", "1", "-y", out)
	ctx, cancel := context.WithTimeout(ctx, thumbWithin)
	defer cancel()
	if _, err := t.run(ctx, command{prog: t.ffmpeg, args: args, stall: t.StallAfter}); err != nil {
		if isCtx(err) {
			return nil, err
		}
		return nil, classify(err, path)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return nil, &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "no picture came out of it", Err: err}
	}
	return data, nil
}
