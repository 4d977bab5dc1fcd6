package watcher

import (
	"context"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
)

// away takes the farm away for a while, as an unmounted share is: its folder is empty.
func (r *room) away(d time.Duration) {
	r.t.Helper()
	aside := r.farm() + " aside"
	r.must(os.Rename(r.farm(), aside))
	r.must(os.Mkdir(r.farm(), 0o755))
	time.Sleep(d)
	r.must(os.Remove(r.farm())) // nobody has put anything there
	r.must(os.Rename(aside, r.farm()))
}

func TestAVanishedFarmIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		p := r.worker("w") // one that leaves when it is idle does not take absence for that
		b := r.start(p)
		synctest.Wait()
		r.away(10 * time.Minute)
		select {
		case err := <-b.ended:
			t.Errorf("left: %v", err)
		default:
		}
		// It says so, once: the farm, the others, the beat, the document.
		if n := len(p.said.all()); p.said.times("waiting for it to come back") != 1 || n > 5 {
			t.Errorf("%s", p.said)
		}
		j := r.queue("A001.mov", 2)
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.finished(j)
	})
}

// Whatever a share that goes away makes of an encode, it is not the unit's fault.
func TestAFailureWhileTheFarmIsAwayIsNotCharged(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w")
		first := true
		p.fake.before = func(ctx context.Context, _ Work) error {
			if !first {
				return nil
			}
			first = false
			away := r.farm() + " away"
			r.must(os.Rename(r.farm(), away))
			_ = pause(ctx, time.Minute)
			r.must(os.Rename(away, r.farm()))
			return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg wrote no file", Next: "see the log"}
		}
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		if p.said.charges() != 0 {
			t.Errorf("charged\n%s", p.said)
		}
	})
}

// The farm goes when a failure was already looked into: whether the unit is still this worker's cannot be seen.
func TestAFailureIsNotChargedWhereTheClaimCannotBeSeen(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w")
		var failing, gone atomic.Bool // sound and picture are made side by side
		p.fake.before = func(context.Context, Work) error {
			if gone.Load() {
				return nil
			}
			failing.Store(true)
			return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg wrote no file", Next: "see the log"}
		}
		p.fake.able = func() error {
			if failing.Load() && gone.CompareAndSwap(false, true) {
				go r.away(time.Minute)
				time.Sleep(time.Second)
			}
			return nil
		}
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		if !gone.Load() || p.said.charges() != 0 {
			t.Errorf("charged\n%s", p.said)
		}
	})
}

// A server that restarts answers some calls with errors and others not at all; farm.yaml may
// happen to be read while all is well. What ffmpeg made of that proves nothing.
func TestAFailureWhileBeatsFailIsNotCharged(t *testing.T) {
	for _, kind := range []jobfile.FaultKind{jobfile.FaultUnit, jobfile.FaultSource} {
		t.Run(string(kind), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 2)
				p := r.worker("w")
				first := true
				p.fake.before = func(ctx context.Context, _ Work) error {
					if !first {
						return nil
					}
					first = false
					p.share.Inject(faultfs.Fault{At: 1, Err: syscall.EAGAIN, For: time.Minute, Only: func(op faultfs.Op) bool {
						return op.Change && strings.HasPrefix(op.Name, "workers/")
					}})
					_ = pause(ctx, 2*time.Minute)
					return &jobfile.Fault{Kind: kind, Reason: "ffmpeg wrote no file", Next: "see the log"}
				}
				if err := p.run(t.Context(), nil); err != nil {
					t.Error(err)
				}
				r.finished(j)
				if p.said.charges() != 0 {
					t.Errorf("%s charged\n%s", kind, p.said)
				}
			})
		})
	}
}

// Absence is no proof (P11): a share that is gone for a moment costs no work that is going on.
func TestAnEncodeOutlivesAVanishedFarm(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		p := r.worker("w")
		p.fake.take(2 * time.Minute)
		b := r.start(p)
		r.until("it encodes", r.state(j, jobfile.UnitWhole, jobfile.Doing))
		r.away(time.Minute) // several beats
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.finished(j)
		if len(p.fake.tries()) != 1 || p.said.times("lost the unit") > 0 {
			t.Errorf("encoded %d times\n%s", len(p.fake.tries()), p.said)
		}
	})
}
