package watcher

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"proxima/internal/faultfs"
)

// errSharing is what Windows says of a file that another program has open. Elsewhere it is a
// number like any other that the code does not know.
const errSharing = syscall.Errno(32)

var allErrors = []error{syscall.EIO, syscall.ENOSPC, syscall.ESTALE, syscall.EAGAIN, errSharing}

// trial is one run of a whole job during which one process has one fault.
type trial struct {
	workers int // in the room; the first has the fault
	chunks  int // of the clip; 1 is a whole, with picture and sound
	stale   int // in how many more listings each sees what it saw
	fault   faultfs.Fault
}

// run lets the job be done, then lets a healthy worker tidy up, and judges. It tells whether
// the fault came to pass.
func (x trial) run(t *testing.T) (hit bool) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := newRoom(t)
		j := r.queue("A001.mov", x.chunks)
		var ps []*process
		for i := range x.workers {
			p := r.worker(fmt.Sprintf("w%d", i))
			p.share.Stale(x.stale)
			ps = append(ps, p)
		}
		ps[0].share.Inject(x.fault)
		var wg sync.WaitGroup
		for i, p := range ps {
			wg.Go(func() {
				err := p.run(context.Background(), nil)
				if err != nil && (i > 0 || len(p.share.Hits()) == 0 || errors.Is(err, errEndless)) {
					t.Errorf("worker %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		heir := r.worker("heir")
		if err := heir.run(context.Background(), nil); err != nil {
			t.Errorf("the heir: %v", err)
		}
		hit = len(ps[0].share.Hits()) > 0
		r.finished(j)
		if hit {
			r.signedOff(ps[0]) // the lease buries it
		} else {
			r.signedOff()
		}
		for _, p := range append(ps, heir) {
			if p.said.charges() > 0 {
				t.Error("a unit was charged for the share's fault")
			}
		}
		// One error costs no work that was done, and no more time than a rest: what failed is
		// tried again, and is good then.
		if f := x.fault; x.workers == 1 && f.Mode <= faultfs.After && f.For == 0 && f.Times < 2 {
			for _, u := range j.Plan.Units {
				n := len(ps[0].fake.tried(u.ID)) + len(heir.fake.tried(u.ID))
				if n > 1 && !strings.HasPrefix(ps[0].share.Hits()[0].Kind, "encode") {
					t.Errorf("%s was encoded %d times", u.ID, n)
				}
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("all of it took %v", took)
			}
		}
		if t.Failed() {
			t.Logf("%d workers, %d chunks, stale %d, operation %d, %v: %v", x.workers, x.chunks, x.stale, x.fault.At, x.fault.Mode, x.fault.Err)
			for _, h := range ps[0].share.Hits() {
				t.Logf("hit: %d %s %s", h.N, h.Kind, h.Name)
			}
			for _, p := range append(ps, heir) {
				t.Logf("%s:\n%s", p.ID(), p.said)
			}
		}
	})
	return hit
}

// sweep runs a trial for every operation at which its fault can come to pass: it goes on
// until there was none any more. Errors are taken in turns.
func (x trial) sweep(t *testing.T, errs ...error) { x.sweepEvery(t, 1, errs...) }

func (x trial) sweepEvery(t *testing.T, step int, errs ...error) {
	shards := runtime.GOMAXPROCS(0)
	for s := range shards {
		t.Run(fmt.Sprint(s), func(t *testing.T) {
			t.Parallel()
			for k := 1 + s*step; !t.Failed(); k += shards * step {
				x := x
				x.fault.At, x.fault.Err = k, errs[k%len(errs)]
				if !x.run(t) {
					if k < 5 {
						t.Errorf("only %d operations", k)
					}
					return
				}
			}
		})
	}
}

func changes(op faultfs.Op) bool { return op.Change }

// halves are the operations that can be interrupted.
func halves(op faultfs.Op) bool {
	return slices.Contains([]string{"WriteNew", "RemoveAll", "encode", "encode sound", "stitch", "place"}, op.Kind)
}

// grows are the operations that a full disk refuses.
func grows(op faultfs.Op) bool {
	return slices.Contains([]string{"WriteNew", "Mkdir", "encode", "encode sound", "stitch", "place", "prepare"}, op.Kind)
}

// The whole way of a job, with one fault at each of its operations in turn. Under the build
// tag e2e there are more of each: errors, workers, chunks.
func TestAFaultAtAnyOperationLosesNothing(t *testing.T) {
	for _, f := range []faultfs.Fault{
		{Mode: faultfs.Before},
		// What changes nothing fails after it happened just as before; and a process that
		// dies there leaves what its last change left.
		{Mode: faultfs.After, Only: changes},
		{Mode: faultfs.Dies, Only: changes},
		{Mode: faultfs.DiesHalfway, Only: halves},
	} {
		t.Run("one worker, "+f.Mode.String(), func(t *testing.T) {
			trial{workers: 1, chunks: 1, fault: f}.sweep(t, allErrors...)
		})
		if f.Only == nil {
			f.Only = changes // reading is the same in a room of two
		}
		t.Run("two workers, "+f.Mode.String(), func(t *testing.T) {
			trial{workers: 2, chunks: 2, fault: f}.sweep(t, allErrors...)
		})
	}
}

// The share is away, or full, from some operation on until long after a holder has given up
// publishing.
func TestAFaultThatLastsIsWaitedFor(t *testing.T) {
	t.Run("away", func(t *testing.T) {
		trial{workers: 1, chunks: 1, fault: lasting(4*lease, nil)}.sweepEvery(t, 5, syscall.EIO)
	})
	t.Run("full", func(t *testing.T) {
		trial{workers: 1, chunks: 1, fault: lasting(4*lease, grows)}.sweep(t, syscall.ENOSPC)
	})
}

func lasting(d time.Duration, only func(faultfs.Op) bool) faultfs.Fault {
	return faultfs.Fault{Mode: faultfs.Before, For: d, Only: only}
}

// Listings are late for both workers, so that each misses what the other made and sees what
// the other took.
func TestLateListingsLoseNothing(t *testing.T) {
	for n := 1; n <= 4; n++ {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			trial{workers: 2, chunks: 3, stale: n}.run(t)
		})
	}
}
