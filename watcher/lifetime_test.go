package watcher

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"proxima/jobfile"
)

func TestDrainFinishesTheUnitInWorkAndStopGivesItBack(t *testing.T) {
	for _, how := range []string{"drain", "stop"} {
		t.Run(how, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 3)
				p := r.worker("w", staying)
				p.fake.take(time.Minute)
				b := r.start(p)
				r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
				time.Sleep(10 * time.Second)
				told := time.Now()
				if how == "drain" {
					close(b.drain)
					time.Sleep(5 * time.Second)
					if d, err := r.store.Worker(p.ID()); err != nil || d.State != "draining" {
						t.Errorf("%+v, %v", d, err)
					}
				} else {
					b.stop()
				}
				if err := <-b.ended; !errors.Is(err, ErrStopped) {
					t.Error(err)
				}
				u := r.view(j).Unit(p.fake.tries()[0].Unit)
				took := time.Since(told)
				if how == "drain" && (u.State != jobfile.Done || took != 50*time.Second) {
					t.Errorf("drained in %v: %+v", took, u)
				}
				if how == "stop" && (u.State != jobfile.Todo || u.Attempt != 2 || took > 0) {
					t.Errorf("stopped in %v: %+v", took, u)
				}
				if len(p.fake.tries()) != 1 || p.said.charges() > 0 {
					t.Errorf("tried %v\n%s", p.fake.tries(), p.said)
				}
				r.signedOff()
				r.noLitter()
				r.noPartials(j)
			})
		})
	}
}

// noPartials checks that no part is being written, without waiting for a sweeper.
func (r *room) noPartials(j *jobfile.Job) {
	r.t.Helper()
	found, err := filepath.Glob(r.farm("jobs", j.ID, "parts", ".*.partial"))
	r.must(err)
	if len(found) > 0 {
		r.t.Errorf("%v is left", found)
	}
}

func TestALostUnitEndsItsEncodeAndWhatItWroteIsRemoved(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		p := r.worker("w")
		var began, ended time.Time
		p.fake.before = func(ctx context.Context, w Work) error {
			if !began.IsZero() {
				return nil
			}
			began = time.Now()
			r.must(os.WriteFile(w.Staging.Video, []byte("half a pic"), 0o664))
			<-ctx.Done()
			ended = time.Now()
			if !errors.Is(context.Cause(ctx), jobfile.ErrLost) {
				t.Errorf("ended by %v", context.Cause(ctx))
			}
			r.must(func() error { _, err := os.Stat(w.Staging.Video); return err }())
			return ctx.Err()
		}
		b := r.start(p)
		r.until("it encodes", r.state(j, jobfile.UnitWhole, jobfile.Doing))
		time.Sleep(7 * time.Second)
		lost := time.Now()
		r.must(r.store.Release(j.ID, r.view(j).Unit(jobfile.UnitWhole).Ticket))
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		if d := ended.Sub(lost); d < 0 || d > jobfile.BeatEvery(lease) {
			t.Errorf("noticed after %v", d)
		}
		if p.said.times("lost the unit") != 1 || p.said.charges() > 0 {
			t.Errorf("%s", p.said)
		}
		r.finished(j)
	})
}

func TestAWorkerLeavesWhenIdleAndWaitsForWhatOthersHold(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		start := time.Now()
		if err := r.worker("a").run(t.Context(), nil); err != nil || time.Since(start) > time.Second {
			t.Errorf("from an empty farm after %v: %v", time.Since(start), err)
		}
		j := r.queue("A001.mov", 1)
		slow := r.worker("slow")
		slow.fake.take(4 * time.Minute) // more than a lease, and it beats all the time
		b := r.start(slow)
		r.until("it encodes", r.state(j, jobfile.UnitWhole, jobfile.Doing))
		a := r.worker("a")
		if err := a.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		if n := len(a.fake.tries()) + len(slow.fake.tries()); n != 1 {
			t.Errorf("%d encodes", n)
		}
		r.signedOff()
	})
}

// All of this in real time, with the system's events and goroutines.
func TestEventsStartWorkAtOnceAndNothingOutlivesRun(t *testing.T) {
	t.Parallel()
	if w, err := fsnotify.NewWatcher(); err != nil {
		t.Skipf("no events on this system: %v", err)
	} else {
		_ = w.Close()
	}
	r := newRoom(t)
	p := r.worker("w", staying, func(c *Config) { c.Poll = 24 * time.Hour })
	p.hints = newHints(p.Log)
	p.fake.take(time.Millisecond)
	drain, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- p.Run(t.Context(), drain) }()
	j := r.queue("A001.mov", 2)
	deadline := time.Now().Add(time.Minute)
	// The watch may begin after the job was born: what happens beside it tells too.
	for i := 0; !r.retired(j)(); i++ {
		if time.Now().After(deadline) {
			t.Fatalf("no event told of the job\n%s", p.said)
		}
		poke := r.farm("jobs", ".poke")
		r.must(os.WriteFile(poke, nil, 0o644))
		r.must(os.Remove(poke))
		time.Sleep(100 * time.Millisecond)
	}
	close(drain)
	if err := <-ended; !errors.Is(err, ErrStopped) {
		t.Error(err)
	}
	r.finished(j)
	r.signedOff()
	// Other tests run beside this one; their goroutines are in bubbles.
	left := ""
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if left = outside(); left == "" {
			return
		}
	}
	t.Errorf("outlives Run:\n%s", left)
}

// outside returns the goroutines of this package and its libraries that are in no bubble, but
// for tests.
func outside() string {
	buf := make([]byte, 8<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var left []string
	for _, g := range strings.Split(string(buf), "\n\n") {
		head, _, _ := strings.Cut(g, "\n")
		works := strings.Contains(g, "watcher.(*Watcher)") || strings.Contains(g, "watcher.(*hints)") ||
			strings.Contains(g, "fsnotify") || strings.Contains(g, "flock")
		if works && !strings.Contains(head, "synctest bubble") && !strings.Contains(g, "testing.tRunner(") {
			left = append(left, g)
		}
	}
	return strings.Join(left, "\n\n")
}
