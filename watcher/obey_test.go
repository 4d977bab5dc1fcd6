package watcher

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

// ask puts a request into the farm, and tells how long it takes to be taken back.
func (r *room) ask(k jobfile.Control) (withdraw func()) {
	r.t.Helper()
	r.must(r.store.Ask(k, &jobfile.Request{By: "ana@edit7", Time: time.Now(), Why: "for a test"}))
	return func() {
		_, err := r.store.Withdraw(func(c jobfile.Control) bool { return c == k })
		r.must(err)
	}
}

// says tells whether a worker's document says that it obeys.
func (r *room) says(p *process, state string, k jobfile.Control) func() bool {
	return func() bool {
		d, err := r.store.Worker(p.ID())
		return err == nil && d.State == state && d.Controls > 0 && (k.Ask == "") != slices.Contains(d.Obeys, k.File())
	}
}

// soon is within which a request is heeded and answered: a look and a report.
const soon = 20 * time.Second

func TestAPausedWorkerFinishesWhatItHasAndBeginsNothing(t *testing.T) {
	for _, k := range []jobfile.Control{{Ask: jobfile.AskPause}, {Ask: jobfile.AskPause, Whom: "w"}} {
		t.Run(k.File(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 3)
				p := r.worker("w")
				p.fake.take(time.Minute)
				b := r.start(p)
				r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
				resume := r.ask(k)
				if took := r.until("it says so", r.says(p, "working", k)); took > soon {
					t.Errorf("after %v", took)
				}
				r.until("it is done with what it has", r.says(p, "paused", k))
				time.Sleep(10 * time.Minute)
				d, err := r.store.Worker(p.ID())
				r.must(err)
				if !strings.Contains(d.Holds, "by ana@edit7") || !strings.Contains(d.Holds, "for a test") {
					t.Errorf("it says %q", d.Holds)
				}
				if n := len(p.fake.tries()); n != 1 || len(r.view(j).Results()) != 1 {
					t.Errorf("%d units were begun", n)
				}
				resume()
				if took := r.until("it begins again", func() bool { return len(p.fake.tries()) > 1 }); took > soon {
					t.Errorf("after %v", took)
				}
				if err := <-b.ended; err != nil {
					t.Error(err)
				}
				r.finished(j)
			})
		})
	}
}

// Paused at once, by a request to all, to one or about its job: the unit is given back, uncharged,
// and its encoder ends.
func TestWhatIsPausedNowIsGivenBackUncharged(t *testing.T) {
	for _, whom := range []string{"", "w", "job"} {
		t.Run(whom, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 1)
				p := r.worker("w")
				p.fake.take(time.Hour)
				b := r.start(p)
				r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
				k := jobfile.Control{Ask: jobfile.AskPauseNow, Whom: whom}
				if whom == "job" {
					k.Whom = j.ID
				}
				resume := r.ask(k)
				if took := r.until("it is given back", r.state(j, jobfile.UnitWhole, jobfile.Todo)); took > soon {
					t.Errorf("after %v", took)
				}
				time.Sleep(10 * time.Minute)
				u := r.view(j).Unit(jobfile.UnitWhole)
				doc, err := r.store.ReadUnit(j.ID, jobfile.Placed{State: jobfile.Todo, Ticket: u.Ticket})
				r.must(err)
				if u.Attempt != 2 || len(doc.Failures) != 0 || p.said.charges() != 0 || len(p.fake.tries()) != 1 {
					t.Errorf("%+v, %+v\n%s", u, doc, p.said)
				}
				p.fake.take(0)
				resume()
				if err := <-b.ended; err != nil {
					t.Error(err)
				}
				r.finished(j)
			})
		})
	}
}

func TestAPausedJobWaitsAndTheOthersGoOn(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j, other := r.queue("A001.mov", 1), r.queue("A002.mov", 1)
		k := jobfile.Control{Ask: jobfile.AskPause, Whom: j.ID}
		resume := r.ask(k)
		p := r.worker("w")
		b := r.start(p)
		r.until("the other is done", r.retired(other))
		time.Sleep(10 * time.Minute)
		if u := r.view(j).Unit(jobfile.UnitWhole); u.State != jobfile.Todo || u.Attempt != 1 {
			t.Errorf("%+v", u)
		}
		resume()
		r.until("it is done, too", r.retired(j))
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
	})
}

