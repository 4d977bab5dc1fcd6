package watcher

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
)

// Between DONE.yaml and the removal of the parts a server may lose the output.
func TestAnOutputThatIsGoneBeforeThePartsAreIsStitchedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w", func(c *Config) { c.Settle = time.Minute })
		b := r.start(p)
		done := func() bool {
			_, err := os.Stat(r.farm("jobs", j.ID, "DONE.yaml"))
			return err == nil
		}
		r.until("it is done", done)
		time.Sleep(30 * time.Second)
		r.must(os.Remove(r.output(j)))
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.finished(j)
		if p.fake.stitches != 2 || len(p.fake.tries()) != 3 {
			t.Errorf("stitched %d times, encoded %v", p.fake.stitches, p.fake.tries())
		}
	})
}

// An error is no proof that the output is gone.
func TestAnOutputThatCannotBeLookedAtIsNotStitchedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w", staying, func(c *Config) { c.Settle = time.Minute })
		r.start(p)
		r.until("it is done", func() bool {
			_, err := os.Stat(r.farm("jobs", j.ID, "DONE.yaml"))
			return err == nil
		})
		p.share.Inject(faultfs.Fault{At: 1, Err: syscall.EIO, For: 3 * time.Minute, Only: func(op faultfs.Op) bool {
			return op.Kind == "stat" && op.Name == r.output(j)
		}})
		r.until("it is tidied up", r.retired(j))
		synctest.Wait()
		r.finished(j)
		if len(p.share.Hits()) == 0 || p.said.times("stitched again") > 0 || p.said.times("over: a chore failed") != 1 || p.said.times("a chore failed") != 2 {
			t.Errorf("%s", p.said)
		}
	})
}

// Nor that a part is bad: parts are minutes of many machines' work.
func TestAPartThatCannotBeLookedAtIsNotMadeAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w", staying)
		p.share.Inject(faultfs.Fault{At: 1, Err: syscall.ESTALE, For: time.Minute, Only: func(op faultfs.Op) bool {
			stitching, _ := filepath.Glob(r.farm("jobs", j.ID, "doing", "stitch.*"))
			return op.Kind == "Size" && strings.Contains(op.Name, "/parts/") && len(stitching) > 0
		}})
		r.start(p)
		r.until("it is done", r.retired(j))
		synctest.Wait()
		r.finished(j)
		if n := len(p.fake.tries()); n != 3 || len(p.share.Hits()) == 0 || p.said.charges() > 0 {
			t.Errorf("%d encodes\n%s", n, p.said)
		}
	})
}

func TestAPartThatIsGoneOrShortIsMadeAgain(t *testing.T) {
	for what, harm := range map[string]func(string) error{
		"gone":  os.Remove,
		"short": func(p string) error { return os.Truncate(p, 3) },
	} {
		t.Run(what, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 2)
				p := r.worker("w")
				p.fake.take(time.Minute)
				b := r.start(p)
				r.until("the parts are made", r.state(j, jobfile.UnitStitch, jobfile.Doing))
				// This stitch has looked at the parts already. The next one will be by this
				// worker too, since nobody else is there.
				found, err := filepath.Glob(r.farm("jobs", j.ID, "parts", "0001.*.mov"))
				if err != nil || len(found) != 1 {
					t.Fatal(found, err)
				}
				r.must(harm(found[0]))
				r.must(r.store.Release(j.ID, r.view(j).Unit(jobfile.UnitStitch).Ticket))
				if err := <-b.ended; err != nil {
					t.Error(err)
				}
				r.finished(j)
				if n := len(p.fake.tried("0001")); n != 2 || len(p.fake.tries()) != 4 {
					t.Errorf("tried %v\n%s", p.fake.tries(), p.said)
				}
			})
		})
	}
}

// A file that somebody else put there, before the stitch or during it, is nobody's to
// replace.
func TestAnOccupiedOutputFailsTheJobAndStaysAsItIs(t *testing.T) {
	for _, when := range []jobfile.UnitID{jobfile.UnitWhole, jobfile.UnitStitch} {
		t.Run("during "+string(when), func(t *testing.T) { inBubble(t, func(t *testing.T, r *room) { occupiedDuring(t, r, when) }) })
	}
}

func occupiedDuring(t *testing.T, r *room, when jobfile.UnitID) {
	j := r.queue("A001.mov", 1)
	p := r.worker("w")
	p.fake.take(time.Minute)
	b := r.start(p)
	r.until("it is on its way", r.state(j, when, jobfile.Doing))
	r.must(os.MkdirAll(filepath.Dir(r.output(j)), 0o755))
	r.must(os.WriteFile(r.output(j), []byte("a film"), 0o644))
	start := time.Now()
	if err := <-b.ended; err != nil || time.Since(start) > 3*time.Minute {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	if b, err := os.ReadFile(r.output(j)); err != nil || string(b) != "a film" {
		t.Errorf("%q, %v", b, err)
	}
	m, state, err := r.store.Marker(j.ID)
	if err != nil || state != jobfile.Failed || !strings.Contains(m.Error, "another file stands") {
		t.Errorf("%+v, %v, %v", m, state, err)
	}
	r.noLitter()
}

// What stands there is this job's own, placed by a stitcher that died before it could say so.
func TestAnOutputThatIsRightIsAdopted(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		r.must(os.MkdirAll(filepath.Dir(r.output(j)), 0o755))
		r.must(os.WriteFile(r.output(j), []byte(madeOf(j)), 0o644))
		p := r.worker("w")
		if err := p.run(t.Context(), nil); err != nil || p.fake.stitches != 0 {
			t.Errorf("%v, stitched %d times", err, p.fake.stitches)
		}
		r.finished(j)
	})
}

