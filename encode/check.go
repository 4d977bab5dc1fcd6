package encode

import (
	"fmt"
	"slices"

	"proxima/jobfile"
)

// madeFrames is what a part turned out to hold, in the source's ticks.
type madeFrames struct {
	pts      []int64 // ascending
	lastTick int64   // how long the last frame lasts
}

// frames converts a part's packets to the source's timestamps. start is where its first
// frame should be: parts begin at zero.
func (in *inspected) frames(tb jobfile.Rational, start int64) (*madeFrames, error) {
	k := newTicker(tb)
	m := &madeFrames{}
	for _, p := range in.digest.packets {
		s, err := k.source(p.pts)
		if err != nil {
			return nil, err
		}
		m.pts = append(m.pts, s+start)
	}
	slices.Sort(m.pts)
	for i := 1; i < len(m.pts); i++ {
		if m.pts[i] == m.pts[i-1] {
			return nil, fmt.Errorf("two frames at %d", m.pts[i])
		}
	}
	_, _, last := in.digest.ends()
	m.lastTick = (last + k.num/2) / k.num
	if m.lastTick == 0 && len(m.pts) > 1 {
		m.lastTick = m.pts[len(m.pts)-1] - m.pts[len(m.pts)-2]
	}
	return m, nil
}

// verdict is what holding a part against a list of expected timestamps gives.
type verdict struct {
	missing, extra int64
	firstMissing   int64 // pts, if missing
}

func (v verdict) equal() bool { return v.missing == 0 && v.extra == 0 }

// compare holds two ascending lists against each other.
func compare(want, got []int64) (v verdict) {
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case j == len(got) || i < len(want) && want[i] < got[j]:
			if v.missing == 0 {
				v.firstMissing = want[i]
			}
			v.missing++
			i++
		case i == len(want) || got[j] < want[i]:
			v.extra++
			j++
		default:
			i++
			j++
		}
	}
	return v
}

// inFields reports whether a list of packets is one of fields, two to a frame, for so many
// frames: half of it is then not missing.
func inFields(packets, frames int) bool {
	return frames > 0 && abs(int64(packets)-2*int64(frames)) <= 4
}

// endsEarly reports whether frames are missing at a range's end, where the plan knows the
// source's last timestamp. slack is in ticks: where frames are coded as two fields the last
// timestamp is that of a field.
func endsEarly(got []int64, last *int64, slack int64) bool {
	return last != nil && len(got) > 0 && got[len(got)-1]+slack < *last
}

// frameTicks is how long a frame lasts on average, ticks, at least 1.
func frameTicks(v *jobfile.VideoStream) int64 {
	if !v.FrameRate.Valid() || !v.TimeBase.Valid() {
		return 1
	}
	return max(1, int64(1/(v.FrameRate.Float()*v.TimeBase.Float())+0.5))
}

// damaged is the fault of a source some of whose frames do not decode. want are the
// timestamps of its packets, ascending.
func damaged(v verdict, want []int64, tb jobfile.Rational, origin int64) error {
	for i := 1; i < len(want); i++ {
		if want[i] == want[i-1] {
			return &jobfile.Fault{
				Kind: jobfile.FaultSource,
				Reason: fmt.Sprintf("two frames of the source are at the same time (%s), and not all of its frames decode: recordings may have been joined byte by byte",
					hms(tb.Micros(want[i])-origin)),
				Next: "join the recordings with a program that knows the format, or queue each of them",
			}
		}
	}
	return &jobfile.Fault{
		Kind: jobfile.FaultSource,
		Reason: fmt.Sprintf("the source is damaged: %d of %d frames could not be decoded (first near %s)",
			v.missing, len(want), hms(tb.Micros(v.firstMissing)-origin)),
		Next: "copy it again from the card and queue it again",
	}
}

// endedEarly is the fault of a source that stops before what its end said when it was queued.
func endedEarly(got []int64, last int64, tb jobfile.Rational, origin int64) error {
	return &jobfile.Fault{
		Kind: jobfile.FaultSource,
		Reason: fmt.Sprintf("the source's picture ends at %s instead of %s",
			hms(tb.Micros(got[len(got)-1])-origin), hms(tb.Micros(last)-origin)),
		Next: "copy it again from the card and queue it again",
	}
}
