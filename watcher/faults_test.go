package watcher

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
)

// inBubble runs a test in a bubble of time, beside other tests.
func inBubble(t *testing.T, f func(t *testing.T, r *room)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { f(t, newRoom(t)) })
}

func noMount() error {
	return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the source's folder does not exist on this machine", Next: "mount it"}
}

func TestAMachinesFaultIsNotChargedAndTheMachineRestsLongerEachTime(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		p := r.worker("w", staying)
		bad := 3
		p.fake.before = func(context.Context, Work) error {
			if bad--; bad >= 0 {
				return noMount()
			}
			return nil
		}
		r.start(p)
		r.until("its document says why it rests", func() bool {
			d, err := r.store.Worker(p.ID())
			return err == nil && d.State == "resting" && strings.Contains(d.Reason, "does not exist on this machine")
		})
		u := r.view(j).Unit(jobfile.UnitWhole)
		if u.State != jobfile.Todo || u.Attempt != 2 {
			t.Errorf("the unit was not given back: %+v", u)
		}
		doc, err := r.store.ReadUnit(j.ID, jobfile.Placed{State: jobfile.Todo, Ticket: u.Ticket})
		if err != nil || len(doc.Failures) > 0 {
			t.Errorf("charged: %+v, %v", doc, err)
		}
		r.until("the job is done", r.retired(j))
		r.finished(j)
		at := p.fake.tried(jobfile.UnitWhole)
		if len(at) != 4 {
			t.Fatalf("tried at %v", at)
		}
		for i, rest := range []time.Duration{restFirst, 2 * restFirst, 4 * restFirst} {
			// An idle worker looks every ten seconds or a little more.
			if gap := at[i+1].Sub(at[i]); gap < rest || gap > rest+13*time.Second {
				t.Errorf("rest %d lasted %v, not %v", i, gap, rest)
			}
		}
		r.until("its document says no more that it rests", func() bool {
			d, err := r.store.Worker(p.ID())
			return err == nil && d.State == "idle" && d.Reason == ""
		})
	})
}

// A full share refuses the part and the worker's document alike. When there is room again,
// people can read why nothing happened.
func TestAFullShareIsNotChargedAndSaidAsSoonAsThereIsRoom(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		p := r.worker("w", staying)
		r.start(p)
		synctest.Wait() // joined, and at work
		p.share.Inject(faultfs.Fault{At: 1, For: 8 * time.Second, Err: errors.New("no space left on device"), Only: grows})
		time.Sleep(14 * time.Second)
		d, err := r.store.Worker(p.ID())
		if err != nil || !strings.Contains(d.Reason, "no space left") {
			t.Errorf("the document does not say why it rests: %+v, %v", d, err)
		}
		r.until("the job is done", r.retired(j))
		r.finished(j)
		if p.said.charges() > 0 {
			t.Errorf("charged\n%s", p.said)
		}
	})
}

// Logs are written around the share's seam, so this one is really in the way.
func TestALogThatCannotBeWrittenIsNotCharged(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		logs := r.farm("jobs", j.ID, "log")
		r.must(os.Remove(logs))
		r.must(os.WriteFile(logs, nil, 0o644))
		p := r.worker("w", staying)
		r.start(p)
		time.Sleep(10 * time.Second)
		if d, err := r.store.Worker(p.ID()); err != nil || !strings.Contains(d.Reason, "log/ is not a folder") {
			t.Errorf("%+v, %v", d, err)
		}
		r.must(os.Remove(logs))
		r.until("it is done", r.retired(j))
		r.finished(j)
		if len(p.fake.tries()) != 1 || p.said.charges() > 0 {
			t.Errorf("%s", p.said)
		}
	})
}

func TestARecipeThatThisMachineCannotDoIsLeftToOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		p := r.worker("w")
		p.fake.able = func() error { return errors.New("no such encoder") }
		if err := p.run(t.Context(), nil); err != nil || len(p.fake.tries()) > 0 {
			t.Errorf("%v, %v", err, p.fake.tries())
		}
		if err := r.worker("other").run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
	})
}

// fellOver is a failure that nobody can place, of the first chunk, after some work.
func fellOver(ctx context.Context, w Work) error {
	if w.Unit.ID == "0000" {
		_ = pause(ctx, 10*time.Second)
		return errFlaw
	}
	return nil
}

