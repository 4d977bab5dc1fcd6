package watcher

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"slices"
	"time"

	"proxima/jobfile"
)

var errLocksLie = errors.New("the lock of a worker that lives could be taken")

// look takes one look at the farm and acts on it. left tells whether there is anything that
// this worker could still do, now or when others are done; together, that other idle workers are looking, too, by what
// this one was woken by.
func (w *Watcher) look(ctx, units context.Context, together bool) (left bool) {
	if _, err := w.Store.Farm(); err != nil {
		w.noteAway()
		w.peers.doubt()
		w.bad.say("farm", "the farm cannot be used; waiting for it to come back", err)
		// Without a farm nothing can be known to be left: a leave-when-idle waits on.
		return true
	}
	w.bad.clear("farm")
	w.tight = map[string]*jobfile.Fault{}
	defer func() { w.rest.found(w.tight) }()
	w.heed()
	if !w.observe(ctx) {
		return true
	}
	if together && w.running() == 0 {
		w.waitTurn(ctx)
	}
	seen := time.Now()
	if !ScanDue(w.room(1), seen.Sub(w.scanned), w.Lease) {
		return true
	}
	w.scanned = seen
	if ListDue(len(w.ids), seen.Sub(w.listed), w.found || w.full, w.Lease) {
		if !w.list() {
			return true
		}
		w.listed = seen
	}
	ids := w.ids
	w.expire(seen)
	foundLast := w.found || w.full
	w.unfit, w.found, w.full, w.leave, w.others = 0, false, !w.room(1), w.crowd.Leave(rand.Float64()), nil
	through := true // every job was looked at, or is calm
	defer func() { w.crowd.Found(w.found) }()
	inRow, stride := 0, 0 // calm jobs without another between; jobs to pass over
	for i, id := range w.obey.asked().Order(ids) {
		if ctx.Err() != nil {
			return true
		}
		if !Scans(i, w.room(1), w.unfit) {
			left, through = true, false
			break
		}
		start := time.Now()
		// A share may be slow and the jobs many: who is dead must not wait for the end of that.
		if start.Sub(seen) > w.Lease/6 {
			if !w.observe(ctx) {
				return true
			}
			seen, start = start, time.Now()
		}
		if Passes(i, stride, w.owed[id]) {
			stride--
			left, through = true, false
			continue
		}
		idle := w.running() == 0 && !foundLast
		glimpse := w.calm.Glimpse(i, id, start, w.room(1), idle, rand.Float64(), w.Lease, w.peers.liveness)
		if glimpse == AtTodo {
			if todo, err := w.Store.Waiting(id); err == nil && w.calm.Stays(id, todo) {
				glimpse = Over
			}
		}
		if glimpse == Over {
			left = true
			w.stalled(start)
			continue
		}
		delete(w.owed, id)
		if w.lookAtJob(ctx, units, id) {
			left = true
		}
		if _, calm := w.calm[id]; calm {
			inRow++
			stride = Stride(inRow, rand.Float64())
		} else {
			inRow = 0
		}
		w.stalled(start)
		w.turns.Add(1)
	}
	if w.Copies && through && !w.found && !w.full && w.leave == 0 && w.unfit == 0 {
		w.backUp(ctx, units)
	}
	// Last, for it may take longer than observations bear.
	if err := w.orphans.sweep(seen, ids); err != nil {
		w.bad.say("orphans", "cannot tidy up after those who died", err)
	} else {
		w.bad.clear("orphans")
	}
	return left || w.running() > 0
}

// observe looks who else is here.
func (w *Watcher) observe(ctx context.Context) bool {
	if err := w.peers.observe(ctx); err != nil {
		w.noteAwayIf(err)
		w.bad.say("workers", "cannot see who else is here", err)
		return false
	}
	w.bad.clear("workers")
	if w.peers.locksLie() {
		w.bad.say("locks", "locks are not believed any more; who is dead is told by the heartbeats alone", errLocksLie)
	}
	return true
}

// waitTurn lets those go first that are idle, too, and before this worker by name: all of them want the first unit.
func (w *Watcher) waitTurn(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(w.peers.turn()):
	}
}

// stalled starts the observations over if a step of the look took so long that the share must
// have stood still: others' beats may have stood still for this machine alone.
func (w *Watcher) stalled(since time.Time) {
	if time.Since(since) > w.Lease/6 {
		w.peers.doubt()
	}
}

