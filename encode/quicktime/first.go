package quicktime

import (
	"fmt"
	"io"
)

// Opens reports whether the first sample that is handed out is a keyframe and the first that is shown, and ffprobe has the
// stream start there: start is that, ticks, nil where it said none.
func (p *Playing) Opens(start *int64) bool {
	_, ok := p.opening(start)
	return ok
}

// opening returns the first sample that is handed out, and what Opens says of it.
func (p *Playing) opening(start *int64) (first Frame, ok bool) {
	p.Each(func(f Frame) bool {
		first = f
		return false
	})
	return first, start != nil && *start == p.First && first.PTS == p.First && first.Key && !first.Hidden
}

// FirstFrame returns the timestamp of a source's first frame, where no decoder is needed to tell it: the source opens with
// it, as Opens says, and a decoder can begin there. Where the index does not tell, it fails with ErrIndex, with ErrHole
// where no frame lies there; other errors are the reader's.
//
// Whether the frame is damaged is seen by who encodes it, as of all others.
func (p *Playing) FirstFrame(start *int64) (pts int64, err error) {
	codec := p.stream.Codec
	first, ok := p.opening(start)
	if !ok {
		return 0, fmt.Errorf("%w: it begins with something else than a keyframe that is shown first", ErrIndex)
	}
	samples := []int64{first.number}
	if codec == "h264" || codec == "hevc" {
		return first.PTS, p.t.startsHere(p.r, samples, enters)
	}
	begins := beginnings[codec]
	if begins == nil {
		return 0, fmt.Errorf("%w: whether a frame of %s stands by itself", ErrIndex, codec)
	}
	return first.PTS, p.t.look(p.r, samples, func(_ int64, sample io.Reader) error {
		var head [8]byte
		if _, err := io.ReadFull(sample, head[:]); err != nil {
			return short(err)
		}
		if !begins(head) {
			return ErrHole
		}
		return nil
	})
}

// beginnings tell the first bytes of a frame from those of a hole in a file, where nothing was ever copied to. They are
// of codecs that have keyframes only.
var beginnings = map[string]func([8]byte) bool{
	// SMPTE RDD 36, 5.1: a frame's size, then its identifier.
	"prores": func(b [8]byte) bool { return string(b[4:]) == "icpf" },
	// SMPTE ST 2019-1: the size of the header, which grew since, and its version.
	"dnxhd": func(b [8]byte) bool {
		return b[0] == 0 && b[1] == 0 && (b[2] > 2 || b[2] == 2 && b[3] >= 0x80) && b[4] >= 1 && b[4] <= 3
	},
	// ISO 10918-1, B.1.1.3: start of image, and the next marker.
	"mjpeg": func(b [8]byte) bool { return b[0] == 0xff && b[1] == 0xd8 && b[2] == 0xff },
}
