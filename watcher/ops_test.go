package watcher

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
	"proxima/jobfile/sharefs"
)

// What a room asks of its share, counted: docs/performance.md says these numbers. What an encoder
// does with its own files is not in them.

// ofUnit are the operations from the claim of a unit to the end of its commit.
func ofUnit(ops []faultfs.Op, u jobfile.UnitID) (kinds map[string]int) {
	kinds = map[string]int{}
	in := false
	for _, op := range ops {
		if strings.HasPrefix(op.Name, "workers") || strings.HasPrefix(op.Kind, "encode") {
			continue
		}
		if op.Kind == "Rename" && strings.Contains(op.Name, "/todo/"+string(u)+".") {
			in = true
		}
		if in {
			kinds[op.Kind]++
		}
		if in && op.Kind == "Remove" && strings.Contains(op.Name, "/doing/"+string(u)+".") {
			return kinds
		}
	}
	return nil
}

func total(kinds map[string]int) (n int) {
	for _, k := range kinds {
		n += k
	}
	return n
}

func seldom(c *Config) { c.Poll = time.Hour } // a unit that ends is looked after all the same

func TestWhatAUnitCostsTheShare(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 5)
		p := r.worker("w", seldom)
		if err := p.run(t.Context(), nil); err != nil {
			t.Error(err)
		}
		r.finished(j)
		for i := range 5 {
			u := jobfile.ChunkID(i)
			got := ofUnit(p.share.Ops(), u)
			// Two looks of a holder are six listings.
			// Another part is read once, to see that they join.
			if got["ReadFile"] == 2 {
				got["ReadFile"]--
			}
			want := map[string]int{"ReadDir": 6, "ReadFile": 1, "Rename": 3, "Size": 1, "Remove": 2, "Create": 1, "WriteNew": 1, "Sync": 3}
			if !maps.Equal(got, want) {
				t.Errorf("unit %s: %d operations, %v, not %d, %v", u, total(got), got, total(want), want)
			}
		}
	})
}

// A worker looks at each beat whether its claims stand, once for all units of a job.
func TestAWorkersGuardLooksOnceForAJob(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 4)
		p := r.worker("w", seldom)
		p.Slots, p.Cores, p.fake.takes = 8, 8, 10*time.Minute
		r.start(p)
		r.until("all units but the stitch are in work", func() bool { return p.said.times(" claimed") == len(j.Plan.Units)-1 })
		synctest.Wait()
		before := len(p.share.Ops())
		const beats = 4 * guardsDone
		time.Sleep(beats * jobfile.BeatEvery(p.Lease))
		synctest.Wait()
		kinds := map[string]int{}
		for _, op := range p.share.Ops()[before:] {
			if strings.HasPrefix(op.Name, "jobs/"+j.ID) {
				kinds[op.Kind+" "+strings.TrimPrefix(op.Name, "jobs/"+j.ID)]++
			}
		}
		want := map[string]int{"ReadDir ": beats, "ReadDir /doing": beats, "ReadDir /done": beats / guardsDone}
		if !maps.Equal(kinds, want) {
			t.Errorf("in %d beats %v, not %v", beats, kinds, want)
		}
	})
}

// crowded is a share whose jobs/ and done/ hold many more names, of jobs that are behind all others.
type crowded struct {
	sharefs.FS
	waiting, finished []sharefs.Entry
}

func (c crowded) ReadDir(dir string) ([]sharefs.Entry, error) {
	es, err := c.FS.ReadDir(dir)
	switch dir {
	case "jobs":
		es = append(es, c.waiting...)
	case "done":
		es = append(es, c.finished...)
	}
	return es, err
}

func names(n int) (es []sharefs.Entry) {
	for i := range n {
		es = append(es, sharefs.Entry{Name: fmt.Sprintf("99_20260101-000000_clip_%06d", i), Dir: true})
	}
	return es
}

