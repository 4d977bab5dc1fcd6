package watcher

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"proxima/jobfile"
)

// An upgrade of the farm while an older worker works: it finishes what it holds, begins nothing
// more, touches nothing and says why, until it is replaced, or the upgrade taken back.
func TestAFarmThatIsUpgradedIsLeftToThoseWhoKnowIt(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 4)
		p := r.worker("w")
		ours, err := os.ReadFile(r.farm("farm.yaml"))
		r.must(err)
		upgrade := sync.OnceValue(func() error {
			return os.WriteFile(r.farm("farm.yaml"), []byte("format: 2\nmood: {of: the room}\n"), 0o644)
		})
		p.fake.before = func(context.Context, Work) error { return upgrade() }
		b := r.start(p)
		time.Sleep(10 * time.Minute)
		if _, doing, _, done := r.view(j).Counts(); done != 1 || doing != 0 || len(p.fake.tries()) != 1 {
			t.Errorf("%d in work, %d done\n%s", doing, done, p.said)
		}
		if p.said.times("format: 2 is newer than this program knows (1)") != 1 || p.said.times("mood") > 0 {
			t.Errorf("it does not say why:\n%s", p.said)
		}
		r.must(os.WriteFile(r.farm("farm.yaml"), ours, 0o644))
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.finished(j)
	})
}

// The farm goes between the end of the encode and the commit, and comes back before the
// holder gives up, or after.
func TestFinishedWorkIsPublishedWhenTheFarmComesBack(t *testing.T) {
	for gone, encodes := range map[time.Duration]int{lease: 1, 3 * lease: 2} {
		t.Run(gone.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 1)
				p := r.worker("w")
				p.fake.after = func(Work) {
					p.fake.after = nil
					go r.away(gone)
					time.Sleep(time.Nanosecond) // it is gone now
				}
				if err := p.run(t.Context(), nil); err != nil {
					t.Error(err)
				}
				r.finished(j)
				if len(p.fake.tries()) != encodes || p.said.charges() > 0 {
					t.Errorf("encoded %d times\n%s", len(p.fake.tries()), p.said)
				}
			})
		})
	}
}

func TestABrokenJobIsMarkedAndTheOthersGoOn(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		broken := r.queue("A001.mov", 1)
		r.must(os.WriteFile(r.farm("jobs", broken.ID, "job.yaml"), []byte("format: 1\nid: {["), 0o644))
		newer := r.queue("A002.mov", 1)
		r.must(os.WriteFile(r.farm("jobs", newer.ID, "job.yaml"), []byte("format: 2\nplan: [by, others]\nmood: good\n"), 0o644))
		r.must(os.WriteFile(r.farm("jobs", "holiday.jpg"), nil, 0o644))
		j := r.queue("A003.mov", 1)
		p := r.worker("w")
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		if !r.retired(j)() {
			t.Errorf("the good job is not done\n%s", p.said)
		}
		m, state, err := r.store.Marker(broken.ID)
		if err != nil || state != jobfile.Failed || !strings.Contains(m.Error, "job.yaml") || m.Next == "" {
			t.Errorf("%+v, %v, %v", m, state, err)
		}
		if m, _, err := r.store.Marker(newer.ID); m != nil || err != nil {
			t.Errorf("a newer program's job was marked: %+v, %v", m, err)
		}
		if n := p.said.times("is left alone"); n != 3 {
			t.Errorf("said %d times\n%s", n, p.said)
		}
	})
}

// ghost is a worker of another machine that holds a unit and does nothing.
func (r *room) ghost(j *jobfile.Job, unit jobfile.UnitID) (*jobfile.Membership, jobfile.Ticket) {
	r.t.Helper()
	id := jobfile.NewWorkerID("ghost")
	m, err := r.store.Join(&jobfile.Worker{ID: id, Name: "ghost", Host: "another machine"})
	r.must(err)
	k, _, err := r.store.Claim(context.Background(), j.ID, jobfile.Ticket{Unit: unit, Attempt: 1}, jobfile.Listing{}, id)
	r.must(err)
	return m, k
}

func TestASilentWorkersUnitIsTakenOverByTheLeaseAndABeatingOnesNever(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		m, k := r.ghost(j, jobfile.UnitWhole)
		l, err := r.store.Look(j.ID)
		r.must(err)
		st, err := r.store.Stage(j.ID, k, l)
		r.must(err)
		r.must(os.WriteFile(st.Video, []byte("half"), 0o664))
		p := r.worker("w")
		b := r.start(p)
		for range 40 { // four leases' worth, less the one that the test waits for below
			time.Sleep(jobfile.BeatEvery(lease))
			r.must(m.Beat())
		}
		if r.view(j).Unit(jobfile.UnitWhole).Ticket != k {
			t.Fatal("a beating worker lost its unit")
		}
		took := r.until("the unit is taken over", func() bool { return len(p.fake.tries()) > 0 })
		// A look sees the last beat, one the end of the lease, and one claims.
		if took < lease || took > lease+4*p.Poll {
			t.Errorf("taken over after %v", took)
		}
		r.noPartialsOf(j, k)
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.finished(j)
		r.must(m.Leave())
	})
}

