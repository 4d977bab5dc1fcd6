package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"proxima/jobfile"
)

// inline keeps a few lines at the end of a terminal up to date, while messages scroll by above
// them. Only what changed is written, and it reads no key: Ctrl-C is the program's as ever.
type inline struct {
	out     io.Writer
	program *tea.Program
	over    chan struct{}

	mu   sync.Mutex
	last []string // messages that stand below the lines, and go above when others come
	gone bool
}

// startInline shows lines, which are asked for several times a second, on a terminal. So many of
// the messages stay below them.
func startInline(out io.Writer, below int, lines func(columns, height int) []string) *inline {
	n := &inline{out: out, over: make(chan struct{})}
	m := &inlineModel{n: n, below: below, lines: lines, width: 80, height: 24}
	n.program = tea.NewProgram(m, tea.WithInput(nil), tea.WithOutput(out), tea.WithoutSignalHandler())
	go func() {
		defer close(n.over)
		_, err := n.program.Run()
		n.mu.Lock()
		defer n.mu.Unlock()
		n.gone = true
		if err != nil {
			fmt.Fprintf(out, "proxima: cannot draw on this terminal (%s)\n", oneLine(err))
		}
		for _, l := range n.last {
			fmt.Fprintln(out, l)
		}
		n.last = nil
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
	if n.gone {
		defer n.mu.Unlock()
		fmt.Fprintln(n.out, line)
		return
	}
	n.last = append(n.last, line)
	n.mu.Unlock()
	n.program.Send(lineMsg{})
}

// close takes the lines away; the messages stay.
func (n *inline) close() {
	n.program.Send(inlineEnds{})
	<-n.over
}

type (
	lineMsg    struct{}
	inlineTick struct{}
	inlineEnds struct{}
)

type inlineModel struct {
	n             *inline
	below         int
	lines         func(columns, height int) []string
	width, height int
	ends          bool
}

func inlineTicks() tea.Cmd {
	return tea.Tick(250*time.Millisecond, func(time.Time) tea.Msg { return inlineTick{} })
}

func (m *inlineModel) Init() tea.Cmd { return inlineTicks() }

func (m *inlineModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case inlineTick:
		return m, inlineTicks()
	case lineMsg:
		return m, m.scroll()
	case inlineEnds:
		m.ends = true
		return m, tea.Quit
	}
	return m, nil
}

// scroll sends what is too much below to above.
func (m *inlineModel) scroll() tea.Cmd {
	m.n.mu.Lock()
	defer m.n.mu.Unlock()
	over := len(m.n.last) - m.room()
	if over <= 0 {
		return nil
	}
	text := strings.Join(m.n.last[:over], "\n")
	m.n.last = append([]string{}, m.n.last[over:]...)
	return tea.Println(text)
}

// room is how many messages stand below: fewer on a low terminal.
func (m *inlineModel) room() int { return min(m.below, max(m.height/3, 0)) }

func (m *inlineModel) View() tea.View {
	if m.ends {
		return tea.NewView("")
	}
	columns := max(m.width-1, 1)
	lines := m.lines(columns, m.height)
	m.n.mu.Lock()
	last := m.n.last[max(0, len(m.n.last)-m.room()):]
	m.n.mu.Unlock()
	lines = lines[:max(min(len(lines), m.height-1-len(last)), 0)]
	lines = append(append([]string{}, lines...), last...)
	for i, l := range lines {
		lines[i] = fit(l, columns)
	}
	return tea.NewView(strings.Join(lines, "\n"))
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
