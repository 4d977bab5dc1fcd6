package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"proxima/jobfile"
)

const (
	// looksAtOnce is how many jobs are looked at side by side: a share answers many questions in
	// the time of one.
	looksAtOnce = 16
	// wholeJobs is of how many jobs, the first to be done first, the whole document is read. Of the
	// others what is shown is read, which takes a tenth of the time.
	wholeJobs = 32
	// turnOfOthers is how many of the jobs that nobody works on a live screen looks at each time.
	turnOfOthers = 32
	// finishedShown bounds how many finished jobs --json lists.
	finishedShown = 100
)

// looker reads the farm for people, and remembers what it saw, so that looking again costs what is
// in work and not what waits.
type looker struct {
	store    *jobfile.Store
	roots    jobfile.Roots
	seen     map[string]*sight
	finished int // as of the last count
	counted  time.Time
	speed    meter
	lease    time.Duration // once it was needed
}

// sight is a job as it was seen.
type sight struct {
	at     time.Time
	job    jobStatus
	waits  *jobfile.Job // as it would be made by whoever begins something of it; nil where nobody would
	frames int64        // of units that are done
}

func newLooker(store *jobfile.Store, r jobfile.Roots) *looker {
	return &looker{store: store, roots: r, seen: map[string]*sight{}}
}

// wish says what a look is for.
type wish struct {
	only     []string // these jobs; nil for all
	units    []string // jobs whose units are listed
	finished int      // so many of the finished jobs, the latest first
	again    bool     // a live screen's: what was seen lately need not be seen again
}

// look reads the farm.
func (l *looker) look(ctx context.Context, w wish) (statusDocument, error) {
	doc := statusDocument{Format: 1, Jobs: []jobStatus{}, Workers: []workerStatus{}}
	active, _, err := l.store.JobIDs()
	if err != nil {
		return doc, err
	}
	var over []string
	if !w.again || w.finished > 0 || time.Since(l.counted) > time.Minute {
		if over, err = l.store.FinishedIDs(); err != nil {
			return doc, err
		}
		l.finished, l.counted = len(over), time.Now()
	}
	doc.Finished = l.finished
	ws, _, err := l.store.Workers()
	if err != nil {
		return doc, err
	}
	asks, err := l.store.Controls()
	if err != nil {
		return doc, err
	}
	doc.Asked = asked(l.store, asks)
	now := time.Now()
	here := heard(ws, now)
	working := l.workers(&doc, ws, now)
	order := asks.Order(active)
	if w.only != nil {
		order = slices.DeleteFunc(order, func(id string) bool { return !slices.Contains(w.only, id) })
	}
	if err := l.see(ctx, order, working, w); err != nil {
		return doc, err
	}
	if w.only == nil {
		l.store.Forget(active)
		l.forget(active)
	}
	waiting := false
	can := newCapable(here)
	for _, id := range order {
		s := l.seen[id]
		if s == nil {
			continue
		}
		j := s.job
		if !slices.Contains(w.units, id) {
			j.UnitsList = nil
		}
		j.Priority = asks.Priority(id)
		j.FramesDone = min(s.frames+working[id].frames, j.Frames)
		j.FPS = working[id].fps
		if j.State == "queued" || j.State == "encoding" {
			waiting = true
			j.Waits = can.waitsFor(s.waits)
			if c, paused := asks.Paused(id); paused {
				j.Paused = inWords(l.store, c)
			}
		}
		doc.Jobs = append(doc.Jobs, j)
	}
	for _, id := range w.only {
		if !slices.Contains(order, id) {
			s := l.seen[id]
			if s == nil || !s.job.marked || !w.again { // of one that is over nothing more is to be seen
				s = l.one(id, false, true, true)
				l.seen[id] = s
			}
			doc.Jobs = append(doc.Jobs, s.job)
		}
	}
	if w.finished > 0 && w.only == nil {
		doc.Jobs = append(doc.Jobs, l.records(over, w.finished)...)
	}
	if waiting {
		doc.Still = standstill(l.store, asks, here)
	}
	doc.Room = sumUp(&doc, l.leaseOf(&doc))
	if w.again {
		l.speed.see(now, doc.Jobs)
		doc.Room.measured(l.speed.fps())
	}
	if doc.Still != "" {
		doc.Room.Left = 0 // who knows when it goes on
	}
	return doc, nil
}

