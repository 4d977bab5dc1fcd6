package watcher

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
)

// The folder is an interface: what people do in it with a file manager and an editor does what they
// expect, or is refused with words in the folder.

// edit changes a job's job.yaml as an editor does.
func (r *room) edit(j *jobfile.Job, from, to string) {
	r.t.Helper()
	name := r.farm("jobs", j.ID, "job.yaml")
	data, err := os.ReadFile(name)
	r.must(err)
	if !strings.Contains(string(data), from) {
		r.t.Fatalf("no %q in\n%s", from, data)
	}
	r.must(os.WriteFile(name, []byte(strings.Replace(string(data), from, to, 1)), 0o644))
}

// The recipe of a job that waits, or that was begun, is edited: all of the job is made with what it says
// in the end, and nothing is charged.
func TestAnEditedRecipeIsWhatTheJobIsMadeWith(t *testing.T) {
	for _, when := range []string{"while it waits", "once a worker has looked", "once a part is made", "while a part is made", "as the last part is made"} {
		t.Run(when, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 3)
				change := func() { r.edit(j, "scale_flags: bicubic", "scale_flags: lanczos") }
				p := r.worker("w", staying)
				p.fake.take(time.Minute)
				resume := func() {}
				switch when {
				case "while it waits":
					change()
				case "once a worker has looked":
					resume = r.ask(jobfile.Control{Ask: jobfile.AskPause, Whom: j.ID})
				}
				if when == "as the last part is made" {
					made := 0
					p.share.Inject(faultfs.Fault{At: 1000, Only: func(op faultfs.Op) bool {
						if op.Kind == "Remove" && strings.Contains(op.Name, "/doing/") {
							if made++; made == len(j.Plan.Units)-1 {
								change()
							}
						}
						return false
					}})
				}
				b := r.start(p)
				switch when {
				case "once a worker has looked":
					time.Sleep(time.Minute)
					change()
					resume()
				case "once a part is made":
					r.until("a part is made", func() bool { return len(r.view(j).Results()) == 1 })
					change()
				case "while a part is made":
					r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
					change()
				}
				r.until("it is done", r.retired(j))
				b.stop()
				<-b.ended
				r.finished(j)
				want := j.Recipe
				want.Video.ScaleFlags = "lanczos"
				if made, _ := r.recipesOf(j); len(made) != 1 || made[0] != r.madeWith(j, want) {
					t.Errorf("made with %v\n%s", made, p.said)
				}
				if n := len(p.fake.tries()); when == "once a worker has looked" && n != len(j.Plan.Units)-1 {
					t.Errorf("%d tries of %d parts: what was edited while it waited was begun as it was", n, len(j.Plan.Units)-1)
				}
				if p.said.charges() > 1 { // a stitch that finds old parts is charged, once
					t.Errorf("%s", p.said)
				}
			})
		})
	}
}

// What a worker's overrides made of a recipe does not outlive an edit: all is made as edited.
func TestAnEditCountsMoreThanWhatWasSettled(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 3)
		p := r.worker("w", staying, lower(360))
		p.fake.take(time.Minute)
		b := r.start(p)
		r.until("a part is made", func() bool { return len(r.view(j).Results()) == 1 })
		r.edit(j, "scale_flags: bicubic", "scale_flags: lanczos")
		r.until("it is done", r.retired(j))
		b.stop()
		<-b.ended
		r.finished(j)
		want := j.Recipe
		want.Video.ScaleFlags = "lanczos"
		if made, _ := r.recipesOf(j); len(made) != 1 || made[0] != r.madeWith(j, want) {
			t.Errorf("made with %v\n%s", made, p.said)
		}
		if p.said.charges() > 0 { // it is known what the old part was made with
			t.Errorf("%s", p.said)
		}
	})
}

// Nobody can do a job, until somebody edits it: the workers that left it alone see that, before it was
// begun and after.
func TestAJobThatNobodyCanDoIsEdited(t *testing.T) {
	for _, begun := range []bool{false, true} {
		t.Run(fmt.Sprint(begun), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.newJob("A001.mov", 3)
				j.Recipe.Video.Encoder = "h264_nvenc"
				r.must(r.store.Create(j))
				if begun {
					a := r.worker("a", staying)
					r.start(a)
					r.until("a part is made", func() bool { return len(r.view(j).Results()) > 0 })
					die(a)
				}
				p := r.worker("w", staying)
				p.fake.lacks = []string{"h264_nvenc"}
				b := r.start(p)
				time.Sleep(10 * time.Minute)
				if len(p.fake.tries()) > 0 || r.retired(j)() {
					t.Fatalf("%s", p.said)
				}
				r.edit(j, "encoder: h264_nvenc", "encoder: libx264")
				r.until("it is done", r.retired(j))
				b.stop()
				<-b.ended
				r.finished(j)
			})
		})
	}
}

