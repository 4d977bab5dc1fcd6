package encode

import (
	"fmt"
	"io"
	"os"
	"slices"

	"proxima/jobfile"
)

// maxSourceIndex is the largest index of a source that is read here, bytes: several are probed at once.
const maxSourceIndex = 64 << 20

// indexedCodecs are those of which ffmpeg's reader hands out the samples as the index has them, but for the keyframes of
// H.264. Others go through a parser first, which may make other packets and times of them.
var indexedCodecs = []string{
	"h264", "hevc", "prores", "dnxhd", "mjpeg", "cfhd", "mpeg2video", "mpeg4", "dvvideo", "v210", "rawvideo", "png", "qtrle",
}

// intraCodecs are those of them that have nothing but keyframes. Where an index does not say which are, ffmpeg's
// reader looks into the others.
var intraCodecs = []string{"prores", "dnxhd", "mjpeg", "cfhd", "dvvideo", "v210", "rawvideo", "png"}

// counted counts what is read of a file.
type counted struct {
	r io.ReaderAt
	n int64 // bytes
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.r.ReadAt(b, at)
	c.n += int64(n)
	return n, err
}

// playingOf reads the index of a source of so many bytes whose header is known, and what
// ffmpeg makes of it: so its ends and its keyframes are known without another program,
// which reads megabytes for them. Whatever is unusual, or does not fit to what ffprobe said, is an
// error, and then a program is asked.
func playingOf(r io.ReaderAt, size int64, m *jobfile.Media) (*playing, error) {
	v := &m.Video
	if !isFormat(m.Container, "mov", "mp4") || !slices.Contains(indexedCodecs, v.Codec) || m.DurationUS <= 0 {
		return nil, fmt.Errorf("%w: %s in %s", errIndex, v.Codec, m.Container)
	}
	x, err := readIndex(r, size, maxSourceIndex, func(track, table string) bool { return track == "vide" || table == "stts" })
	if err != nil {
		return nil, err
	}
	t, err := x.source(v.Index)
	if err != nil {
		return nil, err
	}
	if v.TimeBase.Num != 1 || v.TimeBase.Den != t.scale || v.Frames != t.samples {
		return nil, fmt.Errorf("%w: %d samples, %d ticks in a second", errIndex, t.samples, t.scale)
	}
	play, err := t.playing(x.scale)
	if err != nil {
		return nil, err
	}
	if err := t.lies(size); err != nil {
		return nil, err
	}
	if v.TimeBase.Micros(play.last-play.first) > m.DurationUS {
		return nil, fmt.Errorf("%w: it shows frames from %d to %d, and is shorter", errIndex, play.first, play.last)
	}
	return play, nil
}

// begins fails if a source's first frame is not the one that the index says. Who found that frame there looked at the start
// that ffprobe tells (opening).
func (p *playing) begins(first int64) error {
	if p.first != first {
		return fmt.Errorf("%w: it shows frames from %d on, and the first is at %d", errIndex, p.first, first)
	}
	return nil
}

