package gather

import (
	"fmt"
	"math/big"

	"proxima/jobfile"
)

// verdict is whether a file can be a medium.
type verdict int

const (
	no     verdict = iota
	unsure         // nothing speaks against it
	yes            // its timecode holds what is used
)

// holds judges by the times whether a file can be a medium; the reason is for people, where it
// cannot, or where that is unsure.
//
// A frame is allowed to be off: programs round ends, and count a last frame or not. The length of a
// whole medium may be that of its sound, which often runs on for some frames more than its picture:
// there a second is.
func holds(f Facts, u Use) (verdict, string) {
	switch {
	case !f.Video:
		return no, "no film"
	case f.Proxy:
		return no, "it is a proxy itself"
	case f.Frames <= 0 || !f.Rate.Valid():
		return unsure, "its length is not known"
	}
	if u.Part != nil {
		if in, out, ok := u.Part(f.Rate); ok {
			return within(f, in, out)
		}
	}
	return whole(f, u)
}

// within judges a part that is used.
func within(f Facts, in, out int64) (verdict, string) {
	switch {
	case f.Start == nil:
		return unsure, "it has no timecode"
	case in < *f.Start || out > *f.Start+f.Frames+1:
		return no, outside(f, in, out, "used")
	}
	return yes, ""
}

func outside(f Facts, in, out int64, is string) string {
	label := f.Label
	if label == nil {
		label = func(frame int64) string { return fmt.Sprintf("frame %d", frame) }
	}
	return fmt.Sprintf("it runs from %s to %s, and %s to %s is %s", label(*f.Start), label(*f.Start+f.Frames), label(in), label(out), is)
}

// whole judges by the start and the length of the whole medium. A start at zero is what programs
// write that do not look at timecode.
func whole(f Facts, u Use) (verdict, string) {
	sure := unsure
	slack := f.Rate.Num/f.Rate.Den + 1
	if u.Duration != nil && u.Duration.Num > 0 {
		want := frames(*u.Duration, f.Rate)
		if want > f.Frames+slack {
			return no, fmt.Sprintf("it is too short: %d of %d frames", f.Frames, want)
		}
	}
	if u.Start != nil && u.Start.Num > 0 && f.Start != nil {
		want := frames(*u.Start, f.Rate)
		end := want
		if u.Duration != nil {
			end += frames(*u.Duration, f.Rate)
		}
		if want < *f.Start-1 || end > *f.Start+f.Frames+slack {
			return no, outside(f, want, end, "wanted")
		}
		sure = yes
	}
	return sure, "no timecode tells"
}

// frames is the frame nearest to a time in seconds.
func frames(seconds, rate jobfile.Rational) int64 {
	if seconds.Den <= 0 || !rate.Valid() {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(seconds.Num), big.NewInt(rate.Num))
	d := new(big.Int).Mul(big.NewInt(seconds.Den), big.NewInt(rate.Den))
	n.Lsh(n, 1).Add(n, d)
	n.Div(n, d.Lsh(d, 1))
	if !n.IsInt64() {
		return 0
	}
	return n.Int64()
}
