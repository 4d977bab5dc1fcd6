package encode

import (
	"context"
	"regexp"
	"strconv"
)

// reShowInfo reads what the showinfo filter says about the first frame.
var reShowInfo = regexp.MustCompile(`\bn: *0 pts: *(-?[0-9]{1,19}) .*\btype:(\S).* checksum:([0-9A-F]{8})`)

// shownFrame is a decoded frame as showinfo sees it.
type shownFrame struct {
	pts      int64
	intra    bool
	checksum string
}

func parseShowInfo(line string) (f shownFrame, ok bool) {
	m := reShowInfo.FindStringSubmatch(line)
	if m == nil {
		return f, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return shownFrame{n, m[2] == "I", m[3]}, err == nil
}

// honest drops the first way to reach a range where its keyframe turns out not to be one.
// H.264 and HEVC may mark a frame as a place to start that needs some more to become whole
// (intra refresh): all frames come out, at the right times, and the first of them are
// damaged, without a word. Such a frame is no I picture. Neither are frames coded as two
// fields, I and P, so what decides is whether decoding from earlier gives the same frame.
func (t *Tools) honest(ctx context.Context, task Task, tries []seek) ([]seek, error) {
	if c := task.Job.Media.Video.Codec; !tries[0].on || c != "h264" && c != "hevc" && c != "vvc" {
		return tries, nil
	}
	here, ok, err := t.firstShown(ctx, task, tries[0])
	if err != nil || !ok || here.intra && here.pts == task.Unit.Range.Start {
		return tries, err // what is wrong beyond that, the check of the part finds
	}
	earlier, ok, err := t.firstShown(ctx, task, tries[1])
	if err != nil || !ok || earlier == here {
		return tries, err
	}
	return tries[1:], nil
}

// firstShown decodes a range's first frame from s.
func (t *Tools) firstShown(ctx context.Context, task Task, s seek) (f shownFrame, ok bool, err error) {
	url, err := fileURL(task.Source)
	if err != nil {
		return f, false, err
	}
	args := append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "level+info"}, readArgs(url, s, task.Threads)...)
	args = append(args, "-map", "0:"+strconv.Itoa(task.Job.Media.Video.Index), "-an", "-sn", "-dn",
		"-vf", trimFilter(task.Unit.Range)+",showinfo", "-fps_mode", "passthrough", "-frames:v", "1", "-f", "null", "-")
	msgs, err := t.run(ctx, command{prog: t.ffmpeg, args: args, stall: t.patience(task, s)})
	if err != nil {
		return f, false, classify(err, url)
	}
	for _, l := range msgs.tail() {
		if f, ok = parseShowInfo(l); ok {
			return f, true, nil
		}
	}
	return f, false, nil
}