// leaseOf reads the farm's lease, where somebody who is silent has something in work.
func (l *looker) leaseOf(doc *statusDocument) time.Duration {
	if l.lease == 0 && slices.ContainsFunc(doc.Workers, func(w workerStatus) bool { return w.Silent && w.Busy > 0 }) {
		if _, farm, err := jobfile.Open(l.store.Dir()); err == nil {
			l.lease = farm.Defaults.Lease.D()
		}
	}
	return l.lease
}

// workOf is what workers say of a job.
type workOf struct {
	frames int64
	fps    float64
}

func (l *looker) workers(doc *statusDocument, ws []*jobfile.Worker, now time.Time) map[string]workOf {
	working := map[string]workOf{}
	for _, w := range ws {
		s := workerStatus{
			ID: w.ID, Host: w.Host, State: w.State, Version: w.Version, Slots: w.Slots, Busy: len(w.Busy), Load: w.Load,
			LastChange: max(0, now.Sub(w.Updated).Seconds()), Reason: w.Reason, Holds: w.Holds, Encoder: w.Encoder,
		}
		s.Silent = now.Sub(w.Updated) > silentAfter
		for _, b := range w.Busy {
			u := workStatus{Job: b.Job, Clip: jobfile.StemOf(b.Job), Unit: string(b.Unit), Attempt: b.Attempt, Frames: b.Frames, Of: b.Of, FPS: b.FPS}
			s.Work = append(s.Work, u)
			s.Does = append(s.Does, u.words())
			if b.Unit.HasVideo() && !s.Silent {
				sum := working[b.Job]
				working[b.Job] = workOf{sum.frames + b.Frames, sum.fps + b.FPS}
				s.FPS += b.FPS
			} else if !s.Silent {
				sum := working[b.Job] // somebody is at it
				working[b.Job] = sum
			}
		}
		doc.Workers = append(doc.Workers, s)
	}
	return working
}

// see looks at those jobs of which it is worth it.
func (l *looker) see(ctx context.Context, order []string, working map[string]workOf, w wish) error {
	var now, others []string
	for _, id := range order {
		s := l.seen[id]
		_, busy := working[id]
		switch {
		case !w.again, s == nil, busy, slices.Contains(w.units, id):
			now = append(now, id)
		default:
			others = append(others, id)
		}
	}
	slices.SortStableFunc(others, func(a, b string) int { return l.seen[a].at.Compare(l.seen[b].at) })
	now = append(now, others[:min(len(others), turnOfOthers)]...)
	var g errgroup.Group
	g.SetLimit(looksAtOnce)
	var mu sync.Mutex
	for _, id := range now {
		if ctx.Err() != nil {
			break
		}
		_, busy := working[id]
		whole := slices.Index(order, id) < wholeJobs
		g.Go(func() error {
			s := l.one(id, busy, whole, slices.Contains(w.units, id))
			mu.Lock()
			defer mu.Unlock()
			l.seen[id] = s
			return nil
		})
	}
	_ = g.Wait() // what went wrong stands with the job
	return ctx.Err()
}

func (l *looker) forget(active []string) {
	for id := range l.seen {
		if _, there := slices.BinarySearch(active, id); !there {
			delete(l.seen, id)
		}
	}
}

