package watcher

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"proxima/jobfile"
)

// WorthCopy reports whether a copy that takes mine is expected to win against one who needs theirs
// still: by a margin, since both are guesses and the work of one of the two is lost.
func WorthCopy(mine, theirs time.Duration) bool { return theirs > mine+mine/4+5*time.Second }

// Remaining is how long a worker needs still for a unit by what its document said some time ago.
func Remaining(b jobfile.Busy, age time.Duration) (left time.Duration, known bool) {
	if b.FPS <= 0 || b.Of <= 0 || b.Frames <= 0 {
		return 0, false
	}
	return max(0, time.Duration(float64(b.Of-b.Frames)/b.FPS*float64(time.Second))-age), true
}

// speeds is how fast this machine was with units like others, frames per second.
type speeds struct {
	mu sync.Mutex
	of map[string]float64
}

func likeness(j *jobfile.Job) string {
	v := &j.Media.Video
	return fmt.Sprintf("%s, %s %dx%d", recipeName(&j.Recipe), v.Codec, v.Width, v.Height)
}

func (s *speeds) note(u *unit, took time.Duration) {
	if u.planned.Frames <= 0 || took <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]float64{}
	}
	fps, k := float64(u.planned.Frames)/took.Seconds(), likeness(u.job)
	if old := s.of[k]; old > 0 {
		fps = (fps + old) / 2
	}
	s.of[k] = fps
}

func (s *speeds) takes(j *jobfile.Job, p jobfile.Planned) (d time.Duration, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fps := s.of[likeness(j)]
	if fps <= 0 || p.Frames <= 0 {
		return 0, false
	}
	return time.Duration(float64(p.Frames) / fps * float64(time.Second)), true
}

// inOthers is a unit in work elsewhere that this worker could begin a second time.
type inOthers struct {
	original *jobfile.Job
	choice   choice
	of       jobfile.Ticket
	seen     jobfile.Listing
}

// backUp begins a copy of the unit that will be ready last, if it is expected to be ready sooner
// here. It is for a look that went through the whole queue and found nothing to claim.
func (w *Watcher) backUp(ctx, units context.Context) {
	holders := map[string]int64{}
	for _, o := range w.others {
		holders[o.of.Worker] = 0
	}
	w.peers.refresh(holders)
	var last inOthers
	var latest time.Duration
	for _, o := range w.others {
		k := key{o.original.ID, o.of}
		p, ok := o.choice.job.Plan.Planned(o.of.Unit)
		if !ok || w.copied[k] || !w.room(w.cost(o.choice.job, o.of.Unit)) {
			continue
		}
		theirs, ok := w.peers.remaining(o.original.ID, o.of)
		if !ok || theirs <= latest {
			continue
		}
		mine, ok := w.speeds.takes(o.choice.job, p)
		if silent := theirs >= w.Lease; !silent && (!ok || !WorthCopy(mine, theirs)) {
			continue
		}
		last, latest = o, theirs
	}
	if latest == 0 {
		return
	}
	job := last.choice.job
	w.copied[key{job.ID, last.of}] = true // once: who lost, or failed, leaves it to the first
	mine, after, err := w.Store.Copy(ctx, job.ID, last.of, last.seen, w.id)
	if err != nil {
		if !errors.Is(err, jobfile.ErrLost) && ctx.Err() == nil {
			w.bad.say("copy "+job.ID, "cannot begin a unit a second time", err)
		}
		return
	}
	w.bad.clear("copy " + job.ID)
	p, _ := job.Plan.Planned(last.of.Unit)
	w.Log.Info("nothing is left to claim, and this machine is expected to be faster", "job", job.ID, "unit", p.ID, "than", last.of.Worker)
	w.start(units, &unit{key: key{job.ID, mine}, job: job, original: last.original.Recipe, seen: last.choice.seen, proof: last.choice.proof, planned: p, cost: w.cost(job, p.ID), after: after, copy: true})
}

// dropCopy ends a copy that made nothing: nothing is charged, and the first holder goes on.
func (w *Watcher) dropCopy(u *unit, err error) {
	log := w.Log.With("job", u.key.job, "unit", u.key.ticket.Unit, "attempt", u.key.ticket.Attempt)
	log.Info("a copy ended without a result; nothing is charged", "why", err)
	if errors.Is(err, jobfile.ErrLost) {
		w.tally.lost.Add(1)
	} else {
		w.tally.givenBack.Add(1)
	}
	if err := w.Store.Drop(u.key.job, u.key.ticket); err != nil {
		log.Warn("cannot take the copy's file back", "err", err)
	}
}

// remaining is how long the holder of a unit needs still. One whose beat has stood still for some
// beats may be gone, and one that comes no further hangs: they are expected to need the lease.
func (p *peers) remaining(job string, t jobfile.Ticket) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.roll.Still(t.Worker, now) > 3*jobfile.BeatEvery(p.roll.Lease) {
		return p.roll.Lease, true
	}
	d := p.docs[t.Worker]
	if d == nil {
		return 0, false
	}
	for _, b := range d.Busy {
		if b.Job != job || b.Unit != t.Unit || b.Attempt != t.Attempt {
			continue
		}
		k := key{job, t}
		first, ok := p.paces[k]
		if !ok {
			first = pace{b.Frames, p.read[t.Worker]}
			p.paces[k] = first
		}
		// What it said of its speed may be of better times; by now it is known what it came to.
		if since := p.read[t.Worker].Sub(first.at); since >= rereadEvery {
			b.FPS = min(b.FPS, float64(b.Frames-first.frames)/since.Seconds())
			if b.FPS <= 0 {
				return p.roll.Lease, true
			}
		}
		return Remaining(b, now.Sub(p.read[t.Worker]))
	}
	return 0, false
}

// pace is how far a unit of another was when this worker first asked.
type pace struct {
	frames int64
	at     time.Time
}
