package main

import (
	"context"
	"time"

	"proxima/jobfile"
)

// wait follows the jobs of a queue until all are over and returns how many failed.
func (a *app) wait(ctx context.Context, store *jobfile.Store, clips []clip, o queueOptions) (failed int, err error) {
	var jobs []*awaited
	skipped := 0
	for i := range clips {
		c := &clips[i]
		// What is queued by somebody else is wanted here, too.
		if c.job != nil || c.Proxy == proxyQueued {
			jobs = append(jobs, awaitedClip(c))
		} else if c.Status == "exists" || c.Status == "skipped" {
			skipped++
		}
	}
	return a.await(ctx, store, jobs, waitOptions{skipped: skipped, quiet: o.json, notify: o.notify})
}

type waitOptions struct {
	skipped int  // clips that were not queued
	quiet   bool // print nothing
	notify  bool // on the desktop, when all are over
}

// await waits for jobs and tells how they ended.
func (a *app) await(ctx context.Context, store *jobfile.Store, jobs []*awaited, o waitOptions) (failed int, err error) {
	if len(jobs) == 0 {
		return 0, nil
	}
	w := a.newWaiter(store, jobs, o.quiet)
	if failed, err = w.run(ctx); err != nil {
		return 0, err
	}
	e := ending{jobs: jobs, skipped: o.skipped, took: time.Since(w.start), gain: w.shares.gain(), size: fileSize}
	if !o.quiet {
		e.print(a.stdout)
	}
	if o.notify {
		a.notifyEnd(&e)
	}
	return failed, nil
}

// watchJobs waits for jobs that are in the farm already, from any machine.
func (a *app) watchJobs(ctx context.Context, store *jobfile.Store, r jobfile.Roots, words []string, notify bool) error {
	n, err := newNamed(store)
	if err != nil {
		return err
	}
	var jobs []*awaited
	for _, word := range words {
		id, err := n.job(a, word)
		if err != nil {
			return err
		}
		j, err := store.Job(id)
		if err != nil {
			return &hinted{what: "job " + id + " cannot be read", err: err, next: "mend its job.yaml"}
		}
		jobs = append(jobs, awaitedOf(j, r))
	}
	failed, err := a.await(ctx, store, jobs, waitOptions{notify: notify})
	if err != nil || failed == 0 {
		return err
	}
	return jobsFailed(failed)
}
