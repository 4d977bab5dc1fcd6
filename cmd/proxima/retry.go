package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func (a *app) retryCommand() *cobra.Command {
	var k asker
	var failed bool
	cmd := &cobra.Command{
		Use:   "retry JOB[/UNIT]... | --failed",
		Short: "Try again what was given up, or what was cancelled",
		Long: `Puts units that were given up back, so that all workers may try them again, as dragging their files
from failed to todo does: all of a job, one of them (JOB/0007), or those of all jobs (--failed).
What the job has made so far is kept. A cancelled job is queued again, from its beginning and under
another name.`,
		Example: "  proxima retry A001_C002.mov\n  proxima retry A001_C002.mov/0007\n  proxima retry --failed",
		RunE: func(cmd *cobra.Command, args []string) error {
			if failed == (len(args) > 0) {
				return &usageError{"say what to try again", "proxima retry JOB, or proxima retry --failed"}
			}
			if err := k.open(a); err != nil {
				return err
			}
			return k.retry(cmd.Context(), args)
		},
	}
	k.flags(cmd)
	cmd.Flags().BoolVar(&failed, "failed", false, "all jobs that failed")
	return cmd
}

// retry takes words, or without any all jobs that failed.
func (k *asker) retry(ctx context.Context, words []string) error {
	n, err := newNamed(k.store)
	if err != nil {
		return err
	}
	units := 0
	if len(words) == 0 {
		for _, id := range n.active {
			put, err := k.putBack(n, id, "", false)
			if err != nil {
				return err
			}
			units += put
		}
		if units == 0 {
			fmt.Fprintln(k.a.stdout, "no job failed")
			return nil
		}
		return k.willMove()
	}
	for _, word := range words {
		name, unit := word, ""
		if i := strings.LastIndexAny(word, "/"); i > 0 && jobfile.UnitID(word[i+1:]).Valid() {
			name, unit = word[:i], word[i+1:]
		}
		id, err := n.job(k.a, name)
		if err != nil {
			return err
		}
		m, state, err := k.store.Marker(id)
		switch {
		case m != nil && state == jobfile.Done:
			return &hinted{what: fmt.Sprintf("%s, %s, is finished", id, n.clip(id)), next: "to make it again, move its proxy away and queue the clip"}
		case state == jobfile.Cancelled:
			if err := k.again(ctx, n, id); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		if _, err := k.putBack(n, id, jobfile.UnitID(unit), true); err != nil {
			return err
		}
	}
	return k.willMove()
}

// putBack puts the units of a job back that were given up, or one of them. Where somebody named the
// job it must have one.
func (k *asker) putBack(n *named, id string, only jobfile.UnitID, named bool) (put int, err error) {
	j, err := k.store.Job(id)
	if err != nil {
		if !named {
			return 0, nil
		}
		return 0, &hinted{what: "job " + id + " cannot be read", err: err, next: "mend its job.yaml; FAILED.yaml goes by itself then"}
	}
	l, err := k.store.Look(id)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return 0, nil // over, meanwhile
	}
	if err != nil {
		return 0, err
	}
	v := jobfile.Fold(j.Plan.Units, l)
	if l.Cancelled && !named {
		return 0, nil
	}
	var back []string
	for _, u := range v.Units {
		if u.State != jobfile.Failed || only != "" && u.ID != only {
			continue
		}
		reason, _ := k.store.WhyFailed(id, jobfile.View{Units: []jobfile.UnitView{u}})
		if err := k.store.Retry(id, u.Ticket); err != nil {
			return put, err
		}
		back = append(back, reason)
	}
	if len(back) == 0 {
		if !named {
			return 0, nil
		}
		if only != "" {
			u := v.Unit(only)
			if !slices.ContainsFunc(j.Plan.Units, func(p jobfile.Planned) bool { return p.ID == only }) {
				return 0, &hinted{what: fmt.Sprintf("%s, %s, has no unit %s", id, n.clip(id), only), next: "proxima status " + id + " lists them"}
			}
			return 0, &hinted{what: fmt.Sprintf("unit %s of %s was not given up: it is %s", only, id, u.State), next: "proxima status " + id + " shows what becomes of it"}
		}
		return 0, &hinted{what: fmt.Sprintf("nothing of %s, %s, was given up", id, n.clip(id)), next: "proxima status " + id + " shows what becomes of it"}
	}
	if only == "" || !stillFailed(v, only) {
		// Workers do it, too; but who asks for the state now shall see this.
		if err := k.store.Unmark(id); err != nil {
			return len(back), err
		}
	}
	fmt.Fprintf(k.a.stdout, "put back %s of %s, %s\n", plural(len(back), "unit", "units"), id, n.clip(id))
	for _, reason := range back {
		fmt.Fprintf(k.a.stdout, "  was: %s\n", reason)
	}
	return len(back), nil
}

// stillFailed reports whether a unit besides one is given up.
func stillFailed(v jobfile.View, but jobfile.UnitID) bool {
	return slices.ContainsFunc(v.Units, func(u jobfile.UnitView) bool { return u.State == jobfile.Failed && u.ID != but })
}

// again queues a cancelled job anew, once nobody works on the old one.
func (k *asker) again(ctx context.Context, n *named, id string) error {
	for start := time.Now(); ; {
		done, err := k.store.Clear(id)
		if err != nil {
			return err
		}
		if done {
			break
		}
		if time.Since(start) >= k.timeout {
			return &hinted{what: fmt.Sprintf("%s was cancelled, and somebody still works on it", id), next: "try again in a moment; proxima status " + id + " shows who"}
		}
		select {
		case <-ctx.Done():
			return errInterrupted
		case <-time.After(200 * time.Millisecond):
		}
	}
	if m, state, err := k.store.Marker(id); err == nil && m != nil && state == jobfile.Done {
		return &hinted{what: fmt.Sprintf("%s was finished before it could be cancelled", id), next: "proxima status " + id}
	}
	j, err := k.store.Again(id, time.Now(), whoami())
	if err != nil {
		return err
	}
	fmt.Fprintf(k.a.stdout, "queued %s again as %s\n", n.clip(id), j.ID)
	return nil
}

// willMove says what keeps the work from going on, if something does.
func (k *asker) willMove() error {
	ws, err := k.here()
	if err != nil {
		return err
	}
	asks, err := k.store.Controls()
	if err != nil {
		return err
	}
	if why := standstill(k.store, asks, ws); why != "" {
		fmt.Fprintln(k.a.stdout, why)
	}
	return nil
}
