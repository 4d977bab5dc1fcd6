package main

import (
	"context"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
)

// pickOnScreen runs the list until the person has picked or left.
func pickOnScreen(ctx context.Context, in io.Reader, out io.Writer, rows []pickRow) ([]int, error) {
	p := newPicker(rows)
	program := tea.NewProgram(p, tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
	// Told to quit it waits for its reader; the context that it could be given only kills it.
	release := context.AfterFunc(ctx, program.Quit)
	defer release()
	_, err := program.Run()
	switch {
	case ctx.Err() != nil || p.left:
		return nil, errInterrupted
	case err != nil:
		return nil, &hinted{what: "cannot show the list of timelines", err: err, next: "set ACCESSIBLE=1 for a list of plain lines, or name the timelines with --timeline"}
	}
	return sortedMarks(p.marked), nil
}

// picker is the list on the screen. Letters go to the filter at once; marks outlive it.
type picker struct {
	rows          []pickRow
	filter        []rune
	shown         []int // of rows, those that match
	cursor        int   // of shown
	top           int   // of shown, the first on the screen
	marked        map[int]bool
	width, height int
	said          string // about the last key
	left          bool
	// The widest name and the widest count of clips, in columns.
	nameWidth, workWidth int
}

func newPicker(rows []pickRow) *picker {
	p := &picker{rows: rows, marked: map[int]bool{}, width: 80, height: 24}
	for _, r := range rows {
		p.nameWidth = max(p.nameWidth, columnsOf(r.name))
		p.workWidth = max(p.workWidth, columnsOf(r.work))
	}
	p.narrow()
	return p
}

func (p *picker) Init() tea.Cmd { return nil }

func (p *picker) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		p.width, p.height = msg.Width, msg.Height
	case tea.PasteMsg:
		p.typed(msg.Content)
	case tea.KeyPressMsg:
		p.said = ""
		return p, p.key(msg)
	}
	p.follow()
	return p, nil
}

func (p *picker) key(k tea.KeyPressMsg) tea.Cmd {
	defer p.follow()
	switch name := k.Keystroke(); name {
	case "ctrl+c", "esc":
		p.left = true
		return tea.Quit
	case "enter":
		return p.enter()
	case "up", "ctrl+p":
		p.cursor--
	case "down", "ctrl+n":
		p.cursor++
	case "pgup":
		p.cursor -= p.fits()
	case "pgdown":
		p.cursor += p.fits()
	case "home":
		p.cursor = 0
	case "end":
		p.cursor = len(p.shown) - 1
	case "tab":
		p.toggle()
		p.cursor++
	case "ctrl+a":
		p.toggleAll()
	case "backspace", "ctrl+h":
		p.filter = p.filter[:max(len(p.filter)-1, 0)]
		p.narrow()
	case "ctrl+u", "ctrl+w":
		p.filter = nil
		p.narrow()
	case "space":
		if len(p.filter) == 0 { // a filter begins with no blank: as in other lists, it marks
			p.toggle()
			break
		}
		p.typed(" ")
	default:
		p.typed(k.Text)
	}
	return nil
}

// maxFilter is longer than any name that is shown.
const maxFilter = 200

// typed adds to the filter; what is pasted may hold anything.
func (p *picker) typed(text string) {
	for _, r := range text {
		if r == '\n' || r == '\r' || r == '\t' {
			r = ' '
		}
		if len(p.filter) < maxFilter {
			p.filter = append(p.filter, r)
		}
	}
	if text != "" {
		p.narrow()
	}
}

// narrow applies the filter; the first match is the one that is meant.
func (p *picker) narrow() {
	p.shown = filterRows(p.rows, string(p.filter))
	p.cursor, p.top = 0, 0
}

func (p *picker) toggle() {
	if p.cursor < len(p.shown) {
		i := p.shown[p.cursor]
		p.marked[i] = !p.marked[i]
	}
}

// toggleAll marks all that are shown, or takes their marks if all have one.
func (p *picker) toggleAll() {
	all := true
	for _, i := range p.shown {
		all = all && p.marked[i]
	}
	for _, i := range p.shown {
		p.marked[i] = !all
	}
}

func (p *picker) enter() tea.Cmd {
	if len(sortedMarks(p.marked)) == 0 {
		p.said = "Nothing is marked yet: tab marks, esc leaves."
		return nil
	}
	return tea.Quit
}

// follow keeps the cursor on a row, and the row on the screen.
func (p *picker) follow() {
	p.cursor = max(min(p.cursor, len(p.shown)-1), 0)
	fits := p.fits()
	p.top = min(p.top, p.cursor, max(len(p.shown)-fits, 0))
	p.top = max(p.top, p.cursor-fits+1)
}

// count says how many are marked, and how many of those the filter hides.
func (p *picker) count() string {
	marks := sortedMarks(p.marked)
	hidden := len(marks)
	for _, i := range p.shown {
		if p.marked[i] {
			hidden--
		}
	}
	s := fmt.Sprintf("%d of %d marked", len(marks), len(p.rows))
	if hidden > 0 {
		s += fmt.Sprintf(", %d not shown", hidden)
	}
	return s
}
