package jobfile

import (
	"math/big"
	"time"
)

// Policy is how a queuer wants clips divided.
type Policy struct {
	ChunkOver   time.Duration // clips of at least this length are divided
	ChunkLength time.Duration // a chunk's length, before cuts snap to keyframes
	Fixed       bool          // ChunkLength was asked for and is not made finer for an idle room
	Slots       int           // places where units could run in the room; 0 unknown
	Waiting     int           // units that wait already
}

// minChunk is where a shorter chunk costs more than the company it gets: starting ffmpeg and
// finding the place takes about a quarter of a second of one core.
const minChunk = 10 * time.Second

// Worth reports whether a clip of this length is divided.
func (p Policy) Worth(duration time.Duration) bool { return duration >= p.ChunkOver }

// Target is the chunk length to aim at for a clip. When the room has more places than work,
// chunks get finer, so that one long clip occupies everybody: two chunks for each idle place
// let the fast machines take more than the slow ones. The pieces are of one length, as far as
// keyframes allow, and at least two: a room that is empty now may fill.
func (p Policy) Target(duration time.Duration) time.Duration {
	if p.Fixed {
		return p.ChunkLength
	}
	length := p.ChunkLength
	if idle := p.Slots - p.Waiting; idle > 0 {
		length = min(length, max(minChunk, duration/time.Duration(2*idle)))
	}
	pieces := max(2, (duration+length-1)/length)
	return max(1, duration/pieces)
}

// PlanUnits divides a source at the given cuts (timestamps of keyframes, ascending, all above
// first). No cuts make one whole; more make chunks, a sound unit where there is sound to make,
// and always a stitch.
func PlanUnits(m *Media, r *Recipe, first int64, cuts []int64, frames int64) []Planned {
	if len(cuts) == 0 {
		return []Planned{{ID: UnitWhole, Range: &Range{Start: first}, Frames: frames}, {ID: UnitStitch}}
	}
	starts := append([]int64{first}, cuts...)
	units := make([]Planned, 0, len(starts)+2)
	for i, s := range starts {
		u := Planned{ID: ChunkID(i), Range: &Range{Start: s}}
		if i+1 < len(starts) {
			end := starts[i+1]
			u.Range.End = &end
			u.Frames = min(frames, FramesIn(m.Video.TimeBase, m.Video.FrameRate, end-s))
		} else {
			u.Frames = max(0, frames-FramesIn(m.Video.TimeBase, m.Video.FrameRate, s-first))
		}
		units = append(units, u)
	}
	if r.Sound.Of(m) {
		units = append(units, Planned{ID: UnitSound})
	}
	return append(units, Planned{ID: UnitStitch})
}

// FramesIn estimates the frames in a stretch of ticks at an average rate, rounded to the
// nearest; exact for constant rates.
func FramesIn(timeBase, rate Rational, ticks int64) int64 {
	if !timeBase.Valid() || !rate.Valid() || ticks <= 0 {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(ticks), big.NewInt(timeBase.Num))
	n.Mul(n, big.NewInt(rate.Num)).Mul(n, big.NewInt(2))
	d := new(big.Int).Mul(big.NewInt(timeBase.Den), big.NewInt(rate.Den))
	n.Add(n, d)
	return n.Quo(n, d.Mul(d, big.NewInt(2))).Int64()
}