// What cannot be meant is refused in the job's folder, with the place, and once it is mended the job is
// done.
func TestAnEditThatCannotBeMeantIsRefusedInTheFolder(t *testing.T) {
	for _, c := range []struct{ name, from, to, want string }{
		{"a mistake", "scale_flags: bicubic", "scale_flags: 'movie=/etc/passwd'", "scale_flags"},
		{"a field that there is not", "scale_flags: bicubic", "scale_flags: bicubic\n    sharpness: 3", "unknown field"},
		{"no YAML", "recipe:", "recipe: [", "job.yaml:"},
		{"the preset's name", "preset: edit_proxy", "preset: prores_lt", "what counts is the recipe"},
	} {
		for _, when := range []string{"while it waits", "while it is made"} {
			t.Run(c.name+" "+when, func(t *testing.T) {
				inBubble(t, func(t *testing.T, r *room) {
					j := r.queue("A001.mov", 2)
					p := r.worker("w", staying)
					p.fake.take(time.Minute)
					if when == "while it waits" {
						r.edit(j, c.from, c.to)
					}
					b := r.start(p)
					if when == "while it is made" {
						r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
						r.edit(j, c.from, c.to)
					}
					r.until("the folder says why", func() bool {
						m, state, err := r.store.Marker(j.ID)
						return err == nil && state == jobfile.Failed && strings.Contains(m.Error, c.want) && m.Next != ""
					})
					time.Sleep(10 * time.Minute)
					if r.retired(j)() || p.said.charges() > 0 {
						t.Errorf("%s", p.said)
					}
					r.edit(j, c.to, c.from)
					r.until("it is done", r.retired(j))
					b.stop()
					<-b.ended
					r.finished(j)
				})
			})
		}
	}
}

// A job's folder is deleted, in each of its states: whoever works on it ends, no output appears that
// was not there, and nothing comes back.
func TestADeletedJobIsGoneInEachState(t *testing.T) {
	type at func(r *room, j *jobfile.Job, p *process)
	for name, reach := range map[string]at{
		"waiting": func(*room, *jobfile.Job, *process) {},
		"in work": func(r *room, _ *jobfile.Job, p *process) {
			r.until("it encodes", func() bool { return len(p.fake.tries()) > 0 })
		},
		"partly made": func(r *room, j *jobfile.Job, _ *process) {
			r.until("a part is made", func() bool { return len(r.view(j).Results()) > 0 })
		},
		"stitching": func(r *room, j *jobfile.Job, _ *process) {
			r.until("it joins", r.state(j, jobfile.UnitStitch, jobfile.Doing))
		},
		"failed": func(r *room, j *jobfile.Job, p *process) {
			r.until("it failed", func() bool { _, state, _ := r.store.Marker(j.ID); return state == jobfile.Failed })
		},
		"cancelled": func(r *room, j *jobfile.Job, _ *process) {
			r.must(r.store.Cancel(j.ID, &jobfile.Request{By: "ana"}))
			r.until("it is cleared away", r.retired(j))
		},
		"finished": func(r *room, j *jobfile.Job, _ *process) { r.until("it is done", r.retired(j)) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 2)
				p := r.worker("w", staying)
				p.fake.take(time.Minute)
				if name == "failed" {
					p.fake.before = func(context.Context, Work) error {
						return &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "it is torn", Next: "copy it again"}
					}
				}
				var b *running
				if name == "waiting" {
					defer func() { b.stop(); <-b.ended }()
				} else {
					b = r.start(p)
				}
				reach(r, j, p)
				_, had := os.Stat(r.output(j))
				for _, top := range []string{"jobs", "done"} {
					r.must(os.RemoveAll(r.farm(top, j.ID)))
				}
				if b == nil {
					b = r.start(p)
				}
				time.Sleep(10 * time.Minute)
				synctest.Wait() // it may be writing its document at this very instant
				if _, has := os.Stat(r.output(j)); (had == nil) != (has == nil) {
					t.Errorf("the output: %v, before %v", has, had)
				}
				for _, top := range []string{"jobs", "done"} {
					if es, err := os.ReadDir(r.farm(top)); err != nil || len(es) > 0 {
						t.Errorf("%s holds %v, %v", top, es, err)
					}
				}
				if p.running() != 0 || p.said.charges() > 1 {
					t.Errorf("%s", p.said)
				}
				r.noLitter()
			})
		})
	}
}

// A unit file is dragged from failed to todo: the job is tried again by everybody, and FAILED.yaml goes.
func TestADraggedUnitIsTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 2)
		p := r.worker("w", staying)
		torn := true
		p.fake.before = func(_ context.Context, w Work) error {
			if torn && w.Unit.ID == "0000" {
				return &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "it is torn", Next: "copy it again"}
			}
			return nil
		}
		b := r.start(p)
		r.until("it failed", func() bool { _, state, _ := r.store.Marker(j.ID); return state == jobfile.Failed })
		time.Sleep(time.Minute)
		torn = false
		files, err := filepath.Glob(r.farm("jobs", j.ID, "failed", "*.yaml"))
		r.must(err)
		for _, f := range files {
			r.must(os.Rename(f, r.farm("jobs", j.ID, "todo", filepath.Base(f))))
		}
		r.until("it is done", r.retired(j))
		b.stop()
		<-b.ended
		r.finished(j)
	})
}
