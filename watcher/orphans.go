package watcher

import (
	"time"

	"proxima/jobfile"
)

// orphans remembers since when temporary files stand that should have had a short life.
type orphans struct {
	store *jobfile.Store
	lease time.Duration
	seen  map[jobfile.Orphan]time.Time
	next  time.Time
}

// sweep looks a lease after it looked last, and removes what stood for as long as a dead worker's files do:
// its maker died, or was away for so long that it lost what it was making.
func (o *orphans) sweep(now time.Time, ids []string) error {
	if now.Before(o.next) {
		return nil
	}
	defer func() { o.next = time.Now().Add(o.lease) }()
	found, err := o.store.Orphans(ids)
	if err != nil {
		return err // a look that failed shows less than there is
	}
	seen := make(map[jobfile.Orphan]time.Time, len(found))
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
