// Package load tells how much of this machine's processors is in use, by whatever program.
package load

import (
	"encoding/binary"
	"errors"
	"time"
)

// Reader returns a function that tells which part of all processors' time was in use since it was asked
// last, 0 to 1, and first of all since now. On macOS it is the load average of the last minute. An error
// says why it is not known. One goroutine uses it.
func Reader() func() (float64, error) { return reader() }

// least is how much time of processors has to pass for an answer to mean something: the clocks behind it
// tick a hundred times a second.
const least = 300 * time.Millisecond

var errTooSoon = errors.New("too little time has passed to tell")

// since compares how long all processors worked, and how long they could have, with what it was told last.
func since(times func() (busy, all time.Duration, err error)) func() (float64, error) {
	busy, all, err := times()
	begun, part, known := err == nil, 0.0, false
	return func() (float64, error) {
		b, a, err := times()
		switch {
		case err != nil:
			return 0, err
		case !begun || a < all: // it was moved to another machine, say
			busy, all, begun, known = b, a, true, false
			return 0, errTooSoon
		case a-all < least && known:
			return part, nil
		case a-all < least:
			return 0, errTooSoon
		}
		// Waiting for disks may be counted backwards by a little.
		part, known = min(max(float64(b-busy)/float64(a-all), 0), 1), true
		busy, all = b, a
		return part, nil
	}
}

// averaged reads macOS' struct loadavg: how many threads wanted a processor over the last minute, in
// parts of a scale.
func averaged(raw []byte, processors int) (float64, error) {
	if len(raw) != 24 || processors < 1 {
		return 0, errors.New("vm.loadavg is not as it was known")
	}
	scale := binary.LittleEndian.Uint64(raw[16:])
	if scale == 0 {
		return 0, errors.New("vm.loadavg has no scale")
	}
	return min(float64(binary.LittleEndian.Uint32(raw))/float64(scale)/float64(processors), 1), nil
}
