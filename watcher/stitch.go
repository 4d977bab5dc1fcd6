package watcher

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"proxima/jobfile"
)

// stitch joins a job's parts, verifies the file, gives it its name and writes DONE.yaml, in
// that order (P10). Each step can be repeated after a crash with the same end.
func (w *Watcher) stitch(ctx context.Context, u *unit, log io.Writer) error {
	job, id := u.job, u.key.job
	output, err := w.locate(job.Output.Path)
	if err != nil {
		return err
	}
	base, err := w.locate(job.Output.Base)
	if err != nil {
		return err
	}
	results, err := w.results(u)
	if err != nil {
		return err
	}
	join := Join{
		Job: job, Results: results, Log: log, Progress: u.progress,
		Part: func(name string) (string, error) { return w.Store.PartPath(id, name) },
	}
	if err := w.outputs.Prepare(base, output, id, u.key.ticket); err != nil {
		return err
	}
	// Somebody may have put a link in the place of a folder since.
	if _, err := w.locate(job.Output.Path); err != nil {
		return err
	}
	final, err := w.adopt(ctx, output, join)
	if err != nil {
		return err
	}
	if final == nil {
		join.Target = jobfile.OutputTemp(output, id, u.key.ticket)
		if final, err = w.Encoder.Stitch(ctx, join); err == nil {
			err = w.place(ctx, u, join, output)
		}
		if err != nil {
			_ = w.outputs.Remove(join.Target) // the next stitch of this job does it otherwise
		}
		if errors.Is(err, jobfile.ErrOccupied) {
			// Another stitcher of this job was faster, or somebody put a file there meanwhile.
			if final, err = w.adopt(ctx, output, join); final == nil && err == nil {
				err = shareFault(errGoneAgain)
			}
		}
		if err != nil {
			return err
		}
	}
	if err := w.stands(output, final.Size); err != nil {
		return shareFault(err)
	}
	m := &jobfile.Marker{Finished: now(), Output: job.Output.Path, Final: final, Worker: w.id, Units: len(job.Plan.Units), Recipe: w.whose(u)}
	for _, r := range results {
		if !slices.Contains(m.Workers, r.Worker) {
			m.Workers = append(m.Workers, r.Worker)
		}
	}
	final.Warnings = warnings(results)
	for _, words := range final.Warnings {
		w.Log.Warn("finished, but", "job", id, "warning", words)
	}
	if err := w.insist(ctx, func() error { return w.Store.Finish(id, u.key.ticket, m) }); err != nil {
		return err
	}
	w.Log.Info("finished", "job", id, "output", output, "frames", final.Frames, "size", final.Size)
	if w.Settle == 0 {
		// Whoever looks next would do it; now is when a person looks.
		if err := w.Store.Retire(id); err != nil {
			w.Log.Warn("cannot tidy up the finished job yet", "job", id, "err", err)
		}
	}
	return nil
}

// maxWarnings of a job's units are told; a damaged recording may have one in every chunk.
const maxWarnings = 20

// warnings collects what the units' workers said of the source: a proxy that is as its source is may
// show that source's damage, and who finished it is the last to tell.
func warnings(results []*jobfile.Result) (all []string) {
	more := 0
	for _, r := range results {
		for _, words := range r.Warnings {
			switch {
			case slices.Contains(all, words):
			case len(all) == maxWarnings:
				more++
			default:
				all = append(all, words)
			}
		}
	}
	if more > 0 {
		all = append(all, fmt.Sprintf("and %d more, in the documents of this job's units", more))
	}
	return all
}

