package quicktime

import (
	"fmt"
	"io"
	"math/bits"
	"slices"
)

// Playing is what ffmpeg's reader (libavformat/mov.c: mov_build_index, mov_fix_index) makes of a track and its
// edit list: which samples it hands out, with which timestamps, and which of them it marks as not
// shown. Nothing of it is in the standard, so the first timestamp is always compared with
// the one that ffmpeg gave, or the start that ffprobe tells.
type Playing struct {
	First, Last int64 // timestamps of the first and the last frame that are shown, ticks of the track

	t      *Track
	stream Stream
	r      io.ReaderAt // the file

	begin, end int64 // numbers of the first sample that is handed out, and behind the last
	shift      int64 // from when the track shows a sample to its timestamp, ticks
	seek       int64 // from when it decodes a sample to what a seek compares with, ticks
	from, to   int64 // what is shown, ticks of the track; to is behind the last
}

// Frame is a sample as ffmpeg hands it out.
type Frame struct {
	PTS    int64 // ticks of the track, behind the edits
	Ticks  int64 // how long it is shown; 0 where the index does not tell
	Key    bool  // a keyframe, as the index has it
	Hidden bool  // it is decoded and not shown

	number int64 // of the sample, from 0
	seek   int64 // what a seek compares with, ticks
}

// maxSamples is how many samples of a track are gone through: a day at 90 a second.
const maxSamples = 8 << 20

// playing fails for lists of several stretches, and for whatever no camera writes.
func (t *Track) playing() (*Playing, error) {
	if err := t.plain(); err != nil {
		return nil, err
	}
	p := &Playing{t: t, end: t.samples, to: 1<<63 - 1}
	if len(t.edits) == 0 {
		none := true
		t.decode(0, func(s decoded) bool {
			if none || s.shown < p.First {
				p.First = s.shown
			}
			if none || s.shown > p.Last {
				p.Last = s.shown
			}
			none = false
			return true
		})
		return p, nil
	}
	delay, edit, err := t.edit()
	if err != nil {
		return nil, err
	}
	p.from, p.to = edit.from, edit.from+edit.ticks
	return p, p.fix(delay)
}

// fix finds what an edit list leaves of a track, and moves its timestamps so that the first is 0, or
// the delay.
func (p *Playing) fix(delay int64) error {
	t := p.t
	p.begin = -1
	t.decode(0, func(s decoded) bool {
		if s.key && s.decoded <= p.from && (len(t.shifts) == 0 || s.shown <= p.from) {
			p.begin = s.number
		}
		return s.decoded <= p.from
	})
	switch {
	case p.begin >= 0:
	case len(t.shifts) > 0:
		p.begin = 0 // there are edits from 0 on where the first frame is shown later
	default:
		return fmt.Errorf("%w: its edit begins before any keyframe", ErrIndex)
	}
	begun, ended := false, false
	var start, first, last int64
	earliest := int64(-1)
	t.decode(p.begin, func(s decoded) bool {
		if s.shown >= p.from && s.shown < p.to {
			if !begun {
				begun, start, first, last = true, s.decoded, s.shown, s.shown
			}
			first, last = min(first, s.shown), max(last, s.shown)
			if at := delay + s.shown - start; earliest < 0 {
				earliest = at
			} else {
				earliest = min(earliest, at)
			}
		}
		length := s.ticks
		if s.number == t.samples-1 {
			length = p.to - p.from
		}
		// It ends with the first keyframe behind; where the order of showing is another, frames that are
		// shown may follow that, and it ends with the next.
		if s.key && s.shown+length >= p.to {
			if ended || len(t.shifts) == 0 {
				p.end = s.number + 1
				return false
			}
			ended = true
		}
		return true
	})
	if !begun {
		return fmt.Errorf("%w: its edit shows nothing", ErrIndex)
	}
	moved := earliest - delay
	p.shift = delay - start - max(0, moved)
	p.seek = p.shift + moved
	p.First, p.Last = first+p.shift, last+p.shift
	return nil
}

// Each calls f for every sample that is handed out, in the order in which they are decoded, until it says no.
func (p *Playing) Each(f func(Frame) bool) {
	// Where frames are shown in another order, how long one is decoded for says nothing of how long it is
	// shown, unless all are alike.
	lasts := len(p.t.shifts) == 0 || len(p.t.times) == 1
	p.t.decode(p.begin, func(s decoded) bool {
		k := Frame{
			number: s.number, seek: s.decoded + p.seek, PTS: s.shown + p.shift, Key: s.key,
			Hidden: s.shown < p.from && len(p.t.edits) > 0 || s.shown >= p.to,
		}
		if lasts {
			k.Ticks = s.ticks
		}
		return s.number < p.end && f(k)
	})
}

