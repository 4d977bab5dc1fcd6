package watcher

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

// One machine's broken ffmpeg must not use up a unit's tries: before a failure is charged,
// the encoder has to show that it can still do a picture of its own.
func TestAMachineWhoseEncoderBreaksDownChargesNothingAndComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w", staying)
		broken := time.Now().Add(3 * time.Minute)
		p.fake.before = func(context.Context, Work) error {
			if time.Now().Before(broken) {
				return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg crashed (segmentation fault)", Next: "see the log"}
			}
			return nil
		}
		asked := false
		p.fake.able = func() error {
			if first := !asked; first || !time.Now().Before(broken) {
				asked = true
				return nil
			}
			return errors.New("the encoder does not work")
		}
		r.start(p)
		r.until("its document says what is wrong", func() bool {
			d, err := r.store.Worker(p.ID())
			return err == nil && d.State == "resting" && strings.Contains(d.Reason, "the encoder does not work")
		})
		r.until("the job is done", r.retired(j))
		r.finished(j)
		if n := p.said.charges(); n != 0 {
			t.Errorf("charged %d times\n%s", n, p.said)
		}
	})
}

// A crash that only the source brings about is the unit's, and ends as such.
func TestACrashOnAHealthyMachineIsCharged(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("a")
		p.fake.before = func(_ context.Context, w Work) error {
			if w.Unit.ID == "0000" {
				return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg crashed (segmentation fault)", Next: "see the log"}
			}
			return nil
		}
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.givenUp(j, "0000", jobfile.FaultUnit, "a", "a", "a")
	})
}

func TestBelowTheFloorNothingIsClaimedUntilThereIsRoomAgain(t *testing.T) {
	for _, c := range []struct {
		name        string
		volume      string // whose volume runs full
		keep        jobfile.Bytes
		free, total uint64
		waits       bool
	}{
		{"farm", "farm", 2 << 30, 1 << 30, 1 << 40, true},
		{"output", "media", 2 << 30, 1 << 30, 1 << 40, true},
		{"small volume, a twentieth is kept", "farm", 2 << 30, 1 << 30, 10 << 30, false},
		{"small volume, less than a twentieth", "farm", 2 << 30, 400 << 20, 10 << 30, true},
		{"told to fill it", "farm", 0, 1, 1 << 40, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 2)
				p := r.worker("w", staying)
				full := time.Now().Add(5 * time.Minute)
				p.KeepFree = c.keep
				p.Space = func(dir string) (free, total uint64, err error) {
					if strings.HasSuffix(dir, c.volume) && time.Now().Before(full) {
						return c.free, c.total, nil
					}
					return 1 << 40, 1 << 41, nil
				}
				r.start(p)
				if c.waits {
					r.until("its document says what it waits for", func() bool {
						d, err := r.store.Worker(p.ID())
						return err == nil && d.State == "resting" && strings.Contains(d.Reason, "new work waits for")
					})
				}
				r.until("the job is done", r.retired(j))
				r.finished(j)
				if first := p.fake.tries()[0].At; first.Before(full) == c.waits {
					t.Errorf("the first unit began at %v, the volume had room at %v", first, full)
				}
			})
		})
	}
}

func TestTheMachineIsKeptAwakeWhileItWorksAndNoLonger(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 3)
		p := r.worker("w")
		kept, times := 0, 0
		p.awake.keep = func(context.Context) (func(), error) {
			kept++
			times++
			return func() { kept-- }, nil
		}
		p.fake.before = func(context.Context, Work) error {
			time.Sleep(time.Minute)
			return nil
		}
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		if kept != 0 || times == 0 {
			t.Errorf("asked %d times, %d not given back", times, kept)
		}
	})
}

func TestARefusalToStayAwakeIsSaidOnceAndStopsNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 3)
		p := r.worker("w")
		p.awake.keep = func(context.Context) (func(), error) { return nil, errors.New("not allowed") }
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		if n := strings.Count(p.said.String(), "may fall asleep"); n != 1 {
			t.Errorf("said %d times\n%s", n, p.said)
		}
	})
}
