package timeline

import (
	"math/big"
	"strconv"
	"strings"

	"proxima/jobfile"
)

func itoa(n int) string { return strconv.Itoa(n) }

// ntsc gives the exact rate that people and programs write as 23.976, 29.97 and so on.
func ntsc(nominal int64) (jobfile.Rational, bool) {
	switch nominal {
	case 24, 30, 48, 60, 120:
		return jobfile.Rational{Num: nominal * 1000, Den: 1001}, true
	}
	return jobfile.Rational{}, false
}

// maxRate bounds what is taken for frames per second. Programs also write sample rates where a
// rate is asked; those convert times, but are nobody's frame rate.
const maxRate = 1000

// Nominal is the whole number of frames that a second of timecode counts: 24 for 23.976.
func Nominal(r jobfile.Rational) int64 {
	if !r.Valid() || r.Num > 1<<60 || r.Den > 1<<60 {
		return 0
	}
	return (2*r.Num + r.Den) / (2 * r.Den)
}

// SnapRate makes a rate exact that was written with decimals: 23.98, 23.976 and 23.976023976
// are all 24000/1001. It is 0/0 where r is no rate.
func SnapRate(r *big.Rat) jobfile.Rational {
	if r == nil || r.Sign() <= 0 || r.Cmp(big.NewRat(1_000_000, 1)) > 0 {
		return jobfile.Rational{}
	}
	if !r.IsInt() {
		// A hundredth is more than any rounding of these rates, and less than half of the
		// distance to the whole rate beside them.
		if exact, ok := ntsc(roundRat(r)); ok {
			off := new(big.Rat).Sub(r, big.NewRat(exact.Num, exact.Den))
			if off.Abs(off).Cmp(big.NewRat(1, 100)) < 0 {
				return exact
			}
		}
		if r.Denom().Cmp(big.NewInt(1_000_000)) > 0 {
			r = tidy(r) // a decimal with noise; anything shorter is meant as it stands
		}
	}
	out, _ := rational(r)
	if !out.Valid() {
		return jobfile.Rational{}
	}
	return out
}

// ParseRate reads frames per second as people and programs write them: "25", "23.976",
// "29,97", "24000/1001". The error names the text, and no place.
func ParseRate(s string) (jobfile.Rational, error) {
	n := number(strings.Replace(strings.TrimSpace(s), ",", ".", 1))
	if rate := SnapRate(n); rate.Valid() && rate.Num/rate.Den <= maxRate {
		return rate, nil
	}
	return jobfile.Rational{}, &Error{At: s, Reason: "not a frame rate like 25, 23.976 or 24000/1001"}
}

// number reads a decimal, or a fraction of whole numbers, exactly; nil where s is none. The
// length and the exponent are bounded: a big.Rat would happily make 1e999999999 exact.
func number(s string) *big.Rat {
	if s == "" || len(s) > 40 {
		return nil
	}
	for _, c := range s {
		if (c < '0' || c > '9') && !strings.ContainsRune("+-.eE/", c) {
			return nil
		}
	}
	if num, den, found := strings.Cut(s, "/"); found {
		// Not by SetString: to it 010/3 is octal.
		n, ok1 := new(big.Int).SetString(num, 10)
		d, ok2 := new(big.Int).SetString(den, 10)
		if !ok1 || !ok2 || d.Sign() <= 0 {
			return nil
		}
		return new(big.Rat).SetFrac(n, d)
	}
	if _, exp, found := strings.Cut(strings.ToLower(s), "e"); found {
		if n, err := strconv.Atoi(exp); err != nil || n < -30 || n > 30 {
			return nil
		}
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil
	}
	return r
}

// tidy takes the noise off a binary fraction that was printed: to a thousandth of a whole
// number it is meant to be whole, anything else keeps six decimals.
func tidy(r *big.Rat) *big.Rat {
	whole := new(big.Rat).SetInt(roundBig(r))
	off := new(big.Rat).Sub(r, whole)
	if off.Abs(off).Cmp(big.NewRat(1, 1000)) < 0 {
		return whole
	}
	million := big.NewRat(1_000_000, 1)
	n := roundBig(new(big.Rat).Mul(r, million))
	return new(big.Rat).Quo(new(big.Rat).SetInt(n), million)
}

// roundBig rounds half up.
func roundBig(r *big.Rat) *big.Int {
	n := new(big.Int).Lsh(r.Num(), 1)
	n.Add(n, r.Denom())
	d := new(big.Int).Lsh(r.Denom(), 1)
	return n.Div(n, d) // floors, for a positive divisor
}

// roundRat is roundBig as a count; 0 where it does not fit.
func roundRat(r *big.Rat) int64 {
	if n := roundBig(r); n.IsInt64() {
		return n.Int64()
	}
	return 0
}

// rational is r in lowest terms, if it is not negative and fits.
func rational(r *big.Rat) (jobfile.Rational, bool) {
	if r == nil || r.Sign() < 0 || !r.Num().IsInt64() || !r.Denom().IsInt64() {
		return jobfile.Rational{}, false
	}
	return jobfile.Rational{Num: r.Num().Int64(), Den: r.Denom().Int64()}, true
}

// seconds is how long so many frames last; nil where that cannot be said: no rate, negative.
func seconds(frames *big.Rat, rate jobfile.Rational) *jobfile.Rational {
	if frames == nil || !rate.Valid() {
		return nil
	}
	return secondsOf(new(big.Rat).Mul(frames, big.NewRat(rate.Den, rate.Num)))
}

func secondsOf(r *big.Rat) *jobfile.Rational {
	if out, ok := rational(r); ok {
		return &out
	}
	return nil
}

// FramesOf is the frame nearest to a time in seconds, at a rate in frames per second, and
// whether the time lies on a frame exactly. It is 0 and false without a rate.
func FramesOf(seconds, rate jobfile.Rational) (frames int64, exact bool) {
	if !rate.Valid() || seconds.Den <= 0 {
		return 0, false
	}
	return framesOf(big.NewRat(seconds.Num, seconds.Den), rate)
}

func framesOf(seconds *big.Rat, rate jobfile.Rational) (frames int64, exact bool) {
	r := new(big.Rat).Mul(seconds, big.NewRat(rate.Num, rate.Den))
	return roundRat(r), r.IsInt()
}
