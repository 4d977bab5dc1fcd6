package encode

import (
	"fmt"
	"io"
)

// errHole is that something else lies where an index has a frame.
var errHole = fmt.Errorf("%w: a sample is no frame", errIndex)

// opening returns the first sample that is handed out, if it is a keyframe and the first that is shown, and ffprobe has the
// stream start there: start is that, nil where it said none.
func (p *playing) opening(start *int64) (first frame, ok bool) {
	p.each(func(f frame) bool {
		first = f
		return false
	})
	return first, start != nil && *start == p.first && first.pts == p.first && first.key && !first.hidden
}

// indexedFirst returns the timestamp of a source's first frame, where no decoder is needed to tell it: it is the opening,
// and a decoder can begin there. errHole is one of its errors.
//
// Whether the frame is damaged is seen by who encodes it, as of all others.
func (p *playing) indexedFirst(r io.ReaderAt, codec string, start *int64) (pts int64, err error) {
	first, ok := p.opening(start)
	if !ok {
		return 0, fmt.Errorf("%w: it begins with something else than a keyframe that is shown first", errIndex)
	}
	samples := []int64{first.number}
	if codec == "h264" || codec == "hevc" {
		return first.pts, p.t.startsHere(r, samples, enters)
	}
	begins := beginnings[codec]
	if begins == nil {
		return 0, fmt.Errorf("%w: whether a frame of %s stands by itself", errIndex, codec)
	}
	return first.pts, p.t.look(r, samples, func(_ int64, sample io.Reader) error {
		var head [8]byte
		if _, err := io.ReadFull(sample, head[:]); err != nil {
			return short(err)
		}
		if !begins(head) {
			return errHole
		}
		return nil
	})
}

// entersAt reports whether a seek in a source of H.264 or HEVC lands on a frame of that time, and a decoder can begin
// there.
func (p *playing) entersAt(r io.ReaderAt, us, pts int64) bool {
	keys, err := p.keysAt([]int64{us})
	return err == nil && len(keys) == 1 && keys[0].pts == pts && !keys[0].hidden &&
		p.t.startsHere(r, []int64{keys[0].number}, enters) == nil
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
