package watcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"proxima/jobfile"
)

// unit is one unit in work.
type unit struct {
	key       key
	job       *jobfile.Job   // with the recipe it is made with
	original  jobfile.Recipe // job.yaml's
	why       string         // that recipe has to be settled first, and this is why
	seen      []jobfile.Settlement
	proof     *jobfile.Job    // by which the encoder shows that it works here, or nil
	after     jobfile.Listing // the look that confirmed the claim
	planned   jobfile.Planned
	cost      int
	copy      bool // somebody else began it first
	started   time.Time
	unitsDone int
	disown    context.CancelCauseFunc // ends its encoder

	mu     sync.Mutex
	frames int64
	fps    float64
}

func (u *unit) progress(frames int64, fps float64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.frames, u.fps = frames, fps
}

// made is how many frames it has so far.
func (u *unit) made() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.frames
}

// inWork is called with the worker's lock held.
func (u *unit) inWork() InWork {
	u.mu.Lock()
	defer u.mu.Unlock()
	of := u.planned.Frames
	if u.planned.ID == jobfile.UnitStitch {
		of = u.job.Plan.Frames
	}
	return InWork{
		Busy: jobfile.Busy{
			Job: u.key.job, Unit: u.planned.ID, Attempt: u.key.ticket.Attempt, Frames: u.frames, Of: of, FPS: u.fps,
		},
		Clip: clipName(u.job), UnitsDone: u.unitsDone, Units: len(u.job.Plan.Units), Rate: u.job.Media.Video.FrameRate.Float(),
	}
}

// close takes a unit that ended out of the books.
func (w *Watcher) close(e ending) {
	w.mu.Lock()
	delete(w.busy, e.key)
	w.mu.Unlock()
	delete(w.calm, e.key.job) // its stitch may be next
	w.owed[e.key.job] = true
}

// work does one unit from claim to commit and says how it ended. The context that the
// encoder gets ends with the ownership, or when this worker is not to go on.
func (w *Watcher) work(ctx, owned context.Context, u *unit) error {
	err := w.attempt(owned, u)
	if cause := context.Cause(owned); err != nil && (errors.Is(cause, jobfile.ErrLost) || errors.Is(cause, errHeld)) {
		err = cause
	}
	u.disown(nil)
	if err != nil {
		w.Store.Unstage(u.key.job, u.key.ticket)
	}
	err = w.doubt(ctx, u, err)
	w.conclude(ctx, u, err)
	return err
}

// doubt looks for the fault of a failure nobody can place in this machine first: a sick one
// would use up a unit's tries. If the encoder cannot do its recipe any more, on a picture of
// its own, the unit is not charged. What a share that was away showed of a source is no proof
// against it either: mostly it lies there, too.
func (w *Watcher) doubt(ctx context.Context, u *unit, err error) error {
	var f *jobfile.Fault
	if err == nil || ctx.Err() != nil || errors.Is(err, jobfile.ErrLost) || errors.Is(err, errResettled) || errors.Is(err, errHeld) ||
		errors.As(err, &f) && (f.Kind != jobfile.FaultUnit && f.Kind != jobfile.FaultSource || len(f.Units) > 0) {
		return err
	}
	if w.wasAway(u.started) {
		return farmWasAway(err)
	}
	if f != nil && f.Kind == jobfile.FaultSource {
		return err
	}
	if u.proof == nil {
		return err
	}
	if sick := w.rest.try(ctx, w, u.proof); sick != nil {
		return &jobfile.Fault{
			Kind: jobfile.FaultMachine, Err: sick, Next: sick.Next,
			Reason: "after " + err.Error() + ", the encoder does not work here any more",
		}
	}
	return err
}

func farmWasAway(err error) error {
	return &jobfile.Fault{
		Kind: jobfile.FaultMachine, Reason: "the farm was away meanwhile", Err: err,
		Next: "nothing: it is tried again",
	}
}

// attempt encodes or stitches and publishes.
func (w *Watcher) attempt(ctx context.Context, u *unit) error {
	stage, err := w.Store.Stage(u.key.job, u.key.ticket, u.after)
	if err != nil {
		return shareFault(err)
	}
	log := stage.Log
	defer log.Close()
	fmt.Fprintf(log, "# unit %s of job %s on %s (%s), %s\n", u.key.ticket, u.key.job, jobfile.Hostname(), w.id, now().Format(time.RFC3339))
	err = shareFault(w.begin(ctx, u))
	switch {
	case err != nil:
	case u.planned.ID == jobfile.UnitStitch:
		err = w.stitch(ctx, u, log)
	default:
		err = w.encode(ctx, u, stage, log)
	}
	if err != nil {
		why := err
		if cause := context.Cause(ctx); cause != nil && cause != ctx.Err() {
			why = cause
		}
		fmt.Fprintf(log, "# ended: %s\n", jobfile.OneLine(why.Error()))
	} else {
		fmt.Fprintf(log, "# done in %s\n", time.Since(u.started).Round(time.Millisecond))
	}
	return err
}

