package watcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

func TestWhenACopyIsWorthIt(t *testing.T) {
	for _, c := range []struct {
		mine, theirs time.Duration
		want         bool
	}{
		{time.Minute, 2 * time.Minute, true},
		{time.Minute, 70 * time.Second, false},
		{time.Second, 5 * time.Second, false}, // not worth a process
		{time.Second, 10 * time.Second, true},
	} {
		if got := WorthCopy(c.mine, c.theirs); got != c.want {
			t.Errorf("%v against %v: %v", c.mine, c.theirs, got)
		}
	}
	busy := jobfile.Busy{Frames: 100, Of: 1100, FPS: 10}
	if d, ok := Remaining(busy, 20*time.Second); !ok || d != 80*time.Second {
		t.Error(d, ok)
	}
	if d, ok := Remaining(busy, time.Hour); !ok || d != 0 {
		t.Error(d, ok)
	}
	if _, ok := Remaining(jobfile.Busy{Of: 1100}, 0); ok {
		t.Error("of one that has just begun nothing is known")
	}
}

func copying(c *Config) { c.Copies = true }

// slowly makes a worker's pictures take ten minutes, and say so.
func slowly(p *process) {
	p.fake.before = func(ctx context.Context, w Work) error {
		if w.Unit.ID == jobfile.UnitSound {
			return nil
		}
		for i := range 600 {
			w.Progress(int64(1+i/25), 0.04)
			if err := pause(ctx, time.Second); err != nil {
				return err
			}
		}
		return nil
	}
}

// slowAndFast is a job of two chunks of which the slow worker holds one when the fast one is done with
// the other.
func slowAndFast(r *room, edit func(slow, fast *process)) (j *jobfile.Job, slow, fast *process) {
	j = r.queue("A001.mov", 2)
	slow, fast = r.worker("slow", copying), r.worker("fast", copying)
	slowly(slow)
	edit(slow, fast)
	r.start(slow)
	r.until("the slow one has begun a picture", func() bool {
		s := slow.Snapshot()
		return len(s) == 1 && s[0].Unit != jobfile.UnitSound
	})
	r.start(fast)
	return j, slow, fast
}

func TestAnIdleWorkerBeginsACopyOfWhatWouldBeReadyLast(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j, slow, fast := slowAndFast(r, func(slow, fast *process) {})
		took := r.until("the job is finished", r.retired(j))
		if took > 90*time.Second {
			t.Errorf("it took %v, and the slow one alone takes ten minutes", took)
		}
		if fast.said.times("began a copy") != 1 {
			t.Errorf("%v", fast.said)
		}
		r.until("the slow one has ended what it lost", func() bool { return len(slow.Snapshot()) == 0 })
		if n := slow.said.charges() + fast.said.charges(); n > 0 {
			t.Errorf("%d failures were charged", n)
		}
		r.finished(j)
	})
}

func TestWithoutTheSettingNobodyBeginsACopy(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j, _, fast := slowAndFast(r, func(slow, fast *process) { fast.Copies = false })
		took := r.until("the job is finished", r.retired(j))
		if took < 9*time.Minute || fast.said.times("began a copy") > 0 {
			t.Errorf("it took %v", took)
		}
		r.finished(j)
	})
}

// A copy that fails costs nobody anything, and is not begun again and again.
func TestACopyThatFailsIsNotCharged(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		var held jobfile.UnitID
		j, slow, fast := slowAndFast(r, func(slow, fast *process) {
			fast.fake.before = func(_ context.Context, w Work) error {
				if s := slow.Snapshot(); len(s) == 1 && s[0].Unit == w.Unit.ID {
					held = w.Unit.ID
					return errors.New("the picture is upside down")
				}
				return nil
			}
		})
		took := r.until("the job is finished", r.retired(j))
		if took < 9*time.Minute || len(fast.fake.tried(held)) != 1 || slow.said.charges()+fast.said.charges() > 0 {
			t.Errorf("it took %v, the copy was tried at %v, and charged: %v", took, fast.fake.tried(held), fast.said)
		}
		r.finished(j)
	})
}

