package monitor

import (
	"cmp"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
)

// Bounds of one look at the farm: what it costs grows with what is in work, not with what waits,
// and hardly with what is finished.
const (
	headOfQueue  = 8           // jobs that are looked at each time, besides those in work
	turns        = 24          // of the others, those that were not looked at for longest
	firstTime    = time.Second // after which a look that has much to read goes on the next time
	readsEach    = 100         // records and results that are read in one look
	shownJobs    = 300         // jobs that are not over on the page
	shownDone    = 60          // finished ones
	shownWorkers = 500
	doneEvery    = time.Minute       // how often done/ is listed if nothing left jobs/
	silentAfter  = 150 * time.Second // a worker renews its document each minute
	stillAfter   = time.Minute       // its beat moves every ten seconds
	reasons      = 5                 // failures that are told of one job
	wordsEvery   = 20 * time.Second  // how often it is asked what a job waits for
	askedAgain   = 5 * time.Second   // how often requests are put in words
)

// reader reads the farm, and keeps what need not be read again. One goroutine uses it.
type reader struct {
	Config
	roll    *jobfile.Roll
	beats   map[string]int64 // when the reader began: who moved since is alive, whatever clocks say
	tints   map[string]int   // colours of workers, by name
	jobs    map[string]*known
	records map[string]*Job // finished jobs, by id
	left    map[string]bool // jobs that left jobs/ while the reader looked
	done    []string        // ids in done/
	doneAt  time.Time
	results map[string]made // by job and ticket
	wanted  []wanted        // results that are to be read
	listed  map[string]bool // finished jobs whose results were listed
	words   map[string]string
	wordsAt time.Time
}

// known is a job that is not over, as of the last look at it.
type known struct {
	doc     Job
	view    jobfile.View
	job     *jobfile.Job
	looked  time.Time
	failed  string // the tickets of failed/, as the reasons were read
	waitsAt time.Time
}

type wanted struct {
	job    string
	ticket jobfile.Ticket
}

func (w wanted) key() string { return w.job + "/" + w.ticket.String() }

func newReader(c Config) *reader {
	return &reader{
		Config: c, roll: jobfile.NewRoll(c.Lease), tints: map[string]int{}, jobs: map[string]*known{}, records: map[string]*Job{},
		left: map[string]bool{}, results: map[string]made{}, listed: map[string]bool{},
	}
}

// farm is what one look showed.
type farm struct {
	head    Head
	jobs    []*Job
	workers []Worker
	asked   []string
	plot    Plot
}

// look reads the farm.
func (r *reader) look(now time.Time) (*farm, error) {
	if _, err := r.Store.Farm(); err != nil {
		return nil, err
	}
	ids, _, err := r.Store.JobIDs()
	if err != nil {
		return nil, err
	}
	asks, err := r.Store.Controls()
	if err != nil {
		return nil, err
	}
	ws, beats, err := r.Store.Workers()
	if err != nil {
		return nil, err
	}
	f := &farm{}
	here := r.present(f, ws, beats, now)
	ids = asks.Order(ids)
	r.refresh(ids, here, now)
	if err := r.finished(now); err != nil {
		return nil, err
	}
	r.read(now)
	r.say(f, asks, now)
	r.sum(f, ids, asks, here, now)
	return f, nil
}