// Who slept past the lease wakes to a folder in which its part is not any more, nor its unit.
func TestAFailureOfALostUnitIsNobodysFault(t *testing.T) {
	for name, err := range map[string]error{
		"the unit's": errFlaw,
		"a part's":   &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg wrote no file", Units: []jobfile.UnitID{"whole"}},
		"a disk's":   &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "nothing can be written"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 1)
				p := r.worker("w", staying)
				once := false
				p.fake.before = func(ctx context.Context, w Work) error {
					if once {
						return nil
					}
					once = true
					mine := jobfile.Ticket{Unit: w.Unit.ID, Attempt: 1, Worker: p.ID()}
					r.must(os.Rename(r.farm("jobs", j.ID, "doing", mine.File()), r.farm("jobs", j.ID, "todo", mine.Next().File())))
					return err
				}
				r.start(p)
				r.until("the job is done", r.retired(j))
				r.finished(j)
				if p.said.charges() > 0 || p.said.times("lost the unit") != 1 || p.said.times("cannot note") > 0 || p.said.times("uncharged") > 0 {
					t.Errorf("%s", p.said)
				}
				if d, err := r.store.Worker(p.ID()); err != nil || d.Reason != "" {
					t.Errorf("it rests: %+v, %v", d, err)
				}
			})
		})
	}
}

// givenUp checks that a unit was given up, and by whose failures.
func (r *room) givenUp(j *jobfile.Job, unit jobfile.UnitID, kind jobfile.FaultKind, names ...string) {
	r.t.Helper()
	u := r.view(j).Unit(unit)
	if u.State != jobfile.Failed {
		r.t.Fatalf("it is %v", u.State)
	}
	doc, err := r.store.ReadUnit(j.ID, jobfile.Placed{State: jobfile.Failed, Ticket: u.Ticket})
	r.must(err)
	var got []string
	for _, f := range doc.GivenUp {
		got = append(got, f.Worker)
		if f.Kind != kind || f.Reason == "" || f.Next == "" {
			r.t.Errorf("%+v", f)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, names) {
		r.t.Errorf("failed on %v, not on %v", got, names)
	}
	m, state, err := r.store.Marker(j.ID)
	if err != nil || state != jobfile.Failed || !strings.Contains(m.Error, doc.GivenUp[len(doc.GivenUp)-1].Reason) {
		r.t.Errorf("FAILED.yaml: %+v, %v, %v", m, state, err)
	}
	if r.retired(j)() {
		r.t.Error("and finished all the same")
	}
}

func TestThreeWorkersOfDifferentNamesMakeAFailureFinal(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		var rs []*running
		for _, name := range []string{"a", "b", "c"} {
			p := r.worker(name)
			p.fake.before = fellOver
			rs = append(rs, r.start(p))
		}
		for _, b := range rs {
			if err := <-b.ended; err != nil {
				t.Error(err)
			}
		}
		r.givenUp(j, "0000", jobfile.FaultUnit, "a", "b", "c")
	})
}

func TestAWorkerThatIsAloneTriesThreeTimes(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("a")
		p.fake.before = fellOver
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.givenUp(j, "0000", jobfile.FaultUnit, "a", "a", "a")
	})
}

// The daemon never measures an encoder's progress, encode does, and says so as a failure of
// the unit: others go first, and the job is done.
func TestAStalledEncodeIsChargedAndDoneByAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p, other := r.worker("a"), r.worker("b")
		p.fake.before = func(ctx context.Context, w Work) error {
			if w.Unit.ID != "0000" {
				return nil
			}
			_ = pause(ctx, 2*time.Minute)
			return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg made no progress for 2m", Next: "see"}
		}
		a := r.start(p)
		r.until("it has the chunk", func() bool { return len(p.fake.tried("0000")) > 0 })
		b := r.start(other)
		if err := errors.Join(<-a.ended, <-b.ended); err != nil {
			t.Error(err)
		}
		r.finished(j)
		if len(p.fake.tried("0000")) != 1 || len(other.fake.tried("0000")) != 1 || p.said.charges() != 1 {
			t.Errorf("a tried %v, b tried %v", p.fake.tries(), other.fake.tries())
		}
	})
}