// results reads the result that counts for each unit. One that cannot be used, or whose part
// is not there in full, is taken back and its unit made again. That takes proof: a share that
// answers with an error, or not at all, costs no part.
func (w *Watcher) results(u *unit) ([]*jobfile.Result, error) {
	l, err := w.Store.Look(u.key.job)
	if err != nil {
		return nil, shareFault(err)
	}
	view := jobfile.Fold(u.job.Plan.Units, l)
	var rs []*jobfile.Result
	for _, v := range view.Units {
		if v.ID == jobfile.UnitStitch {
			continue
		}
		if v.State != jobfile.Done {
			return nil, fmt.Errorf("unit %s is not done: %w", v.ID, jobfile.ErrLost)
		}
		r, err := w.Store.ReadResult(u.key.job, v.Ticket)
		if err == nil {
			err = w.partsStand(u, r)
		}
		if err != nil {
			var broken *jobfile.DecodeError
			if !errors.As(err, &broken) && !lost(err) {
				return nil, shareFault(err)
			}
			if _, ferr := w.Store.Farm(); ferr != nil {
				return nil, shareFault(ferr)
			}
			if broken != nil && broken.Newer {
				return nil, &jobfile.Fault{Kind: jobfile.FaultMachine, Err: err, Reason: "the result of a newer version cannot be read", Next: "update Proxima on this machine"}
			}
			return nil, &jobfile.Fault{
				Kind: jobfile.FaultUnit, Units: []jobfile.UnitID{v.ID}, Err: err,
				Reason: fmt.Sprintf("the result of unit %s cannot be used", v.ID), Next: "nothing: the unit is made again",
			}
		}
		rs = append(rs, r)
	}
	ever, err := w.Store.EverSettled(u.job.With(u.original), l)
	if err != nil {
		return nil, shareFault(err)
	}
	return rs, together(u.job, ever, rs)
}

// together sees that all parts were made with one recipe and can be joined. Those that do not
// go with the first are made again: two machines were told that they were the first (P13). Where all
// of them were made with what somebody settled once, that explains it, and the stitch is not charged.
func together(job *jobfile.Job, ever []jobfile.Recipe, rs []*jobfile.Result) error {
	var known []string
	for _, r := range ever {
		known = append(known, job.With(r).Made())
	}
	var odd []jobfile.UnitID
	var why string
	var explained error = errResettled
	made := job.Made()
	var first *jobfile.VideoPart
	for _, r := range rs {
		d := ""
		if r.Recipe != made {
			d = "recipe"
			if !slices.Contains(known, r.Recipe) {
				explained = nil
			}
		} else if r.Video != nil && first != nil {
			if d = first.Stream.Differs(r.Video.Stream); d != "" {
				explained = nil
			}
		} else if r.Video != nil {
			first = r.Video
		}
		if d != "" {
			odd, why = append(odd, r.Unit), fmt.Sprintf("that of unit %s, of %s, differs in %s", r.Unit, r.Worker, d)
		}
	}
	if odd == nil {
		return nil
	}
	return &jobfile.Fault{
		Kind: jobfile.FaultUnit, Units: odd, Err: explained, Reason: "not all parts can be joined: " + why,
		Next: "nothing: they are made again; install one build of ffmpeg on all machines",
	}
}

// errNotWhole says that something is there, and is not what it was when it was finished.
var errNotWhole = errors.New("not as it was finished")

// lost reports whether an error proves that a file is not there, or not in full.
func lost(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotWhole) }

func (w *Watcher) partsStand(u *unit, r *jobfile.Result) error {
	check := func(name string, size int64) error {
		n, err := w.Store.PartSize(u.key.job, name)
		if err == nil && n != size {
			err = fmt.Errorf("part %s has %d bytes, not %d: %w", name, n, size, errNotWhole)
		}
		return err
	}
	if r.Unit.HasVideo() != (r.Video != nil) {
		return fmt.Errorf("it names no picture, or one where none belongs: %w", errNotWhole)
	}
	if r.Video != nil {
		if err := check(r.Video.File, r.Video.Size); err != nil {
			return err
		}
	}
	if r.Sound != nil {
		return check(r.Sound.File, r.Sound.Size)
	}
	return nil
}

// adopt looks whether the output stands already: placed by a stitcher that died before it
// could say so, which a comparison with the parts proves; or somebody else's file, which is
// an end unless it may be replaced.
func (w *Watcher) adopt(ctx context.Context, output string, join Join) (*jobfile.Final, error) {
	if _, err := w.outputs.Size(output); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, shareFault(err)
	}
	final, err := w.Encoder.Verify(ctx, output, join)
	if err == nil {
		w.Log.Info("the output stands already, whole and verified", "job", join.Job.ID)
		return final, nil
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// What could not be compared here may be ours all the same: another machine looks.
	var fault *jobfile.Fault
	if errors.As(err, &fault) && fault.Kind == jobfile.FaultMachine {
		return nil, err
	}
	if join.Job.Output.Existing != jobfile.ExistingOverwrite {
		return nil, occupied(output)
	}
	// A mistake in a path, or malice, must not cost a camera's file: what Proxima replaces is
	// what Proxima made.
	switch ours, err := w.Encoder.Ours(ctx, output); {
	case err != nil:
		return nil, err
	case !ours:
		return nil, notOurs(output)
	}
	return nil, nil
}