// keySamples is keyPackets for sources whose index tells.
func keySamples(path string, size int64, p *Probed, targets []int64) (keys []int64, read int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	c := &counted{r: f}
	play, err := playingOf(c, size, &p.Media)
	if err == nil {
		err = play.begins(p.FirstPTS)
	}
	if err != nil {
		return nil, c.n, err
	}
	frames, err := play.keysAt(targets)
	if err == nil {
		switch codec := p.Media.Video.Codec; {
		case codec == "h264" || codec == "hevc":
			var numbers []int64
			for _, k := range frames {
				numbers = append(numbers, k.number)
			}
			err = play.t.startsHere(c, numbers, recovers)
		case !play.t.keyed && !slices.Contains(intraCodecs, codec):
			err = fmt.Errorf("%w: it does not say which its keyframes are", errIndex)
		}
	}
	if err != nil {
		return nil, c.n, err
	}
	for _, k := range frames {
		if !k.hidden && k.pts > p.FirstPTS {
			keys = append(keys, k.pts)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), c.n, nil
}

// toldOf is what the index of a task's source says of its range: the frames there, and whether it is sure that a decoder can
// begin where a seek lands. Nil where the index does not tell.
func toldOf(task Task, s seek) (l *listing, sure bool) {
	f, size, err := openSource(task.Source)
	if err != nil {
		return nil, false // who encodes it says why
	}
	defer f.Close()
	job := task.Job
	play, err := playingOf(f, size, &job.Media)
	if err == nil {
		err = play.begins(job.Plan.FirstPTS)
	}
	if err != nil {
		return nil, false
	}
	return play.told(job, task.Unit.Range), s.on && play.entersAt(f, s.us, task.Unit.Range.Start)
}

// source returns the one track of picture, if it is the stream of that number and all of it lies in this file.
func (x *movIndex) source(stream int) (*movTrack, error) {
	if x.pieces || len(x.of("vide")) != 1 || stream < 0 || stream >= len(x.tracks) || x.tracks[stream].kind != "vide" {
		return nil, fmt.Errorf("%w: it has %d tracks of picture, or is in fragments", errIndex, len(x.of("vide")))
	}
	for i := range x.tracks {
		// One without samples keeps ffmpeg from heeding the edit lists of those that follow.
		if len(x.tracks[i].times) == 0 || x.tracks[i].unplaced {
			return nil, fmt.Errorf("%w: track %d has no samples", errIndex, i)
		}
	}
	t := &x.tracks[stream]
	if t.formats != 1 || slices.Contains([]string{"encv", "drmi"}, t.format) || t.outside || t.ref < 1 || t.ref > t.refs {
		return nil, fmt.Errorf("%w: samples of %d formats (%s), lying elsewhere", errIndex, t.formats, jobfile.Printable(t.format))
	}
	return t, nil
}

// lies fails unless all samples of a plain track lie in a file of so many bytes.
func (t *movTrack) lies(size int64) error {
	before := int64(0)
	for i, r := range t.runs {
		if r.first <= before || r.first > int64(len(t.chunks)) || i == 0 && r.first != 1 || r.samples <= 0 {
			return fmt.Errorf("%w: chunks from %d on have %d samples", errIndex, r.first, r.samples)
		}
		before = r.first
	}
	if t.fixed > maxSample || slices.ContainsFunc(t.sizes, func(n uint32) bool { return n == 0 || n > maxSample }) {
		return fmt.Errorf("%w: a sample of 0 bytes, or of too many", errIndex)
	}
	outside := false
	err := t.eachChunk(func(at, first, n int64) bool {
		outside = at < 0 || at > size || t.bytes(first, n) > size-at
		return !outside
	})
	if err == nil && outside {
		err = fmt.Errorf("%w: it is not all there", errIndex)
	}
	return err
}

// maxSample is the largest that ffmpeg reads, bytes.
const maxSample = 0x3FFFFFFF

// lastOf returns the last timestamp that is shown. It fails where ffprobe, which reads on from a keyframe near the
// end, would not have seen it.
func (p *playing) lastOf(seekUS int64) (int64, error) {
	var tail *int64
	target, err := p.target(seekUS)
	if err != nil {
		return 0, err
	}
	landed := false
	p.each(func(f frame) bool {
		// Backward from a time after 0, forward from one before: so ffprobe seeks.
		if f.key && (seekUS > 0 && f.seek <= target || seekUS <= 0 && f.seek >= target && !landed) {
			landed, tail = true, nil
		}
		if landed && !f.hidden && (tail == nil || f.pts > *tail) {
			tail = &f.pts
		}
		return true
	})
	if !landed || tail != nil && *tail != p.last {
		return 0, fmt.Errorf("%w: its last frame is not near the end", errIndex)
	}
	return p.last, nil
}

// keysAt returns the keyframes on which seeks to these times land, microseconds and ascending: each once.
func (p *playing) keysAt(targets []int64) (keys []frame, err error) {
	if p.t.openGOP {
		return nil, fmt.Errorf("%w: its groups of pictures are open", errIndex)
	}
	ticks := make([]int64, len(targets))
	for i, us := range targets {
		if ticks[i], err = p.target(us); err != nil || us <= 0 {
			return nil, fmt.Errorf("%w: a cut at %d", errIndex, us)
		}
	}
	var landed *frame // the last keyframe so far
	reach := func(seek int64) {
		for ; len(ticks) > 0 && ticks[0] < seek; ticks = ticks[1:] {
			switch {
			case landed == nil:
				err = fmt.Errorf("%w: no keyframe before a cut", errIndex)
			case len(keys) == 0 || keys[len(keys)-1].number != landed.number:
				keys = append(keys, *landed)
			}
		}
	}
	p.each(func(f frame) bool {
		if f.key {
			reach(f.seek)
			landed = &f
		}
		return len(ticks) > 0
	})
	reach(1<<63 - 1)
	return keys, err
}

// target is a time as a seek compares it, in ticks.
func (p *playing) target(us int64) (ticks int64, err error) {
	if us < 0 {
		ticks, err = rescale(-us, p.t.scale, 1_000_000)
		return -ticks, err
	}
	return rescale(us, p.t.scale, 1_000_000)
}