func TestAFaultOfTheSourceOrTheJobIsFinalAtOnce(t *testing.T) {
	for _, kind := range []jobfile.FaultKind{jobfile.FaultSource, jobfile.FaultJob} {
		t.Run(string(kind), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 3)
				p, other := r.worker("a"), r.worker("b")
				p.fake.before = func(context.Context, Work) error {
					return &jobfile.Fault{Kind: kind, Reason: "the source changed since it was queued", Next: "queue it again"}
				}
				// Another has a unit of the job in work: it is finished, and nothing else begun.
				other.fake.take(2 * time.Minute)
				b := r.start(other)
				r.until("b has a unit", func() bool { return len(other.fake.tries()) > 0 })
				if err := errors.Join(p.run(t.Context(), nil), <-b.ended); err != nil {
					t.Error(err)
				}
				if len(p.fake.tries()) != 1 || len(other.fake.tries()) != 1 || !r.state(j, other.fake.tries()[0].Unit, jobfile.Done)() {
					t.Fatalf("a tried %v, b tried %v", p.fake.tries(), other.fake.tries())
				}
				r.givenUp(j, p.fake.tries()[0].Unit, kind, "a")
			})
		})
	}
}

// The mark waits for those who work on the job. One of them died, so somebody has to outlast
// the lease, even a worker that leaves when it is idle: queue --wait waits for the mark.
func TestAGivenUpJobIsMarkedThoughAHolderDied(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		_, _ = r.ghost(j, "0001")
		p := r.worker("a")
		p.fake.before = func(context.Context, Work) error {
			return &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "it is cut off", Next: "copy it again"}
		}
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.givenUp(j, p.fake.tries()[0].Unit, jobfile.FaultSource, "a")
		if u := r.view(j).Unit("0001"); u.State != jobfile.Todo || len(p.fake.tries()) != 1 {
			t.Errorf("%+v, tried %v", u, p.fake.tries())
		}
	})
}

// Who queues and who works may be two accounts. A worker that may not write in a job's folder says
// so, and does not look idle beside work that waits.
func TestAJobThatMayNotBeClaimedIsSaid(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		p := r.worker("a", staying)
		p.share.Inject(faultfs.Fault{At: 1, Err: syscall.EACCES, For: 5 * time.Minute, Only: func(op faultfs.Op) bool {
			return op.Kind == "Rename" && strings.Contains(op.Name, "doing/")
		}})
		r.start(p)
		r.until("its document says why", func() bool {
			d, err := r.store.Worker(p.ID())
			return err == nil && d.State == "resting" && strings.Contains(d.Reason, "may not write in the folder of a job")
		})
		r.until("it is done", r.retired(j))
		r.finished(j)
		r.until("its document says no more", func() bool {
			d, err := r.store.Worker(p.ID())
			return err == nil && d.State == "idle" && d.Reason == ""
		})
	})
}

// An account that may not delete, or not write into todo/, must not try one unit over and over.
func TestAFailureThatCannotBeNotedIsNotTriedAgainAtOnce(t *testing.T) {
	for _, c := range []struct {
		name  string
		only  func(faultfs.Op) bool
		tries int // in half an hour, at most
		ends  bool
	}{
		{"nothing can be deleted", func(op faultfs.Op) bool { return op.Kind == "Remove" }, 3, true},
		{"nothing appears in todo", func(op faultfs.Op) bool {
			return op.Kind == "Rename" && strings.Contains(op.Name, "todo/0000.") && !strings.Contains(op.Name, "doing/")
		}, 12, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 2)
				p := r.worker("a", staying)
				p.fake.before = func(_ context.Context, w Work) error {
					if w.Unit.ID == "0000" {
						return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg crashed", Next: "see the log"}
					}
					return nil
				}
				p.share.Inject(faultfs.Fault{At: 1, Times: 1 << 30, Err: syscall.EACCES, Only: c.only})
				b := r.start(p)
				time.Sleep(30 * time.Minute)
				n := 0
				for _, try := range p.fake.tries() {
					if try.Unit == "0000" {
						n++
					}
				}
				if n == 0 || n > c.tries {
					t.Errorf("%d tries\n%s", n, p.said)
				}
				if ended := r.state(j, "0000", jobfile.Failed)(); ended != c.ends {
					t.Errorf("given up: %v\n%s", ended, p.said)
				}
				b.stop()
				<-b.ended
			})
		})
	}
}
