package timeline

import (
	"strings"

	"proxima/jobfile"
)

// video: V, V2, AA/V; B is picture and sound.
func (e *edlEvent) video() bool {
	c := strings.ToUpper(e.channels)
	return strings.Contains(c, "V") || c == "B"
}

func (e *edlEvent) audio() bool {
	c := strings.ToUpper(e.channels)
	return strings.Contains(c, "A") || c == "B" || e.sound
}

// noReel reports the words that stand where a reel would: auxiliary, black, generator.
func noReel(reel string) bool {
	return strings.EqualFold(reel, "AX") || noMedium(reel)
}

func noMedium(reel string) bool {
	return strings.EqualFold(reel, "BL") || strings.EqualFold(reel, "GEN")
}

// sameReel reports whether a file begins as the reel does, which strict lists cut to eight letters
// and write with "_" for what they do not allow.
func sameReel(reel, name string) bool {
	if reel == "" || len(name) < len(reel) {
		return false
	}
	for i := range len(reel) {
		a, c := reel[i], name[i]
		if a != '_' && !strings.EqualFold(string(rune(a)), string(rune(c))) {
			return false
		}
	}
	return true
}

// Span is the part of a medium that a list uses, in frames of its own timecode: the end is the
// first frame that is not used.
type Span struct{ In, Out int64 }

// Spans are, by index into Media, what an edit list uses of each medium, once a rate is known: the
// file that is meant has them inside its timecode. A medium is missing of which a timecode does
// not exist at that rate; and lengths of nothing, which Avid writes for sound without timecode,
// tell nothing. Other formats have no spans: they know their media better.
func (p *Project) Spans(rate jobfile.Rational) map[int]Span {
	if p.list == nil {
		return nil
	}
	return p.list.spans(rate)
}

// spans is [Project.Spans]; l.project must have been called. Where a clip runs at another speed,
// some programs write how long it lasts in the edit: only its first frame is believed.
func (l *edlList) spans(rate jobfile.Rational) map[int]Span {
	spans, bad := map[int]Span{}, map[int]bool{}
	for i := range l.events {
		e := &l.events[i]
		if e.media < 0 || e.srcIn == e.srcOut {
			continue
		}
		in, ok1 := listFrames(e.srcIn, rate)
		out, ok2 := listFrames(e.srcOut, rate)
		if !ok1 || !ok2 {
			bad[e.media] = true
			continue
		}
		if out < in {
			out += 24 * 3600 * Nominal(rate) // over midnight
		}
		if len(e.speeds) > 0 {
			out = in + 1
		}
		s, ok := spans[e.media]
		if !ok {
			s = Span{in, out}
		}
		spans[e.media] = Span{min(s.In, in), max(s.Out, out)}
	}
	for at := range bad {
		delete(spans, at)
	}
	return spans
}
