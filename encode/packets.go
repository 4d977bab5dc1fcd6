package encode

import (
	"bytes"
	"slices"
	"strconv"
)

// packet is one line of ffprobe's "-show_entries packet=... -of compact=p=0".
type packet struct {
	pts      int64 // ticks of the stream's time base
	hasPTS   bool
	duration int64 // ticks; 0 if not stated
	size     int64 // bytes
	key      bool
	hidden   bool   // flag D: decoded perhaps, but not shown
	hash     string // of the data, if asked for
}

// packetEntries is what to ask ffprobe for so that parsePacket understands.
const packetEntries = "packet=pts,duration,size,flags"

// parsePacket reads "pts=450|duration=10|size=99|flags=K_|data_hash=MD5:..". Lines of
// other sections are not ok. Unknown fields are skipped: side data may follow on the line.
func parsePacket(line []byte) (p packet, ok bool) {
	for len(line) > 0 {
		var field []byte
		field, line, _ = bytes.Cut(line, []byte("|"))
		key, val, cut := bytes.Cut(field, []byte("="))
		if !cut {
			continue
		}
		switch string(key) {
		case "pts":
			n, err := strconv.ParseInt(string(val), 10, 64)
			p.pts, p.hasPTS, ok = n, err == nil, true
			if !p.hasPTS {
				p.pts = 0
			}
		case "duration":
			if n, err := strconv.ParseInt(string(val), 10, 64); err == nil && n > 0 {
				p.duration = n
			}
		case "size":
			if n, err := strconv.ParseInt(string(val), 10, 64); err == nil && n >= 0 {
				p.size = n
			}
		case "flags":
			p.key = bytes.IndexByte(val, 'K') >= 0
			p.hidden = bytes.IndexByte(val, 'D') >= 0
		case "data_hash":
			p.hash = string(val)
		}
	}
	return p, ok
}

// listing is what the source's packets say about a range: the frames to expect.
type listing struct {
	shown     []int64 // pts of shown packets in the range, ascending
	hidden    int64   // packets of the range that are not shown
	unstamped bool    // some packet has no pts, so shown says nothing
	last      packet  // of the shown ones the last on the screen
}

// add takes a packet into the range [from, to). A nil to is open; first also counts hidden
// packets before from, which belong to nobody else.
func (l *listing) add(p packet, from int64, to *int64, first bool) {
	switch {
	case !p.hasPTS:
		l.unstamped = true
	case to != nil && p.pts >= *to:
	case p.hidden && (p.pts >= from || first):
		l.hidden++
	case p.pts >= from && !p.hidden:
		l.shown = append(l.shown, p.pts)
		if p.pts >= l.last.pts || len(l.shown) == 1 {
			l.last = p
		}
	}
}

func (l *listing) sort() { slices.Sort(l.shown) }
