package watcher

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gofrs/flock"

	"proxima/internal/faultfs"
	"proxima/jobfile"
	"proxima/jobfile/sharefs"
)

// What looks must see though they leave most of the queue alone, and what they must leave alone.

// over puts another share below a process's.
func (p *process) over(below sharefs.FS) {
	p.share = faultfs.New(below)
	p.fake.share, p.outputs = p.share, faultyOutputs{disk{}, p.share}
	p.Config.Store = jobfile.NewStore(p.share, p.Store.Dir())
	p.orphans.store, p.peers.store = p.Config.Store, p.Config.Store
}

// lockWatch is a share that looks at the claim lock when a unit is claimed.
type lockWatch struct {
	sharefs.FS
	free *int
}

func (f lockWatch) Rename(from, to string) error {
	if job, _, ok := strings.Cut(to, "/doing/"); ok {
		l := flock.New(f.Path(job + "/claim.lock"))
		if ok, err := l.TryLock(); ok || err != nil {
			*f.free++
		}
		_ = l.Close()
	}
	return f.FS.Rename(from, to)
}

func TestAWorkerClaimsUnderTheLock(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 3)
		p := r.worker("w")
		free := 0
		p.over(lockWatch{sharefs.NewOS(r.farm()), &free})
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		if free > 0 {
			t.Errorf("%d units were claimed while the lock was free", free)
		}
	})
}

// After a claim that the share did not answer the worker does not go on to claim the rest of the job.
func TestAnErrorOfAClaimEndsThoseOfItsJob(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 40)
		p := r.worker("w", staying)
		var claims atomic.Int32
		p.share.Inject(faultfs.Fault{At: 1, For: 20 * time.Second, Err: errors.New("input/output error"), Only: func(op faultfs.Op) bool {
			if op.Kind == "Rename" && strings.Contains(op.Name, j.ID+"/todo/") {
				claims.Add(1)
			}
			return claims.Load() > 0 && op.Kind == "ReadDir" && strings.HasSuffix(op.Name, j.ID+"/done")
		}})
		r.start(p)
		time.Sleep(3 * time.Second)
		if n := claims.Load(); n != 1 {
			t.Errorf("%d units were renamed", n)
		}
	})
}

// A unit whose file cannot be renamed, as one that a program holds open on Windows, keeps nobody from the others.
func TestAFileThatCannotBeRenamedKeepsNobodyFromTheOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 5)
		p := r.worker("w", staying)
		p.share.Inject(faultfs.Fault{At: 1, Times: 1 << 30, Err: syscall.EBUSY, Only: func(op faultfs.Op) bool {
			return op.Kind == "Rename" && strings.Contains(op.Name, j.ID+"/todo/audio.")
		}})
		r.start(p)
		r.until("all pictures are made", func() bool { return len(r.view(j).Results()) == 5 })
	})
}

func TestLightUnitsRunBesidePictures(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		for i := range 6 { // of which only the sound is left to claim
			j := r.queue(fmt.Sprintf("A%03d.mov", i), 2)
			for _, u := range []jobfile.UnitID{"0000", "0001"} {
				r.ghost(j, u)
			}
			time.Sleep(time.Second)
		}
		p := r.worker("w", staying, func(c *Config) { c.Slots, c.Cores = 0, 4 })
		p.fake.takes = time.Minute
		r.queue("B001.mov", 8)
		r.start(p)
		most := 0
		for range 50 {
			time.Sleep(time.Second)
			most = max(most, len(p.Snapshot()))
		}
		if most != 5 {
			t.Errorf("%d at once on four cores", most)
		}
	})
}

