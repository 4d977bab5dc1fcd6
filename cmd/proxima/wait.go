package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"proxima/jobfile"
)

// awaited is one clip that a queuer waits for.
type awaited struct {
	clip   *clip
	job    *jobfile.Job
	over   bool
	frames int64 // done, units in work included
	units  int
}

// maxLooks bounds how many unfinished jobs one round looks into: the head of the queue is
// where frames are made.
const maxLooks = 32

// wait follows the jobs of a queue until all are over and returns how many failed.
func (a *app) wait(ctx context.Context, store *jobfile.Store, clips []clip, o queueOptions) (failed int, err error) {
	var jobs []*awaited
	var frames int64
	for i := range clips {
		c := &clips[i]
		job := c.job
		if c.Proxy == proxyQueued { // by somebody else, and wanted here, too
			if job, err = store.Job(c.Job); err != nil {
				return 0, err
			}
		}
		if job != nil {
			jobs = append(jobs, &awaited{clip: c, job: job})
			frames += max(c.Frames, 1)
		}
	}
	if len(jobs) == 0 {
		return 0, nil
	}
	start := time.Now()
	bar := a.newTotalBar(len(jobs), frames, o.json)
	defer bar.close()
	lonely, asked := false, start
	for {
		done, left, err := a.round(store, jobs, bar)
		bar.set(done, len(jobs)-left)
		switch {
		case err != nil:
			bar.say("cannot see the farm; waiting for it to come back (%v)", err)
		case left == 0:
			bar.close()
			return a.summary(jobs, time.Since(start), o), nil
		case !lonely && time.Since(asked) > 20*time.Second:
			asked = time.Now()
			if !someoneWorks(store) {
				bar.say("no worker is here yet; start one on any machine: proxima work --farm %s", store.Dir())
				lonely = true
			} else if why := allHold(store); why != "" {
				bar.say("%s", strings.ReplaceAll(why, "\n  next:", "; next:"))
				lonely = true
			}
		}
		select {
		case <-ctx.Done():
			bar.close()
			fmt.Fprintf(a.stderr, "proxima: no longer waiting; the jobs stay queued\n  next: proxima status --farm %s\n", jobfile.Printable(store.Dir()))
			return 0, errInterrupted
		case <-time.After(time.Second):
		}
	}
}

func someoneWorks(store *jobfile.Store) bool {
	beats, err := store.Beats()
	return err == nil && len(beats) > 0
}

// allHold tells why nobody begins anything: a pause, a drain, the hours.
func allHold(store *jobfile.Store) string {
	asks, err := store.Controls()
	if err != nil {
		return ""
	}
	ws, _, err := store.Workers()
	if err != nil {
		return ""
	}
	return standstill(store, asks, heard(ws, time.Now()))
}

// round looks once at everything that is not over.
func (a *app) round(store *jobfile.Store, jobs []*awaited, bar *totalBar) (frames int64, left int, err error) {
	active, _, err := store.JobIDs()
	if err != nil {
		return 0, len(jobs), err
	}
	inWork := map[string]int64{}
	ws, _, werr := store.Workers()
	if werr == nil {
		for _, w := range ws {
			for _, b := range w.Busy {
				if b.Unit.HasVideo() {
					inWork[b.Job] += b.Frames
				}
			}
		}
	}
	looks := 0
	for _, j := range jobs {
		if !j.over {
			_, there := slices.BinarySearch(active, j.clip.Job)
			if !there || looks < maxLooks {
				looks++
				a.lookAt(store, j, there, inWork[j.clip.Job], bar)
			}
		}
		if !j.over {
			left++
		}
		frames += j.frames
	}
	return frames, left, nil
}

func (a *app) lookAt(store *jobfile.Store, j *awaited, there bool, inWork int64, bar *totalBar) {
	m, state, err := store.Marker(j.clip.Job)
	switch {
	case err != nil:
		return
	case m != nil && state == jobfile.Done:
		j.over, j.frames, j.clip.Result = true, max(j.clip.Frames, 1), "done"
		bar.say("done %s -> %s", jobfile.Printable(filepath.Base(j.clip.Source)), jobfile.Printable(j.clip.Output))
		if m.Final != nil {
			for _, words := range m.Final.Warnings {
				bar.say("  warning: %s", jobfile.OneLine(words))
			}
		}
		return
	case m != nil && state == jobfile.Cancelled:
		j.over, j.frames, j.clip.Result, j.clip.Error = true, max(j.clip.Frames, 1), "failed", "the job was cancelled"
		bar.say("cancelled %s", jobfile.Printable(filepath.Base(j.clip.Source)))
		return
	case m != nil:
		j.over, j.frames, j.clip.Result, j.clip.Error = true, max(j.clip.Frames, 1), "failed", m.Error
		bar.say("failed %s: %s", jobfile.Printable(filepath.Base(j.clip.Source)), jobfile.Printable(m.Error))
		if m.Next != "" {
			bar.say("  next: %s", jobfile.Printable(m.Next))
		}
		return
	case !there:
		if _, err := store.Job(j.clip.Job); err == nil {
			// It may be on its way to done/; the marker shows next time. A job that is in
			// neither place for several rounds was deleted.
			j.units++
			if j.units < 5 {
				return
			}
		}
		j.over, j.frames, j.clip.Result, j.clip.Error = true, max(j.clip.Frames, 1), "failed", "the job's folder was deleted"
		bar.say("failed %s: %s", jobfile.Printable(filepath.Base(j.clip.Source)), j.clip.Error)
		return
	}
	l, err := store.Look(j.clip.Job)
	if err != nil {
		return
	}
	var done int64
	for _, u := range jobfile.Fold(j.job.Plan.Units, l).Units {
		if u.State == jobfile.Done {
			p, _ := j.job.Plan.Planned(u.ID)
			done += p.Frames
		}
	}
	j.frames = min(max(j.frames, done+inWork), max(j.clip.Frames-1, 0))
}

