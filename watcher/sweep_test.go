package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
)

// errSharing is what Windows says of a file that another program has open. Elsewhere it is a
// number like any other that the code does not know.
const errSharing = syscall.Errno(32)

var allErrors = []error{syscall.EIO, syscall.ENOSPC, syscall.ESTALE, syscall.EAGAIN, errSharing}

// trial is one run of a whole job during which one process has one fault.
type trial struct {
	workers int           // in the room; the first has the fault
	chunks  int           // of the clip; 1 is a whole, with picture and sound
	stale   int           // in how many more listings each sees what it saw
	flaws   int           // how often the encoder of each worker fails, for a reason of its own
	cancel  time.Duration // after which a person cancels the job; 0 for never
	fault   faultfs.Fault
}

// doomed is a number of flaws that no rule forgives.
const doomed = 99

// worker returns one of this trial's.
func (x trial) worker(r *room, name string) *process {
	p := r.worker(name)
	p.share.Stale(x.stale)
	left := x.flaws // a worker has one slot, so it encodes one unit at a time
	p.fake.before = func(context.Context, Work) error {
		if left--; left >= 0 {
			return errFlaw
		}
		return nil
	}
	return p
}

var errFlaw = errors.New("ffmpeg fell over")

// run lets the job be done, then lets a healthy worker tidy up, and judges. It tells whether
// the fault came to pass.
func (x trial) run(t *testing.T) (hit bool) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := newRoom(t)
		j := r.queue("A001.mov", x.chunks)
		var ps []*process
		for i := range x.workers {
			ps = append(ps, x.worker(r, fmt.Sprintf("w%d", i)))
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
		if x.cancel > 0 {
			time.Sleep(x.cancel)
			_ = r.store.Cancel(j.ID, &jobfile.Request{By: "ana"}) // it may be over by then
		}
		wg.Wait()
		heir := x.worker(r, "heir")
		if err := heir.run(context.Background(), nil); err != nil {
			t.Errorf("the heir: %v", err)
		}
		hit = len(ps[0].share.Hits()) > 0
		switch {
		case x.flaws == doomed:
			r.doomed(j)
		case x.cancel > 0 && !r.retiredAs(j, jobfile.Done):
			r.cancelled(j)
		default:
			r.finished(j)
		}
		if hit {
			r.signedOff(ps[0]) // the lease buries it
		} else {
			r.signedOff()
		}
		if x.flaws == 0 {
			x.free(t, j, ps, heir, time.Since(start))
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

// free checks what a fault of the share may cost: nothing that is charged to a unit; and if it
// was a single error, no work that was done and no more time than a rest. What failed is tried
// again, and is good then.
func (x trial) free(t *testing.T, j *jobfile.Job, ps []*process, heir *process, took time.Duration) {
	for _, p := range append(ps, heir) {
		if p.said.charges() > 0 {
			t.Error("a unit was charged for the share's fault")
		}
	}
	if x.workers > 1 || x.fault.Mode > faultfs.After || x.fault.For > 0 || x.fault.Times > 1 {
		return
	}
	for _, u := range j.Plan.Units {
		n := len(ps[0].fake.tried(u.ID)) + len(heir.fake.tried(u.ID))
		if n > 1 && !strings.HasPrefix(ps[0].share.Hits()[0].Kind, "encode") {
			t.Errorf("%s was encoded %d times", u.ID, n)
		}
	}
	if took > time.Minute {
		t.Errorf("all of it took %v", took)
	}
}

// doomed checks that a job has come to its bad end: given up, with the reason, and not done.
func (r *room) doomed(j *jobfile.Job) {
	r.t.Helper()
	m, state, err := r.store.Marker(j.ID)
	if err != nil || state != jobfile.Failed || !strings.Contains(m.Error, errFlaw.Error()) || m.Next == "" {
		r.t.Errorf("FAILED.yaml: %+v, %v, %v", m, state, err)
	}
	if r.retired(j)() {
		r.t.Error("it is in done/, too")
	}
	v, failed := r.view(j), 0
	for _, u := range v.Units {
		if u.State == jobfile.Failed {
			failed++
		}
		if u.State == jobfile.Doing || u.State == jobfile.Missing {
			r.t.Errorf("unit %s is %v", u.ID, u.State)
		}
	}
	if failed == 0 || v.Done {
		r.t.Errorf("%+v", v)
	}
	if _, err := os.Stat(r.output(j)); err == nil {
		r.t.Error("it has an output")
	}
	r.noLitter()
}

// retiredAs tells whether a job lies in done/ with a marker.
func (r *room) retiredAs(j *jobfile.Job, want jobfile.State) bool {
	_, state, err := r.store.Marker(j.ID)
	return err == nil && state == want && r.retired(j)()
}

// cancelled checks that a job ended as one that was cancelled: explained, without its parts, and
// nothing of it anywhere else. An output may stand, if it was placed when the machine died.
func (r *room) cancelled(j *jobfile.Job) {
	r.t.Helper()
	if !r.retiredAs(j, jobfile.Cancelled) {
		r.t.Errorf("it is not in done/ as cancelled: %+v", r.view(j))
	}
	if _, err := os.Stat(r.farm("done", j.ID, "parts")); err == nil {
		r.t.Error("its parts are left")
	}
	if got, err := os.ReadFile(r.output(j)); err == nil && string(got) != madeOf(j) {
		r.t.Errorf("the output is %q", got)
	}
	r.noLitter()
}

// sweep runs a trial for every operation at which its fault can come to pass: it goes on
// until there was none any more. Errors are taken in turns.
func (x trial) sweep(t *testing.T, errs ...error) { x.sweepEvery(t, 1, errs...) }

func (x trial) sweepEvery(t *testing.T, step int, errs ...error) {
	if testing.Short() {
		step *= 7 // under the race detector: which operation it was says nothing about races
	}
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
	return slices.Contains([]string{"WriteNew", "Create", "RemoveAll", "encode", "encode sound", "stitch", "place"}, op.Kind)
}

// grows are the operations that a full disk refuses.
func grows(op faultfs.Op) bool {
	return slices.Contains([]string{"WriteNew", "Create", "Mkdir", "encode", "encode sound", "stitch", "place", "prepare"}, op.Kind)
}

// The whole way of a job, with one fault at each of its operations in turn. Under the build
// tag deep there are more of each: errors, workers, chunks.
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
		if f.Mode == faultfs.Before {
			continue // a room of two has that under deep
		}
		t.Run("two workers, "+f.Mode.String(), func(t *testing.T) {
			trial{workers: 2, chunks: 2, fault: f}.sweep(t, allErrors...)
		})
	}
}

