package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"proxima/jobfile"
)

// inline keeps a few lines at the end of a terminal up to date, while messages scroll by above
// them. Everything is written over what stands there, in one piece, and nothing where nothing
// changed, so that nothing flickers. It reads no key: Ctrl-C is the program's as ever.
//
// bubbletea, which draws whole screens here, loses messages that are printed above its lines in
// quick succession.
type inline struct {
	out   io.Writer
	below int
	lines func(columns, height int) []string
	quit  chan struct{}
	over  chan struct{}

	mu    sync.Mutex
	fresh []string // messages that are not written yet
	last  []string // those that stand below the lines, and go above when others come
	drawn []string
	gone  bool
}

// startInline shows lines, which are asked for several times a second, on a terminal. So many of
// the messages stay below them.
func startInline(out io.Writer, below int, lines func(columns, height int) []string) *inline {
	n := &inline{out: out, below: below, lines: lines, quit: make(chan struct{}), over: make(chan struct{})}
	obeyEscapes(out)
	go func() {
		defer close(n.over)
		t := time.NewTicker(250 * time.Millisecond)
		defer t.Stop()
		for {
			n.draw(false)
			select {
			case <-t.C:
			case <-n.quit:
				n.draw(true)
				return
			}
		}
	}()
	return n
}

// Write takes messages, a line or more at a time. What it gets is printable.
func (n *inline) Write(p []byte) (int, error) {
	for l := range strings.Lines(string(p)) {
		n.say(strings.TrimRight(l, "\n"))
	}
	return len(p), nil
}

func (n *inline) say(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.gone {
		fmt.Fprintln(n.out, line)
		return
	}
	n.fresh = append(n.fresh, line)
}

// close takes the lines away; the messages stay.
func (n *inline) close() {
	close(n.quit)
	<-n.over
}

// canDraw tells whether somebody looks who can be shown lines that change.
func canDraw(w io.Writer) bool { return isTerminal(w) && os.Getenv("TERM") != "dumb" }

func (n *inline) size() (columns, height int) {
	if f, ok := n.out.(*os.File); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	return 80, 24
}

// draw writes what is new; the lines are asked for outside of the lock, since who makes them may
// have a message, too.
func (n *inline) draw(end bool) {
	width, height := n.size()
	columns := max(width-1, 1)
	var lines []string
	if !end {
		lines = n.lines(columns, height)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = append(n.last, n.fresh...)
	n.fresh = nil
	room := min(n.below, height/3)
	if end {
		room, n.gone = 0, end
	}
	above := n.last[:max(len(n.last)-room, 0)]
	n.last = append([]string{}, n.last[len(above):]...)
	lines = append(append([]string{}, lines[:max(min(len(lines), height-2-len(n.last)), 0)]...), n.last...)
	for i, l := range lines {
		lines[i] = fit(l, columns)
	}
	if text := redraw(n.drawn, above, lines, width); text != "" {
		_, _ = io.WriteString(n.out, text)
	}
	n.drawn = lines
}

// redraw is what turns the lines that stand at the end of a terminal into others, with messages
// above them. A terminal that was made narrower has broken those that it had.
func redraw(old, above, lines []string, width int) string {
	if len(above) == 0 && strings.Join(old, "\n") == strings.Join(lines, "\n") && len(old) == len(lines) {
		return ""
	}
	rows := 0
	for _, l := range old {
		rows += max((columnsOf(l)+width-1)/max(width, 1), 1)
	}
	var b strings.Builder
	if rows > 0 {
		fmt.Fprintf(&b, "\r\x1b[%dA", rows)
	}
	for _, l := range above {
		b.WriteString(l + "\x1b[K\r\n")
	}
	for _, l := range lines {
		b.WriteString(l + "\x1b[K\r\n")
	}
	if rows > 0 {
		b.WriteString("\x1b[J")
	}
	return b.String()
}

// counter is the line of something that is counted.
func counter(what string, n, total int, took time.Duration, columns int) string {
	s := fmt.Sprintf("%s %d/%d %3d%%", jobfile.OneLine(what), n, total, 100*n/max(total, 1))
	if n > 0 && n < total && took > 2*time.Second {
		s += "  " + about(time.Duration(float64(took)*float64(total-n)/float64(n))) + " left"
	}
	if wide := min(columns-columnsOf(s)-4, 40); wide >= 5 {
		s = gauge(int64(n), int64(total), wide) + " " + s
	}
	return s
}
