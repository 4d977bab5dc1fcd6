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

	"proxima/internal/faultfs"
	"proxima/jobfile"
)

// lower is a machine whose overrides make every picture smaller.
func lower(lines int) func(*Config) {
	return func(c *Config) {
		c.Recipes = func(j *jobfile.Job) ([]jobfile.Recipe, string, error) {
			var rs []jobfile.Recipe
			for _, r := range append([]jobfile.Recipe{j.Recipe}, j.Others...) {
				r.Video.MaxHeight = lines
				rs = append(rs, r)
			}
			return rs, "overrides.presets.* of " + c.Name, nil
		}
	}
}

// recipesOf reads with what the parts of a finished job were made, and how many documents
// settled it.
func (r *room) recipesOf(j *jobfile.Job) (shapes []string, settled int) {
	r.t.Helper()
	es, err := os.ReadDir(r.farm("done", j.ID, "done"))
	r.must(err)
	for _, e := range es {
		data, err := os.ReadFile(r.farm("done", j.ID, "done", e.Name()))
		r.must(err)
		var res jobfile.Result
		r.must(jobfile.Decode(e.Name(), data, &res))
		shapes = append(shapes, res.Recipe)
	}
	es, err = os.ReadDir(r.farm("done", j.ID))
	r.must(err)
	for _, e := range es {
		if strings.HasPrefix(e.Name(), "recipe.") {
			settled++
		}
	}
	slices.Sort(shapes)
	return slices.Compact(shapes), settled
}

// die ends a process at its next operation.
func die(p *process) { p.share.Inject(faultfs.Fault{At: 1, Mode: faultfs.Dies}) }

func (r *room) madeAt(j *jobfile.Job, lines int) string {
	c := j.Recipe
	c.Video.MaxHeight = lines
	return r.madeWith(j, c)
}

// madeWith is what the results of a job say that was made with a recipe.
func (r *room) madeWith(j *jobfile.Job, c jobfile.Recipe) string {
	r.t.Helper()
	read, err := r.store.Job(j.ID) // as workers have it
	r.must(err)
	return read.With(c).Made()
}

// slow has units take longer than it takes an idle worker to look, so that those who come
// later find some.
func slow(ps ...*process) {
	for _, p := range ps {
		p.fake.take(30 * time.Second)
	}
}

// The first worker's overrides hold for all of a divided job: the second, which has none, and
// a third with others follow.
func TestTheFirstWorkersOverridesHoldForAll(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 6)
		a, b, c := r.worker("a", lower(360)), r.worker("b"), r.worker("c", lower(240))
		slow(a, b, c)
		r.start(a)
		r.until("the first has begun", func() bool { return len(a.fake.tries()) > 0 })
		r.start(b)
		r.start(c)
		r.until("the job is done", r.retired(j))
		r.finished(j)
		shapes, settled := r.recipesOf(j)
		if want := r.madeAt(j, 360); len(shapes) != 1 || shapes[0] != want || settled != 1 {
			t.Errorf("made with %v in %d rounds, not with %s\n%s", shapes, settled, want, a.said)
		}
		if len(b.fake.tries()) == 0 || len(c.fake.tries()) == 0 {
			t.Error("the others did not help")
		}
	})
}

// Who comes second has no say: what was begun with job.yaml's recipe ends with it.
func TestWhoComesSecondFollows(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 6)
		a, b := r.worker("a"), r.worker("b", lower(240))
		slow(a, b)
		r.start(a)
		r.until("the first has begun", func() bool { return len(a.fake.tries()) > 0 })
		r.start(b)
		r.until("the job is done", r.retired(j))
		r.finished(j)
		if shapes, settled := r.recipesOf(j); len(shapes) != 1 || shapes[0] != r.madeWith(j, j.Recipe) || settled != 0 {
			t.Errorf("made with %v, settled %d times", shapes, settled)
		}
		if len(b.fake.tries()) == 0 {
			t.Error("the second did not help")
		}
	})
}

