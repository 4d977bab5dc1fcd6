package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"proxima/jobfile"
)

// View draws the whole screen. As in the list of timelines no line is as wide as the terminal.
func (s *watchScreen) View() tea.View {
	v := tea.NewView(strings.Join(s.lines(), "\n"))
	v.AltScreen = true
	return v
}

func (s *watchScreen) columns() int { return max(s.width-1, 1) }

func (s *watchScreen) lines() []string {
	head, foot := s.head(), s.foot()
	room := max(s.height-len(head)-len(foot), 1)
	var body []string
	switch {
	case s.help:
		body = s.helpText()
	case s.at.IsZero():
		body = []string{"", "  looking at the farm ..."}
	default:
		body = s.body(room)
	}
	body = body[:min(len(body), room)]
	for len(body) < room {
		body = append(body, "")
	}
	lines := append(append(head, body...), foot...)
	for i, l := range lines {
		lines[i] = fit(l, s.columns())
	}
	return lines[:min(len(lines), max(s.height, 1))]
}

// head answers at a glance: does the room work, until when, what is wrong.
func (s *watchScreen) head() []string {
	age := "not seen yet"
	if !s.at.IsZero() {
		age = "seen " + short(max(s.now.Sub(s.at), 0)) + " ago"
	}
	title := "Proxima  " + jobfile.Printable(s.farm)
	title = shorten(title, max(s.columns()-columnsOf(age)-2, 1))
	lines := []string{title + strings.Repeat(" ", max(s.columns()-columnsOf(title)-columnsOf(age), 1)) + age}
	if s.err != nil {
		lines = append(lines, "! cannot see the farm: "+jobfile.OneLine(s.err.Error()))
	}
	if s.at.IsZero() {
		return append(lines, "")
	}
	lines = append(lines, wrap(s.doc.Room.line(s.now), s.columns(), 2)...)
	few := max(s.height/10, 1)
	for _, w := range strings.Split(s.doc.Still, "\n") {
		if w != "" {
			lines = append(lines, wrap(strings.TrimSpace(w), s.columns(), 2)...)
		}
	}
	for i, w := range s.doc.Room.Wrong {
		if i == few {
			lines = append(lines, fmt.Sprintf("! and %d more; proxima status tells", len(s.doc.Room.Wrong)-few))
			break
		}
		lines = append(lines, wrap("! "+jobfile.OneLine(w.What), s.columns(), 2)...)
		if s.height >= 30 {
			lines = append(lines, "  next: "+jobfile.OneLine(w.Next))
		}
	}
	return append(lines, "")
}

// foot is a question, what came of the last key, and the keys.
func (s *watchScreen) foot() []string {
	var lines []string
	switch {
	case s.question != "":
		lines = append(lines, wrap(s.question, s.columns(), 3)...)
	case s.typing || len(s.filter) > 0:
		lines = append(lines, "filter: "+jobfile.OneLine(string(s.filter))+yesNo(s.typing, "_  enter keeps it, esc ends it", "  esc ends it"))
	}
	for i, l := range s.said {
		if i == 4 {
			lines = append(lines, "...")
			break
		}
		lines = append(lines, wrap(jobfile.OneLine(l), s.columns(), 2)...)
	}
	keys := []string{"? help", "q leaves", "↑↓ select", "tab workers", "/ filter", "r retry", "c cancel", "p pause", "+- priority", "P pause all"}
	if s.onWorkers {
		keys = []string{"? help", "q leaves", "↑↓ select", "tab jobs", "p pause or resume", "d drain", "P pause all"}
	}
	line := keys[0]
	for _, k := range keys[1:] {
		if columnsOf(line)+2+columnsOf(k) > s.columns() {
			break
		}
		line += "  " + k
	}
	return append(lines, line)
}

func (s *watchScreen) helpText() []string {
	return []string{
		"Jobs stand in the order in which they are made. Keys:",
		"",
		"  up, down, page up, page down, home, end   select",
		"  tab    go to the workers, and back",
		"  /      show only jobs that have this in their name, preset or state; esc ends it",
		"  r      try again what was given up of the job, or queue a cancelled one anew",
		"  c      cancel the job (asks)",
		"  p      pause the job or the worker; again: let it go on",
		"  + -    priority of the job, by 10",
		"  d      drain the worker: it finishes, then it is safe to switch off",
		"  P      pause the whole farm; again: let it go on",
		"  q      leave; the room works on",
		"",
		"Cells, one for each unit of the selected job, or one for several:",
		"  # done   > in work   ! given up   . waits",
		"",
		"Any key goes back.",
	}
}

