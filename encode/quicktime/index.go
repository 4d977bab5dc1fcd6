package quicktime

import (
	"bytes"
	"fmt"
	"io"
	"slices"
)

// Index is what a QuickTime or MP4 file says of its tracks (ISO 14496-12, chapter 8; QuickTime
// File Format, "Movie Atoms"), read without the media: some dozens of bytes a frame. It does not need its
// file any more.
type Index struct {
	scale  int64 // ticks of the movie in a second, in which edits last
	tracks []Track
	media  []stretch // where the file has media: the bodies of its mdat atoms
	pieces bool      // or more than this index says is spread over the file, in fragments
}

// Track is one track of an Index.
type Track struct {
	kind  string // vide, soun, tmcd and others
	scale int64  // ticks in a second
	movie int64  // those of the movie, in which edits last
	edits []edit

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

// edit is one of a list: so long of the movie shows the track from a time on, or nothing.
type edit struct {
	ticks int64 // of the movie; 0 is "to the end"
	from  int64 // ticks of the track; -1 shows nothing
	rate  int64 // in 65536ths
}

type tickRun struct{ count, ticks int64 }

// chunkRun: from chunk first on, counted from 1, each has so many samples.
type chunkRun struct{ first, samples int64 }

// maxIndex is the largest index that is read, bytes: a day of 60 frames a second needs less.
const maxIndex = 512 << 20

// Read reads the index of a file of size bytes, of all tracks: where each sample lies, how long it is and when
// it is shown. An error is ErrIndex, or the reader's.
func Read(r io.ReaderAt, size int64) (*Index, error) {
	return readIndex(r, size, maxIndex, func(_, table string) bool {
		return slices.Contains([]string{"elst", "stts", "ctts", "stsz", "stsc", "stco", "co64"}, table)
	})
}

// inMemory is up to which size an index is read at one go, bytes.
const inMemory = 32 << 20

// topAtoms is how many atoms a file has side by side at most, that is read: cameras write four or five.
const topAtoms = 10_000

// readIndex reads an index of so many bytes at most, of each kind of tracks those tables that are wanted.
func readIndex(r io.ReaderAt, size, most int64, wanted func(track, table string) bool) (*Index, error) {
	x := &Index{}
	found, n := false, 0
	err := atoms(r, stretch{0, size}, func(kind string, body stretch) error {
		n++
		switch {
		case n > topAtoms:
			return fmt.Errorf("%w: it is in too many pieces", ErrIndex)
		case kind == "mdat":
			x.media = append(x.media, body)
		case kind == "moof" || kind == "sidx" || kind == "mfra":
			x.pieces = true
		case kind == "moov" && found:
			return fmt.Errorf("%w: there are two", ErrIndex)
		case kind == "moov" && body.to-body.from > most:
			return fmt.Errorf("%w: it has %d bytes", ErrIndex, body.to-body.from)
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
		err = fmt.Errorf("%w: it is missing", ErrIndex)
	}
	for i := range x.tracks {
		x.tracks[i].movie = x.scale
	}
	return x, err
}

// read takes the moov atom.
func (x *Index) read(r io.ReaderAt, in stretch, wanted func(track, table string) bool) error {
	return atoms(r, in, func(kind string, body stretch) (err error) {
		switch kind {
		case "mvhd":
			x.scale, err = timescaleOf(r, body)
		case "mvex":
			x.pieces = true
		case "trak":
			var t Track
			if err = t.read(r, body, kind); err == nil {
				err = t.load(r, wanted)
			}
			x.tracks = append(x.tracks, t)
		}
		return err
	})
}

// Tracks returns the tracks of a kind, in order: "vide" is picture, "soun" sound (ISO 14496-12, 12.1 and 12.2).
func (x *Index) Tracks(kind string) (ts []*Track) {
	for i := range x.tracks {
		if x.tracks[i].kind == kind {
			ts = append(ts, &x.tracks[i])
		}
	}
	return ts
}

// within are the atoms that hold others of a track, and in which they lie.
var within = map[string]string{"edts": "trak", "mdia": "trak", "minf": "mdia", "dinf": "minf", "stbl": "minf"}

// read takes a trak atom, or one in it, but for its tables.
func (t *Track) read(r io.ReaderAt, in stretch, parent string) error {
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
				return fmt.Errorf("%w: a track has two time scales", ErrIndex)
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
				return fmt.Errorf("%w: a track has two tables %s", ErrIndex, kind)
			}
			if len(t.located) > 1000 {
				return fmt.Errorf("%w: a track has too many tables", ErrIndex)
			}
			t.located = append(t.located, located{kind, body})
		}
		return nil
	})
}

// load reads the tables that are wanted of this kind of track.
func (t *Track) load(r io.ReaderAt, wanted func(track, table string) bool) error {
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

// Scale is how many of the track's ticks are in a second; 0 where the index does not say.
func (t *Track) Scale() int64 { return t.scale }

// Samples is how many samples the track has: frames of picture, pieces of sound.
func (t *Track) Samples() int64 { return t.samples }
