package encode

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// movIndex is what a QuickTime or MP4 file says of its tracks (ISO 14496-12, chapter 8; QuickTime
// File Format, "Movie Atoms"), read without the media: some dozens of bytes a frame. ffprobe
// cannot tell it so: its list of packets reads them all.
type movIndex struct {
	scale  int64 // ticks of the movie in a second, in which edits last
	tracks []movTrack
	media  []stretch // where the file has media: the bodies of its mdat atoms
	pieces bool      // or more than this index says is spread over the file, in fragments
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

	keyed    bool    // keys says which samples are keyframes; otherwise all are
	keys     []int64 // numbers of samples, counted from 1
	partial  []int64 // others that a decoder may begin at, with more before it is whole
	grouped  bool    // groups of samples say of others that they are keyframes
	openGOP  bool    // groups say of keyframes that what follows may need what was before
	formats  int64   // kinds of samples
	format   string  // of the first kind
	details  []byte  // of the first kind, what follows the fields that all kinds have
	ref      int64   // of those of the first kind: in which of the files they lie, counted from 1
	refs     int64   // files that are named
	outside  bool    // one of them may be another than this one
	unplaced bool    // a table lies where none belongs
	located  []located
}

// located is a table that was not read yet.
type located struct {
	kind string
	body stretch
}

// movEdit is an edit: so long of the movie shows the track from a time on, or nothing.
type movEdit struct {
	ticks int64 // of the movie; 0 is "to the end"
	from  int64 // ticks of the track; -1 shows nothing
	rate  int64 // in 65536ths
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
	return readIndex(r, size, maxIndex, func(_, table string) bool {
		return slices.Contains([]string{"elst", "stts", "ctts", "stsz", "stsc", "stco", "co64"}, table)
	})
}

// inMemory is up to which size an index is read at one go, bytes.
const inMemory = 32 << 20

// topAtoms is how many atoms a file has side by side at most, that is read: cameras write four or five.
const topAtoms = 10_000

// readIndex reads an index of so many bytes at most, of each kind of tracks those tables that are wanted.
func readIndex(r io.ReaderAt, size, most int64, wanted func(track, table string) bool) (*movIndex, error) {
	x := &movIndex{}
	found, n := false, 0
	err := atoms(r, stretch{0, size}, func(kind string, body stretch) error {
		n++
		switch {
		case n > topAtoms:
			return fmt.Errorf("%w: it is in too many pieces", errIndex)
		case kind == "mdat":
			x.media = append(x.media, body)
		case kind == "moof" || kind == "sidx" || kind == "mfra":
			x.pieces = true
		case kind == "moov" && found:
			return fmt.Errorf("%w: there are two", errIndex)
		case kind == "moov" && body.to-body.from > most:
			return fmt.Errorf("%w: it has %d bytes", errIndex, body.to-body.from)
		case kind == "moov":
			found = true
			if n := body.to - body.from; n <= inMemory {
				b := make([]byte, n)
				if got, err := r.ReadAt(b, body.from); int64(got) < n {
					return short(err)
				}
				return x.read(bytes.NewReader(b), stretch{0, n}, wanted)
			}
			return x.read(r, body, wanted)
		}
		return nil
	})
	if err == nil && (!found || x.scale <= 0) {
		err = fmt.Errorf("%w: it is missing", errIndex)
	}
	return x, err
}

// read takes the moov atom.
func (x *movIndex) read(r io.ReaderAt, in stretch, wanted func(track, table string) bool) error {
	return atoms(r, in, func(kind string, body stretch) (err error) {
		switch kind {
		case "mvhd":
			x.scale, err = timescaleOf(r, body)
		case "mvex":
			x.pieces = true
		case "trak":
			var t movTrack
			if err = t.read(r, body, kind); err == nil {
				err = t.load(r, wanted)
			}
			x.tracks = append(x.tracks, t)
		}
		return err
	})
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

// within are the atoms that hold others of a track, and in which they lie.
var within = map[string]string{"edts": "trak", "mdia": "trak", "minf": "mdia", "dinf": "minf", "stbl": "minf"}

// read takes a trak atom, or one in it, but for its tables.
func (t *movTrack) read(r io.ReaderAt, in stretch, parent string) error {
	return atoms(r, in, func(kind string, body stretch) error {
		place, isTable := tablePlaces[kind]
		switch {
		case within[kind] == parent:
			return t.read(r, body, kind)
		case within[kind] != "" || isTable && place != parent:
			t.unplaced = true
		case kind == "mdhd" && parent == "mdia":
			var err error
			if t.scale != 0 {
				return fmt.Errorf("%w: a track has two time scales", errIndex)
			}
			t.scale, err = timescaleOf(r, body)
			return err
		case kind == "hdlr" && parent == "mdia": // QuickTime has a second one, in minf, for where the data is
			var b [12]byte
			if _, err := r.ReadAt(b[:], body.from); err != nil {
				return short(err)
			}
			t.kind = string(b[8:])
		case isTable:
			if kind != "sbgp" && slices.ContainsFunc(t.located, func(l located) bool { return l.kind == kind }) {
				return fmt.Errorf("%w: a track has two tables %s", errIndex, kind)
			}
			if len(t.located) > 1000 {
				return fmt.Errorf("%w: a track has too many tables", errIndex)
			}
			t.located = append(t.located, located{kind, body})
		}
		return nil
	})
}

// load reads the tables that are wanted of this kind of track.
func (t *movTrack) load(r io.ReaderAt, wanted func(track, table string) bool) error {
	for _, l := range t.located {
		if wanted(t.kind, l.kind) {
			if err := tables[l.kind](t, newTable(r, l.body)); err != nil {
				return err
			}
		}
	}
	t.located = nil
	return nil
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
