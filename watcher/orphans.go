package watcher

import (
	"slices"
	"time"

	"proxima/jobfile"
)

// orphans remembers since when temporary files stand that should have had a short life.
type orphans struct {
	store *jobfile.Store
	lease time.Duration
	seen  map[jobfile.Orphan]time.Time
	next  time.Time
	place int // in the queue, of the jobs to look through next
}

// sweepJobs is through how many jobs a sweep looks at the head of the queue, where the work is, and
// again in the rest, one stretch after the other: to look through all that wait would keep a share busier
// than the work.
const sweepJobs = 4

// stretch is the jobs that a sweep looks through, and where the next one goes on.
func stretch(ids []string, place int) (in []string, next int) {
	if len(ids) <= 2*sweepJobs {
		return ids, 0
	}
	rest := ids[sweepJobs:]
	if place >= len(rest) {
		place = 0
	}
	end := min(place+sweepJobs, len(rest))
	return slices.Concat(ids[:sweepJobs], rest[place:end]), end
}

// sweep looks a lease after it looked last, and removes what stood for as long as a dead worker's files do:
// its maker died, or was away for so long that it lost what it was making.
func (o *orphans) sweep(now time.Time, ids []string) error {
	if now.Before(o.next) {
		return nil
	}
	defer func() { o.next = time.Now().Add(o.lease) }()
	in, next := stretch(ids, o.place)
	found, err := o.store.Orphans(ids, in)
	if err != nil {
		return err // a look that failed shows less than there is
	}
	o.place = next
	seen := make(map[jobfile.Orphan]time.Time, len(found))
	for f, since := range o.seen { // those that were not looked for this time
		if id := f.Job(); id != "" && !slices.Contains(in, id) && slices.Contains(ids, id) {
			seen[f] = since
		}
	}
	for _, f := range found {
		since, ok := o.seen[f]
		if !ok {
			since = now
		}
		if now.Sub(since) >= buryAfter*o.lease {
			if err := o.store.RemoveOrphan(f); err != nil {
				return err
			}
			continue
		}
		seen[f] = since
	}
	o.seen = seen
	return nil
}
