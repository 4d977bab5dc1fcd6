package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"proxima/jobfile"
)

// watchFarm shows the farm live until the person leaves.
func (a *app) watchFarm(ctx context.Context, store *jobfile.Store, r jobfile.Roots) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &watching{a: a, ctx: ctx, store: store, eyes: newLooker(store, r)}
	s := &watchScreen{
		farm: store.Dir(), width: 80, height: 24, now: time.Now(), colours: a.getenv("NO_COLOR") == "",
		look: w.look, act: w.act,
		tick: func(d time.Duration, m any) tea.Cmd { return tea.Tick(d, func(time.Time) tea.Msg { return m }) },
	}
	program := tea.NewProgram(s, tea.WithInput(a.stdin), tea.WithOutput(a.stdout), tea.WithoutSignalHandler())
	release := context.AfterFunc(ctx, program.Quit)
	defer release()
	_, err := program.Run()
	interrupted := ctx.Err() != nil
	cancel()
	w.end()
	switch {
	case interrupted:
		return errInterrupted
	case err != nil:
		return &hinted{what: "cannot show the farm on this terminal", err: err, next: "proxima status shows it once; proxima status --watch | cat follows it in lines"}
	}
	return nil
}

// watching does for a screen what takes time. Of all of it nothing goes on when end has returned.
type watching struct {
	a     *app
	ctx   context.Context
	store *jobfile.Store
	eyes  *looker
	tail  logTail

	mu   sync.Mutex
	over bool
	wg   sync.WaitGroup
}

func (w *watching) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over {
		w.wg.Add(1)
	}
	return !w.over
}

func (w *watching) end() {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	w.wg.Wait()
}

// look is one look at the farm, and at the log of a job; the screen asks for one at a time.
func (w *watching) look(selected string) tea.Cmd {
	return func() tea.Msg {
		if !w.begin() {
			return nil
		}
		defer w.wg.Done()
		start := time.Now()
		m := seenMsg{}
		m.doc, m.err = w.eyes.look(w.ctx, wish{units: []string{selected}, again: true})
		if m.err == nil && selected == "" && len(m.doc.Jobs) > 0 { // the first
			selected = m.doc.Jobs[0].ID
		}
		if m.err == nil && selected != "" {
			m.log = w.tail.read(w.store, selected, m.doc.Workers)
		}
		m.at = time.Now()
		m.took = m.at.Sub(start)
		return m
	}
}

// answersIn is how long a live screen waits for workers to say that they do what was asked.
const answersIn = 20 * time.Second

// act carries a request out, as the command of its name does.
func (w *watching) act(words ...string) tea.Cmd {
	return func() tea.Msg {
		if !w.begin() {
			return nil
		}
		defer w.wg.Done()
		var said bytes.Buffer
		inner := &app{stdin: strings.NewReader(""), stdout: &said, stderr: &said, getenv: w.a.getenv}
		k := &asker{a: inner, store: w.store, timeout: answersIn}
		err := k.do(w.ctx, words)
		if err != nil && w.ctx.Err() == nil {
			inner.report(err)
		}
		return actedMsg{slices.DeleteFunc(strings.Split(said.String(), "\n"), func(l string) bool { return l == "" })}
	}
}

// do is a request in the words of the command line; -worker says of whom.
func (k *asker) do(ctx context.Context, words []string) error {
	verb, of := words[0], words[1:]
	switch verb {
	case "retry":
		return k.retry(ctx, of)
	case "cancel":
		return k.cancel(ctx, of)
	case "pause":
		return k.pause(ctx, of, pauseOptions{})
	case "resume":
		return k.resume(ctx, of, pauseOptions{})
	case "pause-worker":
		return k.pause(ctx, nil, pauseOptions{worker: of[0]})
	case "resume-worker":
		return k.resume(ctx, nil, pauseOptions{worker: of[0]})
	case "drain":
		return k.drain(ctx, of[0], false)
	case "priority":
		n, err := strconv.Atoi(of[1])
		if err != nil {
			return err
		}
		return k.prioritise(ctx, of[0], n)
	}
	return fmt.Errorf("%s is no request", verb)
}

// logTail reads the end of a job's latest log, once for each time that it grew.
type logTail struct {
	job    string
	ticket jobfile.Ticket
	size   int64
	lines  []string
}

// A screen shows the last lines of a log, however long it is.
const (
	tailBytes = 64 << 10
	tailLines = 50
)

func (t *logTail) read(store *jobfile.Store, id string, workers []workerStatus) jobLog {
	ts, err := store.Logs(id)
	if err != nil || len(ts) == 0 {
		return jobLog{job: id}
	}
	at := latestAttempt(ts, id, workers)
	n, err := store.LogSize(id, at)
	if err == nil && (t.job != id || t.ticket != at || t.size != n) {
		*t = logTail{job: id, ticket: at, size: n}
		data, err := store.LogEnd(id, at, tailBytes)
		if err != nil {
			t.size = -1 // again at the next look
		}
		for l := range strings.Lines(string(data)) {
			if l = jobfile.OneLine(strings.TrimSpace(l)); l != "" {
				t.lines = append(t.lines, l)
			}
		}
		t.lines = t.lines[max(0, len(t.lines)-tailLines):]
	}
	return jobLog{job: id, title: fmt.Sprintf("unit %s, attempt %d, on %s", at.Unit, at.Attempt, at.Worker), lines: t.lines}
}