// body shares the lines out among jobs, the selected one's units, workers and log.
func (s *watchScreen) body(room int) []string {
	strip := s.strip(max(room/8, 1))
	workers := 1 + min(len(s.doc.Workers), max(room/5, 1))
	log := 0
	if room >= 12 && s.selectedJob() != nil {
		log = 1 + min(max(len(s.log.lines), 1), max(room/4, 2))
	}
	jobs := max(room-len(strip)-workers-log, 2)
	lines := s.jobList(jobs)
	lines = append(lines, strip...)
	lines = append(lines, s.workerList(workers)...)
	if log > 0 {
		lines = append(lines, s.logLines(log)...)
	}
	return lines
}

func (s *watchScreen) title(text string) string {
	return bold(text + " " + strings.Repeat("-", max(s.columns()-columnsOf(text)-1, 0)))
}

func (s *watchScreen) jobList(room int) []string {
	title := fmt.Sprintf("Jobs: %d", len(s.doc.Jobs))
	if len(s.filter) > 0 {
		title = fmt.Sprintf("Jobs: %d of %d", len(s.rows), len(s.doc.Jobs))
	}
	fits := max(room-1, 1)
	at := max(s.cursor(), 0)
	s.top = max(min(s.top, at, len(s.rows)-fits), 0)
	s.top = max(s.top, at-fits+1)
	if hidden := len(s.rows) - fits; hidden > 0 {
		title += fmt.Sprintf(" (%d to %d)", s.top+1, min(s.top+fits, len(s.rows)))
	}
	lines := []string{s.title(title)}
	for _, i := range s.rows[s.top:min(s.top+fits, len(s.rows))] {
		lines = append(lines, s.jobLine(&s.doc.Jobs[i]))
	}
	if len(s.rows) == 0 {
		lines = append(lines, yesNo(len(s.filter) > 0, "  no job has that", "  no job is here; proxima queue puts some into the farm"))
	}
	return lines
}

func (s *watchScreen) jobLine(j *jobStatus) string {
	here := j.ID == s.selected && !s.onWorkers
	state := j.State
	if j.Paused != "" {
		state = "paused"
	}
	wide := 10
	if s.columns() >= 110 {
		wide = 24
	}
	facts := fmt.Sprintf("  %s %3d%%  %5s  p%02d", gauge(j.FramesDone, j.Frames, wide), j.percent(), fmt.Sprintf("%d/%d", j.UnitsDone, j.Units), j.Priority)
	if s.columns() >= 110 {
		facts = "  " + pad(shorten(jobfile.Printable(j.Preset), 16), 16) + facts + fmt.Sprintf("  %8s", fps(j.FPS))
	}
	name := max(s.columns()-2-10-columnsOf(facts), 4)
	called := jobfile.Printable(j.Name)
	if s.twins[j.Name] && s.columns() < 110 {
		called = jobfile.Printable(j.Preset) + " " + called
	}
	left := yesNo(j.ID == s.selected, "> ", "  ")
	text := left + s.paint(stateColour(j.State), pad(state, 10)) + pad(shorten(called, name), name) + facts
	if here {
		return bold(text)
	}
	return text
}

func fps(f float64) string {
	if f <= 0 {
		return ""
	}
	return fmt.Sprintf("%.0f fps", f)
}

// gauge is a bar that reads without colour.
func gauge(done, of int64, wide int) string {
	n := 0
	if of > 0 {
		n = int(min(max(done, 0), of) * int64(wide) / of)
	}
	return "[" + strings.Repeat("#", n) + strings.Repeat(".", wide-n) + "]"
}

// cellRank: of several units in one cell the one that matters most to see.
var cellRank = map[string]int{"failed": 4, "doing": 3, "todo": 2, "missing": 2, "done": 1}

var cellMark = map[string]string{"failed": "!", "doing": ">", "todo": ".", "missing": ".", "done": "#"}