// A share may be so slow, and the jobs so many, that one look takes most of the lease.
func TestASlowShareDoesNotPutOffTakeovers(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		m, k := r.ghost(r.queue("A001.mov", 1), jobfile.UnitWhole)
		for i := range 12 { // which nobody can do anything about
			held := r.queue(fmt.Sprintf("A1%02d.mov", i), 1)
			_, _, err := r.store.Claim(context.Background(), held.ID, jobfile.Ticket{Unit: jobfile.UnitWhole, Attempt: 1}, jobfile.Listing{}, k.Worker)
			r.must(err)
		}
		p := r.worker("w")
		p.share.Slow(time.Second)
		b := r.start(p)
		if took := r.until("a unit is taken over", func() bool { return p.said.times("taking over") > 0 }); took > 3*lease {
			t.Errorf("taken over after %v", took)
		}
		b.stop()
		<-b.ended
		r.must(m.Leave())
	})
}

// A share that grants a lock to everybody: each machine has its own, or the server forgot it.
func TestLocksThatEverybodyGetsAreNoticedAndNotBelieved(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		m, k := r.ghost(j, jobfile.UnitWhole)
		lock := r.farm("workers", k.Worker+".lock")
		r.must(os.Remove(lock))
		r.must(os.WriteFile(lock, nil, 0o664))
		p := r.worker("w")
		b := r.start(p)
		for range 5 {
			time.Sleep(jobfile.BeatEvery(lease))
			r.must(m.Beat())
		}
		if n := p.said.times("locks are not believed"); n != 1 {
			t.Errorf("said %d times\n%s", n, p.said)
		}
		if took := r.until("the unit is taken over", func() bool { return len(p.fake.tries()) > 0 }); took < lease {
			t.Errorf("taken over after %v", took)
		}
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.must(m.Leave())
	})
}

func (r *room) noPartialsOf(j *jobfile.Job, k jobfile.Ticket) {
	r.t.Helper()
	if found, err := filepath.Glob(r.farm("jobs", j.ID, "parts", "."+k.String()+"*")); err != nil || len(found) > 0 {
		r.t.Errorf("left: %v, %v", found, err)
	}
}

// A person deletes a unit's file, or a server forgets a rename: it is made anew from the plan,
// but not before it was away for long enough.
func TestAUnitThatIsInNoFolderIsMadeAnew(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		r.must(os.Remove(r.farm("jobs", j.ID, "todo", "0001.a1.yaml")))
		p := r.worker("w")
		start := time.Now()
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		at := p.fake.tried("0001")
		if len(at) != 1 || at[0].Sub(start) < lease/3 || at[0].Sub(start) > lease/3+4*p.Poll {
			t.Errorf("tried at %v", at)
		}
	})
}

// What a newer version made is no bad part: it is not made again, and whoever can read it joins it.
func TestAResultOfANewerVersionIsNotTakenBack(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		r.ghost(j, "0001") // so that there is time before the stitch
		p := r.worker("w", staying)
		r.start(p)
		r.until("0000 is made", r.state(j, "0000", jobfile.Done))
		found, err := filepath.Glob(r.farm("jobs", j.ID, "done", "0000.*"))
		r.must(err)
		ours, err := os.ReadFile(found[0])
		r.must(err)
		r.must(os.WriteFile(found[0], []byte("format: 2\nmood: good\n"), 0o644))
		r.until("its document says why", func() bool {
			d, err := r.store.Worker(p.ID())
			return err == nil && strings.Contains(d.Reason, "the result of a newer version cannot be read")
		})
		if n := len(p.fake.tried("0000")); n != 1 || p.said.charges() > 0 || !r.state(j, "0000", jobfile.Done)() {
			t.Errorf("made %d times\n%s", n, p.said)
		}
		r.must(os.WriteFile(found[0], ours, 0o644))
		r.until("it is done", r.retired(j))
		r.finished(j)
	})
}

func TestWhatTheDeadLeftIsRemovedAfterTwentyLeases(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		r.must(os.WriteFile(r.farm("jobs", j.ID, "job.yaml"), []byte("format: 2\n"), 0o644)) // it stays
		orphans := []string{
			r.farm("jobs", ".new-"+jobfile.NewJobID(50, time.Now(), "B.mov")),
			r.farm("jobs", j.ID, "todo", ".whole.a2.yaml.abc234.tmp"),
			r.farm("jobs", j.ID, "parts", ".whole.a1.ghost-abcde.mov.partial"),
			r.farm("workers", "ghost-abcde.beat.7"),
			r.farm("workers", "ghost-abcde.yaml"),
		}
		r.must(os.Mkdir(orphans[0], 0o755))
		for _, o := range orphans[1:] {
			r.must(os.WriteFile(o, nil, 0o644))
		}
		held := r.farm("jobs", j.ID, "parts", ".whole.a3.ghost-abcde.mov.partial")
		r.must(os.WriteFile(held, nil, 0o644))
		r.must(os.WriteFile(r.farm("jobs", j.ID, "doing", "whole.a3.ghost-abcde.yaml"), nil, 0o644))
		short := 20 * time.Second // of a lease, or this takes an hour of looks
		r.start(r.worker("w", staying, func(c *Config) { c.Lease = short }))
		there := func() (n int) {
			for _, o := range orphans {
				if _, err := os.Lstat(o); err == nil {
					n++
				}
			}
			return n
		}
		time.Sleep(buryAfter*short - time.Second)
		if n := there(); n != len(orphans) {
			t.Errorf("%d of %d are left too early", n, len(orphans))
		}
		took := r.until("they are removed", func() bool { return there() == 0 })
		if took > 3*short {
			t.Errorf("it took %v more", took)
		}
		if _, err := os.Stat(held); err != nil {
			t.Errorf("a part whose unit is held was removed: %v", err)
		}
	})
}
