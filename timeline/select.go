package timeline

import (
	"strings"
)

// Choice says which media of a project are wanted.
type Choice struct {
	Timelines    []int // indexes into Project.Timelines: the media that these use
	All          bool  // instead: every medium of the file, whether a timeline uses it or not
	ActiveAngles bool  // of multicams and auditions only what was picked
}

// Selection is what a proxy is wanted of, and what is left out.
type Selection struct {
	Media   []int // indexes into Project.Media, each once, in order of first appearance
	LeftOut LeftOut
}

// LeftOut counts what a choice holds and no proxy is made of.
type LeftOut struct {
	Generators int `json:"generators"` // titles, slugs, bars
	Missing    int `json:"unnamed"`    // clips of which the file names no medium
	Stills     int `json:"stills"`     // single pictures, and sequences of them
	Sound      int `json:"sound"`      // media of which only the sound is used
	Angles     int `json:"angles"`     // not picked
	Spare      int `json:"spare"`      // second references of a clip: proxies that somebody linked before
}

// String says in a few words what was left out; it is empty where nothing was.
func (l LeftOut) String() string {
	var parts []string
	for _, p := range []struct {
		n         int
		one, many string
	}{
		{l.Generators, "title or generator", "titles and generators"},
		{l.Missing, "clip without a medium", "clips without a medium"},
		{l.Stills, "still", "stills"},
		{l.Sound, "medium of sound alone", "media of sound alone"},
		{l.Angles, "angle that is not picked", "angles that are not picked"},
		{l.Spare, "second reference", "second references"},
	} {
		if p.n > 0 {
			parts = append(parts, counted(p.n, p.one, p.many))
		}
	}
	return strings.Join(parts, ", ")
}

// Add sums two counts.
func (l LeftOut) Add(o LeftOut) LeftOut {
	return LeftOut{
		l.Generators + o.Generators, l.Missing + o.Missing, l.Stills + o.Stills,
		l.Sound + o.Sound, l.Angles + o.Angles, l.Spare + o.Spare,
	}
}

// Total is how many things were left out.
func (l LeftOut) Total() int {
	return l.Generators + l.Missing + l.Stills + l.Sound + l.Angles + l.Spare
}

// Select tells which media to make proxies of: what is on picture tracks, each medium once, with
// all angles and takes, since the editor may still change between them. A clip that is switched
// off counts, for it can be switched on again. Stills need no proxy; sound has no picture; a
// second reference of an OTIO clip is a proxy itself.
func (p *Project) Select(c Choice) Selection {
	var s Selection
	found := make([]meeting, len(p.Media))
	var order []int
	met := func(m int) *meeting {
		if !found[m].met {
			found[m].met = true
			order = append(order, m)
		}
		return &found[m]
	}
	timelines := c.Timelines
	if c.All {
		timelines = nil
		for i := range p.Timelines {
			timelines = append(timelines, i)
		}
	}
	for _, at := range timelines {
		t := &p.Timelines[at]
		s.LeftOut.Generators += t.Counts.Generators
		s.LeftOut.Missing += t.Counts.Missing
		for _, u := range t.Uses {
			m := met(u.Media)
			switch {
			case !u.Active && p.Format == OTIO:
				m.spare = true
			case !u.Video:
				m.sound = true
			case !u.Active:
				m.angle = true
			default:
				m.seen = true
			}
		}
	}
	if c.All {
		for i := range p.Media {
			if m := met(i); !m.spare || m.sound || m.angle {
				m.seen = true
			}
		}
	}
	for _, i := range order {
		m, kind := &found[i], p.Media[i].Kind
		switch {
		case kind == Sound:
			s.LeftOut.Sound++
		case kind == Still || kind == Sequence:
			s.LeftOut.Stills++
		case m.seen, m.angle && !c.ActiveAngles:
			s.Media = append(s.Media, i)
		case m.angle:
			s.LeftOut.Angles++
		case m.sound:
			s.LeftOut.Sound++
		default:
			s.LeftOut.Spare++
		}
	}
	return s
}

// meeting is how a medium was met in the timelines that were chosen.
type meeting struct{ met, seen, angle, sound, spare bool }