// latestAttempt is that of a unit in work, else the last in the order of the plan.
func latestAttempt(ts []jobfile.Ticket, id string, workers []workerStatus) jobfile.Ticket {
	for _, w := range workers {
		for _, u := range w.Work {
			at := jobfile.Ticket{Unit: jobfile.UnitID(u.Unit), Attempt: u.Attempt, Worker: w.ID}
			if u.Job == id && slices.Contains(ts, at) {
				return at
			}
		}
	}
	return ts[len(ts)-1]
}

// followFarm writes what changes in lines, where there is no terminal, until it is told to stop.
func (a *app) followFarm(ctx context.Context, store *jobfile.Store, r jobfile.Roots) error {
	eyes := newLooker(store, r)
	var last *statusDocument
	failed := ""
	for {
		start := time.Now()
		doc, err := eyes.look(ctx, wish{again: true})
		switch {
		case ctx.Err() != nil:
			return errInterrupted
		case err != nil && failed != err.Error():
			failed = err.Error()
			fmt.Fprintf(a.stderr, "proxima: cannot see the farm; waiting for it to come back (%s)\n", oneLine(err))
		case err == nil:
			failed = ""
			writeLines(a.stdout, time.Now(), changes(last, &doc, time.Now(), func(id string) jobStatus { return eyes.one(id, false, true, true).job }))
			last = &doc
		}
		select {
		case <-ctx.Done():
			return errInterrupted
		case <-time.After(restBetween(time.Since(start), &doc.Room)):
		}
	}
}

func writeLines(out io.Writer, at time.Time, lines []string) {
	for _, l := range lines {
		fmt.Fprintf(out, "%s %s\n", at.Format("15:04:05"), jobfile.OneLine(l))
	}
}

// changes tells in lines what is otherwise than it was. ended tells of a job that is not listed any
// more what became of it.
func changes(old, now *statusDocument, at time.Time, ended func(string) jobStatus) (lines []string) {
	if old == nil {
		lines = append(lines, now.Room.line(at))
		old = &statusDocument{}
	} else if old.Room.State != now.Room.State || now.Room.Frames > 0 && tenth(&old.Room) != tenth(&now.Room) {
		lines = append(lines, now.Room.line(at))
	}
	if now.Still != "" && now.Still != old.Still {
		lines = append(lines, strings.ReplaceAll(now.Still, "\n  next:", "; next:"))
	}
	before := map[string]*jobStatus{}
	for i := range old.Jobs {
		before[old.Jobs[i].ID] = &old.Jobs[i]
	}
	for i := range now.Jobs {
		j := &now.Jobs[i]
		b := before[j.ID]
		delete(before, j.ID)
		if b == nil && j.State == "queued" && len(old.Jobs) == 0 {
			continue // those that wait were counted
		}
		if b == nil || b.State != j.State || b.Error != j.Error {
			lines = append(lines, jobWords(j)...)
		}
	}
	for i := range old.Jobs { // in their order
		if b := before[old.Jobs[i].ID]; b != nil && b.State != "done" && b.State != "cancelled" {
			j := ended(b.ID)
			if j.State != "done" && j.State != "cancelled" {
				j = jobStatus{Name: b.Name, Preset: b.Preset, State: "gone", Error: "its folder was deleted"}
			}
			lines = append(lines, jobWords(&j)...)
		}
	}
	was := map[string]bool{}
	for _, w := range old.Workers {
		was[w.ID] = !w.Silent
	}
	for _, w := range now.Workers {
		if there, known := was[w.ID]; known && there == w.Silent {
			lines = append(lines, yesNo(w.Silent, "silent "+w.ID, "heard of again "+w.ID))
		} else if !known && len(old.Workers) > 0 {
			lines = append(lines, "came "+w.ID)
		}
		delete(was, w.ID)
	}
	for _, w := range old.Workers {
		if _, left := was[w.ID]; left {
			lines = append(lines, "left "+w.ID)
		}
	}
	return lines
}

func tenth(r *roomStatus) int64 { return 10 * r.Done / max(r.Frames, 1) }

func jobWords(j *jobStatus) []string {
	s := j.State + " " + jobfile.Printable(j.Name) + " (" + jobfile.Printable(j.Preset) + ")"
	if j.Error != "" {
		s += ": " + jobfile.OneLine(j.Error)
	}
	lines := []string{s}
	if j.Next != "" {
		lines = append(lines, "  next: "+jobfile.OneLine(j.Next))
	}
	return lines
}
