package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"proxima/jobfile"
	"proxima/watcher"
)

// screen is where a worker's messages go: on a terminal the last of them stand below the bars of
// what is in work, without one they are plain lines.
type screen struct {
	out  io.Writer
	live *inline // while there is something to follow on a terminal
	bare bool    // messages only
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// messagesBelow is how many of a worker's messages stand below its bars.
const messagesBelow = 6

func newScreen(out io.Writer) *screen { return &screen{out: out} }

// Write takes messages. follow and its end are called by the one who else would write.
func (s *screen) Write(p []byte) (int, error) {
	if s.live != nil {
		return s.live.Write(p)
	}
	return s.out.Write(p)
}

// follow draws a bar for each slot until the returned function is called.
func (s *screen) follow(snapshot func() ([]watcher.InWork, int)) (stop func()) {
	if s.bare || !canDraw(s.out) {
		return func() {}
	}
	s.live = startInline(s.out, messagesBelow, func(columns, height int) []string {
		now, slots := snapshot()
		return slotLines(now, slots, columns, max(height-messagesBelow-3, 1))
	})
	return s.live.close
}

// slotLines are a worker's slots: the bar of the chunk that each encodes, in frames, and of its
// job how many units are done of how many.
func slotLines(now []watcher.InWork, slots, columns, most int) (lines []string) {
	lines = append(lines, "")
	label := 0
	for _, n := range now {
		label = max(label, columnsOf(slotLabel(n)))
	}
	label = min(label, max(columns/3, 8))
	for i, n := range now {
		if i == most-1 && len(now) > most {
			lines = append(lines, fmt.Sprintf("and %d more in work", len(now)-i))
			break
		}
		lines = append(lines, slotLine(n, label, columns))
	}
	if len(now) == 0 && slots == 0 {
		lines = append(lines, "nothing is in work")
	}
	if free := slots - len(now); free > 0 {
		lines = append(lines, plural(free, "slot is free", "slots are free"))
	}
	return append(lines, "")
}

func slotLabel(n watcher.InWork) string {
	return jobfile.Printable(n.Clip) + " " + jobfile.Printable(string(n.Unit))
}

func slotLine(n watcher.InWork, label, columns int) string {
	name, unit := jobfile.Printable(n.Clip), " "+jobfile.Printable(string(n.Unit))
	s := pad(shorten(name, max(label-columnsOf(unit), 2))+unit, label)
	units := fmt.Sprintf("  units %s %d/%d", gauge(int64(n.UnitsDone), int64(n.Units), 10), n.UnitsDone, n.Units)
	less := fmt.Sprintf("  units %d/%d", n.UnitsDone, n.Units)
	if n.Of <= 0 { // sound has no frames
		if columnsOf(s+"  at work"+units) > columns {
			units = less
		}
		return fit(s+"  at work"+units, columns)
	}
	speed := fmt.Sprintf("  %3.0f fps", n.FPS)
	if n.Rate > 0 && n.FPS > 0 {
		speed += fmt.Sprintf("  %.1fx", n.FPS/n.Rate)
	}
	percent := fmt.Sprintf(" %3d%%  ", 100*min(n.Frames, n.Of)/n.Of)
	frames := fmt.Sprintf("%d/%d", n.Frames, n.Of)
	for _, tail := range []string{percent + frames + " frames" + speed + units, percent + frames + " frames" + speed + less, percent + frames + speed + less, percent + frames + less} {
		if wide := min(columns-columnsOf(s+tail)-3, 40); wide >= 8 {
			return s + " " + gauge(n.Frames, n.Of, wide) + tail
		}
	}
	if columnsOf(s+percent+less) <= columns {
		return s + percent + less
	}
	return fit(s+less, columns)
}