// What waits and what is finished costs a unit nothing, nor a worker that has enough to do.
func TestAUnitCostsTheSameWhateverWaitsAndIsFinished(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		var counts []map[string]int
		for _, many := range []bool{false, true} {
			var jobs []*jobfile.Job
			for i := range 12 {
				jobs = append(jobs, r.queue(fmt.Sprintf("A%03d_%v.mov", i, many), 1))
			}
			p := r.worker(fmt.Sprintf("w%v", many), seldom, staying, func(c *Config) {
				c.Keep.Finished = jobfile.Duration(90 * 24 * time.Hour)
			})
			if many {
				p.over(crowded{FS: sharefs.NewOS(r.farm()), waiting: names(10_000), finished: names(100_000)})
			}
			b := r.start(p)
			// Not to the end, where there is room for what does not exist here.
			r.until("most are done", func() bool {
				return !slices.ContainsFunc(jobs[:8], func(j *jobfile.Job) bool { return !r.retired(j)() })
			})
			kinds := map[string]int{}
			for _, op := range p.share.Ops() {
				kinds[op.Kind]++
			}
			counts = append(counts, kinds)
			close(b.drain)
			<-b.ended
			for _, j := range jobs[8:] {
				_ = r.store.Retire(j.ID) // out of the way of the next
			}
		}
		if a, b := total(counts[0]), total(counts[1]); b > a+a/20 {
			t.Errorf("%d operations become %d: %v, %v", a, b, counts[0], counts[1])
		}
	})
}

// aMinute is what each of some workers asks of the share in a minute, on average over four.
func (r *room) aMinute(ps []*process) (most int) {
	time.Sleep(2 * time.Minute)
	synctest.Wait()
	before := make([]int, len(ps))
	for i, p := range ps {
		before[i] = len(p.share.Ops())
	}
	time.Sleep(4 * time.Minute)
	synctest.Wait()
	for i, p := range ps {
		most = max(most, (len(p.share.Ops())-before[i])/4)
	}
	return most
}

func TestAnIdleWorkerAsksLittleOfTheShare(t *testing.T) {
	for _, n := range []int{1, 20} {
		t.Run(fmt.Sprint(n, " workers"), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				var ps []*process
				for i := range n {
					part := 0.0 // of the machine's processors, and it never stands still
					ps = append(ps, r.worker(fmt.Sprintf("w%02d", i), staying, func(c *Config) {
						c.Load = func() (float64, error) {
							part = 1 - part
							return part, nil
						}
					}))
					r.start(ps[i])
				}
				if got := r.aMinute(ps); got >= 60 {
					t.Errorf("%d operations a minute", got)
				} else {
					t.Log(got, "operations a minute")
				}
			})
		})
	}
}

// Workers that all begin at one instant want the same units, on a share on which each operation takes its time, and get
// out of each other's way.
func TestAClaimIsTriedLittleMoreThanOnce(t *testing.T) {
	for _, n := range []int{1, 10, 50} {
		t.Run(fmt.Sprint(n, " workers"), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				const jobs = 60
				for i := range jobs {
					r.queue(fmt.Sprintf("A%03d.mov", i), 1)
				}
				tries, wins := 0, 0
				var ps []*process
				var all []*running
				for i := range n {
					ps = append(ps, r.worker(fmt.Sprintf("w%02d", i)))
					ps[i].fake.takes = 20*time.Second + time.Duration(i)*137*time.Millisecond
					ps[i].share.Slow(3 * time.Millisecond)
					all = append(all, r.start(ps[i]))
				}
				for i, b := range all {
					if err := <-b.ended; err != nil {
						t.Error(err)
					}
					for _, op := range ps[i].share.Ops() {
						if op.Kind == "Rename" && strings.Contains(op.Name, "/doing/") && strings.Contains(op.Name, "/todo/") {
							tries++
						}
					}
					wins += ps[i].said.times(" claimed")
				}
				t.Logf("%d tries for %d claims", tries, wins)
				if wins != 2*jobs || 5*tries > 6*wins {
					t.Errorf("%d tries for %d claims", tries, wins)
				}
			})
		})
	}
}
