package main

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"proxima/jobfile"
)

// wideFrom is from how many columns on a timeline has one line; below, and where so little is left
// of its name that it could not be told from others, its facts have a line of their own.
const (
	wideFrom    = 80
	enoughOfOne = 24
)

// narrowly reports whether each timeline has two lines.
func (p *picker) narrowly() bool {
	facts := columnsOf("> [ ] ") + columnsOf("  59.9401 fps  00:00:00;00  ") + p.workWidth
	return p.width < wideFrom || p.columns()-facts < min(p.nameWidth, enoughOfOne)
}

// View draws the whole screen. No line is as wide as the terminal: some begin a new one when
// the last column is written.
func (p *picker) View() tea.View {
	head, foot := p.head(), p.foot()
	lines := head
	for at := p.top; at < min(p.top+p.fits(), len(p.shown)); at++ {
		lines = append(lines, p.row(at)...)
	}
	if len(p.shown) == 0 {
		lines = append(lines, shorten("  no timeline has that in its name", p.columns()))
	}
	for len(lines)+len(foot) < p.height {
		lines = append(lines, "")
	}
	lines = append(lines, foot...)
	lines = lines[:min(len(lines), max(p.height, 1))]
	v := tea.NewView(strings.Join(lines, "\n"))
	v.AltScreen = true
	return v
}

func (p *picker) columns() int { return max(p.width-1, 1) }

func (p *picker) head() []string {
	return []string{
		shorten("Which timelines?  "+p.count(), p.columns()),
		p.prompt(),
		"",
	}
}

// prompt is the filter, of which the end is seen.
func (p *picker) prompt() string {
	text := []rune(jobfile.OneLine(string(p.filter)))
	room := p.columns() - len("filter: _")
	from := len(text)
	for from > 0 && room >= runeColumns(text[from-1]) {
		from--
		room -= runeColumns(text[from])
	}
	return shorten("filter: "+string(text[from:])+"_", p.columns())
}

// foot is what the last key led to, and the keys.
func (p *picker) foot() []string {
	lines := []string{p.said}
	line := ""
	for _, k := range []string{"type to filter", "tab marks", "↑↓ move", "ctrl+a all", "enter takes", "esc leaves"} {
		if line != "" && columnsOf(line)+3+columnsOf(k) > p.columns() {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += "   "
		}
		line += k
	}
	lines = append(lines, line)
	for i, l := range lines {
		lines[i] = shorten(l, p.columns())
	}
	return lines
}

// fits is how many timelines fit on the screen: one at least.
func (p *picker) fits() int {
	room := p.height - len(p.head()) - len(p.foot())
	if p.narrowly() {
		room /= 2
	}
	return max(room, 1)
}

// row is a timeline that is shown, in one line or in two.
func (p *picker) row(at int) []string {
	r := p.rows[p.shown[at]]
	mark := yesNo(at == p.cursor, "> ", "  ") + yesNo(p.marked[p.shown[at]], "[x] ", "[ ] ")
	var lines []string
	if p.narrowly() {
		lines = []string{mark + r.name, fmt.Sprintf("  %s %s %s", r.rate, r.length, r.brief)}
	} else {
		facts := fmt.Sprintf("  %7s fps  %11s  %s", r.rate, r.length, pad(r.work, p.workWidth))
		width := max(min(p.nameWidth, p.columns()-columnsOf(mark+facts)), 1)
		lines = []string{mark + pad(shorten(r.name, width), width) + facts}
	}
	for i, l := range lines {
		lines[i] = shorten(l, p.columns())
		if at == p.cursor && i == 0 {
			lines[i] = bold(lines[i])
		}
	}
	return lines
}

// columnsOf is how wide a text can be: terminals do not agree about characters that are made of
// several, so each of them counts.
func columnsOf(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case r < 0x7F:
		return 1
	case r == '\uFE0F': // makes the one before it as wide as a picture
		return 1
	}
	return ansi.StringWidthWc(string(r))
}

// shorten cuts a text to so many columns, and shows that it did.
func shorten(s string, columns int) string {
	if columnsOf(s) <= columns {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeColumns(r); n >= columns {
			return s[:i] + "…"
		}
	}
	return s
}

func pad(s string, columns int) string {
	return s + strings.Repeat(" ", max(columns-columnsOf(s), 0))
}

// bold is no colour, so it reads on any background.
func bold(s string) string { return "\x1b[1m" + s + "\x1b[22m" }
