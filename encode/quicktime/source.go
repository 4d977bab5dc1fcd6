package quicktime

import (
	"fmt"
	"io"
	"slices"
)

// maxSourceIndex is the largest index of a source that is read, bytes: several are probed at once.
const maxSourceIndex = 64 << 20

// Stream is what a source's header says of its picture, read by another program.
type Stream struct {
	Number int    // among the file's tracks, from 0
	Codec  string // as ffmpeg calls it
	Intra  bool   // the codec has nothing but keyframes
	Scale  int64  // ticks in a second
	Frames int64
}

// ReadPlaying reads the index of a source of size bytes, of whose picture the header is known, and what
// ffmpeg makes of it. Whatever is unusual, or does not fit to the header, is ErrIndex; other errors are the reader's.
// The Playing looks at frames through r later.
func ReadPlaying(r io.ReaderAt, size int64, s Stream) (*Playing, error) {
	x, err := readIndex(r, size, maxSourceIndex, func(track, table string) bool { return track == "vide" || table == "stts" })
	if err != nil {
		return nil, err
	}
	t, err := x.source(s.Number)
	if err != nil {
		return nil, err
	}
	if s.Scale != t.scale || s.Frames != t.samples {
		return nil, fmt.Errorf("%w: %d samples, %d ticks in a second", ErrIndex, t.samples, t.scale)
	}
	p, err := t.playing()
	if err != nil {
		return nil, err
	}
	if err := t.lies(size); err != nil {
		return nil, err
	}
	p.r, p.stream = r, s
	return p, nil
}

// source returns the one track of picture, if it is the stream of that number and all of it lies in this file.
func (x *Index) source(stream int) (*Track, error) {
	if x.pieces || len(x.Tracks("vide")) != 1 || stream < 0 || stream >= len(x.tracks) || x.tracks[stream].kind != "vide" {
		return nil, fmt.Errorf("%w: it has %d tracks of picture, or is in fragments", ErrIndex, len(x.Tracks("vide")))
	}
	for i := range x.tracks {
		// One without samples keeps ffmpeg from heeding the edit lists of those that follow.
		if len(x.tracks[i].times) == 0 || x.tracks[i].unplaced {
			return nil, fmt.Errorf("%w: track %d has no samples", ErrIndex, i)
		}
	}
	t := &x.tracks[stream]
	if t.formats != 1 || slices.Contains([]string{"encv", "drmi"}, t.format) || t.outside || t.ref < 1 || t.ref > t.refs {
		return nil, fmt.Errorf("%w: samples of %d formats (%q), lying elsewhere", ErrIndex, t.formats, t.format)
	}
	return t, nil
}

// lies fails unless all samples of a plain track lie in a file of so many bytes.
func (t *Track) lies(size int64) error {
	before := int64(0)
	for i, r := range t.runs {
		if r.first <= before || r.first > int64(len(t.chunks)) || i == 0 && r.first != 1 || r.samples <= 0 {
			return fmt.Errorf("%w: chunks from %d on have %d samples", ErrIndex, r.first, r.samples)
		}
		before = r.first
	}
	if t.fixed > maxSample || slices.ContainsFunc(t.sizes, func(n uint32) bool { return n == 0 || n > maxSample }) {
		return fmt.Errorf("%w: a sample of 0 bytes, or of too many", ErrIndex)
	}
	outside := false
	err := t.eachChunk(func(at, first, n int64) bool {
		outside = at < 0 || at > size || t.bytes(first, n) > size-at
		return !outside
	})
	if err == nil && outside {
		err = fmt.Errorf("%w: it is not all there", ErrIndex)
	}
	return err
}

// maxSample is the largest that ffmpeg reads, bytes.
const maxSample = 0x3FFFFFFF
