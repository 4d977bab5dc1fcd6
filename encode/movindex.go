package encode

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// movIndex is what a QuickTime or MP4 file says of its tracks (ISO 14496-12, chapter 8; QuickTime
// File Format, "Movie Atoms"), read without the media: some dozens of bytes a frame. ffprobe
// cannot tell it so: its list of packets reads them all.
type movIndex struct {
	scale  int64 // ticks of the movie in a second, in which edits last
	tracks []movTrack
	media  []stretch // where the file has media: the bodies of its mdat atoms
}

// stretch is a piece of a file, bytes; to is behind its last.
type stretch struct{ from, to int64 }

// movTrack is one track.
type movTrack struct {
	kind  string // vide, soun, tmcd and others
	scale int64  // ticks in a second
	edits []movEdit

	times   []tickRun // how long each sample is decoded for
	shifts  []tickRun // how much later each is shown than decoded; none where never
	fixed   int64     // size of each sample, bytes; 0 where sizes says it
	sizes   []uint32
	samples int64
	runs    []chunkRun
	chunks  []int64 // where each begins
}

// movEdit is an edit: so long of the movie shows the track from a time on, or nothing.
type movEdit struct {
	ticks int64 // of the movie; 0 is "to the end"
	from  int64 // ticks of the track; -1 shows nothing
}

type tickRun struct{ count, ticks int64 }

// chunkRun: from chunk first on, counted from 1, each has so many samples.
type chunkRun struct{ first, samples int64 }

// movSample is one sample as the index has it.
type movSample struct {
	size   int64 // bytes
	offset int64 // in the file
	shown  int64 // when, ticks of the track, before edits
}

// maxIndex is the largest index that is read, bytes: a day of 60 frames a second needs less.
const maxIndex = 512 << 20

var errIndex = errors.New("its index does not read as one")

// short is errIndex where a file ended; what else keeps it from being read is not its fault.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", errIndex)
	}
	return err
}

// readMovIndex reads the index of a file of so many bytes.
func readMovIndex(r io.ReaderAt, size int64) (*movIndex, error) {
	x := &movIndex{}
	found := false
	err := atoms(r, stretch{0, size}, func(kind string, body stretch) error {
		switch {
		case kind == "mdat":
			x.media = append(x.media, body)
		case kind == "moov" && body.to-body.from > maxIndex:
			return fmt.Errorf("%w: it has %d bytes", errIndex, body.to-body.from)
		case kind == "moov":
			found = true
			return atoms(r, body, func(kind string, body stretch) (err error) {
				switch kind {
				case "mvhd":
					x.scale, err = timescaleOf(r, body)
				case "trak":
					var t movTrack
					err = t.read(r, body)
					x.tracks = append(x.tracks, t)
				}
				return err
			})
		}
		return nil
	})
	if err == nil && (!found || x.scale <= 0) {
		err = fmt.Errorf("%w: it is missing", errIndex)
	}
	return x, err
}

// of returns the tracks of a kind, in order.
func (x *movIndex) of(kind string) (ts []*movTrack) {
	for i := range x.tracks {
		if x.tracks[i].kind == kind {
			ts = append(ts, &x.tracks[i])
		}
	}
	return ts
}

// atoms calls f for each atom of a piece: 32 bits of size and four letters; a size of 1
// announces 64 bits of it, 0 is "to the end".
func atoms(r io.ReaderAt, in stretch, f func(kind string, body stretch) error) error {
	for at := in.from; at+8 <= in.to; {
		var b [16]byte
		if n, err := r.ReadAt(b[:], at); n < 8 {
			return short(err)
		}
		head, size := int64(8), int64(binary.BigEndian.Uint32(b[:4]))
		switch size {
		case 0:
			size = in.to - at
		case 1:
			head, size = 16, int64(binary.BigEndian.Uint64(b[8:]))
		}
		if size < head || size > in.to-at {
			return fmt.Errorf("%w: an atom of %d bytes where there are %d", errIndex, size, in.to-at)
		}
		if err := f(string(b[4:8]), stretch{at + head, at + size}); err != nil {
			return err
		}
		at += size
	}
	return nil
}