// edit is the one that shows something, with the delay before it, all in ticks of the track.
func (t *Track) edit() (delay int64, e edit, err error) {
	edits := slices.Clone(t.edits)
	for i, e := range t.edits {
		edits[i].ticks, err = rescale(e.ticks, t.scale, t.movie)
		if err != nil || e.rate != 1<<16 || e.ticks <= 0 || edits[i].ticks > 1<<50 || e.from > 1<<50 {
			return 0, e, fmt.Errorf("%w: an edit of %d from %d", ErrIndex, e.ticks, e.from)
		}
	}
	if edits[0].from == -1 {
		delay, edits = edits[0].ticks, edits[1:]
	}
	if len(edits) != 1 || edits[0].from < 0 {
		return 0, e, fmt.Errorf("%w: its edit list has %d parts", ErrIndex, len(t.edits))
	}
	return delay, edits[0], nil
}

// rescale is n*to/from, rounded to the nearest and up from the middle; n is not negative.
func rescale(n, to, from int64) (int64, error) {
	if n < 0 || to <= 0 || from <= 0 {
		return 0, ErrIndex
	}
	hi, lo := bits.Mul64(uint64(n), uint64(to))
	lo, carry := bits.Add64(lo, uint64(from/2), 0)
	if hi += carry; hi >= uint64(from) {
		return 0, ErrIndex
	}
	q, _ := bits.Div64(hi, lo, uint64(from))
	if q > 1<<62 {
		return 0, ErrIndex
	}
	return int64(q), nil
}

// decoded is one sample as its track has it.
type decoded struct {
	number                int64
	decoded, shown, ticks int64 // ticks is how long it is decoded for
	key                   bool
}

// decode calls f for every sample of a plain track from a number on, until it says no.
func (t *Track) decode(from int64, f func(decoded) bool) {
	times, shifts := cursor{runs: t.times}, cursor{runs: t.shifts}
	keys, partial := t.keys, t.partial
	at := int64(0)
	for i := range t.samples {
		ticks, _ := times.next()
		shift, _ := shifts.next()
		s := decoded{number: i, decoded: at, shown: at + shift, ticks: ticks, key: !t.keyed}
		for _, list := range []*[]int64{&keys, &partial} {
			if len(*list) > 0 && (*list)[0] == i+1 {
				s.key, *list = true, (*list)[1:]
			}
		}
		if i >= from && !f(s) {
			return
		}
		at += ticks
	}
}

// plain fails for tables of which ffmpeg's reader would make something of its own.
func (t *Track) plain() error {
	if t.samples <= 0 || t.samples > maxSamples {
		return fmt.Errorf("%w: it has %d samples", ErrIndex, t.samples)
	}
	left := t.samples
	for i, r := range t.times {
		// A duration of 0 is usual for the last sample only; what is negative was meant as one, or is very long.
		if r.count <= 0 || r.count > left || r.ticks < 0 || r.ticks == 0 && (i < len(t.times)-1 || r.count > 1) {
			return fmt.Errorf("%w: %d samples of %d ticks", ErrIndex, r.count, r.ticks)
		}
		left -= r.count
	}
	if left != 0 {
		return fmt.Errorf("%w: %d samples have no time", ErrIndex, left)
	}
	left = t.samples
	for _, r := range t.shifts {
		if r.count <= 0 || r.count > left || r.ticks > 1<<28 || r.ticks < -1<<28 {
			return fmt.Errorf("%w: %d samples are shown %d ticks later", ErrIndex, r.count, r.ticks)
		}
		left -= r.count
	}
	if left != 0 && len(t.shifts) > 0 {
		return fmt.Errorf("%w: of %d samples it is not told when they are shown", ErrIndex, left)
	}
	if t.keyed && len(t.keys) == 0 || len(t.partial) > 0 && !t.keyed || t.grouped {
		return fmt.Errorf("%w: it is not told what its keyframes are", ErrIndex)
	}
	for _, list := range [][]int64{t.keys, t.partial} {
		before := int64(0)
		for _, n := range list {
			if n <= before || n > t.samples {
				return fmt.Errorf("%w: keyframe %d after %d", ErrIndex, n, before)
			}
			before = n
		}
	}
	return nil
}
