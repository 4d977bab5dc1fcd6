package watcher

import (
	"context"
	"os"
	"testing"
	"time"

	"proxima/jobfile"
)

func TestACancelledJobEndsItsHoldersAndIsClearedAway(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w")
		p.fake.before = func(ctx context.Context, _ Work) error { return pause(ctx, time.Hour) }
		b := r.start(p)
		r.until("it encodes", func() bool { return len(p.fake.tries()) > 0 })
		r.must(os.WriteFile(r.farm("jobs", j.ID, "CANCELLED.yaml"), nil, 0o644))
		took := r.until("it is cleared away", r.retired(j))
		if took > time.Minute {
			t.Errorf("it took %v", took)
		}
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		for _, gone := range []string{"parts", "todo", "doing"} {
			if _, err := os.Stat(r.farm("done", j.ID, gone)); err == nil {
				t.Errorf("%s/ was left", gone)
			}
		}
		if _, err := os.Stat(r.output(j)); err == nil {
			t.Error("and finished all the same")
		}
		if _, state, err := r.store.Marker(j.ID); err != nil || state != jobfile.Cancelled {
			t.Error(state, err)
		}
	})
}

// The parts of a failed job go after a week, its record stays; put back, it is made anew. The
// record of a finished job goes after a while, too.
func TestWhatNobodyNeedsIsKeptForSoLongAndNoLonger(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w", staying, func(c *Config) { c.Slots = 3 })
		p.Keep = jobfile.Keep{FailedParts: jobfile.Duration(2 * time.Hour), Finished: jobfile.Duration(5 * time.Hour)}
		broken := true
		p.fake.before = func(ctx context.Context, w Work) error {
			if broken && w.Unit.ID == "0001" {
				_ = pause(ctx, time.Minute) // the others are done meanwhile
				return &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "cut short", Next: "copy it again"}
			}
			return nil
		}
		r.start(p)
		parts := func() int {
			es, err := os.ReadDir(r.farm("jobs", j.ID, "parts"))
			r.must(err)
			return len(es)
		}
		r.until("it failed", r.state(j, "0001", jobfile.Failed))
		time.Sleep(time.Hour)
		if parts() != 2 {
			t.Fatalf("%d parts", parts())
		}
		if took := r.until("its parts are gone", func() bool { return parts() == 0 }); took > 90*time.Minute {
			t.Errorf("after another %v", took)
		}
		if !r.state(j, "0001", jobfile.Failed)() || r.state(j, "0000", jobfile.Done)() {
			t.Errorf("%+v", r.view(j))
		}
		broken = false
		k := r.view(j).Unit("0001").Ticket
		r.must(os.Rename(r.farm("jobs", j.ID, "failed", k.File()), r.farm("jobs", j.ID, "todo", k.File())))
		r.until("it is done", r.retired(j))
		r.finished(j)
		took := r.until("its record is gone", func() bool { return !r.retired(j)() })
		if took < 5*time.Hour-time.Minute || took > 6*time.Hour+time.Minute {
			t.Errorf("after %v", took)
		}
		if _, err := os.Stat(r.output(j)); err != nil {
			t.Error("and the proxy with it")
		}
	})
}