// The first holder dies: the copy is the unit then, and nobody takes it over.
func TestACopyOutlivesTheFirstHolder(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		stop := make(chan struct{})
		j, slow, fast := slowAndFast(r, func(slow, fast *process) {
			fast.fake.before = func(ctx context.Context, w Work) error {
				if s := slow.Snapshot(); len(s) == 1 && s[0].Unit == w.Unit.ID {
					close(stop)
					return pause(ctx, 2*lease)
				}
				return nil
			}
		})
		<-stop
		die(slow)
		r.until("the job is finished", r.retired(j))
		if fast.said.times("taking over") > 0 || fast.said.charges() > 0 {
			t.Errorf("%v", fast.said)
		}
		r.finished(j)
	})
}

// A worker that beats and comes no further is seen by its frames.
func TestACopyIsBegunOfAnEncoderThatHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j, _, fast := slowAndFast(r, func(slow, fast *process) {
			slow.fake.before = func(ctx context.Context, w Work) error {
				if w.Unit.ID == jobfile.UnitSound {
					return nil
				}
				w.Progress(24, 100)
				return pause(ctx, time.Hour)
			}
		})
		took := r.until("the job is finished", r.retired(j))
		if took > 3*rereadEvery || fast.said.times("began a copy") != 1 {
			t.Errorf("it took %v: %v", took, fast.said)
		}
		r.finished(j)
	})
}

// Whose beat stands still is expected to need the lease: the room does not wait for it.
func TestACopyIsBegunOfOneWhoHangs(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j, slow, fast := slowAndFast(r, func(slow, fast *process) {
			fast.fake.before = func(ctx context.Context, w Work) error {
				if len(fast.fake.tries()) == 1 {
					slow.share.Slow(time.Hour) // each of its operations
				}
				return nil
			}
		})
		took := r.until("the job is finished", r.retired(j))
		if took > lease-time.Minute || fast.said.times("began a copy") != 1 {
			t.Errorf("it took %v: %v", took, fast.said)
		}
		if slices.ContainsFunc(fast.said.all(), func(l string) bool { return strings.Contains(l, "taking over") }) {
			t.Error("it was taken over before the lease")
		}
		slow.share.Slow(0)
		time.Sleep(3 * time.Hour) // it wakes, finds that it lost, and leaves
	})
}

// Who won with a copy removes its own file, and may leave then. The other is at a job behind others that nobody can do, with
// no room to look that far.
func TestTheLoserOfACopyIsToldByItsGuard(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		for i := range 2 * minScan {
			f := r.queue(fmt.Sprintf("A0%02d.mov", i), 1)
			r.must(os.Rename(r.farm("jobs", f.ID, "todo", "whole.a1.yaml"), r.farm("jobs", f.ID, "failed", "whole.a1.yaml")))
			time.Sleep(time.Second)
		}
		j := r.queue("A100.mov", 2)
		slow, fast := r.worker("slow", copying), r.worker("fast", copying)
		slow.fake.before = func(ctx context.Context, w Work) error {
			if w.Unit.ID == jobfile.UnitSound {
				return nil
			}
			w.Progress(24, 100)
			return pause(ctx, 5*time.Hour)
		}
		r.start(slow)
		r.until("the slow one has begun a picture", func() bool {
			s := slow.Snapshot()
			return len(s) == 1 && s[0].Unit != jobfile.UnitSound
		})
		b := r.start(fast)
		r.until("a copy is begun", func() bool { return fast.said.times("began a copy") > 0 })
		close(b.drain)
		<-b.ended
		if took := r.until("the slow one is told", func() bool { return slow.said.times("lost the unit") > 0 }); took > (guardsDone+1)*jobfile.BeatEvery(lease) {
			t.Errorf("after %v", took)
		}
		r.until("the job is finished", r.retired(j))
	})
}
