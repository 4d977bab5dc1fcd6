package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"proxima/jobfile"
)

// outputFolder makes the folder that --output names: here, where a person asked for it, and
// not later on a worker, where its absence means that a mount is missing.
func outputFolder(o queueOptions) (string, error) {
	if o.output == "" {
		return "", nil
	}
	abs, err := filepath.Abs(o.output)
	if err == nil && !o.dryRun {
		err = os.MkdirAll(abs, 0o775)
	}
	if err != nil {
		return "", &hinted{what: "cannot make the output folder", err: err, code: exitRefused, next: "check the path and that you may write there"}
	}
	return abs, nil
}

// countBar shows a bar on a terminal and a line at each tenth elsewhere.
func (a *app) countBar(what string, total int) (step, stop func()) {
	if !canDraw(a.stderr) {
		var mu sync.Mutex
		n := 0
		return func() {
			mu.Lock()
			defer mu.Unlock()
			n++
			if n*10/total != (n-1)*10/total {
				fmt.Fprintf(a.stderr, "%s %d/%d\n", what, n, total)
			}
		}, func() {}
	}
	var n atomic.Int64
	start := time.Now()
	line := startInline(a.stderr, 0, func(columns, _ int) []string {
		return []string{counter(what, int(n.Load()), total, time.Since(start), columns)}
	})
	return func() { n.Add(1) }, line.close
}

// policy is how clips are divided in a room whose size is not known yet.
func (o *queueOptions) policy(farm *jobfile.Farm) jobfile.Policy {
	p := jobfile.Policy{ChunkOver: farm.Defaults.DurationWorthChunking.D(), ChunkLength: farm.Defaults.ChunkLength.D()}
	if o.chunkOverSet {
		p.ChunkOver = o.chunkOver
	}
	if o.chunkLength > 0 {
		p.ChunkLength, p.Fixed = o.chunkLength, true
	}
	return p
}

// planAll plans every source with each preset that it is to be made with.
func (q *queuing) planAll(ctx context.Context, found []probed) ([]clip, error) {
	pl := planner{
		tools: q.tools, roots: roots(q.farm), fence: fence(q.store, q.farm, q.conf.Allow), output: q.output, existing: q.o.existing,
		policy: q.o.policy(q.farm), priority: q.o.priority, now: time.Now(), by: whoami(), taken: q.taken,
	}
	waiting := q.taken.waiting
	ws, _, err := q.store.Workers()
	if err != nil {
		return nil, err
	}
	type task struct {
		probed
		*order
		why string
	}
	var tasks []task
	for _, p := range found {
		if p.facts == nil {
			tasks = append(tasks, task{p, nil, ""})
			continue
		}
		os, why, err := q.orders.of(&p)
		if err != nil {
			return nil, err
		}
		for _, o := range os {
			tasks = append(tasks, task{p, o, why})
			waiting++
		}
		if len(os) == 0 { // skipped, and p says why
			tasks = append(tasks, task{p, nil, why})
		}
	}
	clips := make([]clip, len(tasks))
	var g errgroup.Group
	g.SetLimit(atOnce())
	for i, t := range tasks {
		if ctx.Err() != nil {
			break
		}
		one := pl
		if one.order = t.order; t.order != nil {
			for _, w := range ws {
				one.policy.Slots += w.Places(&t.order.recipes[0])
			}
			one.policy.Waiting = waiting - 1
		}
		c, divide := one.plan(ctx, t.probed)
		c.Rule = t.why
		clips[i] = c
		if divide != nil {
			g.Go(func() error {
				divide(ctx, &clips[i])
				return nil
			})
		}
	}
	_ = g.Wait() // what went wrong is said of each clip
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	return clips, q.judge(ctx, clips)
}

// makeBelow makes a folder and those above it, but not base and what is above that: it was
// there when this queue began, and if it is not any more its share was unmounted. What is made
// then lies under the mount point and makes workers believe that the share is there.
func makeBelow(base, dir string) error {
	if st, err := os.Stat(base); err != nil {
		return err
	} else if !st.IsDir() {
		return fs.ErrNotExist
	}
	return os.MkdirAll(dir, 0o775)
}

func whoami() string {
	name := "someone"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return jobfile.Printable(name + "@" + jobfile.Hostname())
}

// create puts the jobs into the farm, beginning in the order of their sources; several at once, since most of it is
// waiting for the share.
func (q *queuing) create(ctx context.Context, clips []clip) error {
	roots := roots(q.farm)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce())
	for i := range clips {
		c := &clips[i]
		if c.job == nil {
			continue
		}
		g.Go(func() error {
			if gctx.Err() != nil {
				return gctx.Err()
			}
			return q.createJob(roots, c)
		})
	}
	err := g.Wait()
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return errInterrupted
	}
	return err
}

func (q *queuing) createJob(roots jobfile.Roots, c *clip) error {
	// A proxy's own folder, made where it was asked for, proves on each worker that its
	// mount is there; the folder above it may be a mount point, which always exists. Who may
	// not write there leaves it to the workers.
	if base, err := roots.Locate(c.job.Output.Base); err == nil && makeBelow(base, filepath.Dir(c.Output)) == nil {
		c.job.Output.Base = roots.Name(filepath.Dir(c.Output))
	}
	if err := q.store.Create(c.job, c.assets...); err != nil {
		if _, ferr := q.store.Farm(); ferr != nil {
			return ferr
		}
		return &hinted{what: "cannot queue " + jobfile.Quote(c.Source), err: err, next: "check that you may write in the farm folder and that its disk has room; what was queued stays"}
	}
	return nil
}
