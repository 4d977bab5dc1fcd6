package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func (a *app) cancelCommand() *cobra.Command {
	var k asker
	cmd := &cobra.Command{
		Use:   "cancel JOB...",
		Short: "Stop jobs",
		Long: `Whoever works on such a job ends, within seconds, and is charged nothing. What was encoded is removed;
the job's folder moves to done in the farm and says who cancelled it and why. A proxy that is
finished by then stays. proxima retry queues a cancelled job again.`,
		Example: "  proxima cancel A001_C002.mov\n  proxima cancel A001_C002.mov --why 'the wrong reel'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"say which job", "proxima cancel JOB; proxima status lists them"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := k.open(a); err != nil {
				return err
			}
			return k.cancel(cmd.Context(), args)
		},
	}
	k.flags(cmd)
	cmd.Flags().StringVar(&k.why, "why", "", "`words` for whoever opens the job's folder")
	return cmd
}

func (k *asker) cancel(ctx context.Context, words []string) error {
	n, err := newNamed(k.store)
	if err != nil {
		return err
	}
	ids, err := n.waiting(k.a, words)
	if err != nil {
		return err
	}
	held := map[string][]jobfile.Ticket{} // as of before
	for _, id := range ids {
		if l, err := k.store.Look(id); err == nil {
			held[id] = l.Doing
		}
		err := k.store.Cancel(id, k.request())
		if errors.Is(err, fs.ErrNotExist) {
			if m, state, _ := k.store.Marker(id); m != nil && state == jobfile.Done {
				return &hinted{what: fmt.Sprintf("%s, %s, was finished at this moment", id, n.clip(id)), next: "its proxy is there: proxima status " + id}
			}
		}
		if err != nil {
			return err
		}
	}
	var late error
	for _, id := range ids {
		if err := k.ended(ctx, n, id, held[id]); err != nil {
			late = err
		}
		if errors.Is(late, errInterrupted) {
			return late
		}
	}
	return late
}

// ended waits until nobody works on a cancelled job, and tells.
func (k *asker) ended(ctx context.Context, n *named, id string, held []jobfile.Ticket) error {
	clip := n.clip(id)
	for start := time.Now(); ; {
		done, err := k.store.Clear(id)
		if err == nil && done {
			if m, state, _ := k.store.Marker(id); m != nil && state == jobfile.Done {
				fmt.Fprintf(k.a.stdout, "%s, %s, was finished before it could be cancelled; its proxy stays\n", id, clip)
				return nil
			}
			fmt.Fprintf(k.a.stdout, "cancelled %s, %s; what was encoded of it is removed\n", id, clip)
			for _, t := range held {
				fmt.Fprintf(k.a.stdout, "  %s ended unit %s\n", t.Worker, t.Unit)
			}
			return nil
		}
		if k.timeout == 0 {
			fmt.Fprintf(k.a.stdout, "asked to cancel %s, %s\n", id, clip)
			return nil
		}
		if time.Since(start) >= k.timeout {
			l, _ := k.store.Look(id)
			if l.Done { // a minute passes on some shares before a finished job is tidied up
				fmt.Fprintf(k.a.stdout, "%s, %s, was finished before it could be cancelled; its proxy stays\n", id, clip)
				return nil
			}
			for _, t := range l.Doing {
				fmt.Fprintf(k.a.stdout, "  %s has not ended unit %s yet\n", t.Worker, t.Unit)
			}
			return &hinted{
				what: fmt.Sprintf("%s is to be cancelled, and after %s is still worked on", id, k.timeout), err: err,
				next: "nothing: it ends as soon as they see it, or when their machine is known to be gone",
			}
		}
		select {
		case <-ctx.Done():
			fmt.Fprint(k.a.stderr, "proxima: no longer waiting; the job is cancelled all the same\n  next: proxima status\n")
			return errInterrupted
		case <-time.After(200 * time.Millisecond):
		}
	}
}
