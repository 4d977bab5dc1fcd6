package quicktime

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

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
	return &table{r: bufio.NewReaderSize(io.NewSectionReader(r, body.from, n), int(min(n, 1<<16))), left: n}
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

func (t *table) skip(n int64) {
	if t.err != nil {
		return
	}
	if _, err := t.r.Discard(int(n)); err != nil {
		t.err = short(err)
	}
	t.left -= n
}

func (t *table) u16() int64 {
	var b [2]byte
	t.bytes(b[:])
	return int64(binary.BigEndian.Uint16(b[:]))
}

// name reads four letters.
func (t *table) name() string {
	var b [4]byte
	t.bytes(b[:])
	return string(b[:])
}

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
		t.err = fmt.Errorf("%w: %d entries in %d bytes", ErrIndex, n, t.left)
	}
	if t.err != nil {
		return 0
	}
	return n
}

// tablePlaces are the atoms in which the tables lie.
var tablePlaces = map[string]string{
	"elst": "edts", "dref": "dinf", "stsd": "stbl", "stts": "stbl", "ctts": "stbl", "stss": "stbl", "stps": "stbl",
	"stsz": "stbl", "stsc": "stbl", "stco": "stbl", "co64": "stbl", "sbgp": "stbl",
}

// tables are the atoms that hold a track's samples.
var tables = map[string]func(*Track, *table) error{
	"elst": func(t *Track, b *table) error {
		version := b.u32() >> 24
		size := int64(12)
		if version == 1 {
			size = 20
		}
		for range b.count(size) {
			e := edit{}
			if version == 1 {
				e.ticks, e.from = b.s64(), b.s64()
			} else {
				e.ticks, e.from = b.u32(), b.s32()
			}
			e.rate = b.u32()
			t.edits = append(t.edits, e)
		}
		return b.err
	},
	"stts": func(t *Track, b *table) error { return runs(&t.times, b) },
	// Version 0 says that there are no negative ones, and programs write them all the same.
	"ctts": func(t *Track, b *table) error { return runs(&t.shifts, b) },
	"stsz": func(t *Track, b *table) error {
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
	"stsc": func(t *Track, b *table) error {
		b.skip(4)
		for range b.count(12) {
			t.runs = append(t.runs, chunkRun{b.u32(), b.u32()})
			if d := b.u32(); d != 1 && b.err == nil {
				return fmt.Errorf("%w: samples of its description %d", ErrIndex, d)
			}
		}
		return b.err
	},
	"stco": func(t *Track, b *table) error {
		b.skip(4)
		for range b.count(4) {
			t.chunks = append(t.chunks, b.u32())
		}
		return b.err
	},
	"co64": func(t *Track, b *table) error {
		b.skip(4)
		for range b.count(8) {
			t.chunks = append(t.chunks, b.s64())
		}
		return b.err
	},
	"stss": func(t *Track, b *table) error {
		t.keyed = true
		return numbers(&t.keys, b)
	},
	// QuickTime's: keyframes of open groups, whose following frames may need what was before.
	"stps": func(t *Track, b *table) error { return numbers(&t.partial, b) },
	"sbgp": func(t *Track, b *table) error {
		b.skip(4)
		switch k := b.name(); k {
		case "rap ":
			t.grouped = true
		case "sync":
			t.openGOP = true
		}
		return b.err
	},
	"stsd": func(t *Track, b *table) error {
		b.skip(4)
		t.formats = b.u32()
		size := b.u32() // of the first
		t.format = b.name()
		b.skip(6)
		t.ref = b.u16()
		t.details = make([]byte, max(0, min(size-16, b.left, maxDetails)))
		b.bytes(t.details)
		return b.err
	},
	// In which files the samples lie. A flag says "in this one". What is longer than a name's beginning is a
	// path, whatever the flag says.
	"dref": func(t *Track, b *table) error {
		b.skip(4)
		t.refs = b.count(12)
		for range t.refs {
			size, _, flags := b.u32(), b.u32(), b.u32()
			if size < 12 || size-12 > b.left {
				return fmt.Errorf("%w: a reference of %d bytes", ErrIndex, size)
			}
			b.skip(size - 12)
			t.outside = t.outside || flags&1 == 0 || size > 150
		}
		return b.err
	},
}

// maxDetails is how much of the description of a track's samples is kept, bytes.
const maxDetails = 64 << 10

func numbers(to *[]int64, b *table) error {
	b.skip(4)
	n := b.count(4)
	*to = make([]int64, 0, n)
	for range n {
		*to = append(*to, b.u32())
	}
	return b.err
}

func runs(to *[]tickRun, b *table) error {
	b.skip(4)
	n := b.count(8)
	*to = make([]tickRun, 0, n)
	for range n {
		*to = append(*to, tickRun{b.u32(), b.s32()})
	}
	return b.err
}
