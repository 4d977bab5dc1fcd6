package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"proxima/jobfile"
)

// watchScreen is the farm on the screen: what was seen of it last, and where the person is.
type watchScreen struct {
	farm string
	doc  statusDocument
	err  error     // of the last look
	at   time.Time // of the last one that went well
	took time.Duration
	now  time.Time

	rows      []int           // of doc.Jobs, those that the filter lets through
	twins     map[string]bool // names that several jobs bear
	selected  string          // job
	worker    string          // where onWorkers
	onWorkers bool
	top       int // of rows, the first on the screen
	filter    []rune
	typing    bool // a filter
	help      bool
	question  string // that y answers
	answer    []string
	said      []string // about the last key, or what came of a request
	log       jobLog   // of the selected job

	width, height int
	colours       bool
	looking       bool
	again         bool // what is selected was not looked at

	look func(selected string) tea.Cmd // nil in tests
	act  func(words ...string) tea.Cmd // likewise
	tick func(d time.Duration, m any) tea.Cmd
}

// jobLog is the end of what is written about a job's latest attempt.
type jobLog struct {
	job   string
	title string
	lines []string
}

// What reaches the screen from outside.
type (
	seenMsg struct {
		doc  statusDocument
		log  jobLog
		err  error
		at   time.Time
		took time.Duration
	}
	actedMsg struct{ lines []string }
	lookMsg  struct{}
	clockMsg struct{}
)

// restBetween is how long a live screen lets the share alone after a look: longer where looks take
// long, and where nothing moves.
func restBetween(took time.Duration, r *roomStatus) time.Duration {
	rest := 2 * time.Second
	if r.State != "working" {
		rest = 5 * time.Second
	}
	return min(max(rest, 5*took), 30*time.Second)
}

func (s *watchScreen) Init() tea.Cmd {
	s.looking = true
	return tea.Batch(s.look(""), s.tick(time.Second, clockMsg{}))
}

func (s *watchScreen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	s.now = time.Now()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.width, s.height = msg.Width, msg.Height
	case clockMsg:
		return s, s.tick(time.Second, clockMsg{})
	case lookMsg:
		if s.looking {
			return s, nil
		}
		s.looking, s.again = true, false
		return s, s.look(s.selected)
	case seenMsg:
		return s, s.seen(msg)
	case actedMsg:
		s.said = msg.lines
		return s, s.soon()
	case tea.PasteMsg:
		if s.typing {
			s.typed(msg.Content)
		}
	case tea.KeyPressMsg:
		before := s.selected
		cmd := s.key(msg)
		if s.selected != before {
			s.log = jobLog{}
			cmd = tea.Batch(cmd, s.soon())
		}
		return s, cmd
	}
	return s, nil
}

// soon looks as soon as no other look is under way.
func (s *watchScreen) soon() tea.Cmd {
	s.again = true
	if s.looking {
		return nil
	}
	return s.tick(100*time.Millisecond, lookMsg{})
}

func (s *watchScreen) seen(m seenMsg) tea.Cmd {
	s.looking, s.took = false, m.took
	if s.err = m.err; m.err == nil {
		s.doc, s.at = m.doc, m.at
		if m.log.job == s.selected || s.selected == "" {
			s.log = m.log
		}
		before := s.selected
		s.arrange()
		s.again = s.again || s.selected != before // nobody asked for its units
	}
	if s.again {
		return s.tick(100*time.Millisecond, lookMsg{})
	}
	return s.tick(restBetween(m.took, &s.doc.Room), lookMsg{})
}

// arrange keeps the selection on a job that is there.
func (s *watchScreen) arrange() {
	at := s.cursor()
	s.rows = s.rows[:0]
	want := strings.ToLower(string(s.filter))
	met := map[string]int{}
	s.twins = map[string]bool{}
	for i := range s.doc.Jobs {
		j := &s.doc.Jobs[i]
		met[j.Name]++
		s.twins[j.Name] = met[j.Name] > 1
		if strings.Contains(strings.ToLower(j.Name+" "+j.Preset+" "+j.State+" "+j.ID), want) {
			s.rows = append(s.rows, i)
		}
	}
	if s.selectedJob() == nil || s.cursor() < 0 {
		s.moveTo(max(at, 0))
	}
	if !slices.ContainsFunc(s.doc.Workers, func(w workerStatus) bool { return w.ID == s.worker }) {
		s.worker = ""
		if len(s.doc.Workers) > 0 {
			s.worker = s.doc.Workers[0].ID
		}
	}
}

// cursor is where the selected job stands among the rows; -1 nowhere.
func (s *watchScreen) cursor() int {
	return slices.IndexFunc(s.rows, func(i int) bool { return i < len(s.doc.Jobs) && s.doc.Jobs[i].ID == s.selected })
}

