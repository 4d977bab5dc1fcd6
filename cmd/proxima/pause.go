package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

type pauseOptions struct {
	worker string
	now    bool
	all    bool
}

func (a *app) pauseCommand() *cobra.Command {
	var k asker
	var o pauseOptions
	cmd := &cobra.Command{
		Use:   "pause [JOB...]",
		Short: "Keep the farm, a worker or a job from being worked on",
		Long: `Nothing is begun until proxima resume: in the whole farm, on one worker (--worker), or of
jobs. What is in work is finished; with --now it is given back at once, and nothing is charged.
A pause stands over restarts. Any machine may ask; the answer says when it has taken effect.`,
		Example: "  proxima pause\n  proxima pause --now --why 'the server is being moved'\n  proxima pause --worker edit7\n  proxima pause A001_C002.mov",
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.worker != "" && len(args) > 0 {
				return &usageError{"--worker and JOB do not go together", "pause one, then the other"}
			}
			if err := k.open(a); err != nil {
				return err
			}
			return k.pause(cmd.Context(), args, o)
		},
	}
	k.flags(cmd)
	cmd.Flags().StringVar(&o.worker, "worker", "", "the `name` of a worker, here or not")
	cmd.Flags().BoolVar(&o.now, "now", false, "give back what is in work, instead of finishing it")
	cmd.Flags().StringVar(&k.why, "why", "", "`words` that proxima status shows")
	return cmd
}

func (k *asker) pause(ctx context.Context, jobs []string, o pauseOptions) error {
	c := jobfile.Control{Ask: jobfile.AskPause}
	if o.now {
		c.Ask = jobfile.AskPauseNow
	}
	if len(jobs) > 0 {
		return k.pauseJobs(ctx, c, jobs)
	}
	about, whose := func(*jobfile.Worker) bool { return true }, "the farm"
	var absent error
	if o.worker != "" {
		ws, _, err := k.store.Workers()
		if err != nil {
			return err
		}
		c.Whom = jobfile.WorkerName(o.worker)
		var found []*jobfile.Worker
		if found, absent = workersNamed(ws, o.worker); absent == nil {
			c.Whom = found[0].Name
		} else if c.Whom != o.worker {
			return absent // it cannot be the name of one who is not here
		}
		about, whose = func(w *jobfile.Worker) bool { return w.Name == c.Whom }, c.Whom
	}
	if err := k.store.Ask(c, k.request()); err != nil {
		return err
	}
	fmt.Fprintf(k.a.stdout, "paused %s\n", whose)
	answered, late, err := k.await(ctx, about, func(w *jobfile.Worker) bool { return heeds(w, c) && (!o.now || len(w.Busy) == 0) })
	if err != nil {
		return err
	}
	if absent != nil {
		fmt.Fprintf(k.a.stdout, "  %s; one that comes by this name heeds it\n", absent)
		if next := nextStep(absent); next != "" {
			fmt.Fprintf(k.a.stdout, "  next: %s\n", next)
		}
		return nil
	}
	k.nobody(answered, late)
	return k.reply(answered, late, func(w *jobfile.Worker) string {
		if doing := k.doing(w, ""); doing != "" {
			return "finishes " + doing + " (--now gives it back), then begins nothing more"
		}
		return "begins nothing more"
	})
}

