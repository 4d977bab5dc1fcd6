package watcher

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"proxima/jobfile"
)

// guardsDone is at each how many beats a guard looks at done/, too: only there does it see that a copy has won, for whoever made it
// has removed its own file in doing/, and may sweep nobody else's.
const guardsDone = 3

// guard looks at every beat whether the claims of this worker still stand (P8) and ends the ownership of
// those that don't. An error of the look proves nothing; the commit looks again.
func (w *Watcher) guard(ctx context.Context) {
	t := time.NewTicker(w.beat)
	defer t.Stop()
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		look := w.Store.LookDoing
		if n%guardsDone == 0 {
			look = w.Store.LookInWork
		}
		// Most of what a room in work asks of its share would be this, so one look is for all units of a job.
		jobs := w.byJob()
		for _, id := range slices.Sorted(maps.Keys(jobs)) {
			l, err := look(id)
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