// summary ends a wait: what was made, and what was not.
func (a *app) summary(jobs []*awaited, took time.Duration, o queueOptions) (failed int) {
	made, seconds := 0, 0.0
	for _, j := range jobs {
		if j.clip.Result == "failed" {
			failed++
			continue
		}
		made++
		seconds += j.clip.Seconds
	}
	if o.json {
		return failed
	}
	for _, j := range jobs {
		if j.clip.Result == "done" {
			size := ""
			if n, err := fileSize(j.clip.Output); err == nil {
				size = ", " + humanize.IBytes(uint64(n))
			}
			fmt.Fprintf(a.stdout, "made %s (%s frames%s)\n", jobfile.Printable(j.clip.Output), humanize.Comma(j.clip.Frames), size)
		} else {
			fmt.Fprintf(a.stdout, "failed %s: %s\n", jobfile.Printable(j.clip.Source), jobfile.Printable(j.clip.Error))
		}
	}
	fmt.Fprintf(a.stdout, "%s made, %d failed in %s", plural(made, "clip", "clips"), failed, took.Round(time.Second))
	if s := took.Seconds(); s > 0 && seconds > 0 {
		fmt.Fprintf(a.stdout, ", %.1f times real time", seconds/s)
	}
	fmt.Fprintln(a.stdout)
	return failed
}

// totalBar is one bar over all clips, by frames, with what is left to do; plain lines
// without a terminal.
type totalBar struct {
	a     *app
	quiet bool
	p     *mpb.Progress
	bar   *mpb.Bar
	total int64
	clips int

	mu       sync.Mutex
	finished int
	start    time.Time
	first    int64 // frames that were done when the first look was taken
	frames   int64
	tenth    int64
	closed   bool
}

func (a *app) newTotalBar(clips int, frames int64, quiet bool) *totalBar {
	b := &totalBar{a: a, quiet: quiet, total: frames, clips: clips, start: time.Now(), first: -1}
	if !quiet && isTerminal(a.stderr) {
		b.p = mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(40), mpb.WithAutoRefresh())
		b.bar = b.p.AddBar(frames, mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Any(func(decor.Statistics) string {
				b.mu.Lock()
				defer b.mu.Unlock()
				return fmt.Sprintf("%d/%d clips ", b.finished, b.clips)
			})),
			mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Any(func(decor.Statistics) string { return "  " + b.eta() })))
	}
	return b
}

// eta judges by the room's speed since this wait began.
func (b *totalBar) eta() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	took := time.Since(b.start)
	made := b.frames - max(b.first, 0)
	if made <= 0 || took < 2*time.Second {
		return "ETA --"
	}
	left := time.Duration(float64(took) * float64(b.total-b.frames) / float64(made))
	return "ETA " + left.Round(time.Second).String()
}

func (b *totalBar) set(frames int64, finished int) {
	b.mu.Lock()
	if b.first < 0 {
		b.first = frames
	}
	b.frames, b.finished = frames, finished
	tenth := frames * 10 / max(b.total, 1)
	tell := b.p == nil && !b.quiet && tenth > b.tenth && finished < b.clips
	b.tenth = max(tenth, b.tenth)
	b.mu.Unlock()
	if b.bar != nil {
		b.bar.SetCurrent(min(frames, b.total-1))
	}
	if tell {
		b.say("%d %% (%d of %d clips), %s", frames*100/max(b.total, 1), finished, b.clips, b.eta())
	}
}

func (b *totalBar) say(format string, args ...any) {
	line := jobfile.OneLine(fmt.Sprintf(format, args...)) + "\n"
	switch {
	case b.quiet:
	case b.p != nil && !b.closed:
		_, _ = b.p.Write([]byte(line))
	default:
		fmt.Fprint(b.a.stderr, line)
	}
}

func (b *totalBar) close() {
	if b.closed {
		return
	}
	b.closed = true
	if b.p != nil {
		b.bar.Abort(true)
		b.p.Wait()
	}
}