// present tells who is here, by beats that the reader itself saw move, and else by documents.
func (r *reader) present(f *farm, ws []*jobfile.Worker, beats map[string]int64, now time.Time) (here []*jobfile.Worker) {
	if r.beats == nil {
		r.beats = beats
	}
	r.roll.Observe(now, beats)
	slices.SortStableFunc(ws, func(a, b *jobfile.Worker) int { return cmp.Compare(a.Name, b.Name) })
	for _, w := range ws {
		r.tint(w.Name)
		still := r.roll.Still(w.ID, now)
		first, seen := r.beats[w.ID]
		moved := !seen || beats[w.ID] != first
		age := now.Sub(w.Updated)
		d := Worker{
			ID: w.ID, Name: jobfile.Printable(w.Name), Host: jobfile.Printable(w.Host), Colour: r.tint(w.Name), State: jobfile.Printable(w.State),
			Slots: w.Slots, Version: jobfile.Printable(w.Version), Encoder: jobfile.Printable(w.Encoder), System: jobfile.Printable(w.System),
			Words: brief(cmp.Or(w.Holds, w.Reason)), Held: slices.ContainsFunc(w.Obeys, func(s string) bool { return strings.HasSuffix(s, "."+w.Name+".yaml") }),
		}
		if still >= stillAfter || !moved && age > silentAfter {
			d.State, d.Silent = "silent", int64(max(still, min(age, 24*time.Hour)).Seconds())
		} else {
			d.Load = w.Load
			here = append(here, w)
		}
		for _, b := range w.Busy {
			d.FPS += b.FPS
			if len(d.Does) < 64 {
				d.Does = append(d.Does, Does{Job: b.Job, Clip: r.clip(b.Job), Unit: jobfile.Printable(string(b.Unit)), Frames: max(0, b.Frames), Of: max(0, b.Of)})
			}
		}
		if d.State == "silent" {
			d.FPS = 0
		}
		if len(f.workers) < shownWorkers {
			f.workers = append(f.workers, d)
		}
	}
	return here
}

// tint is a worker's colour: that of its name, kept for as long as the monitor runs.
func (r *reader) tint(name string) int {
	t, ok := r.tints[name]
	if !ok {
		t = len(r.tints)
		r.tints[name] = t
	}
	return t
}

func (r *reader) letter(worker string) byte {
	if t := r.tint(nameOf(worker)); t < len(colours) {
		return colours[t]
	}
	return colours[len(colours)-1]
}

func (r *reader) clip(id string) string {
	if k := r.jobs[id]; k != nil {
		return k.doc.Name
	}
	return jobfile.Printable(jobfile.StemOf(id))
}

// refresh looks at jobs: those in work and at the head of the queue each time, the others in turns.
func (r *reader) refresh(ids []string, here []*jobfile.Worker, now time.Time) {
	there := map[string]bool{}
	for _, id := range ids {
		there[id] = true
	}
	for id := range r.jobs {
		if !there[id] {
			delete(r.jobs, id)
			r.left[id] = true
			r.doneAt = time.Time{}
		}
	}
	must := map[string]bool{}
	for _, w := range here {
		for _, b := range w.Busy {
			must[b.Job] = there[b.Job]
		}
	}
	for _, id := range ids[:min(len(ids), headOfQueue)] {
		must[id] = true
	}
	var others []string
	for _, id := range ids {
		if must[id] {
			r.one(id, here, now)
		} else {
			others = append(others, id)
		}
	}
	at := func(id string) time.Time {
		if k := r.jobs[id]; k != nil {
			return k.looked
		}
		return time.Time{}
	}
	slices.SortStableFunc(others, func(a, b string) int { return at(a).Compare(at(b)) })
	start := time.Now()
	for i, id := range others {
		if !at(id).IsZero() && i >= turns || time.Since(start) > firstTime {
			break
		}
		r.one(id, here, now)
	}
}

