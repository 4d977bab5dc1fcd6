package watcher

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"proxima/jobfile"
)

// claim takes a unit that a look has shown and starts it. It returns the look that told who has it, where there was one.
func (w *Watcher) claim(ctx, units context.Context, original *jobfile.Job, c choice, t jobfile.Ticket, seen jobfile.Listing) (jobfile.Listing, error) {
	job := c.job
	planned, ok := job.Plan.Planned(t.Unit)
	if !ok {
		return jobfile.Listing{}, errNotPlanned
	}
	mine, after, err := w.Store.Claim(ctx, job.ID, t, seen, w.id)
	if err != nil {
		if !errors.Is(err, jobfile.ErrLost) && ctx.Err() == nil {
			w.bad.say("claim "+job.ID, "cannot claim a unit", err)
			if errors.Is(err, fs.ErrPermission) { // it would look idle, beside work that waits
				w.tight["claim "+job.ID] = &jobfile.Fault{
					Kind: jobfile.FaultMachine, Reason: "this account may not write in the folder of a job that another queued", Err: err,
					Next: "one group for all, and a umask or a mask of the share that lets it write",
				}
			}
		}
		return after, err
	}
	w.bad.clear("claim " + job.ID)
	w.start(units, &unit{key: key{job.ID, mine}, job: job, original: original.Recipe, why: c.why, seen: c.seen, proof: c.proof, planned: planned, cost: w.cost(job, t.Unit), after: after})
	return after, nil
}

// start begins a unit that is this worker's.
func (w *Watcher) start(units context.Context, u *unit) {
	u.started = time.Now()
	owned, disown := context.WithCancelCause(units)
	u.disown = disown
	w.mu.Lock()
	w.busy[u.key] = u
	w.mu.Unlock()
	log := w.Log.With("job", u.key.job, "unit", u.planned.ID, "attempt", u.key.ticket.Attempt)
	if u.planned.Frames > 0 {
		log = log.With("frames", u.planned.Frames)
	}
	if u.copy {
		log.Info("began a copy")
	} else {
		log.Info("claimed")
	}
	go func() {
		// The loop waits for every unit before it ends, so this send never hangs.
		w.ended <- ending{u.key, w.work(units, owned, u)}
	}()
}

var errNotPlanned = errors.New("the plan has no such unit")

// cost is how many of this machine's cores a unit takes, 0 of a light one.
func (w *Watcher) cost(job *jobfile.Job, u jobfile.UnitID) int {
	if u == jobfile.UnitStitch || u == jobfile.UnitSound {
		return 0
	}
	return w.threads(job)
}

// room reports whether a unit of this cost can start.
func (w *Watcher) room(cost int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	var t Taken
	for _, u := range w.busy {
		t.Take(u.cost)
	}
	return t.HasRoom(cost, w.obey.slots(w.Slots), w.Cores)
}

func (w *Watcher) has(k key) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.busy[k] != nil
}
