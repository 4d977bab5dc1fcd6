package quicktime

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// stretch is a piece of a file, bytes; to is behind its last.
type stretch struct{ from, to int64 }

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
			return fmt.Errorf("%w: an atom of %d bytes where there are %d", ErrIndex, size, in.to-at)
		}
		if err := f(string(b[4:8]), stretch{at + head, at + size}); err != nil {
			return err
		}
		at += size
	}
	return nil
}

// ErrIndex is in each error that is of the file: its index is missing or damaged, does not go together, or holds what
// this package does not know. Other errors are those of reading.
var ErrIndex = errors.New("its index does not read as one")

// ErrHole is that something else lies where an index has a frame. It is an ErrIndex.
var ErrHole = fmt.Errorf("%w: a sample is no frame", ErrIndex)

// short is ErrIndex where a file ended; what else keeps it from being read is not its fault.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", ErrIndex)
	}
	return err
}
