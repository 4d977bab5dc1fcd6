package encode

import (
	"bytes"
	"strconv"
)

// Progress is how far an encode has come.
type Progress struct {
	Frames int64   // written so far
	FPS    float64 // frames per second, of late
	Speed  float64 // seconds of media per second; 0 while unknown
}

// progressReader reads what ffmpeg prints for -progress: lines of key=value in blocks that
// end with progress=continue or progress=end. That the end was reached is no sign of
// success: a file cut short by a signal says it too.
type progressReader struct {
	report func(Progress) // per block; may be nil

	now           Progress
	outTime, size int64
	seen          [3]int64
}

// line takes one line and reports whether it shows that ffmpeg got further. Keys that are
// unknown and values that are none ("N/A") are skipped.
func (p *progressReader) line(l []byte) bool {
	key, val, ok := bytes.Cut(bytes.TrimSpace(l), []byte("="))
	if !ok || len(val) > 64 {
		return false
	}
	v := string(bytes.TrimSpace(val))
	switch string(key) {
	case "frame":
		if n, err := strconv.ParseInt(v, 10, 64); err == nil && n >= 0 {
			p.now.Frames = n
		}
	case "fps":
		p.now.FPS = number(v, p.now.FPS)
	case "speed":
		if n := len(v); n > 0 && v[n-1] == 'x' {
			v = v[:n-1]
		}
		p.now.Speed = number(v, 0)
	case "out_time_us": // microseconds; so is out_time_ms, whatever its name says
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			p.outTime = n
		}
	case "total_size": // bytes
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			p.size = n
		}
	case "progress":
		if p.report != nil {
			p.report(p.now)
		}
		state := [3]int64{p.now.Frames, p.outTime, p.size}
		moved := state != p.seen
		p.seen = state
		return moved
	}
	return false
}

func number(s string, otherwise float64) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != f || f < 0 || f > 1e9 {
		return otherwise
	}
	return f
}
