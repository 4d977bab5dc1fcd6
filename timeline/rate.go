package timeline

import (
	"strconv"

	"proxima/jobfile"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ntsc are the rates that people and programs write rounded.
var ntsc = map[int64]jobfile.Rational{
	24: {Num: 24000, Den: 1001}, 30: {Num: 30000, Den: 1001}, 48: {Num: 48000, Den: 1001}, 60: {Num: 60000, Den: 1001}, 120: {Num: 120000, Den: 1001},
}

// Nominal is the whole number of frames that a second of timecode counts: 24 for 23.976.
func Nominal(r jobfile.Rational) int64 {
	if !r.Valid() {
		return 0
	}
	return (2*r.Num + r.Den) / (2 * r.Den)
}