func (w *Watcher) encode(ctx context.Context, u *unit, stage jobfile.Staging, log io.Writer) error {
	source, err := w.locate(u.job.Source.Path)
	if err != nil {
		return err
	}
	r, err := w.Encoder.Encode(ctx, Work{
		Job: u.job, Unit: u.planned, Source: source, Staging: stage,
		Threads: w.threads(u.job), Asset: func(a jobfile.Asset) ([]byte, error) { return w.Store.ReadAsset(u.key.job, a) }, Log: log, Progress: u.progress,
	})
	if err != nil {
		return err
	}
	r.Recipe = u.job.Made()
	r.Host, r.Encoder, r.Started = jobfile.Hostname(), w.Encoder.Version(), u.started.UTC().Truncate(time.Second)
	return w.insist(ctx, func() error {
		// One look tells whether the claim stands (P8), with what the job is made, and what is there to join.
		l, err := w.Store.LookHolding(u.key.job, u.key.ticket)
		if err != nil {
			return err
		}
		// People edit job.yaml. What counts is what stands there when a part is published.
		if err := w.agreed(ctx, u, l, time.Now()); err != nil {
			return err
		}
		if err := w.joins(u, r, l); err != nil {
			return err
		}
		return w.Store.CommitSeen(u.key.job, u.key.ticket, r, l)
	})
}

// locate turns a document's path into one of this machine, if it lies where jobs may reach.
func (w *Watcher) locate(p jobfile.Path) (string, error) {
	path, err := w.Roots.Locate(p)
	if err != nil {
		return "", err
	}
	return path, w.Fence.Check(path)
}

// threads is what one ffmpeg of this job may use.
func (w *Watcher) threads(job *jobfile.Job) int {
	return job.Recipe.UnitThreads(w.slots(), w.Cores)
}

// insist repeats the publishing of finished work while the share has a bad moment: minutes
// of encoding are not thrown away for a server's restart. It ends with the ownership, and
// after two leases, when the claim is surely somebody else's.
func (w *Watcher) insist(ctx context.Context, publish func() error) error {
	wait := w.Poll / 4
	for start := time.Now(); ; {
		err := publish()
		if err == nil {
			w.bad.clear("publish")
			return nil
		}
		var judged *jobfile.Fault // trying again would change nothing
		if errors.Is(err, jobfile.ErrLost) || errors.Is(err, errResettled) || errors.As(err, &judged) || time.Since(start) > 2*w.Lease {
			return shareFault(err)
		}
		w.bad.say("publish", "cannot publish finished work yet", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, w.beat)
	}
}

// shareFault makes an error of the farm folder the machine's: it costs the unit nothing.
func shareFault(err error) error {
	var f *jobfile.Fault
	if err == nil || errors.Is(err, jobfile.ErrLost) || errors.Is(err, errResettled) || errors.As(err, &f) ||
		errors.Is(err, context.Canceled) {
		return err
	}
	return &jobfile.Fault{
		Kind: jobfile.FaultMachine, Reason: "cannot use the farm folder", Err: err,
		Next: "check the share, its free space and this machine's right to write there",
	}
}

