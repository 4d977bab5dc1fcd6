package timeline

import (
	"fmt"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// dropped is how many labels are left out at the start of nine minutes in ten: two of thirty,
// four of sixty. Other rates know no drop frame.
func dropped(nominal int64) int64 {
	switch nominal {
	case 30:
		return 2
	case 60:
		return 4
	}
	return 0
}

// CanDrop reports whether drop-frame labels keep step with the clock at this rate: at 29.97
// and at 59.94 only.
func CanDrop(rate jobfile.Rational) bool {
	nominal := Nominal(rate)
	exact, ok := ntsc(nominal)
	return ok && dropped(nominal) > 0 && rate.Num < 1<<40 && rate.Num*exact.Den == exact.Num*rate.Den
}

// ParseTimecode reads a label like 01:00:00:00 as a count of frames from midnight at the rate
// (frames per second). A semicolon anywhere says drop frame: 01;00;00;00 and 01:00:00;00.
//
// Programs write drop-frame labels in lists of whole 30 and 60, so those are counted as well;
// [CanDrop] tells whether they mean clock time. The errors are a text that is no timecode, a
// frame that the rate does not have, a label that drop frame leaves out, and drop frame at
// another rate; they name the text, and no place.
func ParseTimecode(s string, rate jobfile.Rational) (frames int64, drop bool, err error) {
	fail := func(reason string) (int64, bool, error) {
		return 0, false, &Error{At: s, Reason: reason}
	}
	nominal := Nominal(rate)
	if nominal <= 0 || nominal > maxRate {
		return fail("a timecode needs a frame rate to be counted")
	}
	fields, drop, ok := SplitTimecode(s)
	if !ok {
		return fail("not a timecode like 01:00:00:00")
	}
	h, m, sec, f := fields[0], fields[1], fields[2], fields[3]
	if f >= nominal {
		return fail(fmt.Sprintf("there is no frame %d at %d frames per second", f, nominal))
	}
	frames = ((h*60+m)*60+sec)*nominal + f
	if !drop {
		return frames, false, nil
	}
	n := dropped(nominal)
	if n == 0 {
		return fail(fmt.Sprintf("drop frame is for 29.97 and 59.94, not for %d frames per second", nominal))
	}
	if m%10 != 0 && sec == 0 && f < n {
		return fail("drop frame leaves this timecode out")
	}
	minutes := h*60 + m
	return frames - n*(minutes-minutes/10), true, nil
}

// SplitTimecode takes a label apart without a rate: hours, minutes, seconds, frames, and
// whether it is marked as drop frame. ok is false where it is no timecode.
func SplitTimecode(s string) (fields [4]int64, drop, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) > 16 {
		return fields, false, false
	}
	drop = strings.Contains(s, ";")
	// The last separator may also be a full stop or a comma.
	parts := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(":;.,", r) })
	if len(parts) != 4 || strings.Count(s, ":")+strings.Count(s, ";")+strings.Count(s, ".")+strings.Count(s, ",") != 3 {
		return fields, false, false
	}
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(part) > 3 || ((i == 1 || i == 2) && n > 59) {
			return fields, false, false
		}
		fields[i] = int64(n)
	}
	return fields, drop, true
}

// FormatTimecode is the label of a frame, counted from midnight at the rate (frames per second).
// It does not wrap at a day. It is empty for a negative frame, without a rate, and for drop
// frame at a rate that has none.
func FormatTimecode(frames int64, rate jobfile.Rational, drop bool) string {
	nominal := Nominal(rate)
	n := dropped(nominal)
	if frames < 0 || nominal <= 0 || (drop && n == 0) {
		return ""
	}
	sep := ":"
	if drop {
		sep = ";"
		minute := nominal*60 - n // nine in ten
		ten := nominal*600 - n*9 // ten of them
		tens, rest := frames/ten, frames%ten
		frames += tens * 9 * n
		if rest >= nominal*60 {
			frames += n * ((rest-nominal*60)/minute + 1)
		}
	}
	sec := frames / nominal
	return fmt.Sprintf("%02d:%02d:%02d%s%02d", sec/3600, sec/60%60, sec%60, sep, frames%nominal)
}