// A drained worker finishes, stays, and is itself again when it is started anew.
func TestADrainedWorkerFinishesAndStaysIdle(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 3)
		p := r.worker("w")
		p.fake.take(2 * time.Minute)
		b := r.start(p)
		r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
		k := jobfile.Control{Ask: jobfile.AskDrain, Whom: p.ID()}
		r.ask(k)
		r.until("it says so", r.says(p, "draining", k))
		r.until("it is drained", r.says(p, "drained", k))
		time.Sleep(10 * time.Minute)
		if n := len(p.fake.tries()); n != 1 {
			t.Errorf("%d units were begun", n)
		}
		b.stop()
		<-b.ended
		if c, err := r.store.Controls(); err != nil || len(c.All) > 0 {
			t.Errorf("left: %v, %v", c, err)
		}
		r.must(r.worker("w").run(t.Context(), nil))
		r.finished(j)
	})
}

func TestSlotsOfARunningWorkerChange(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 6)
		p := r.worker("w", func(c *Config) { c.Cores = 8 })
		p.fake.take(10 * time.Minute)
		b := r.start(p)
		r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
		k := jobfile.Control{Ask: jobfile.AskSlots, Whom: p.ID(), N: 3}
		r.ask(k)
		if took := r.until("it takes three", func() bool { return p.running() == 3 }); took > soon {
			t.Errorf("after %v", took)
		}
		r.until("it says so", r.says(p, "working", k))
		if d, err := r.store.Worker(p.ID()); err != nil || d.Slots != 3 || d.AutoSlots {
			t.Errorf("%+v, %v", d, err)
		}
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.finished(j)
	})
}

func TestAJobOfHigherPriorityGoesFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		first, second := r.queue("A001.mov", 1), r.queue("A002.mov", 1)
		r.ask(jobfile.Control{Ask: jobfile.AskPriority, Whom: second.ID, N: 90})
		p := r.worker("w")
		b := r.start(p)
		r.until("the second is done", r.retired(second))
		if r.retired(first)() {
			t.Error("the first one was sooner")
		}
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
	})
}

// A request that cannot be read counts by its name, and control/ that cannot be listed as it was.
func TestWhatIsAskedStandsWhereItCannotBeRead(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		r.queue("A001.mov", 1)
		p := r.worker("w")
		r.must(os.MkdirAll(r.farm("control"), 0o775))
		r.must(os.WriteFile(r.farm("control", "pause.yaml"), []byte("format: 1\nwhen: now\n"), 0o644))
		r.must(os.WriteFile(r.farm("control", "pause.yaml.txt"), nil, 0o644))
		b := r.start(p)
		r.until("it is paused", r.says(p, "paused", jobfile.Control{Ask: jobfile.AskPause}))
		if p.said.times("pause.yaml:2:1: unknown field") != 1 || p.said.times("is no request") != 1 {
			t.Errorf("%s", p.said)
		}
		r.must(os.Rename(r.farm("control"), r.farm("aside")))
		r.must(os.WriteFile(r.farm("control"), nil, 0o644)) // a file in the place of the folder
		time.Sleep(10 * time.Minute)
		if n := len(p.fake.tries()); n != 0 {
			t.Errorf("%d units were begun", n)
		}
		b.stop()
		<-b.ended
	})
}

// Two machines hold units of a job that is cancelled. Both end within a look, nothing is charged, and
// the job is cleared away while both live.
func TestACancelledJobThatTwoWorkOnIsClearedAway(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		var bs []*running
		var ps []*process
		for _, name := range []string{"v", "w"} {
			p := r.worker(name, staying)
			p.fake.before = func(ctx context.Context, _ Work) error { return pause(ctx, time.Hour) }
			ps, bs = append(ps, p), append(bs, r.start(p))
		}
		r.until("both encode", func() bool { return len(ps[0].fake.tries()) > 0 && len(ps[1].fake.tries()) > 0 })
		r.must(r.store.Cancel(j.ID, &jobfile.Request{By: "ana@edit7", Time: time.Now()}))
		if took := r.until("it is cleared away", r.retired(j)); took > soon {
			t.Errorf("after %v", took)
		}
		for i, b := range bs {
			b.stop()
			<-b.ended
			if ps[i].said.charges() > 0 || ps[i].said.times("another worker") > 0 {
				t.Errorf("%s", ps[i].said)
			}
		}
		r.noLitter()
	})
}
