package watcher

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"proxima/jobfile"
)

// choice is with what this worker makes a job.
type choice struct {
	job *jobfile.Job // with the recipe in place of job.yaml's
	why string       // it is another than the farm knows of, which has to be settled first; else ""
	// seen is what was settled when this was chosen.
	seen []jobfile.Settlement
	// proof is the job with a recipe by which the encoder can show that it works here; nil if there is
	// none, which joins parts all the same.
	proof *jobfile.Job
}

// own lists the recipes that this machine would make a job with, the best first, and what
// makes them different from the job's.
func (w *Watcher) own(job *jobfile.Job) (rs []jobfile.Recipe, why string, err error) {
	if w.Recipes == nil {
		return append([]jobfile.Recipe{job.Recipe}, job.Others...), "", nil
	}
	rs, why, err = w.Recipes(job)
	switch {
	case err != nil:
		return nil, "", &jobfile.Fault{
			Kind: jobfile.FaultMachine, Reason: "this machine's overrides do not suit the job's preset", Err: err,
			Next: "mend the overrides in this machine's config.yaml or in farm.yaml",
		}
	case len(rs) == 0:
		return nil, "", fmt.Errorf("job %s: no recipe", job.ID)
	}
	for i := range rs {
		if err := job.Suits(&rs[i]); err != nil {
			return nil, "", &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "this machine's overrides do not suit the job", Err: err, Next: "leave out of the overrides what others had to plan for: whether there is sound"}
		}
	}
	return rs, why, nil
}

// choose decides with what this worker would make a job now, and whether it can. While nobody
// has begun, it is what this machine likes best of what it can do; after that, and where somebody
// has settled what this machine can do, it is what the others make it with (P13), and only how the
// encoder is run is this machine's. If each who begins anew settled what it likes best, parts that
// come late would have the job made for ever.
func (w *Watcher) choose(ctx context.Context, job *jobfile.Job, s settlement, l jobfile.Listing, v jobfile.View) (choice, bool) {
	mine, why, err := w.own(job)
	if err != nil {
		var f *jobfile.Fault
		if !errors.As(err, &f) {
			f = &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: err.Error()}
		}
		if !w.rest.tiredOf(job.ID) {
			w.Log.Warn("leaving a job to the others", "job", job.ID, "why", f.Error(), "next", f.Next)
			w.rest.tire(job.ID, f)
		}
		return choice{}, false
	}
	c := choice{job: job.With(s.recipe.RunAs(&mine[0]))}
	if l.MaySettle() && !(s.stands && w.rest.able(ctx, w, c.job)) {
		for i := range mine {
			c := choice{job: job.With(mine[i]), seen: l.Settled}
			if !w.rest.able(ctx, w, c.job) {
				if why == "" {
					why = "the first worker here cannot encode with " + mine[i].Video.Encoder
				}
				continue
			}
			if mine[i].Shape() != s.recipe.Shape() {
				c.why = why
				if c.why == "" {
					c.why = "this worker can encode with " + mine[i].Video.Encoder
				}
			}
			c.proof = c.job
			return c, true
		}
	}
	if w.rest.able(ctx, w, c.job) {
		c.proof = c.job
		return c, true
	}
	alone := w.stranded(begun(job, s, l), l)
	for i := range mine {
		if alone && c.proof == nil && w.rest.able(ctx, w, job.With(mine[i])) {
			c.proof = job.With(mine[i])
		}
	}
	if ctx.Err() != nil {
		return c, false
	}
	if alone && allMade(v) && !w.rest.tiredOf(job.ID) {
		return c, true // to join the parts takes no encoder
	}
	w.rest.miss(c.job)
	if c.proof != nil {
		w.takeBackAll(job, c.job, l)
	}
	return c, false
}

// begun is a job as it must be made once something of it is: with no other recipe.
func begun(job *jobfile.Job, s settlement, l jobfile.Listing) *jobfile.Job {
	if l.MaySettle() {
		return job
	}
	only := job.With(s.recipe)
	only.Others = nil
	return only
}

// stranded reports whether a job was begun with what only machines that are gone could make:
// nobody works on it, and no living worker but perhaps this one may go on with it.
func (w *Watcher) stranded(begun *jobfile.Job, l jobfile.Listing) bool {
	return len(l.Doing) == 0 && len(l.Results) > 0 && len(w.peers.living(w.Name, begun)) == 1
}

// allMade reports whether nothing is left to do but to join the parts.
func allMade(v jobfile.View) bool {
	return !slices.ContainsFunc(v.Units, func(u jobfile.UnitView) bool { return u.State != jobfile.Done && u.ID != jobfile.UnitStitch })
}

// takeBackAll has all units of a stranded job made again: work that is lost is better than a
// job that waits for a machine for ever. Then nothing is made, and it may be settled anew.
func (w *Watcher) takeBackAll(job, made *jobfile.Job, l jobfile.Listing) {
	w.Log.Warn("no machine is here that can go on with a job; it is made again from the beginning", "job", job.ID, "encoder", made.Recipe.Video.Encoder)
	for _, t := range l.Results {
		if err := w.Store.Remake(job, t.Unit); err != nil {
			w.bad.say("recipe "+job.ID, "cannot have a unit made again", err)
			return // the next look goes on
		}
	}
}

// settlement is the recipe that the farm knows a job to be made with.
type settlement struct {
	recipe jobfile.Recipe
	stands bool // a document says it, else job.yaml
}

func (w *Watcher) settled(job *jobfile.Job, l jobfile.Listing) (settlement, error) {
	d, err := w.Store.SettledRecipe(job, l)
	if err != nil || d == nil {
		return settlement{recipe: job.Recipe}, err
	}
	return settlement{d.Recipe, true}, nil
}