// conclude decides what becomes of a unit that ended, and says so in the folder.
func (w *Watcher) conclude(ctx context.Context, u *unit, err error) {
	k := u.key
	log := w.Log.With("job", k.job, "unit", k.ticket.Unit, "attempt", k.ticket.Attempt)
	err = w.takeBack(ctx, u, w.unlessLost(ctx, k, err))
	if u.copy && err != nil {
		w.dropCopy(u, err)
		return
	}
	var fault *jobfile.Fault
	switch {
	case err == nil:
		w.rest.recover(k.job)
		w.tally.done.Add(1)
		if k.ticket.Unit.HasVideo() {
			w.tally.frames.Add(max(0, u.made()))
		}
		w.speeds.note(u, time.Since(u.started))
		log.Info("done", "took", time.Since(u.started).Round(100*time.Millisecond).String())
		return
	case errors.Is(err, jobfile.ErrCancelled), errors.Is(err, errHeld):
		log.Info("giving back", "why", err)
		w.giveBack(k, log)
		return
	case errors.Is(err, jobfile.ErrLost):
		w.tally.lost.Add(1)
		log.Warn("lost the unit to another worker; what was made of it is discarded", "why", err)
		return
	case errors.Is(err, errResettled):
		log.Info("giving back", "why", err)
		w.giveBack(k, log)
		return
	case ctx.Err() != nil:
		log.Info("giving back")
		w.giveBack(k, log)
		return
	case errors.As(err, &fault) && fault.Kind == jobfile.FaultMachine:
		log.Error("this machine cannot do it; giving back uncharged", "reason", fault.Error(), "next", fault.Next)
		if !w.wasAway(u.started) { // else it is no wonder, and over when the farm is back
			w.rest.tire(k.job, fault)
		}
		w.giveBack(k, log)
		return
	}
	f := jobfile.Failure{Worker: w.Name, Kind: jobfile.FaultUnit, Reason: err.Error(), Log: k.ticket.LogName(), Time: now()}
	if fault != nil {
		f.Kind, f.Next = fault.Kind, fault.Next
	}
	if f.Next == "" {
		f.Next = "read the log named " + f.Log
	}
	final := f.Kind == jobfile.FaultSource || f.Kind == jobfile.FaultJob
	log.Error("failed", "reason", f.Reason, "final", final)
	if err := w.Store.Fail(k.job, k.ticket, f, final); err != nil {
		log.Warn("cannot note the failure; giving back", "err", err)
		if !w.wasAway(u.started) {
			// Or it would be tried again at once, uncharged, for as long as the share refuses.
			w.rest.tire(k.job, &jobfile.Fault{
				Kind: jobfile.FaultMachine, Reason: "this machine cannot note in the farm's folder that an attempt failed", Err: err,
				Next: "give this machine's account the right to write and to delete there",
			})
		}
		w.giveBack(k, log)
		return
	}
	w.tally.failed.Add(1)
}

// unlessLost tells a failure from its cause where a unit was lost: whoever slept past the lease wakes to
// find the parts, or the whole job, gone, which is no fault of the unit, nor of this machine. Who cannot
// see whether it is still its own charges nothing either.
func (w *Watcher) unlessLost(ctx context.Context, k key, err error) error {
	var f *jobfile.Fault
	if err == nil || ctx.Err() != nil || errors.Is(err, jobfile.ErrLost) || errors.Is(err, jobfile.ErrCancelled) {
		return err
	}
	switch lerr := w.Store.Holds(k.job, k.ticket); {
	case errors.Is(lerr, jobfile.ErrLost), errors.Is(lerr, jobfile.ErrCancelled):
		return lerr
	case lerr == nil, errors.Is(err, errHeld), errors.Is(err, errResettled), errors.As(err, &f) && f.Kind == jobfile.FaultMachine:
		return err
	}
	return farmWasAway(err)
}

// takeBack has the units made again whose parts a stitch found bad. Where the share does not
// let it, that is why the stitch failed, and it is not charged for the same part twice.
func (w *Watcher) takeBack(ctx context.Context, u *unit, err error) error {
	var fault *jobfile.Fault
	if ctx.Err() != nil || !errors.As(err, &fault) {
		return err
	}
	for _, id := range fault.Units {
		w.Log.Warn("a part proved bad and is made again", "job", u.key.job, "part", id)
		if rerr := w.Store.Remake(u.job, id); rerr != nil {
			return shareFault(rerr)
		}
	}
	return err
}

// wasAway reports whether the farm could not be used at some time since then.
func (w *Watcher) wasAway(since time.Time) bool {
	if _, err := w.Store.Farm(); err != nil {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.away.After(since)
}

// noteAwayIf notes that the share did not answer, as far as an error tells that. A share that
// answers with a refusal is there.
func (w *Watcher) noteAwayIf(err error) {
	for _, refusal := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, syscall.ENOSPC, syscall.EROFS} {
		if errors.Is(err, refusal) {
			return
		}
	}
	w.noteAway()
}

func (w *Watcher) noteAway() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = time.Now()
}

func (w *Watcher) giveBack(k key, log interface{ Warn(string, ...any) }) {
	w.tally.givenBack.Add(1)
	if err := w.Store.Release(k.job, k.ticket); err != nil {
		log.Warn("cannot give the unit back; others take it over after the lease", "err", err)
	}
}
