package quicktime

import (
	"cmp"
	"fmt"
	"slices"
)

// Filled fails (ErrIndex) unless the samples of all tracks fill the media, each byte once: so the muxer writes them,
// and no place in the index can be another.
func (x *Index) Filled() error {
	var all []stretch
	for i := range x.tracks {
		t := &x.tracks[i]
		err := t.eachChunk(func(at, first, n int64) bool {
			if size := t.bytes(first, n); size != 0 {
				all = append(all, stretch{at, at + size})
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	for _, m := range x.media {
		at := m.from
		for at < m.to && len(all) > 0 && all[0].from == at {
			at, all = all[0].to, all[1:]
		}
		if at != m.to {
			return fmt.Errorf("%w: byte %d is in no track, or in two", ErrIndex, at)
		}
	}
	if len(all) > 0 {
		return fmt.Errorf("%w: byte %d is no media", ErrIndex, all[0].from)
	}
	return nil
}

// Holds reports whether a sample lies within the file's media.
func (x *Index) Holds(s Sample) bool {
	return slices.ContainsFunc(x.media, func(m stretch) bool { return s.Offset >= m.from && s.Size <= m.to-s.Offset })
}

// Carries reports whether a track has as many samples as the one it was copied from, lasts as long and shows
// all that is shown there. Movies count edits in scales of their own, some milliseconds apart; and of
// some codecs ffmpeg 9 takes the last packet, which was shorter, for one as long as the others.
func (t *Track) Carries(part *Track) bool {
	got, gerr := t.Stage()
	want, werr := part.Stage()
	near, longest := t.scale/250, int64(0)
	for _, r := range part.times {
		longest = max(longest, r.ticks)
	}
	from := func(got, want, least, most int64) bool { return got >= want-least && got-most <= want }
	return gerr == nil && werr == nil && t.scale == part.scale && t.samples == part.samples &&
		from(t.ticks(), part.ticks(), 0, longest) && got.from == want.from &&
		from(got.to, want.to, near, longest+near) && from(got.delay, want.delay, near, near)
}

// ticks is how long all samples last.
func (t *Track) ticks() (sum int64) {
	for _, r := range t.times {
		sum += r.count * r.ticks
	}
	return sum
}
