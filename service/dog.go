package service

import (
	"context"
	"time"
)

// dog watches that something turns. It counts its own looks, not hours: a machine that slept, or
// was stopped by a debugger, has looked once, and is not taken for one that stood still.
type dog struct {
	turns func() (uint64, bool)
	still time.Duration
	alive func() // called at each look that finds it alive
}

// looks is how many in a row must have found it standing.
const looks = 30

// watch returns true when it stood still for too long, and false when ctx ended.
func (d *dog) watch(ctx context.Context) bool {
	t := time.NewTicker(min(max(d.still/looks, 10*time.Millisecond), 30*time.Second))
	defer t.Stop()
	need := int(d.still / min(max(d.still/looks, 10*time.Millisecond), 30*time.Second))
	last, stood := uint64(0), 0
	for {
		select {
		case <-ctx.Done():
			return false
		case <-t.C:
		}
		n, ok := d.turns()
		if !ok || n != last {
			last, stood = n, 0
		} else {
			stood++
		}
		if stood >= need {
			return true
		}
		d.alive()
	}
}