// lookAtJob decides for one job, does its chores and claims what there is room for.
func (w *Watcher) lookAtJob(ctx, units context.Context, id string) (left bool) {
	job, err := w.Store.Job(id)
	if err != nil {
		return w.unreadable(id, err)
	}
	w.bad.clear("job " + id)
	l, err := w.Store.Look(id)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false // moved to done/ or deleted while we looked
		}
		w.noteAwayIf(err)
		w.bad.say("look "+id, "cannot look at a job", err)
		return true
	}
	w.bad.clear("look " + id)
	view := jobfile.Fold(job.Plan.Units, l)
	w.noteMissing(id, view)
	w.noteProgress(id, view)
	tried := map[jobfile.Ticket][]string{}
	settled, unseen := w.settled(job, l)
	d := jobfile.Decide(view, jobfile.Situation{
		Worker: w.id, Name: w.Name, Names: w.peers.living(w.Name, begun(job, settled, l)),
		Liveness: w.peers.liveness,
		Mine:     func(t jobfile.Ticket) bool { return w.has(key{id, t}) },
		Absent:   func(u jobfile.UnitID) bool { return w.absent(id, u) },
		Tried: func(t jobfile.Ticket) []string {
			if _, ok := tried[t]; !ok {
				tried[t] = w.tried(id, t)
			}
			return tried[t]
		},
	})
	delete(w.calm, id)
	if holders, ok := IsCalm(view, d); ok {
		w.calm.Note(id, time.Now(), holders, l.Todo)
	}
	for _, a := range d.Chores {
		about := a.Kind.String() + " " + id
		if err := w.chore(job, view, a); err != nil {
			w.bad.say(about, "a chore failed and will be tried again: "+a.Kind.String(), err)
		} else {
			w.bad.clear(about)
		}
	}
	if view.Cancelled && !view.Done {
		w.interrupt(jobfile.ErrCancelled, func(u *unit) bool { return u.key.job == id }) // sooner than its guards would
		// Whoever holds a unit of it may be dead, and then it is for others to clear away.
		return !slices.ContainsFunc(d.Chores, func(a jobfile.Action) bool { return a.Kind == jobfile.ActClear })
	}
	_, _, failed, _ := view.Counts()
	if failed > 0 {
		w.dropParts(job, view)
		// Nothing of a given-up job is done until someone puts the unit back. But it is marked
		// when nobody works on it any more, and who holds a unit of it may be dead.
		return !view.FailMark
	}
	if view.Done {
		return w.awaitsTidying(id)
	}
	if w.draining.Load() || w.obey.holds(id) {
		return true
	}
	if !w.roomToWrite(w.Store.Dir(), "the farm's volume") {
		return false
	}
	// Where the output's place is not known here, claiming tells why.
	if base, err := w.locate(job.Output.Base); err == nil && !w.roomToWrite(base, "the volume of the output") {
		return false
	}
	if unseen != nil {
		w.bad.say("recipe "+id, "cannot see with what a job is made", unseen)
		return true
	}
	w.bad.clear("recipe " + id)
	c, ok := w.choose(ctx, job, settled, l, view)
	if !ok {
		// It is read again before a unit is begun, which this machine does not: whoever edits a
		// job that nobody can do would wait for ever.
		_, _ = w.Store.Reread(id, time.Now())
		// Who began it may die before anything is made; then another recipe may be chosen.
		return !l.MaySettle() && len(l.Results) == 0 && !w.rest.tiredOf(id)
	}
	if w.Copies && c.why == "" {
		for _, t := range d.Copies {
			w.others = append(w.others, inOthers{job, c, t, l})
		}
	}
	if len(d.Claims) > 0 && w.leave > 0 && d.Claims[0].Unit != jobfile.UnitStitch {
		w.leave--
		return true
	}
	fits := false
	began := time.Now()
	for claims := d.Claims; len(claims) > 0 && w.room(1); {
		if !w.room(w.cost(c.job, claims[0].Unit)) {
			claims = claims[1:]
			continue
		}
		fits, w.found = true, true
		after, err := w.claim(ctx, units, job, c, claims[0], l)
		switch {
		case err == nil:
			w.crowd.Won()
		case errors.Is(err, jobfile.ErrLost):
			w.crowd.Lost()
			w.leave = w.crowd.Leave(rand.Float64())
			return true
		case errors.Is(err, errNotPlanned), errors.Is(err, jobfile.ErrRefused) && time.Since(began) < w.Lease/6:
			// It is about this unit.
		default:
			return true // each try more may take as long, and leave one more unit claimed
		}
		claims = after.Untaken(claims[1:]) // what others took meanwhile is not tried
	}
	if len(d.Claims) > 0 && !fits {
		w.unfit++
	}
	return true
}

