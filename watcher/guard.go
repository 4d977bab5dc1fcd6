package watcher

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"proxima/jobfile"
)

// guard looks at every beat whether the claims of this worker still stand (P8) and ends the ownership of
// those that don't. An error of the look proves nothing; the commit looks again.
func (w *Watcher) guard(ctx context.Context) {
	t := time.NewTicker(w.beat)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		// Most of what a room in work asks of its share would be this, so one look is for all units of a job.
		jobs := w.byJob()
		for _, id := range slices.Sorted(maps.Keys(jobs)) {
			var mine []jobfile.Ticket
			for _, u := range jobs[id] {
				mine = append(mine, u.key.ticket)
			}
			l, err := w.Store.LookAfter(id, mine)
			for _, u := range jobs[id] {
				lost := err
				if lost == nil {
					lost = l.Holds(u.key.ticket)
				}
				if errors.Is(lost, jobfile.ErrLost) {
					u.disown(lost)
				}
			}
		}
	}
}

// byJob is what runs.
func (w *Watcher) byJob() map[string][]*unit {
	w.mu.Lock()
	defer w.mu.Unlock()
	jobs := map[string][]*unit{}
	for k, u := range w.busy {
		jobs[k.job] = append(jobs[k.job], u)
	}
	return jobs
}

// yield ends what others have made meanwhile: a guard does not look for that where nobody else holds the unit any more.
func (w *Watcher) yield(id string, l jobfile.Listing) {
	for _, t := range l.Results {
		if t.Worker != w.id {
			w.interrupt(fmt.Errorf("it was made by %s: %w", t.Worker, jobfile.ErrLost), func(u *unit) bool { return u.key.job == id && u.key.ticket.Unit == t.Unit })
		}
	}
}
