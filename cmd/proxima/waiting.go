package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"proxima/jobfile"
)

// awaited is one clip that somebody waits for.
type awaited struct {
	id             string
	name           string
	source, output string
	frames         int64
	seconds        float64 // of the source
	clip           *clip   // of a queue; nil for who came later

	job    jobStatus // as last seen
	over   bool
	result string // done or failed
	why    string
	before bool // it was over when the wait began
	lost   int  // looks in a row that did not find it anywhere
}

// waiter follows jobs until all are over.
type waiter struct {
	a     *app
	store *jobfile.Store
	eyes  *looker
	jobs  []*awaited
	start time.Time
	now   func() time.Time
	quiet bool

	mu     sync.Mutex // the screen reads what the looks write
	doc    statusDocument
	fps    float64
	shares shares
	line   *inline // nil without a terminal
	tenth  int64
	looked int
}

// shares adds up what the machines of a room do, to tell what the room gains over one of them.
type shares struct {
	byHost map[string]float64
	looks  int
}

func (s *shares) see(ws []workerStatus) {
	if s.byHost == nil {
		s.byHost = map[string]float64{}
	}
	any := false
	for i := range ws {
		if ws[i].FPS > 0 {
			s.byHost[ws[i].Host] += ws[i].FPS
			any = true
		}
	}
	if any {
		s.looks++
	}
}

// gain is the room's speed against that of its fastest machine; 0 where only one took part.
func (s *shares) gain() float64 {
	sum, most := 0.0, 0.0
	for _, f := range s.byHost {
		sum += f
		most = max(most, f)
	}
	if len(s.byHost) < 2 || most <= 0 {
		return 0
	}
	return sum / most
}

func (a *app) newWaiter(store *jobfile.Store, jobs []*awaited, quiet bool) *waiter {
	w := &waiter{a: a, store: store, eyes: newLooker(store, nil), jobs: jobs, start: time.Now(), now: time.Now, quiet: quiet}
	if !quiet && canDraw(a.stderr) {
		w.line = startInline(a.stderr, 0, w.lines)
	}
	return w
}

// run returns how many failed.
func (w *waiter) run(ctx context.Context) (failed int, err error) {
	defer w.close()
	asked, lonely, away := w.start, false, ""
	for {
		begun := time.Now()
		left, err := w.round(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && away != err.Error():
			away = err.Error()
			w.say("cannot see the farm; waiting for it to come back (%v)", err)
		case err != nil:
		case left == 0:
			w.close()
			for _, j := range w.jobs {
				if j.result == "failed" {
					failed++
				}
			}
			return failed, nil
		default:
			away = ""
			if !lonely && time.Since(asked) > 20*time.Second {
				asked = time.Now()
				if why := w.stuck(); why != "" {
					w.say("%s", why)
					lonely = true
				}
			} else if lonely && w.stuck() == "" {
				lonely = false
			}
		}
		select {
		case <-ctx.Done():
			w.close()
			fmt.Fprintf(w.a.stderr, "proxima: no longer waiting; the jobs stay queued\n  next: proxima status --farm %s\n", jobfile.Printable(w.store.Dir()))
			return 0, errInterrupted
		case <-time.After(max(time.Second, min(2*time.Since(begun), 15*time.Second))):
		}
	}
}

// lostAfter is after how many looks a job that is nowhere was deleted: it may be on its way to done/.
const lostAfter = 5