// The encoder fails, once or always, and while that is noted, the share does.
func TestAFaultWhileAFailureIsNotedChangesNothingOfIt(t *testing.T) {
	t.Run("one failure", func(t *testing.T) {
		trial{workers: 1, chunks: 1, flaws: 1, fault: faultfs.Fault{Mode: faultfs.After, Only: changes}}.sweepEvery(t, 2, allErrors...)
	})
	t.Run("doomed", func(t *testing.T) {
		trial{workers: 1, chunks: 1, flaws: doomed, fault: faultfs.Fault{Mode: faultfs.Dies, Only: changes}}.sweepEvery(t, 2, allErrors...)
	})
}

// A job is cancelled while it is encoded, and while its parts are joined; the share fails over that.
func TestAFaultWhileAJobIsCancelledLeavesNothingBehind(t *testing.T) {
	for _, at := range []time.Duration{1500 * time.Millisecond, 6500 * time.Millisecond} {
		for _, mode := range []faultfs.Mode{faultfs.After, faultfs.Dies} {
			t.Run(fmt.Sprintf("%v, %v", at, mode), func(t *testing.T) {
				trial{workers: 2, chunks: 2, cancel: at, fault: faultfs.Fault{Mode: mode, Only: changes}}.sweepEvery(t, 4, allErrors...)
			})
		}
	}
}

// The share is away, or full, from some operation on until long after a holder has given up
// publishing.
func TestAFaultThatLastsIsWaitedFor(t *testing.T) {
	t.Run("away", func(t *testing.T) {
		trial{workers: 1, chunks: 1, fault: lasting(5*lease/2, nil)}.sweepEvery(t, 6, syscall.EIO)
	})
	t.Run("full", func(t *testing.T) {
		trial{workers: 1, chunks: 1, fault: lasting(5*lease/2, grows)}.sweep(t, syscall.ENOSPC)
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