func (k *asker) pauseJobs(ctx context.Context, c jobfile.Control, words []string) error {
	n, err := newNamed(k.store)
	if err != nil {
		return err
	}
	ids, err := n.waiting(k.a, words)
	if err != nil {
		return err
	}
	for _, id := range ids {
		c.Whom = id
		if err := k.store.Ask(c, k.request()); err != nil {
			return err
		}
		fmt.Fprintf(k.a.stdout, "paused %s, %s\n", id, n.clip(id))
		answered, late, err := k.await(ctx, func(*jobfile.Worker) bool { return true }, func(w *jobfile.Worker) bool {
			return heeds(w, c) && (c.Ask != jobfile.AskPauseNow || k.doing(w, id) == "")
		})
		if err != nil {
			return err
		}
		k.nobody(answered, late)
		err = k.reply(answered, late, func(w *jobfile.Worker) string {
			if doing := k.doing(w, id); doing != "" {
				return "finishes " + doing + ", then begins nothing more of it"
			}
			return "begins nothing more of it"
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// waiting finds jobs that are not over.
func (n *named) waiting(a *app, words []string) (ids []string, err error) {
	for _, word := range words {
		id, err := n.job(a, word)
		if err != nil {
			return nil, err
		}
		m, state, _ := n.store.Marker(id)
		if m != nil && (state == jobfile.Done || state == jobfile.Cancelled) {
			return nil, &hinted{what: fmt.Sprintf("%s, %s, is over: %s", id, n.clip(id), state), next: "proxima status lists the jobs that are not"}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

func (a *app) resumeCommand() *cobra.Command {
	var k asker
	var o pauseOptions
	cmd := &cobra.Command{
		Use:     "resume [JOB...]",
		Short:   "Go on after a pause or a drain",
		Long:    "Takes a pause back: of the farm, of one worker (--worker, a drain too), of jobs, or all there are (--all).",
		Example: "  proxima resume\n  proxima resume --worker edit7\n  proxima resume A001_C002.mov\n  proxima resume --all",
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.all && (o.worker != "" || len(args) > 0) || o.worker != "" && len(args) > 0 {
				return &usageError{"--all, --worker and JOB do not go together", "give one of them"}
			}
			if err := k.open(a); err != nil {
				return err
			}
			return k.resume(cmd.Context(), args, o)
		},
	}
	k.flags(cmd)
	cmd.Flags().StringVar(&o.worker, "worker", "", "the `name` of a worker")
	cmd.Flags().BoolVar(&o.all, "all", false, "take every pause and drain back")
	return cmd
}

func (k *asker) resume(ctx context.Context, words []string, o pauseOptions) error {
	n, err := newNamed(k.store)
	if err != nil {
		return err
	}
	ws, _, err := k.store.Workers()
	if err != nil {
		return err
	}
	var whom []string // as the requests name them
	switch {
	case o.worker != "":
		whom = []string{jobfile.WorkerName(o.worker), o.worker}
		if found, err := workersNamed(ws, o.worker); err == nil {
			for _, w := range found {
				whom = append(whom, w.Name, w.ID)
			}
		}
	case len(words) > 0:
		for _, word := range words {
			id, err := n.job(k.a, word)
			if err != nil {
				return err
			}
			whom = append(whom, id)
		}
	default:
		whom = []string{""}
	}
	holds := func(c jobfile.Control) bool {
		return c.Ask == jobfile.AskPause || c.Ask == jobfile.AskPauseNow || c.Ask == jobfile.AskDrain
	}
	gone, err := k.store.Withdraw(func(c jobfile.Control) bool { return holds(c) && (o.all || slices.Contains(whom, c.Whom)) })
	if err != nil {
		return err
	}
	left, err := k.store.Controls()
	if err != nil {
		return err
	}
	if len(gone) == 0 {
		fmt.Fprintln(k.a.stdout, "nothing was paused so")
	}
	for _, c := range gone {
		fmt.Fprintf(k.a.stdout, "taken back: %s\n", inWords(k.store, c))
	}
	defer func() {
		for _, c := range left.All {
			if holds(c) {
				fmt.Fprintf(k.a.stdout, "still: %s\n", inWords(k.store, c))
			}
		}
	}()
	if len(gone) == 0 {
		return nil
	}
	answered, late, err := k.await(ctx, func(w *jobfile.Worker) bool {
		for _, c := range gone {
			if c.Whom == "" || c.OfJob() || c.Whom == w.Name || c.Whom == w.ID {
				return true
			}
		}
		return false
	}, func(w *jobfile.Worker) bool {
		for _, c := range gone {
			if heeds(w, c) {
				return false
			}
		}
		return true
	})
	if err != nil {
		return err
	}
	return k.reply(answered, late, func(w *jobfile.Worker) string {
		if w.Holds != "" {
			return "has heard it, and still begins nothing: " + jobfile.Printable(w.Holds)
		}
		return "goes on"
	})
}

// inWords tells what a request asks, of whom, and by whom.
func inWords(store *jobfile.Store, c jobfile.Control) string {
	whom := c.Whom
	switch {
	case c.OfJob():
		whom = "job " + clipName(store, c.Whom)
	case whom == "":
		whom = "the farm"
	}
	what := map[jobfile.Ask]string{
		jobfile.AskPause: whom + " is paused", jobfile.AskPauseNow: whom + " is paused", jobfile.AskDrain: whom + " is drained",
		jobfile.AskSlots: fmt.Sprintf("%s has %d slots", whom, c.N), jobfile.AskPriority: fmt.Sprintf("%s has priority %d", whom, c.N),
	}[c.Ask]
	r, err := store.Request(c)
	if err != nil {
		return what
	}
	return r.Words(what)
}