func (s *watchScreen) moveTo(at int) {
	s.selected = ""
	if at = max(min(at, len(s.rows)-1), 0); at < len(s.rows) {
		s.selected = s.doc.Jobs[s.rows[at]].ID
	}
}

func (s *watchScreen) selectedJob() *jobStatus {
	for i := range s.doc.Jobs {
		if s.doc.Jobs[i].ID == s.selected {
			return &s.doc.Jobs[i]
		}
	}
	return nil
}

func (s *watchScreen) selectedWorker() *workerStatus {
	for i := range s.doc.Workers {
		if s.doc.Workers[i].ID == s.worker {
			return &s.doc.Workers[i]
		}
	}
	return nil
}

// move goes up or down in the list that is looked at.
func (s *watchScreen) move(by int) {
	if !s.onWorkers {
		s.moveTo(s.cursor() + by)
		return
	}
	at := slices.IndexFunc(s.doc.Workers, func(w workerStatus) bool { return w.ID == s.worker })
	if at = max(min(at+by, len(s.doc.Workers)-1), 0); at < len(s.doc.Workers) {
		s.worker = s.doc.Workers[at].ID
	}
}

func (s *watchScreen) key(k tea.KeyPressMsg) tea.Cmd {
	name := k.Keystroke()
	switch {
	case name == "ctrl+c":
		return tea.Quit
	case s.question != "":
		s.question = ""
		if k.Text == "y" || k.Text == "Y" {
			return s.request(s.answer...)
		}
		s.said = []string{"Nothing was done."}
		return nil
	case s.typing:
		return s.typeKey(k)
	}
	s.said = nil
	if s.help {
		s.help = false
		if name != "q" {
			return nil
		}
	}
	page := 10
	switch name {
	case "q":
		return tea.Quit
	case "esc":
		s.filter = nil
		s.arrange()
	case "up", "k":
		s.move(-1)
	case "down", "j":
		s.move(1)
	case "pgup":
		s.move(-page)
	case "pgdown":
		s.move(page)
	case "home":
		s.move(-len(s.rows) - len(s.doc.Workers))
	case "end":
		s.move(len(s.rows) + len(s.doc.Workers))
	case "tab":
		s.onWorkers = !s.onWorkers && len(s.doc.Workers) > 0
	default:
		return s.command(k.Text)
	}
	return nil
}

// command is a key that does something.
func (s *watchScreen) command(text string) tea.Cmd {
	switch text {
	case "?":
		s.help = true
		return nil
	case "/":
		s.typing, s.onWorkers = true, false
		return nil
	case "P":
		for _, a := range s.doc.Asked {
			if a.File == "pause.yaml" || a.File == "pause-now.yaml" {
				return s.request("resume")
			}
		}
		return s.request("pause")
	}
	if s.onWorkers {
		return s.workerKey(text)
	}
	j := s.selectedJob()
	if j == nil {
		return nil
	}
	switch text {
	case "r":
		return s.request("retry", j.ID)
	case "c":
		s.question, s.answer = "Cancel "+jobfile.Printable(j.Name)+", and remove what was encoded of it? y cancels it, any other key does not", []string{"cancel", j.ID}
	case "p":
		if j.Paused != "" {
			return s.request("resume", j.ID)
		}
		return s.request("pause", j.ID)
	case "+", "=":
		return s.request("priority", j.ID, fmt.Sprint(min(j.Priority+10, 99)))
	case "-":
		return s.request("priority", j.ID, fmt.Sprint(max(j.Priority-10, 0)))
	}
	return nil
}

func (s *watchScreen) workerKey(text string) tea.Cmd {
	w := s.selectedWorker()
	if w == nil {
		return nil
	}
	switch text {
	case "p":
		if w.State == "paused" || w.State == "drained" {
			return s.request("resume-worker", w.ID)
		}
		return s.request("pause-worker", w.ID)
	case "d":
		return s.request("drain", w.ID)
	}
	return nil
}

func (s *watchScreen) request(words ...string) tea.Cmd {
	s.said = []string{"asked; waiting for the workers to answer"}
	return s.act(words...)
}

func (s *watchScreen) typeKey(k tea.KeyPressMsg) tea.Cmd {
	switch k.Keystroke() {
	case "enter":
		s.typing = false
	case "esc":
		s.typing, s.filter = false, nil
	case "backspace", "ctrl+h":
		s.filter = s.filter[:max(len(s.filter)-1, 0)]
	case "ctrl+u", "ctrl+w":
		s.filter = nil
	case "up":
		s.move(-1)
		return nil
	case "down":
		s.move(1)
		return nil
	default:
		s.typed(k.Text)
		return nil
	}
	s.arrange()
	return nil
}

// typed adds to the filter; what is pasted may hold anything.
func (s *watchScreen) typed(text string) {
	for _, r := range text {
		if len(s.filter) < maxFilter && r >= ' ' {
			s.filter = append(s.filter, r)
		}
	}
	s.arrange()
}