// unreadable handles a job whose job.yaml cannot be read: said once, shown in the folder,
// left alone. The other jobs go on.
func (w *Watcher) unreadable(id string, err error) (left bool) {
	var broken *jobfile.DecodeError
	switch {
	case errors.Is(err, fs.ErrNotExist) && time.Since(w.listed) > w.Poll:
		return false // it left the queue since that was listed
	case errors.Is(err, fs.ErrNotExist):
		// Deleted or moved between the listing and now; or a folder without a job.yaml.
		w.bad.say("job "+id, "a job folder has no job.yaml; it is left alone", err)
		return false
	case errors.As(err, &broken):
		w.bad.say("job "+id, "a job cannot be read and is left alone", err)
		if !broken.Newer {
			if merr := w.Store.MarkBroken(id, w.id, err); merr != nil {
				w.bad.say("mark "+id, "cannot say so in the job's folder", merr)
			}
		}
		return false
	}
	w.bad.say("job "+id, "cannot read a job", err)
	return true
}

// tried tells whose failures a unit bears. First attempts bear none and are not read.
func (w *Watcher) tried(id string, t jobfile.Ticket) []string {
	if t.Attempt == 1 {
		return nil
	}
	u, err := w.Store.ReadUnit(id, jobfile.Placed{State: jobfile.Todo, Ticket: t})
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			w.bad.say("unit "+id+t.String(), "a unit's file cannot be read; the plan in job.yaml is used", err)
		}
		return nil
	}
	var names []string
	for _, f := range u.Failures {
		names = append(names, f.Worker)
	}
	return names
}

// chore does one of the things that anybody may do, and any number of times.
func (w *Watcher) chore(job *jobfile.Job, v jobfile.View, a jobfile.Action) error {
	t := a.File.Ticket
	switch a.Kind {
	case jobfile.ActFinish:
		return w.retire(job)
	case jobfile.ActMark:
		m, err := w.Store.Mark(job, v, w.id)
		if m == nil || err != nil {
			return err
		}
		w.Log.Error("job failed", "job", job.ID, "reason", m.Error, "next", m.Next)
	case jobfile.ActUnmark:
		w.Log.Info("job revived", "job", job.ID)
		return w.Store.Unmark(job.ID)
	case jobfile.ActTakeOver:
		w.Log.Info("taking over", "job", job.ID, "unit", t.Unit, "from", t.Worker, "attempt", t.Attempt)
		err := w.Store.Release(job.ID, t)
		if err == nil {
			w.Store.Unstage(job.ID, t) // should it wake up, it has lost anyway
		}
		return err
	case jobfile.ActRestore:
		w.Log.Warn("restoring a unit that went missing", "job", job.ID, "unit", t.Unit)
		return w.Store.Restore(job, t.Unit)
	case jobfile.ActGiveUp:
		return w.Store.GiveUp(job.ID, t)
	case jobfile.ActClear:
		w.Log.Info("clearing a cancelled job away", "job", job.ID)
		if output, err := w.locate(job.Output.Path); err == nil {
			if err := w.outputs.Tidy(output, job.ID); err != nil {
				return err
			}
		}
		return w.Store.Retire(job.ID)
	case jobfile.ActSweep:
		return w.Store.Sweep(job.ID, a.File)
	}
	return nil
}

// noteMissing keeps count of units in no folder (P11).
func (w *Watcher) noteMissing(id string, v jobfile.View) {
	for _, u := range v.Units {
		k := jobfile.Ticket{Unit: u.ID, Worker: id}
		if u.State != jobfile.Missing {
			delete(w.missing, k)
			continue
		}
		m, ok := w.missing[k]
		if !ok {
			m.since = time.Now()
		}
		m.looks++
		w.missing[k] = m
	}
}

func (w *Watcher) absent(id string, u jobfile.UnitID) bool {
	m, ok := w.missing[jobfile.Ticket{Unit: u, Worker: id}]
	return ok && m.looks >= 3 && time.Since(m.since) > w.Lease/3
}

func (w *Watcher) noteProgress(id string, v jobfile.View) {
	_, _, _, done := v.Counts()
	w.mu.Lock()
	defer w.mu.Unlock()
	for k, u := range w.busy {
		if k.job == id {
			u.unitsDone = done
		}
	}
}