// A worker with room passes over a job of which all is in work, but for what comes back to its todo/.
func TestWhatIsGivenBackAtTheHeadIsSeenAtEachLook(t *testing.T) {
	for after := 60 * time.Second; after < 75*time.Second; after += 3 * time.Second {
		t.Run(after.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 1)
				r.queue("B001.mov", 1)
				m, k := r.ghost(j, jobfile.UnitWhole)
				p := r.worker("w", staying, func(c *Config) { c.Slots, c.Cores = 2, 2 })
				p.fake.takes = 30 * time.Minute
				r.start(p)
				r.until("it works", func() bool { return len(p.Snapshot()) == 1 })
				for range after / (3 * time.Second) {
					time.Sleep(3 * time.Second)
					r.must(m.Beat())
				}
				r.must(r.store.Release(j.ID, k))
				if took := r.until("it is begun", func() bool { return len(p.Snapshot()) == 2 }); took > p.Poll+p.Poll/5 {
					t.Errorf("%v, after %v", took, after)
				}
			})
		})
	}
}

// stalls is a share on which one listing of a todo/ hangs.
type stalls struct {
	sharefs.FS
	in *string
}

func (f stalls) ReadDir(dir string) ([]sharefs.Entry, error) {
	if dir == *f.in {
		*f.in = ""
		time.Sleep(80 * time.Second)
	}
	return f.FS.ReadDir(dir)
}

func TestAStallAtACalmJobProvesNobodyDead(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		_, k := r.ghost(j, jobfile.UnitWhole)
		p := r.worker("w", staying)
		in := "jobs/" + j.ID + "/todo"
		p.over(stalls{sharefs.NewOS(r.farm()), &in})
		ctx := context.Background()
		for range 3 {
			r.must(p.peers.observe(ctx))
			time.Sleep(5 * time.Second)
		}
		l, err := r.store.Look(j.ID)
		r.must(err)
		p.calm.Note(j.ID, time.Now(), []string{k.Worker}, l.Todo)
		p.found = true
		p.look(ctx, ctx, false)
		if in != "" {
			t.Fatal("its todo/ was not listed")
		}
		if still := p.peers.roll.Still(k.Worker, time.Now()); still > 0 {
			t.Errorf("after a share that hung a beat is held to stand still for %v", still)
		}
	})
}

// Of a long queue the names are not listed again because there was no room at the look before.
func TestTheNamesOfALongQueueAreListedSeldom(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		r.queue("A001.mov", 15)
		p := r.worker("w", staying)
		p.fake.takes = 20 * time.Second
		p.over(crowded{FS: sharefs.NewOS(r.farm()), waiting: names(40_000)})
		r.start(p)
		r.until("it encodes", func() bool { return len(p.fake.tries()) == 2 })
		before := len(p.share.Ops())
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		listings := 0
		for _, op := range p.share.Ops()[before:] {
			if op.Kind == "ReadDir" && op.Name == "jobs" {
				listings++
			}
		}
		if n := len(p.fake.tries()); listings > 4 || n < 10 {
			t.Errorf("%d listings in the time of %d units", listings, n)
		}
	})
}

func TestInALargeRoomAWorkerRenewsItsDocumentLessOften(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		r.queue("A001.mov", 1)
		for i := range 59 {
			name := fmt.Sprintf("ghost%02d", i)
			_, err := r.store.Join(&jobfile.Worker{ID: jobfile.NewWorkerID(name), Name: name, Host: "another machine"})
			r.must(err)
		}
		p := r.worker("w", staying)
		p.fake.before = func(ctx context.Context, w Work) error {
			for i := range int64(600) {
				w.Progress(i, 10)
				if err := pause(ctx, time.Second); err != nil {
					return err
				}
			}
			return nil
		}
		r.start(p)
		r.until("it encodes", func() bool { return len(p.Snapshot()) == 1 })
		time.Sleep(10 * time.Second)
		before := len(p.share.Ops())
		time.Sleep(time.Minute)
		renewed := 0
		for _, op := range p.share.Ops()[before:] {
			if op.Kind == "Rename" && strings.HasSuffix(op.Name, p.ID()+".yaml") {
				renewed++
			}
		}
		if renewed < 9 || renewed > 11 {
			t.Errorf("%d times in a minute, in a room of 60", renewed)
		}
	})
}