// whose tells whose recipe a job is made with, for people; "" where it is job.yaml's, or cannot
// be told now.
func (w *Watcher) whose(u *unit) string {
	l, err := w.Store.Look(u.job.ID)
	if err != nil {
		return ""
	}
	d, err := w.Store.SettledRecipe(u.job.With(u.original), l)
	if err != nil {
		return ""
	}
	return d.Whose()
}

// errResettled gives a unit back: others make its job with another recipe, or somebody edited it.
var errResettled = errors.New("the job is to be made otherwise than in this attempt")

// begin makes known with what this worker makes a job that it has just begun, and then looks
// who was first. Like agreed and joins it returns the share's errors as they are.
func (w *Watcher) begin(ctx context.Context, u *unit) error {
	l := u.after
	if u.why != "" {
		w.settling.Lock() // of several units that begin at once one settles it for all
		err := w.settle(u)
		w.settling.Unlock()
		if err != nil {
			return err
		}
		if l, err = w.Store.Look(u.job.ID); err != nil {
			return err
		}
	}
	read := time.Now().Add(-w.beat)
	if u.planned.ID == jobfile.UnitStitch {
		read = time.Now() // nothing compares it with job.yaml again
	}
	return w.agreed(ctx, u, l, read)
}

// settle publishes a unit's recipe for its job, unless somebody has settled it meanwhile. Who lost
// the unit has no say any more.
func (w *Watcher) settle(u *unit) error {
	l, err := w.Store.Look(u.job.ID)
	if err != nil {
		return err
	}
	if err := l.Holds(u.key.ticket); err != nil {
		return err
	}
	if len(l.Results) > 0 || !slices.Equal(l.Settled, u.seen) {
		return nil
	}
	d := &jobfile.Settled{Worker: w.id, Of: u.original.Shape(), Why: u.why, Recipe: u.job.Recipe}
	if err := w.Store.Settle(u.job.ID, l, d); err != nil {
		return err
	}
	w.Log.Info("settled with what a job is made", "job", u.job.ID, "why", u.why)
	return nil
}

// agreed tells whether a job is still made with what this unit is made with, by a look just taken, and by a job.yaml
// read since then.
func (w *Watcher) agreed(ctx context.Context, u *unit, l jobfile.Listing, since time.Time) error {
	job, err := w.Store.Reread(u.job.ID, since)
	var broken *jobfile.DecodeError
	switch {
	case errors.As(err, &broken):
		return errResettled // the next look says so in the job's folder
	case err != nil:
		return err
	}
	s, err := w.settled(job, l)
	if err != nil {
		return err
	}
	if job.With(s.recipe).Made() != u.job.Made() {
		return errResettled
	}
	return ctx.Err()
}

// joins looks whether a part can be joined with those that are there: other builds of an
// encoder may write other headers. Where the builds that made the others are gone, theirs are
// made again; else this machine leaves the job to those who can go on.
func (w *Watcher) joins(u *unit, r *jobfile.Result, l jobfile.Listing) error {
	if r.Video == nil || u.planned.ID == jobfile.UnitWhole {
		return nil
	}
	for _, t := range w.knownFirst(u.job.ID, jobfile.Fold(u.job.Plan.Units, l).Results()) {
		if !t.Unit.HasVideo() || t.Unit == u.planned.ID {
			continue
		}
		other, err := w.part(u.job.ID, t)
		if err != nil || other.Video == nil {
			continue // the stitch finds out, and has it made again
		}
		d := other.Video.Stream.Differs(r.Video.Stream)
		if d == "" {
			return nil
		}
		if other.Encoder == r.Encoder {
			return &jobfile.Fault{
				Kind:   jobfile.FaultUnit,
				Reason: fmt.Sprintf("this part and that of unit %s come from one build of ffmpeg and cannot be joined: they differ in %s", t.Unit, d),
				Next:   "use a preset with another codec for this source",
			}
		}
		if !w.peers.anyoneWith(other.Encoder) {
			w.Log.Warn("a part does not join with this one, and its encoder is not here any more: it is made again", "job", u.job.ID, "part", t.Unit, "differs", d)
			if err := w.Store.Remake(u.job, t.Unit); err != nil {
				return err
			}
			continue
		}
		return &jobfile.Fault{
			Kind:   jobfile.FaultMachine,
			Reason: fmt.Sprintf("parts made by this machine's ffmpeg do not join with those of %s: they differ in %s", other.Worker, d),
			Next:   "nothing: machines with the same build of ffmpeg finish the job; install one build on all of them",
		}
	}
	return nil
}

// part reads a result of a job, of which one is remembered: results never change, and each unit of
// the job is compared with one.
func (w *Watcher) part(job string, t jobfile.Ticket) (*jobfile.Result, error) {
	w.mu.Lock()
	known, ok := w.parts[job]
	w.mu.Unlock()
	if ok && known.ticket == t {
		return known.result, nil
	}
	r, err := w.Store.ReadResult(job, t)
	if err == nil {
		w.mu.Lock()
		w.parts[job] = knownPart{t, r}
		w.mu.Unlock()
	}
	return r, err
}

// knownFirst puts the result that is remembered first.
func (w *Watcher) knownFirst(job string, ts []jobfile.Ticket) []jobfile.Ticket {
	w.mu.Lock()
	known := w.parts[job].ticket
	w.mu.Unlock()
	if i := slices.Index(ts, known); i > 0 {
		ts[0], ts[i] = ts[i], ts[0]
	}
	return ts
}

// knownPart is a result that was read.
type knownPart struct {
	ticket jobfile.Ticket
	result *jobfile.Result
}