// Two begin at the same instant, each with overrides of its own: whatever they believe, all
// parts of the file are made with one recipe in the end.
func TestTwoWhoBeginAtOnceEndWithOneRecipe(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 4)
		a, b := r.worker("a", lower(360)), r.worker("b", lower(240))
		r.start(a)
		r.start(b)
		r.until("the job is done", r.retired(j))
		r.finished(j)
		if shapes, _ := r.recipesOf(j); len(shapes) != 1 {
			t.Errorf("made with %v\na:\n%s\nb:\n%s", shapes, a.said, b.said)
		}
		if n := a.said.charges() + b.said.charges(); n > 0 {
			t.Errorf("charged %d times\na:\n%s\nb:\n%s", n, a.said, b.said)
		}
	})
}

// A job of one piece is made with the overrides of whoever makes it, also after another who
// settled it died before it made anything.
func TestWhatNobodyBeganIsSettledAnew(t *testing.T) {
	for _, chunks := range []int{1, 3} {
		t.Run(fmt.Sprint(chunks), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.newJob("A001.mov", chunks)
				hw := j.Recipe
				hw.Video.Encoder = "h264_nvenc"
				j.Others = []jobfile.Recipe{j.Recipe}
				j.Recipe = hw
				j.Recipe.Video.Encoder = "h264_qsv"
				r.must(r.store.Create(j))
				// The first has a card and dies at once; the second has none.
				a := r.worker("a", func(c *Config) {
					c.Recipes = func(*jobfile.Job) ([]jobfile.Recipe, string, error) { return []jobfile.Recipe{hw}, "the card", nil }
				})
				a.fake.before = func(ctx context.Context, _ Work) error {
					die(a)
					return ctx.Err()
				}
				r.start(a)
				r.until("the first is dead", func() bool { return len(a.fake.tries()) > 0 })
				b := r.worker("b")
				b.fake.lacks = []string{"h264_nvenc", "h264_qsv"}
				r.start(b)
				r.until("the job is done", r.retired(j))
				r.finished(j)
				shapes, settled := r.recipesOf(j)
				if want := r.madeWith(j, j.Others[0]); len(shapes) != 1 || shapes[0] != want || settled != 2 {
					t.Errorf("made with %v in %d rounds, not with %s\n%s", shapes, settled, want, b.said)
				}
			})
		})
	}
}

// A machine with an encoder that no other has begins a job and dies for good. The others do not
// wait for it for ever.
func TestAJobThatOnlyTheDeadCouldGoOnWithIsBegunAnew(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.newJob("A001.mov", 6)
		j.Others = []jobfile.Recipe{j.Recipe}
		j.Recipe.Video.Encoder = "h264_nvenc"
		r.must(r.store.Create(j))
		a, b := r.worker("a", staying), r.worker("b", staying)
		b.fake.lacks = []string{"h264_nvenc"}
		r.start(a)
		r.until("the first has made something", func() bool { return len(a.fake.tries()) > 2 })
		die(a)
		r.start(b)
		r.until("the job is done", r.retired(j))
		r.finished(j)
		shapes, _ := r.recipesOf(j)
		if want := r.madeWith(j, j.Others[0]); len(shapes) != 1 || shapes[0] != want {
			t.Errorf("made with %v, not with %s\n%s", shapes, want, b.said)
		}
	})
}

// To join parts takes no encoder: who is left with a job whose parts are all made finishes it.
func TestWhoLacksTheEncoderJoinsThePartsOfTheDead(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.newJob("A001.mov", 3)
		j.Others = []jobfile.Recipe{j.Recipe}
		j.Recipe.Video.Encoder = "h264_nvenc"
		r.must(r.store.Create(j))
		a, b := r.worker("a", staying), r.worker("b", staying)
		a.fake.stitching = func(Join) { die(a) }
		b.fake.lacks = []string{"h264_nvenc"}
		r.start(a)
		r.until("the parts are made", func() bool { return len(r.view(j).Results()) == len(j.Plan.Units)-1 })
		r.start(b)
		r.until("the job is done", r.retired(j))
		r.finished(j)
		if shapes, settled := r.recipesOf(j); len(shapes) != 1 || shapes[0] != r.madeWith(j, j.Recipe) || settled != 0 || len(b.fake.tries()) > 0 {
			t.Errorf("made with %v, settled %d times; the one that is left made %v\n%s", shapes, settled, b.fake.tries(), b.said)
		}
	})
}