var errGoneAgain = errors.New("a file stood at the output and is gone again")

func occupied(output string) error {
	return &jobfile.Fault{
		Kind: jobfile.FaultJob, Err: jobfile.ErrOccupied,
		Reason: "another file stands at " + jobfile.Quote(output) + " and is not to be replaced",
		Next:   "move it away and drag the unit from failed to todo, or queue with --existing overwrite or keep-both",
	}
}

func notOurs(output string) error {
	return &jobfile.Fault{
		Kind: jobfile.FaultJob, Err: jobfile.ErrOccupied,
		Reason: "the file at " + jobfile.Quote(output) + " is not a proxy that Proxima made, and is never replaced",
		Next:   "move it away and drag the unit from failed to todo, or queue with --existing keep-both",
	}
}

// place gives the file its name, if the claim still stands and nobody finished the job.
func (w *Watcher) place(ctx context.Context, u *unit, join Join, output string) error {
	return w.insist(ctx, func() error {
		if err := w.Store.Holds(u.key.job, u.key.ticket); err != nil {
			return err
		}
		if _, err := w.locate(u.job.Output.Path); err != nil {
			return err
		}
		err := w.outputs.Place(join.Target, output, u.job.Output.Existing == jobfile.ExistingOverwrite)
		switch {
		case errors.Is(err, jobfile.ErrOccupied):
			return occupied(output)
		case errors.Is(err, fs.ErrNotExist):
			// It may have its name already, by an earlier try whose reply was lost.
			if final, aerr := w.adopt(ctx, output, join); final != nil && aerr == nil {
				return nil
			}
		}
		return err
	})
}

// stands looks whether a finished file is at its name with all its bytes.
func (w *Watcher) stands(output string, size int64) error {
	n, err := w.outputs.Size(output)
	if err != nil {
		return err
	}
	if n != size {
		return fmt.Errorf("%s has %d bytes, not %d: %w", jobfile.Quote(output), n, size, errNotWhole)
	}
	return nil
}

// finishedJob is what this worker knows of a job that bears DONE.yaml.
type finishedJob struct {
	since time.Time // when it was first seen
	blind bool      // its output cannot be looked at from here; another machine tidies up
}

// retire tidies up a finished job that its stitcher left: after the time in which the share
// may still undo what it acknowledged, and after one more look at the output.
func (w *Watcher) retire(job *jobfile.Job) error {
	f, ok := w.finished[job.ID]
	if !ok {
		f = &finishedJob{since: time.Now()}
		w.finished[job.ID] = f
	}
	if time.Since(f.since) < w.Settle {
		return nil
	}
	m, state, err := w.Store.Marker(job.ID)
	if err != nil || m == nil || state != jobfile.Done || m.Final == nil {
		return fmt.Errorf("DONE.yaml does not read as one: %w", orStale(err))
	}
	output, err := w.locate(job.Output.Path)
	if err == nil {
		_, err = w.outputs.Size(filepath.Dir(output))
	}
	if f.blind = err != nil; f.blind {
		return nil
	}
	if err := w.stands(output, m.Final.Size); err != nil {
		if !lost(err) {
			f.blind = true
			return err
		}
		w.Log.Warn("a finished file is not there any more; its job is stitched again", "job", job.ID, "why", err)
		delete(w.finished, job.ID)
		return w.Store.Unfinish(job.ID)
	}
	delete(w.finished, job.ID)
	return w.Store.Retire(job.ID)
}

var errStale = errors.New("the listing showed it, reading did not")

func orStale(err error) error {
	if err != nil {
		return err
	}
	return errStale
}

// awaitsTidying reports whether this worker still has to tidy a finished job up.
func (w *Watcher) awaitsTidying(id string) bool {
	f := w.finished[id]
	return f != nil && !f.blind
}