// read takes a trak atom.
func (t *movTrack) read(r io.ReaderAt, in stretch) error {
	return atoms(r, in, func(kind string, body stretch) error {
		switch kind {
		case "edts", "mdia", "minf", "stbl":
			return t.read(r, body)
		case "mdhd":
			var err error
			t.scale, err = timescaleOf(r, body)
			return err
		case "hdlr":
			// QuickTime has a second one, in minf, for where the data is.
			var b [12]byte
			if _, err := r.ReadAt(b[:], body.from); err != nil {
				return short(err)
			}
			if k := string(b[8:]); k != "url " && k != "alis" && t.kind == "" {
				t.kind = k
			}
			return nil
		}
		if read, ok := tables[kind]; ok {
			return read(t, newTable(r, body))
		}
		return nil
	})
}

// timescaleOf reads it from mvhd or mdhd, which have it behind two times of 32 or 64 bits.
func timescaleOf(r io.ReaderAt, body stretch) (int64, error) {
	t := newTable(r, body)
	if version := t.u32() >> 24; version == 1 {
		t.skip(16)
	} else {
		t.skip(8)
	}
	return t.u32(), t.err
}

// table reads the numbers of an atom. After an error all are 0.
type table struct {
	r    *bufio.Reader
	left int64 // bytes
	err  error
}

func newTable(r io.ReaderAt, body stretch) *table {
	n := body.to - body.from
	return &table{r: bufio.NewReaderSize(io.NewSectionReader(r, body.from, n), 1<<16), left: n}
}

func (t *table) bytes(b []byte) {
	if t.err != nil {
		return
	}
	if _, err := io.ReadFull(t.r, b); err != nil {
		t.err = short(err)
		clear(b)
	}
	t.left -= int64(len(b))
}

func (t *table) skip(n int) { t.bytes(make([]byte, n)) }

func (t *table) u32() int64 {
	var b [4]byte
	t.bytes(b[:])
	return int64(binary.BigEndian.Uint32(b[:]))
}

func (t *table) s32() int64 { return int64(int32(t.u32())) }

func (t *table) s64() int64 {
	var b [8]byte
	t.bytes(b[:])
	return int64(binary.BigEndian.Uint64(b[:]))
}

// count reads how many entries of so many bytes follow: no more than there is room for.
func (t *table) count(entry int64) int64 {
	n := t.u32()
	if t.err == nil && n > t.left/entry {
		t.err = fmt.Errorf("%w: %d entries in %d bytes", errIndex, n, t.left)
	}
	if t.err != nil {
		return 0
	}
	return n
}

// tables are the atoms that hold a track's samples.
var tables = map[string]func(*movTrack, *table) error{
	"elst": func(t *movTrack, b *table) error {
		version := b.u32() >> 24
		size := int64(12)
		if version == 1 {
			size = 20
		}
		for range b.count(size) {
			e := movEdit{}
			if version == 1 {
				e.ticks, e.from = b.s64(), b.s64()
			} else {
				e.ticks, e.from = b.u32(), b.s32()
			}
			b.skip(4) // the rate
			t.edits = append(t.edits, e)
		}
		return b.err
	},
	"stts": func(t *movTrack, b *table) error { return runs(&t.times, b) },
	// Version 0 says that there are no negative ones, and programs write them all the same.
	"ctts": func(t *movTrack, b *table) error { return runs(&t.shifts, b) },
	"stsz": func(t *movTrack, b *table) error {
		b.skip(4)
		if t.fixed = b.u32(); t.fixed != 0 {
			t.samples = b.u32()
			return b.err
		}
		t.samples = b.count(4)
		t.sizes = make([]uint32, 0, t.samples)
		for range t.samples {
			t.sizes = append(t.sizes, uint32(b.u32()))
		}
		return b.err
	},
	"stsc": func(t *movTrack, b *table) error {
		b.skip(4)
		for range b.count(12) {
			t.runs = append(t.runs, chunkRun{b.u32(), b.u32()})
			if d := b.u32(); d != 1 && b.err == nil {
				return fmt.Errorf("%w: samples of its description %d", errIndex, d)
			}
		}
		return b.err
	},
	"stco": func(t *movTrack, b *table) error {
		b.skip(4)
		for range b.count(4) {
			t.chunks = append(t.chunks, b.u32())
		}
		return b.err
	},
	"co64": func(t *movTrack, b *table) error {
		b.skip(4)
		for range b.count(8) {
			t.chunks = append(t.chunks, b.s64())
		}
		return b.err
	},
}

