package quicktime

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
)

// Of H.264 ffprobe believes no index about keyframes: it looks at each frame, since an index may call
// frames so at which no decoder can begin. So are they looked at here, and those of HEVC.

// maxUnits and maxAhead bound what is looked at before a frame's first slice: parameter sets, and what cameras tell
// of themselves.
const (
	maxUnits = 64
	maxAhead = 256 << 10 // bytes
)

// unitLength is how many bytes tell a unit's length in samples of this kind, 0 where its description does not say.
// It follows in atoms behind the 70 bytes that all descriptions of pictures have (ISO 14496-15, 5.3.3 and 8.3.3).
func (t *Track) unitLength() (n int64, hevc bool) {
	const fields = 70
	if len(t.details) < fields {
		return 0, false
	}
	r := bytes.NewReader(t.details[fields:])
	// What ends it early, as QuickTime's four zero bytes do, matters not.
	_ = atoms(r, stretch{0, r.Size()}, func(kind string, body stretch) error {
		at := map[string]int64{"avcC": 4, "hvcC": 21}[kind]
		if at == 0 || n != 0 {
			return nil
		}
		var b [1]byte
		if _, err := r.ReadAt(b[:], body.from+at); err == nil && body.from+at < body.to {
			n, hevc = int64(b[0]&3)+1, kind == "hvcC"
		}
		return nil
	})
	return n, hevc
}

// entry is whether a decoder can begin at a frame.
type entry int

const (
	needsEarlier entry = iota
	recovers           // what follows becomes whole, as a message before it says
	enters             // an IDR picture; of HEVC all kinds for random access, behind which frames may follow that are shown earlier and need what was before
)

// startsHere fails unless a decoder can begin at each of these samples of a plain track, which are ascending.
func (t *Track) startsHere(r io.ReaderAt, samples []int64, least entry) error {
	length, hevc := t.unitLength()
	if length == 0 {
		return fmt.Errorf("%w: its samples are not told apart", ErrIndex)
	}
	return t.look(r, samples, func(n int64, sample io.Reader) error {
		got, err := entryOf(sample, length, hevc)
		if err == nil && got < least {
			err = fmt.Errorf("%w: sample %d is no keyframe", ErrIndex, n)
		}
		return err
	})
}

// look calls f for these samples of a plain track, which are ascending, until it fails.
func (t *Track) look(r io.ReaderAt, samples []int64, f func(n int64, sample io.Reader) error) error {
	left := samples
	var bad error
	err := t.eachChunk(func(at, first, n int64) bool {
		for end := first + n; len(left) > 0 && left[0] < end && bad == nil; left = left[1:] {
			at, first = at+t.bytes(first, left[0]-first), left[0]
			bad = f(first, io.NewSectionReader(r, at, t.bytes(first, 1)))
		}
		return len(left) > 0 && bad == nil
	})
	return cmp.Or(bad, err)
}

// entryOf looks at a frame's units up to its first slice.
func entryOf(r io.Reader, length int64, hevc bool) (entry, error) {
	b := bufio.NewReaderSize(r, 4096)
	found := needsEarlier
	ahead := int64(0)
	for range maxUnits {
		var head [5]byte // of the unit, behind its length
		if _, err := io.ReadFull(b, head[4-length:]); err != nil {
			return 0, short(err)
		}
		size := int64(binary.BigEndian.Uint32(head[:4])) - 1
		if size < 0 {
			break
		}
		switch kind := head[4] >> 1 & 0x3f; {
		case hevc && kind >= 16 && kind <= 21:
			return enters, nil
		case hevc && kind < 32:
			return needsEarlier, nil
		}
		switch kind := head[4] & 0x1f; {
		case hevc:
		case kind == 5:
			return enters, nil
		case kind >= 1 && kind <= 4:
			return found, nil
		case kind == 6:
			message, err := b.Peek(int(min(size, 2048)))
			if err != nil {
				return 0, short(err)
			}
			if hasRecoveryPoint(message) {
				found = recovers
			}
		}
		if ahead += size; ahead > maxAhead {
			break
		}
		if _, err := b.Discard(int(size)); err != nil {
			return 0, short(err)
		}
	}
	return 0, ErrHole
}

// hasRecoveryPoint looks for a message of type 6 (ISO 14496-10, 7.3.2.3 and D.2.8).
func hasRecoveryPoint(b []byte) bool {
	b = bytes.ReplaceAll(b, []byte{0, 0, 3}, []byte{0, 0}) // a 3 keeps zeros from being taken for a beginning
	for len(b) >= 2 {
		var v [2]int // type and size, in steps of 255
		for i := range v {
			for len(b) > 0 && b[0] == 0xff {
				v[i], b = v[i]+255, b[1:]
			}
			if len(b) == 0 {
				return false
			}
			v[i], b = v[i]+int(b[0]), b[1:]
		}
		if v[1] > len(b) {
			return false
		}
		if v[0] == 6 {
			return true
		}
		b = b[v[1]:]
	}
	return false
}
