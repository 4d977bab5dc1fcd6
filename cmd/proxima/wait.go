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
	return a.await(ctx, store, jobs, skipped, o.json)
}

// await waits for jobs and tells how they ended.
func (a *app) await(ctx context.Context, store *jobfile.Store, jobs []*awaited, skipped int, quiet bool) (failed int, err error) {
	if len(jobs) == 0 {
		return 0, nil
	}
	w := a.newWaiter(store, jobs, quiet)
	if failed, err = w.run(ctx); err != nil {
		return 0, err
	}
	if !quiet {
		e := ending{jobs: jobs, skipped: skipped, took: time.Since(w.start), gain: w.shares.gain(), size: fileSize}
		e.print(a.stdout)
	}
	return failed, nil
}

// watchJobs waits for jobs that are in the farm already, from any machine.
func (a *app) watchJobs(ctx context.Context, store *jobfile.Store, r jobfile.Roots, words []string) error {
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
	failed, err := a.await(ctx, store, jobs, 0, false)
	if err != nil || failed == 0 {
		return err
	}
	return jobsFailed(failed)
}
