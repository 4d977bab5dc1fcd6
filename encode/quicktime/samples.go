package quicktime

import (
	"cmp"
	"fmt"
)

// Sample is one sample as the index has it.
type Sample struct {
	Size   int64 // bytes
	Offset int64 // of its first byte, in the file
	Shown  int64 // when, ticks of the track, before edits
}

// Bytes is how many the track's samples have together.
func (t *Track) Bytes() int64 { return t.bytes(0, t.samples) }

// bytes are those of n samples together.
func (t *Track) bytes(first, n int64) (sum int64) {
	if t.fixed != 0 {
		return t.fixed * n
	}
	for _, s := range t.sizes[first : first+n] {
		sum += int64(s)
	}
	return sum
}

// eachChunk calls f for every chunk, with where it begins, its first sample and how many it has,
// until f says no. An error says that the tables do not go together.
func (t *Track) eachChunk(f func(at, first, n int64) bool) error {
	run, i := 0, int64(0)
	for c, at := range t.chunks {
		for run+1 < len(t.runs) && t.runs[run+1].first <= int64(c)+1 {
			run++
		}
		if len(t.runs) == 0 || t.runs[run].first > int64(c)+1 {
			return fmt.Errorf("%w: chunk %d has no samples", ErrIndex, c)
		}
		n := t.runs[run].samples
		if n > t.samples-i {
			return fmt.Errorf("%w: its chunks hold more samples than it has", ErrIndex)
		}
		if !f(at, i, n) {
			return nil
		}
		i += n
	}
	if i != t.samples {
		return fmt.Errorf("%w: its chunks hold %d of %d samples", ErrIndex, i, t.samples)
	}
	return nil
}

// Each calls f for every sample, in the order in which they are decoded, until it says no. An error is ErrIndex: the
// tables do not go together, which may come out after any number of samples.
func (t *Track) Each(f func(Sample) bool) error {
	times, shifts, decoded := cursor{runs: t.times}, cursor{runs: t.shifts}, int64(0)
	var bad error
	err := t.eachChunk(func(at, first, n int64) bool {
		for i := first; i < first+n; i++ {
			ticks, ok := times.next()
			shift, shifted := shifts.next()
			if !ok || !shifted && len(t.shifts) > 0 {
				bad = fmt.Errorf("%w: sample %d has no time", ErrIndex, i)
				return false
			}
			s := Sample{Size: t.bytes(i, 1), Offset: at, Shown: decoded + shift}
			if !f(s) {
				return false
			}
			decoded += ticks
			at += s.Size
		}
		return true
	})
	return cmp.Or(bad, err)
}

// cursor walks through runs, a sample at a time.
type cursor struct {
	runs []tickRun
	used int64 // of the first
}

func (c *cursor) next() (ticks int64, ok bool) {
	for len(c.runs) > 0 && c.used == c.runs[0].count {
		c.runs, c.used = c.runs[1:], 0
	}
	if len(c.runs) == 0 {
		return 0, false
	}
	c.used++
	return c.runs[0].ticks, true
}

// Stage is how an edit list shows a track: delayed by so much, from a time on, up to one.
// What it hides a decoder decodes and nobody sees.
type Stage struct{ delay, from, to int64 } // ticks of the track; to is behind the last

// PTS is when the sample is shown behind the edits, ticks of the track.
func (s Stage) PTS(of Sample) int64 { return of.Shown - s.from + s.delay }

// Hides reports whether the edits leave a sample out.
func (s Stage) Hides(of Sample) bool { return of.Shown < s.from || of.Shown >= s.to }

// Stage reads the track's edit list. It fails (ErrIndex) for lists that none of our files has: of several stretches.
func (t *Track) Stage() (s Stage, err error) {
	s.to = 1<<63 - 1
	edits := t.edits
	inTrack := func(ticks int64) int64 { return (ticks*t.scale + t.movie/2) / t.movie }
	if len(edits) > 0 && edits[0].from == -1 {
		s.delay, edits = inTrack(edits[0].ticks), edits[1:]
	}
	switch {
	case len(edits) == 1 && edits[0].from >= 0:
		s.from = edits[0].from
		if edits[0].ticks > 0 {
			s.to = s.from + inTrack(edits[0].ticks)
		}
	case len(edits) > 0:
		return s, fmt.Errorf("%w: its edit list has %d parts", ErrIndex, len(t.edits))
	}
	return s, nil
}