// A failure that is charged does not wait for a machine that could have begun the job with another
// recipe, and cannot go on with this one.
func TestNobodyWaitsForAMachineThatCannotGoOn(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.newJob("A001.mov", 6)
		j.Others = []jobfile.Recipe{j.Recipe}
		j.Recipe.Video.Encoder = "h264_nvenc"
		r.must(r.store.Create(j))
		a, b := r.worker("a"), r.worker("b", staying)
		b.fake.lacks = []string{"h264_nvenc"}
		failed := false
		a.fake.before = func(context.Context, Work) error {
			if d, err := r.store.Worker(b.ID()); err == nil && d.Cannot["h264_nvenc"] != "" && !failed {
				failed = true
				return errors.New("for once")
			}
			return nil
		}
		a.fake.take(time.Minute)
		r.start(a)
		r.until("the first has begun", func() bool { return len(a.fake.tries()) > 0 })
		r.start(b)
		r.until("the job is done", r.retired(j))
		r.finished(j)
		if !failed || len(b.fake.tries()) > 0 {
			t.Errorf("failed: %t; the other tried %v", failed, b.fake.tries())
		}
	})
}

// A unit goes only to those who can do it, and a failure does not wait for one who cannot.
func TestNobodyWaitsForAMachineThatLacksTheEncoder(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.newJob("A001.mov", 2)
		b := r.worker("b", staying, func(c *Config) { c.Trials = []jobfile.Recipe{j.Recipe} })
		b.fake.lacks = []string{"libx264"}
		r.start(b)
		r.until("it says what it lacks", func() bool {
			d, err := r.store.Worker(b.ID())
			return err == nil && d.Cannot["libx264"] != "" && d.State == "idle"
		})
		r.must(r.store.Create(j))
		failed := false
		a := r.worker("a")
		a.fake.before = func(_ context.Context, w Work) error {
			if w.Unit.ID == "0001" && !failed {
				failed = true
				return errors.New("for once")
			}
			return nil
		}
		r.start(a)
		took := r.until("the job is done", r.retired(j))
		r.finished(j)
		if took > time.Minute || len(b.fake.tries()) > 0 {
			t.Errorf("took %s; the other tried %v", took, b.fake.tries())
		}
	})
}

// Two builds of ffmpeg whose parts do not join: the one that comes second leaves the job to
// the first, and where the first is gone for good its parts are made again.
func TestPartsOfTwoBuildsAreNotMixed(t *testing.T) {
	for _, dies := range []bool{false, true} {
		t.Run(fmt.Sprint(dies), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				j := r.queue("A001.mov", 6)
				build := func(p *process, name string) {
					p.fake.build = name
					p.fake.stream = func(Work) jobfile.StreamFacts { return jobfile.StreamFacts{Extradata: name} }
				}
				a, b := r.worker("a", staying), r.worker("b", staying)
				build(a, "ffmpeg 5")
				build(b, "ffmpeg 6")
				r.start(a)
				r.until("the first has made something", func() bool { return len(a.fake.tries()) > 2 })
				if dies {
					die(a)
				}
				r.start(b)
				r.until("the job is done", r.retired(j))
				var builds []string
				es, err := os.ReadDir(r.farm("done", j.ID, "done"))
				r.must(err)
				for _, e := range es {
					data, err := os.ReadFile(r.farm("done", j.ID, "done", e.Name()))
					r.must(err)
					var res jobfile.Result
					r.must(jobfile.Decode(e.Name(), data, &res))
					if res.Video != nil {
						builds = append(builds, res.Encoder)
					}
				}
				want := "ffmpeg 5"
				if dies {
					want = "ffmpeg 6"
				}
				if len(builds) != 6 || slices.ContainsFunc(builds, func(s string) bool { return s != want }) {
					t.Errorf("made by %v\na:\n%s\nb:\n%s", builds, a.said, b.said)
				}
				if n := a.said.charges() + b.said.charges(); n > 0 {
					t.Errorf("charged %d times", n)
				}
			})
		})
	}
}