// cells are the units of a job, in so many rows at most: where they do not fit, several share one.
func cells(units []unitStatus, columns, rows int) (states []string, per int) {
	if len(units) == 0 {
		return nil, 1
	}
	per = (len(units) + columns*rows - 1) / (columns * rows)
	for i := 0; i < len(units); i += per {
		state := ""
		for _, u := range units[i:min(i+per, len(units))] {
			if cellRank[u.State] > cellRank[state] {
				state = u.State
			}
		}
		states = append(states, state)
	}
	return states, per
}

// strip shows the selected job: its units, and what went wrong.
func (s *watchScreen) strip(rows int) []string {
	j := s.selectedJob()
	if j == nil {
		return nil
	}
	n := map[string]int{}
	for _, u := range j.UnitsList {
		n[u.State]++
	}
	called := jobfile.Printable(j.Name)
	if s.twins[j.Name] {
		called += " (" + jobfile.Printable(j.Preset) + ")"
	}
	title := fmt.Sprintf("Units of %s: %d of %d done", called, j.UnitsDone, j.Units)
	if n["doing"] > 0 {
		title += fmt.Sprintf(", %d in work", n["doing"])
	}
	if n["failed"] > 0 {
		title += fmt.Sprintf(", %d given up", n["failed"])
	}
	lines := []string{s.title(shorten(title, s.columns()-4))}
	width := max(s.columns()-4, 1)
	states, per := cells(j.UnitsList, width, rows)
	for len(states) > 0 {
		line := "  "
		for _, st := range states[:min(width, len(states))] {
			line += s.paint(stateColour(st), cmp.Or(cellMark[st], "?"))
		}
		lines = append(lines, line)
		states = states[min(width, len(states)):]
	}
	if per > 1 {
		lines[0] = s.title(shorten(title+fmt.Sprintf(", %d in a cell", per), s.columns()-4))
	}
	for _, why := range []string{j.Error, j.Waits, j.Paused} {
		if why != "" {
			lines = append(lines, wrap("  "+jobfile.OneLine(why), s.columns(), 2)...)
			break
		}
	}
	return lines
}

func (s *watchScreen) workerList(room int) []string {
	lines := []string{s.title(fmt.Sprintf("Workers: %d", len(s.doc.Workers)))}
	from := 0
	for i := range s.doc.Workers {
		if s.doc.Workers[i].ID == s.worker {
			from = max(i-(room-2), 0)
		}
	}
	for i := range s.doc.Workers[from:] {
		w := &s.doc.Workers[from+i]
		if len(lines) == room {
			break
		}
		text := yesNo(s.onWorkers && w.ID == s.worker, "> ", "  ") + pad(shorten(jobfile.Printable(w.ID), 20), 21) +
			s.paint(workerColour(w), pad(shorten(yesNo(w.Silent, "silent", jobfile.Printable(w.State)), 10), 10)) + fmt.Sprintf("%d/%d  ", w.Busy, w.Slots)
		if !w.Silent {
			text += pad(w.load(), len("load 100%")) + "  "
		}
		switch {
		case w.Silent:
			text += "not heard of for " + short(time.Duration(w.LastChange)*time.Second)
		case len(w.Work) > 0:
			var does []string
			for _, u := range w.Work {
				does = append(does, u.brief())
			}
			text += strings.Join(does, "; ")
		default:
			text += jobfile.OneLine(cmp.Or(w.Holds, w.Reason))
		}
		if s.onWorkers && w.ID == s.worker {
			text = bold(text)
		}
		lines = append(lines, text)
	}
	return lines
}

// brief tells what a worker does in few words.
func (u workStatus) brief() string {
	t := jobfile.Printable(u.Unit) + " of " + jobfile.Printable(u.Clip)
	if u.Of > 0 {
		t += fmt.Sprintf(" %d%%", 100*u.Frames/u.Of)
	}
	if u.FPS > 0 {
		t += fmt.Sprintf(" %.0f fps", u.FPS)
	}
	return t
}

func (s *watchScreen) logLines(room int) []string {
	lines := []string{s.title(shorten("Log"+yesNo(s.log.title != "", ": "+s.log.title, ""), s.columns()-4))}
	if len(s.log.lines) == 0 {
		return append(lines, "  nothing of it was begun yet")
	}
	for _, l := range s.log.lines[max(0, len(s.log.lines)-(room-1)):] {
		lines = append(lines, "  "+l)
	}
	return lines
}
