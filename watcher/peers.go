package watcher

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"proxima/jobfile"
)

// peers is what this worker knows of the others: their beats, and whether their locks can be
// believed. The loop observes, units and the heartbeat doubt.
type peers struct {
	store *jobfile.Store
	self  string
	host  string

	mu       sync.Mutex
	roll     *jobfile.Roll
	docs     map[string]*jobfile.Worker
	read     map[string]time.Time // when the document was read last
	proven   bool                 // a living worker of another host kept its lock from us: locks cross machines here
	disproof bool                 // a living worker's lock could be taken: they prove nothing here
	asked    map[string]time.Time
	paces    map[key]pace  // of units in work elsewhere, where this worker thought of copies
	listing  time.Duration // what the listing of workers/ took last
}

// rereadEvery is how often another worker's document is read again; in a room of many not so often, or
// idle workers would do little else.
const (
	rereadEvery = 30 * time.Second
	rereadEach  = 6 * time.Second // times their number
	rereadMost  = 2 * time.Minute
)

// buryAfter is for how many leases a dead worker's files are kept, so that a person can see
// who died.
const buryAfter = 20

func newPeers(s *jobfile.Store, self string, lease time.Duration) *peers {
	return &peers{
		store: s, self: self, host: jobfile.Hostname(), roll: jobfile.NewRoll(lease),
		docs: map[string]*jobfile.Worker{}, read: map[string]time.Time{}, asked: map[string]time.Time{}, paces: map[key]pace{},
	}
}

// observe takes in who beats, and tries the locks of those who stand still.
func (p *peers) observe(ctx context.Context) error {
	start := time.Now()
	beats, err := p.store.Beats()
	took := time.Since(start)
	if err != nil || took > p.roll.Lease/6 {
		p.doubt()
	}
	if err != nil {
		return err
	}
	delete(beats, p.self)
	p.meet(beats)
	now := time.Now()
	p.mu.Lock()
	p.listing = took
	p.disproof = p.roll.Observe(now, beats) || p.disproof
	for id := range beats {
		if p.roll.Still(id, now) > buryAfter*p.roll.Lease && p.roll.Liveness(id, now) == jobfile.Dead {
			defer func() { _ = p.store.Bury(id) }() // whoever sees it next tries again
		}
	}
	beat := jobfile.BeatEvery(p.roll.Lease)
	var ask []string
	for id, b := range beats {
		// Who has not beaten yet has not taken its lock yet. One beat's silence is a reason to ask;
		// asking everybody all the time is not free.
		again := (p.roll.Still(id, now) > beat+beat/10 || p.roll.Odd(id)) && now.Sub(p.asked[id]) > beat/2
		if b >= 0 && (again || p.gone(id) || !p.proven && p.asked[id].IsZero()) {
			ask = append(ask, id)
			p.asked[id] = now
		}
	}
	maps.DeleteFunc(p.paces, func(k key, _ pace) bool { _, ok := beats[k.ticket.Worker]; return !ok })
	// Who left is not waited for, whether its lock was ever asked or not.
	left := func(id string) bool { _, ok := beats[id]; return !ok }
	maps.DeleteFunc(p.docs, func(id string, _ *jobfile.Worker) bool { return left(id) })
	maps.DeleteFunc(p.read, func(id string, _ time.Time) bool { return left(id) })
	maps.DeleteFunc(p.asked, func(id string, _ time.Time) bool { return left(id) })
	disproof := p.disproof
	p.mu.Unlock()
	if disproof {
		return nil
	}
	for _, id := range ask {
		p.tryLock(ctx, id)
	}
	return nil
}

// meet reads the documents of those whom this worker has not met, or not for a while: what a
// machine can do changes.
func (p *peers) meet(beats map[string]int64) {
	p.readDocs(p.unmet(beats))
}

func (p *peers) readDocs(ids []string) {
	for _, id := range ids {
		if doc, err := p.store.Worker(id); err == nil {
			p.mu.Lock()
			p.docs[id], p.read[id] = doc, time.Now()
			p.mu.Unlock()
		}
	}
}

// gone reports whether a worker of this machine has no process any more. A number that was
// given to another process since makes it look alive, which costs a wait and nothing else.
func (p *peers) gone(id string) bool {
	d := p.docs[id]
	return d != nil && d.Host == p.host && !processExists(d.PID)
}

// tryLock asks one worker's lock and notes what the answer proves.
func (p *peers) tryLock(ctx context.Context, id string) {
	st := p.store.TryWorkerLock(ctx, id)
	p.mu.Lock()
	defer p.mu.Unlock()
	sameHost := p.docs[id] != nil && p.docs[id].Host == p.host
	switch {
	case st == jobfile.LockHeld:
		p.roll.LockHeld(id)
		p.proven = p.proven || !sameHost
	case st == jobfile.LockFree && sameHost && p.gone(id):
		p.roll.Gone(id)
	case st == jobfile.LockFree && (sameHost || p.proven):
		p.roll.LockFree(id, time.Now())
	case st == jobfile.LockFree:
		p.roll.LockOpen(id)
	}
}

// locksLie reports whether a living worker's lock could be taken.
func (p *peers) locksLie() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.disproof
}

func (p *peers) unmet(beats map[string]int64) (ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	every := min(max(rereadEvery, time.Duration(len(beats))*rereadEach), rereadMost)
	for id := range beats {
		if p.docs[id] == nil || time.Since(p.read[id]) > every {
			ids = append(ids, id)
		}
	}
	return ids
}

// refresh reads the documents of some workers again if they were not read for a while.
func (p *peers) refresh(ids map[string]int64) {
	p.mu.Lock()
	maps.DeleteFunc(ids, func(id string, _ int64) bool { return p.docs[id] == nil || time.Since(p.read[id]) <= rereadEvery })
	p.mu.Unlock()
	p.readDocs(slices.Collect(maps.Keys(ids)))
}

// turn is how long this worker leaves the queue to those before it that are idle, too.
func (p *peers) turn() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := 0
	for id, d := range p.docs {
		if id < p.self && d.State == "idle" && p.roll.Liveness(id, time.Now()) == jobfile.Alive {
			before++
		}
	}
	return Turn(before, p.listing)
}

// here is how many workers this one knows of, itself included.
func (p *peers) here() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.docs) + 1
}

// doubt starts all observations over: this machine could not see the share.
func (p *peers) doubt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.roll.Doubt(time.Now())
}

// liveness judges a holder. One that has no file in workers/ is given the lease from when it
// was first looked for.
func (p *peers) liveness(id string) jobfile.Liveness {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.roll.Judge(id, time.Now())
}

// living names the workers that are not known to be dead, nor known to be unable to make the
// job: whoever waits for them would wait for ever. This one is included.
func (p *peers) living(own string, job *jobfile.Job) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	names := []string{own}
	for id, d := range p.docs {
		if p.roll.Liveness(id, time.Now()) == jobfile.Alive && d.MayDo(job) {
			names = append(names, d.Name)
		}
	}
	return names
}

// anyoneWith reports whether a worker with this build of ffmpeg is not known to be dead.
func (p *peers) anyoneWith(build string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, d := range p.docs {
		if d.Encoder == build && p.roll.Liveness(id, time.Now()) == jobfile.Alive {
			return true
		}
	}
	return false
}
