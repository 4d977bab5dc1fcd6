package jobfile

import "time"

// Roll is an observer's record of who is alive (P9). It knows one clock, the observer's own
// monotonic one, and is pure: times come in as arguments.
type Roll struct {
	Lease time.Duration // how long a beat may stand still
	Gap   time.Duration // an observer that looked later than this after its last look has slept or been stuck, and starts over

	seen      map[string]*pulse
	strangers map[string]*pulse // holders without a file in workers/
	last      time.Time
}

type pulse struct {
	beat  int64
	since time.Time // when the observer first saw this beat
	looks int       // how often it was seen since
	freed time.Time // when its lock was first found free, zero if it wasn't
	open  bool      // its lock could be taken since it beat last; it may mean nothing
	odd   bool      // it beat on after its lock could be taken
	gone  bool      // its process was seen to be gone
}

// NewRoll returns an empty record.
func NewRoll(lease time.Duration) *Roll {
	return &Roll{Lease: lease, Gap: max(lease/2, time.Second), seen: map[string]*pulse{}, strangers: map[string]*pulse{}}
}

// Observe takes in one listing of the heartbeats: worker id to beat. Those without a beat
// that hold something are given with beat -1. It reports whether locks prove nothing here: a worker
// beats on after its lock could be taken, and does so again. Once is no proof: a worker may get its
// lock late, and the last beat of one that died may be seen only after its lock was tried.
func (r *Roll) Observe(now time.Time, beats map[string]int64) (lies bool) {
	if !r.last.IsZero() && now.Sub(r.last) > r.Gap {
		r.Doubt(now)
	}
	r.last = now
	for id, b := range beats {
		p := r.seen[id]
		if p == nil || p.beat != b {
			next := &pulse{beat: b, since: now}
			if p != nil && b > p.beat {
				lies = lies || p.odd && p.open
				next.odd = p.odd || p.open
			}
			r.seen[id] = next
			continue
		}
		p.looks++
	}
	for id := range r.seen {
		if _, ok := beats[id]; !ok {
			delete(r.seen, id)
		}
	}
	if lies {
		for _, p := range r.seen {
			p.freed = time.Time{} // a lie too, perhaps
		}
	}
	return lies
}

// Doubt starts all observations over. The observer calls it after an error or a stall of its
// own: then it was not in a place to see anybody's beat.
func (r *Roll) Doubt(now time.Time) {
	for _, m := range []map[string]*pulse{r.seen, r.strangers} {
		for _, p := range m {
			p.since, p.looks, p.freed, p.open = now, 0, time.Time{}, false
		}
	}
}

// LockFree notes that a worker's lock could be taken, on a share whose locks hold.
func (r *Roll) LockFree(id string, now time.Time) {
	if p := r.seen[id]; p != nil && p.freed.IsZero() {
		p.freed = now
	}
	r.LockOpen(id)
}

// LockOpen is LockFree where nobody knows yet whether locks hold. It shortens no wait.
func (r *Roll) LockOpen(id string) {
	if p := r.seen[id]; p != nil {
		p.open = true
	}
}

// LockHeld notes that a worker's lock could not be taken.
func (r *Roll) LockHeld(id string) {
	if p := r.seen[id]; p != nil {
		p.open, p.odd, p.freed = false, false, time.Time{}
	}
}

// Odd reports whether a worker beat on after its lock could be taken. Whether the share grants locks
// to everybody then shows when it is tried again.
func (r *Roll) Odd(id string) bool {
	p := r.seen[id]
	return p != nil && p.odd
}

// Gone notes that a worker's lock is free and its process does not exist, on a machine that
// can know.
func (r *Roll) Gone(id string) {
	if p := r.seen[id]; p != nil {
		p.gone = true
	}
}

// Liveness judges one worker. A free lock shortens the wait to a beat and a half, in which a
// living worker would have beaten; a process that is gone needs no wait.
func (r *Roll) Liveness(id string, now time.Time) Liveness {
	p := r.seen[id]
	if p == nil {
		return Alive // never looked at: no ground to say otherwise
	}
	beat := BeatEvery(r.Lease)
	switch {
	case p.gone,
		now.Sub(p.since) >= r.Lease && p.looks >= 3,
		!p.freed.IsZero() && now.Sub(p.freed) >= beat+beat/2 && p.looks >= 1:
		return Dead
	}
	return Alive
}

// Judge is Liveness for a holder, who may have no file in workers/ at all: then the lease runs
// from when it was first asked about.
func (r *Roll) Judge(id string, now time.Time) Liveness {
	if _, beats := r.seen[id]; beats {
		delete(r.strangers, id)
		return r.Liveness(id, now)
	}
	p := r.strangers[id]
	if p == nil {
		r.strangers[id] = &pulse{beat: -1, since: now}
		return Alive
	}
	p.looks++
	if now.Sub(p.since) >= r.Lease && p.looks >= 3 {
		return Dead
	}
	return Alive
}

// Still tells how long a worker's beat has stood still for this observer.
func (r *Roll) Still(id string, now time.Time) time.Duration {
	if p := r.seen[id]; p != nil {
		return now.Sub(p.since)
	}
	return 0
}

// BeatEvery is how often a worker beats: often enough that a lease holds many, seldom enough
// that an idle room leaves the server alone.
func BeatEvery(lease time.Duration) time.Duration {
	return min(10*time.Second, max(lease/10, 100*time.Millisecond))
}