// one looks at a job.
func (r *reader) one(id string, here []*jobfile.Worker, now time.Time) {
	k := r.jobs[id]
	if k == nil {
		k = &known{}
	}
	j, err := r.Store.Job(id)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) && k.job != nil {
			return // on its way to done/
		}
		k.doc = Job{
			ID: id, Name: jobfile.Printable(jobfile.StemOf(id)), State: "failed", Queued: millis(jobfile.QueuedAt(id)),
			Error: "its job.yaml cannot be used: " + brief(err.Error()), Next: "mend it, or delete the folder and queue the clip again",
		}
		k.looked, r.jobs[id] = now, k
		return
	}
	l, err := r.Store.Look(id)
	if err != nil {
		if k.job == nil && !errors.Is(err, fs.ErrNotExist) {
			k.doc, k.looked, k.job = about(j), now, j
			k.doc.Error = brief(err.Error())
			r.jobs[id] = k
		}
		return
	}
	v := jobfile.Fold(j.Plan.Units, l)
	d := about(j)
	d.State = v.Stage()
	d.Cells, d.Whose = strip(v, r.letter)
	for _, u := range v.Units {
		if u.State != jobfile.Done {
			continue
		}
		p, _ := j.Plan.Planned(u.ID)
		d.UnitsDone++
		d.Done += p.Frames
		if u.ID.HasVideo() {
			r.want(wanted{id, u.Ticket})
		}
	}
	for _, w := range here {
		for _, b := range w.Busy {
			if b.Job == id && b.Unit.HasVideo() && v.Unit(b.Unit).State == jobfile.Doing {
				d.Done += max(0, b.Frames)
			}
		}
	}
	d.Done = min(d.Done, d.Frames)
	r.troubles(k, &d, j, v, l)
	d.Waits = k.doc.Waits
	if d.State == "queued" || d.State == "encoding" {
		if now.Sub(k.waitsAt) > wordsEvery {
			k.waitsAt, d.Waits = now, ""
			if slices.ContainsFunc(here, func(w *jobfile.Worker) bool { return len(w.Cannot) > 0 }) {
				d.Waits = brief(r.Voice.WaitsFor(id, here))
			}
		}
	} else {
		d.Waits = ""
	}
	k.doc, k.view, k.job, k.looked = d, v, j, now
	r.jobs[id] = k
}

// troubles tells what went wrong with a job. Reasons are read when another set of units failed.
func (r *reader) troubles(k *known, d *Job, j *jobfile.Job, v jobfile.View, l jobfile.Listing) {
	var marks []string
	for _, t := range l.Failed {
		marks = append(marks, t.String())
	}
	slices.Sort(marks)
	marks = append(marks, mark(l.FailedMark, "F"), mark(l.Cancelled, "C"), mark(l.Done, "D"))
	key := strings.Join(marks, " ")
	if key == k.failed && k.job == j {
		d.Error, d.Next, d.Failures = k.doc.Error, k.doc.Next, k.doc.Failures
	} else {
		for _, u := range v.Units {
			if u.State == jobfile.Failed && len(d.Failures) < reasons {
				why, next := r.Store.WhyFailed(d.ID, jobfile.View{Units: []jobfile.UnitView{u}})
				d.Failures = append(d.Failures, Failure{Unit: string(u.ID), Error: brief(why), Next: brief(next)})
			}
		}
		if len(d.Failures) > 0 {
			d.Error, d.Next = d.Failures[0].Error, d.Failures[0].Next
		} else if l.FailedMark || l.Cancelled {
			if m, _, err := r.Store.Marker(d.ID); err == nil && m != nil {
				d.Error, d.Next = brief(m.Error), brief(m.Next)
			}
		}
		k.failed = key
	}
	switch {
	case l.Done:
		d.State, d.Done, d.UnitsDone = "done", d.Frames, d.Units
		d.Error, d.Next = "", ""
	case l.Cancelled:
		d.State = "cancelled"
	case l.FailedMark:
		d.State = "failed"
	}
}

func mark(is bool, s string) string {
	if is {
		return s
	}
	return "-"
}

// about is what job.yaml tells of a job.
func about(j *jobfile.Job) Job {
	rel := strings.ReplaceAll(j.Source.Path.Rel, `\`, "/")
	d := Job{
		ID: j.ID, Name: jobfile.Printable(path.Base(rel)), Preset: jobfile.Printable(j.Recipe.Preset), By: jobfile.Printable(j.By),
		Source: brief(j.Source.Path.String()), Output: brief(j.Output.Path.String()),
		Queued: millis(j.Created), Frames: max(0, j.Plan.Frames), Units: len(j.Plan.Units),
	}
	return d
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