func runs(to *[]tickRun, b *table) error {
	b.skip(4)
	for range b.count(8) {
		*to = append(*to, tickRun{b.u32(), b.s32()})
	}
	return b.err
}

// bytes are those of n samples together.
func (t *movTrack) bytes(first, n int64) (sum int64) {
	if t.fixed != 0 {
		return t.fixed * n
	}
	for _, s := range t.sizes[first : first+n] {
		sum += int64(s)
	}
	return sum
}

// eachChunk calls f for every chunk, with where it begins, its first sample and how many it has,
// until f says no. An error says that the tables do not go together.
func (t *movTrack) eachChunk(f func(at, first, n int64) bool) error {
	run, i := 0, int64(0)
	for c, at := range t.chunks {
		for run+1 < len(t.runs) && t.runs[run+1].first <= int64(c)+1 {
			run++
		}
		if len(t.runs) == 0 || t.runs[run].first > int64(c)+1 {
			return fmt.Errorf("%w: chunk %d has no samples", errIndex, c)
		}
		n := t.runs[run].samples
		if n > t.samples-i {
			return fmt.Errorf("%w: its chunks hold more samples than it has", errIndex)
		}
		if !f(at, i, n) {
			return nil
		}
		i += n
	}
	if i != t.samples {
		return fmt.Errorf("%w: its chunks hold %d of %d samples", errIndex, i, t.samples)
	}
	return nil
}

// each calls f for every sample, in the order in which they are decoded, until it says no.
func (t *movTrack) each(f func(movSample) bool) error {
	times, shifts, decoded := cursor{runs: t.times}, cursor{runs: t.shifts}, int64(0)
	var bad error
	err := t.eachChunk(func(at, first, n int64) bool {
		for i := first; i < first+n; i++ {
			ticks, ok := times.next()
			shift, shifted := shifts.next()
			if !ok || !shifted && len(t.shifts) > 0 {
				bad = fmt.Errorf("%w: sample %d has no time", errIndex, i)
				return false
			}
			s := movSample{size: t.bytes(i, 1), offset: at, shown: decoded + shift}
			if !f(s) {
				return false
			}
			decoded += ticks
			at += s.size
		}
		return true
	})
	return cmp.Or(bad, err)
}

// cursor walks through runs, a sample at a time.
type cursor struct {
	runs []tickRun
	used int64 // of the first
}

func (c *cursor) next() (ticks int64, ok bool) {
	for len(c.runs) > 0 && c.used == c.runs[0].count {
		c.runs, c.used = c.runs[1:], 0
	}
	if len(c.runs) == 0 {
		return 0, false
	}
	c.used++
	return c.runs[0].ticks, true
}

// stage is how an edit list shows a track: delayed by so much, from a time on, up to one.
// What it hides a decoder decodes and nobody sees.
type stage struct{ delay, from, to int64 } // ticks of the track; to is behind the last

// stage fails for lists that none of our files has: of several stretches.
func (t *movTrack) stage(movie int64) (s stage, err error) {
	s.to = 1<<63 - 1
	edits := t.edits
	inTrack := func(ticks int64) int64 { return (ticks*t.scale + movie/2) / movie }
	if len(edits) > 0 && edits[0].from == -1 {
		s.delay, edits = inTrack(edits[0].ticks), edits[1:]
	}
	switch {
	case len(edits) == 1 && edits[0].from >= 0:
		s.from = edits[0].from
		if edits[0].ticks > 0 {
			s.to = s.from + inTrack(edits[0].ticks)
		}
	case len(edits) > 0:
		return s, fmt.Errorf("%w: its edit list has %d parts", errIndex, len(t.edits))
	}
	return s, nil
}