// one looks at one job. Of one that nobody works on a glance may do.
func (l *looker) one(id string, busy bool, whole, units bool) *sight {
	s := &sight{at: time.Now(), job: jobStatus{ID: id, Name: id, State: "queued", Priority: jobfile.Priority(id)}}
	var b *jobfile.Brief
	var j *jobfile.Job
	var err error
	if whole || busy {
		if j, err = l.store.Job(id); err == nil {
			b = j.Brief()
		}
	} else {
		b, err = l.store.Brief(id)
	}
	if err != nil {
		s.broken(l.store, err)
		return s
	}
	s.job.Name = filepath.Base(strings.ReplaceAll(b.Source.Rel, `\`, "/"))
	s.job.Preset, s.job.Frames, s.job.Units = b.Preset, b.Frames, b.Units
	s.job.Source, s.job.Output = locateOr(l.roots, b.Source), locateOr(l.roots, b.Output)
	if !busy && !units {
		look, untouched, err := l.store.Glance(id, b.Units)
		if err == nil && untouched {
			if s.waits = j; j == nil {
				s.waits = &jobfile.Job{ID: id, Recipe: jobfile.Recipe{Preset: b.Preset}}
			} else if len(look.Settled) > 0 {
				s.settled(l.store, j, look)
			}
			return s
		}
		if errors.Is(err, fs.ErrNotExist) || err == nil && (look.Done || look.Cancelled || look.FailedMark) {
			if s.marked(l.store) {
				return s
			}
		}
	} else if s.marked(l.store) {
		return s
	}
	if j == nil {
		if j, err = l.store.Job(id); err != nil {
			s.broken(l.store, err)
			return s
		}
	}
	s.folded(l.store, j)
	return s
}

// broken tells of a job whose document cannot be used.
func (s *sight) broken(store *jobfile.Store, err error) {
	if s.job.absent = errors.Is(err, fs.ErrNotExist); !s.job.absent {
		m, _, merr := store.Marker(s.job.ID)
		s.job.marked = m != nil && merr == nil
	}
	s.job.State, s.job.Error, s.job.Next = "failed", "its job.yaml cannot be used: "+err.Error(), "mend it, or delete the folder and queue the clip again"
}

// marked reads how a job ended; true if nothing more is to be known.
func (s *sight) marked(store *jobfile.Store) bool {
	m, state, err := store.Marker(s.job.ID)
	s.job.marked = m != nil
	switch {
	case err != nil:
		s.job.Error = err.Error()
	case m == nil:
	case state == jobfile.Done:
		s.job.State, s.job.UnitsDone, s.job.Recipe = "done", s.job.Units, m.Recipe
		if m.Final != nil {
			s.job.Frames, s.job.Warnings = m.Final.Frames, m.Final.Warnings
		}
		s.frames, s.job.FramesDone, s.job.Finished = s.job.Frames, s.job.Frames, m.Finished
		return true
	case state == jobfile.Cancelled:
		s.job.State, s.job.Error, s.job.Next, s.job.Finished = "cancelled", m.Error, m.Next, m.Finished
		return true
	default:
		s.job.State, s.job.Error, s.job.Next = "failed", m.Error, m.Next
	}
	return false
}

// folded tells the state of a job that was begun by its units.
func (s *sight) folded(store *jobfile.Store, j *jobfile.Job) {
	look, err := store.Look(s.job.ID)
	if err != nil {
		s.job.Error = cmp.Or(s.job.Error, err.Error())
		s.job.absent = errors.Is(err, fs.ErrNotExist)
		return
	}
	s.settled(store, j, look)
	v := jobfile.Fold(j.Plan.Units, look)
	for _, u := range v.Units {
		p, _ := j.Plan.Planned(u.ID)
		if u.State == jobfile.Done {
			s.job.UnitsDone++
			s.frames += p.Frames
		}
		s.job.UnitsList = append(s.job.UnitsList, unitStatus{Unit: string(u.ID), State: u.State.String(), Attempt: u.Attempt, Worker: u.Ticket.Worker, Frames: p.Frames})
	}
	_, s.job.doing, _, _ = v.Counts()
	stage := v.Stage()
	if stage == "failed" {
		s.job.Error, s.job.Next = store.WhyFailed(s.job.ID, v)
	}
	if s.job.State != "failed" {
		s.job.State = stage
	}
}

// settled reads with which recipe a job is made: whoever goes on with it needs that encoder.
func (s *sight) settled(store *jobfile.Store, j *jobfile.Job, look jobfile.Listing) {
	s.waits = j
	d, err := store.SettledRecipe(j, look)
	if err == nil && d != nil {
		s.job.Recipe = d.Whose()
	}
	if !look.MaySettle() {
		r := j.Recipe
		if d != nil {
			r = d.Recipe
		}
		s.waits = j.With(r)
		s.waits.Others = nil
	}
}

// records lists the latest of the jobs that are over.
func (l *looker) records(ids []string, most int) []jobStatus {
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(b[min(3, len(b)):], a[min(3, len(a)):]) })
	out := make([]jobStatus, min(len(ids), most))
	var g errgroup.Group
	g.SetLimit(looksAtOnce)
	for i := range out {
		g.Go(func() error {
			s := &sight{job: jobStatus{ID: ids[i], Name: ids[i], State: "done", Priority: jobfile.Priority(ids[i])}}
			if b, err := l.store.Brief(ids[i]); err == nil {
				s.job.Name = filepath.Base(strings.ReplaceAll(b.Source.Rel, `\`, "/"))
				s.job.Preset, s.job.Frames, s.job.Units = b.Preset, b.Frames, b.Units
				s.job.Source, s.job.Output = locateOr(l.roots, b.Source), locateOr(l.roots, b.Output)
			} else {
				s.job.Error = err.Error()
			}
			s.marked(l.store)
			out[i] = s.job
			return nil
		})
	}
	_ = g.Wait()
	return out
}