// Where it cannot be compared for now, that is no proof that it is somebody else's.
func TestAnOutputThatCannotBeComparedIsNotTakenForAnothers(t *testing.T) {
	for _, existing := range []jobfile.Existing{jobfile.ExistingSkip, jobfile.ExistingOverwrite} {
		t.Run(string(existing), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.newJob("A001.mov", 2)
				j.Output.Existing = existing
				r.must(r.store.Create(j))
				r.must(os.MkdirAll(filepath.Dir(r.output(j)), 0o755))
				r.must(os.WriteFile(r.output(j), []byte(madeOf(j)), 0o644))
				p := r.worker("w", staying)
				p.share.Inject(faultfs.Fault{
					At: 1, For: time.Minute, Only: func(op faultfs.Op) bool { return op.Kind == "verify" },
					Err: &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "somebody ended ffprobe"},
				})
				r.start(p)
				r.until("it is done", r.retired(j))
				synctest.Wait()
				r.finished(j)
				if len(p.share.Hits()) == 0 || p.said.charges() > 0 || p.fake.stitches != 0 {
					t.Errorf("stitched %d times\n%s", p.fake.stitches, p.said)
				}
			})
		})
	}
}

func TestAMissingOutputMountIsThisMachinesFault(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		p := r.worker("w", staying, func(c *Config) {
			c.Roots = jobfile.Roots{"media": filepath.Join(r.dir, "elsewhere", "media"), "root": filepath.Join(r.dir, "elsewhere")}
		})
		r.start(p)
		time.Sleep(10 * time.Minute)
		d, err := r.store.Worker(p.ID())
		if err != nil || !strings.Contains(d.Reason, "output folder") || p.said.charges() > 0 {
			t.Errorf("%+v, %v\n%s", d, err, p.said)
		}
		r.must(os.MkdirAll(filepath.Join(r.dir, "elsewhere", "media"), 0o755))
		r.until("it is done", r.retired(j))
	})
}

// Two may stitch: both were told that they won, or one slept and was taken over. Whoever comes
// second finds the first one's file at the output, which is what it wanted to put there.
func TestTheSecondStitcherAdoptsWhatTheFirstPlaced(t *testing.T) {
	for name, c := range map[string]struct {
		text func(j *jobfile.Job) string
		want jobfile.State
	}{
		"what it wanted":     {madeOf, jobfile.Done},
		"somebody's holiday": {func(*jobfile.Job) string { return "sun and sea" }, jobfile.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 2)
				p := r.worker("w")
				p.fake.stitching = func(Join) { r.must(os.WriteFile(r.output(j), []byte(c.text(j)), 0o644)) }
				if err := p.run(t.Context(), nil); err != nil {
					t.Error(err)
				}
				if _, state, err := r.store.Marker(j.ID); err != nil || state != c.want {
					t.Errorf("%v, want %v: %v", state, c.want, err)
				}
				if b, err := os.ReadFile(r.output(j)); err != nil || string(b) != c.text(j) {
					t.Errorf("the output is %q, %v", b, err)
				}
			})
		})
	}
}

// To overwrite is to replace a proxy by a proxy. A path that was mistyped, or a document that
// somebody wrote to do harm, costs no camera's file.
func TestOnlyAProxyIsEverOverwritten(t *testing.T) {
	for text, want := range map[string]jobfile.State{"picture of an old proxy": jobfile.Done, "what the camera wrote": jobfile.Failed} {
		t.Run(text, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.newJob("A001.mov", 2)
				j.Output.Existing = jobfile.ExistingOverwrite
				r.must(r.store.Create(j))
				r.must(os.MkdirAll(filepath.Dir(r.output(j)), 0o755))
				r.must(os.WriteFile(r.output(j), []byte(text), 0o644))
				if err := r.worker("w").run(t.Context(), nil); err != nil {
					t.Error(err)
				}
				if _, state, err := r.store.Marker(j.ID); err != nil || state != want {
					t.Errorf("%v, want %v: %v", state, want, err)
				}
				b, err := os.ReadFile(r.output(j))
				if kept := string(b) == text; err != nil || kept != (want == jobfile.Failed) {
					t.Errorf("the output is %q, %v", b, err)
				}
			})
		})
	}
}

func TestWarningsOfManyUnitsStayReadable(t *testing.T) {
	var rs []*jobfile.Result
	for i := range maxWarnings + 3 {
		rs = append(rs, &jobfile.Result{Warnings: []string{"the source lacks track 3", fmt.Sprint("damage in chunk ", i)}})
	}
	got := warnings(rs)
	if len(got) != maxWarnings+1 || got[0] != "the source lacks track 3" || got[1] != "damage in chunk 0" || !strings.HasPrefix(got[maxWarnings], "and 4 more") {
		t.Errorf("%q", got)
	}
	if got := warnings(rs[:0]); got != nil {
		t.Errorf("%q of nothing", got)
	}
}