// round looks once at what is not over.
func (w *waiter) round(ctx context.Context) (left int, err error) {
	only := []string{}
	for _, j := range w.jobs {
		if !j.over {
			only = append(only, j.id)
		}
	}
	doc, err := w.eyes.look(ctx, wish{only: only, again: true})
	if err != nil {
		return len(only), err
	}
	w.mu.Lock()
	w.doc = doc
	w.shares.see(doc.Workers)
	seen := map[string]*jobStatus{}
	for i := range doc.Jobs {
		seen[doc.Jobs[i].ID] = &doc.Jobs[i]
	}
	var ended []*awaited
	for _, j := range w.jobs {
		if s := seen[j.id]; s != nil && !j.over {
			if w.take(j, s); j.over {
				ended = append(ended, j)
			} else {
				left++
			}
		} else if !j.over {
			left++
		}
	}
	w.looked++
	if w.fps = w.eyes.speed.fps(); w.fps <= 0 {
		w.fps = doc.Room.FPS
	}
	w.mu.Unlock()
	for _, j := range ended {
		w.tell(j)
	}
	done, total, _, _ := w.sums()
	if tenth := done * 10 / max(total, 1); w.line == nil && tenth > w.tenth && left > 0 {
		w.tenth = tenth
		w.say("%s", w.total(w.now(), 0))
	}
	return left, nil
}

// stuck tells why nothing of what is waited for is begun, or of a part of it, and what to do.
func (w *waiter) stuck() string {
	if w.doc.Still != "" {
		return jobfile.OneLine(strings.ReplaceAll(w.doc.Still, "\n  next:", "; next:"))
	}
	for _, j := range w.jobs {
		if !j.over && j.job.Waits != "" {
			return shorten(j.name, 30) + " waits for " + jobfile.OneLine(j.job.Waits) + "; next: start a worker that can, or change the preset"
		}
	}
	return ""
}

// take takes in how a job stands.
func (w *waiter) take(j *awaited, s *jobStatus) {
	if s.FramesDone < j.job.FramesDone && s.State != "failed" { // a unit that is made again takes nothing off
		s.FramesDone = j.job.FramesDone
	}
	j.job = *s
	switch {
	case s.State == "done":
		j.before = w.looked == 0
		j.over, j.result = true, "done"
	case s.State == "cancelled":
		j.over, j.result, j.why = true, "failed", "the job was cancelled"
	case s.State == "failed" && s.marked:
		j.over, j.result, j.why = true, "failed", s.Error
	case s.absent:
		if j.lost++; j.lost >= lostAfter {
			j.over, j.result, j.why = true, "failed", "the job's folder was deleted"
		}
		return
	}
	j.lost = 0
	if j.over && j.clip != nil {
		j.clip.Result, j.clip.Error = j.result, j.why
	}
}

// tell says what became of a clip, when it did.
func (w *waiter) tell(j *awaited) {
	if j.clip != nil {
		j.clip.Result, j.clip.Error = j.result, j.why
	}
	switch {
	case j.result == "done":
		w.say("done %s -> %s", j.name, jobfile.Printable(j.output))
		for _, words := range j.job.Warnings {
			w.say("  warning: %s", jobfile.OneLine(words))
		}
	case j.job.State == "cancelled":
		w.say("cancelled %s", j.name)
	default:
		w.say("failed %s: %s", j.name, jobfile.Printable(j.why))
		if j.job.Next != "" {
			w.say("  next: %s", jobfile.Printable(j.job.Next))
		}
	}
}

func (w *waiter) say(format string, args ...any) {
	line := jobfile.OneLine(fmt.Sprintf(format, args...))
	switch {
	case w.quiet:
	case w.line != nil:
		w.line.say(line)
	default:
		fmt.Fprintln(w.a.stderr, line)
	}
}

func (w *waiter) close() {
	if w.line != nil {
		w.line.close()
		w.line = nil
	}
}

// awaitedOf is a job that somebody waits for who did not queue it.
func awaitedOf(j *jobfile.Job, r jobfile.Roots) *awaited {
	return &awaited{
		id: j.ID, name: jobfile.Printable(clipOf(j)), source: locateOr(r, j.Source.Path), output: locateOr(r, j.Output.Path),
		frames: max(j.Plan.Frames, 1), seconds: float64(j.Media.DurationUS) / 1e6,
	}
}

// awaitedClip is one that was just queued.
func awaitedClip(c *clip) *awaited {
	return &awaited{
		id: c.Job, name: jobfile.Printable(filepath.Base(c.Source)), source: c.Source, output: c.Output,
		frames: max(c.Frames, 1), seconds: c.Seconds, clip: c,
	}
}
