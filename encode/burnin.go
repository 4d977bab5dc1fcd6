package encode

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"proxima/jobfile"
)

// layout is where words stand and how large they are, in pixels of the picture as it is shown.
type layout struct {
	margin, border, codeSize int
	name, text               string // as they fit
	nameSize, textSize       int
}

// advance is how wide a letter of Go Mono is, of its size; all are.
const advance = 0.601

// words lays out name and text for a picture of w by h: name at the top left, text at the top
// right, timecode at the bottom in the middle. Nil where there is nothing to write.
func words(b *jobfile.BurnIn, clip string, w, h int) *layout {
	if b == nil || !b.Timecode && !b.ClipName && b.Text == "" {
		return nil
	}
	short := min(w, h)
	size := max(8, short/24)
	l := &layout{margin: edge(w, h), border: max(2, size/4), codeSize: max(9, short/18)}
	if b.ClipName {
		l.name = clip
	}
	l.text = b.Text
	room := w - 2*(l.margin+l.border)
	if l.name != "" && l.text != "" {
		room = room/2 - l.margin - l.border
	}
	l.name, l.nameSize = fitting(l.name, size, room)
	l.text, l.textSize = fitting(l.text, size, room)
	// Eleven characters are a timecode.
	l.codeSize = max(6, min(l.codeSize, int(float64(w-2*(l.margin+l.border))/(12*advance))))
	return l
}

// edge is how far from the picture's edge things stand.
func edge(w, h int) int { return max(2, min(w, h)/50) }

// fitting makes text small, and what is longer still short, for a room of so many pixels: its
// middle goes, since names of clips differ at their ends.
func fitting(s string, size, room int) (string, int) {
	fits := func(size int) int { return max(3, int(float64(room)/(advance*float64(size)))) }
	n := utf8.RuneCountInString(s)
	small := max(6, size*2/3)
	for size > small && n > fits(size) {
		size--
	}
	if most := fits(size); n > most {
		r := []rune(s)
		head := most / 2
		s = string(r[:head]) + "…" + string(r[n-(most-head-1):])
	}
	return s, size
}

// clipName is what the source is called, on whichever system it was queued.
func clipName(p jobfile.Path) string {
	s := p.Rel
	if p.Root == "" {
		s = strings.ReplaceAll(s, `\`, "/")
	}
	return jobfile.OneLine(s[strings.LastIndexByte(s, '/')+1:])
}

// usualRate is the frame rate that timecode counts at. Not ok for a source whose frames come at
// no such rate: they have times, and no numbers that another program would count alike.
func usualRate(r jobfile.Rational) (jobfile.Rational, bool) {
	for _, n := range []int64{24, 25, 30, 48, 50, 60, 100, 120} {
		for _, u := range []jobfile.Rational{{Num: n, Den: 1}, {Num: n * 1000, Den: 1001}} {
			// 29.97 stands for 30000/1001 in some containers.
			if d := r.Float()/u.Float() - 1; d > -5e-5 && d < 5e-5 {
				return u, true
			}
		}
	}
	return r, false
}

// timecodeText is what the drawtext filter expands, frame by frame, to the timecode that a
// frame of the source has: its own, or counted from 00:00:00:00
// where it has none; where frames come at no constant rate, the time since the first frame,
// "00:00:01.234".
//
// It is worked out from the frame's time and not counted, so that it hangs on nothing that
// came before. ticks is a whole number of the source's ticks, so a part and an uninterrupted
// run work with equal numbers.
func timecodeText(m *jobfile.Media, first int64) string {
	tb := m.Video.TimeBase
	ticks := fmt.Sprintf("(round(t*%d/%d)-(%d))", tb.Den, tb.Num, first)
	field := func(expr string, digits int) string { return fmt.Sprintf("%%{eif:%s:d:%d}", expr, digits) }
	rate, ok := usualRate(m.Video.FrameRate)
	if !ok {
		ms := fmt.Sprintf("floor(%s*%d*1000/%d+0.5)", ticks, tb.Num, tb.Den)
		return field("floor("+ms+"/3600000)", 2) + ":" + field("mod(floor("+ms+"/60000),60)", 2) + ":" +
			field("mod(floor("+ms+"/1000),60)", 2) + "." + field("mod("+ms+",1000)", 3)
	}
	second := (rate.Num + rate.Den/2) / rate.Den
	from, drop := frameNumber(m.Timecode, second)
	n := fmt.Sprintf("(floor(%s*%d/%d+0.5)+%d)", ticks, tb.Num*rate.Num, tb.Den*rate.Den, from)
	mark := ":"
	day := 86400 * second
	if drop {
		// The first numbers of a minute are left out, except in each tenth (SMPTE ST 12-1).
		mark = ";"
		skip := second / 15
		minute, ten := second*60-skip, second*600-9*skip
		n = fmt.Sprintf("mod(%s,%d)", n, 144*ten)
		n = fmt.Sprintf("(%s+%d*floor(%s/%d)+%d*max(0,floor((mod(%s,%d)-%d)/%d)))", n, 9*skip, n, ten, skip, n, ten, skip, minute)
	} else {
		n = fmt.Sprintf("mod(%s,%d)", n, day)
	}
	s := fmt.Sprintf("floor(%s/%d)", n, second)
	return field("floor("+s+"/3600)", 2) + ":" + field("mod(floor("+s+"/60),60)", 2) + ":" + field("mod("+s+",60)", 2) + mark +
		field(fmt.Sprintf("mod(%s,%d)", n, second), 2)
}

// frameNumber is which frame of the day a timecode names, at so many frames a second.
func frameNumber(tc string, second int64) (n int64, drop bool) {
	m := reTimecode.FindStringSubmatch(tc)
	if m == nil {
		return 0, false
	}
	v := func(i int) int64 { n, _ := strconv.ParseInt(m[i], 10, 64); return n }
	minutes := v(1)*60 + v(2)
	n = (minutes*60+v(3))*second + v(5)
	if drop = m[4] != ":" && second%30 == 0; drop {
		n -= second / 15 * (minutes - minutes/10)
	}
	return n, drop
}
