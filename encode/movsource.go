package encode

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

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

// heeding reads until its context ends. A file of a share that hardly answers may be read for long: an index of
// 32 MB is one read. So that is done in pieces; one that has begun nobody can end.
type heeding struct {
	ctx context.Context
	r   io.ReaderAt
}

// pieceRead is how much heeding reads at one go, bytes.
const pieceRead = 1 << 20

func (h heeding) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && err == nil {
		if err := h.ctx.Err(); err != nil {
			return n, err
		}
		var k int
		k, err = h.r.ReadAt(b[n:min(len(b), n+pieceRead)], at+int64(n))
		n += k
	}
	return n, err
}

// playingOf reads the index of a source of so many bytes whose header is known, and what
// ffmpeg makes of it: so its ends and its keyframes are known without another program,
// which reads megabytes for them. Whatever is unusual, or does not fit to what ffprobe said, is an
// error, and then a program is asked. Where ctx ended it is that, now or when the Playing looks at frames.
func playingOf(ctx context.Context, r io.ReaderAt, size int64, m *jobfile.Media) (*quicktime.Playing, error) {
	v := &m.Video
	if !isFormat(m.Container, "mov", "mp4") || !slices.Contains(indexedCodecs, v.Codec) || m.DurationUS <= 0 {
		return nil, fmt.Errorf("%w: %s in %s", quicktime.ErrIndex, v.Codec, m.Container)
	}
	play, err := quicktime.ReadPlaying(heeding{ctx, r}, size, quicktime.Stream{
		Number: v.Index, Codec: v.Codec, Intra: slices.Contains(intraCodecs, v.Codec), Scale: v.TimeBase.Den, Frames: v.Frames,
	})
	if err != nil {
		return nil, err
	}
	if v.TimeBase.Num != 1 {
		return nil, fmt.Errorf("%w: its clock ticks %s seconds", quicktime.ErrIndex, v.TimeBase)
	}
	if v.TimeBase.Micros(play.Last-play.First) > m.DurationUS {
		return nil, fmt.Errorf("%w: it shows frames from %d to %d, and is shorter", quicktime.ErrIndex, play.First, play.Last)
	}
	return play, nil
}

// begins fails if a source's first frame is not the one that the index says. Who found that frame there looked at the start
// that ffprobe tells (quicktime.Playing.Opens).
func begins(p *quicktime.Playing, first int64) error {
	if p.First != first {
		return fmt.Errorf("%w: it shows frames from %d on, and the first is at %d", quicktime.ErrIndex, p.First, first)
	}
	return nil
}

// keySamples is keyPackets for sources whose index tells.
func keySamples(ctx context.Context, path string, size int64, p *Probed, targets []int64) (keys []int64, read int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	c := &counted{r: f}
	play, err := playingOf(ctx, c, size, &p.Media)
	if err == nil {
		err = begins(play, p.FirstPTS)
	}
	if err != nil {
		return nil, c.n, err
	}
	frames, err := play.KeysAt(targets)
	if err != nil {
		return nil, c.n, err
	}
	for _, k := range frames {
		if !k.Hidden && k.PTS > p.FirstPTS {
			keys = append(keys, k.PTS)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), c.n, nil
}

// toldOf is what the index of a task's source says of its range: the frames there, and whether it is sure that a decoder can
// begin where a seek lands. Nil where the index does not tell, or ctx ended.
func toldOf(ctx context.Context, task Task, s seek) (l *listing, sure bool) {
	f, size, err := openSource(task.Source)
	if err != nil {
		return nil, false // who encodes it says why
	}
	defer f.Close()
	job := task.Job
	play, err := playingOf(ctx, f, size, &job.Media)
	if err == nil {
		err = begins(play, job.Plan.FirstPTS)
	}
	if err != nil {
		return nil, false
	}
	return told(play, job, task.Unit.Range), s.on && play.EntersAt(s.us, task.Unit.Range.Start)
}
