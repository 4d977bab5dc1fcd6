package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func (a *app) drainCommand() *cobra.Command {
	var k asker
	var wait bool
	cmd := &cobra.Command{
		Use:   "drain WORKER",
		Short: "Let a worker finish, and say when its machine may be switched off",
		Long: `The worker finishes what it has in work and begins nothing more. Then the machine is safe to switch
off. It holds for as long as this worker runs: switched on again, the machine takes part again;
proxima resume --worker lets it go on sooner.`,
		Example: "  proxima drain edit7 --wait",
		Args:    exactArgs(1, "proxima drain WORKER; proxima status lists them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := k.open(a); err != nil {
				return err
			}
			return k.drain(cmd.Context(), args[0], wait)
		},
	}
	k.flags(cmd)
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until it is safe to switch off")
	cmd.Flags().StringVar(&k.why, "why", "", "`words` that proxima status shows")
	return cmd
}

func exactArgs(n int, usage string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return &usageError{fmt.Sprintf("%s given, not %s", plural(len(args), "argument", "arguments"), strconv.Itoa(n)), usage}
		}
		return nil
	}
}

func (k *asker) drain(ctx context.Context, word string, wait bool) error {
	ws, err := k.here()
	if err != nil {
		return err
	}
	found, err := workersNamed(ws, word)
	if err != nil {
		return err
	}
	asked := map[string]jobfile.Control{}
	for _, w := range found {
		c := jobfile.Control{Ask: jobfile.AskDrain, Whom: w.ID}
		if err := k.store.Ask(c, k.request()); err != nil {
			return err
		}
		asked[w.ID] = c
		fmt.Fprintf(k.a.stdout, "asked %s to finish and to begin nothing more\n", w.ID)
	}
	about := func(w *jobfile.Worker) bool { _, is := asked[w.ID]; return is }
	answered, late, err := k.await(ctx, about, func(w *jobfile.Worker) bool { return heeds(w, asked[w.ID]) })
	if err != nil {
		return err
	}
	err = k.reply(answered, late, func(w *jobfile.Worker) string {
		if doing := k.doing(w, ""); doing != "" {
			return "finishes " + doing
		}
		return "is idle: safe to switch off"
	})
	if err != nil || !wait {
		if err == nil && k.working(answered) {
			fmt.Fprintf(k.a.stdout, "proxima drain %s --wait tells when it is safe to switch off\n", jobfile.Printable(word))
		}
		return err
	}
	for _, w := range answered {
		if w.Controls == 0 {
			return &hinted{what: "who knows no requests does not drain", next: "press Ctrl-C once on that machine: it finishes and leaves"}
		}
	}
	if !k.working(answered) {
		return nil
	}
	for _, w := range answered {
		if err := k.untilIdle(ctx, w.ID); err != nil {
			return err
		}
	}
	return nil
}

func (k *asker) working(ws []*jobfile.Worker) bool {
	for _, w := range ws {
		if len(w.Busy) > 0 {
			return true
		}
	}
	return false
}

// untilIdle waits until a drained worker has nothing in work, or has left.
func (k *asker) untilIdle(ctx context.Context, id string) error {
	for {
		w, err := k.store.Worker(id)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			if beats, berr := k.store.Beats(); berr == nil {
				if _, here := beats[id]; !here {
					fmt.Fprintf(k.a.stdout, "  %s has left: safe to switch off\n", id)
					return nil
				}
			}
		case err != nil:
		case !heeds(w, jobfile.Control{Ask: jobfile.AskDrain, Whom: id}):
			return &hinted{what: id + " is not drained any more: somebody let it go on", next: "ask again"}
		case len(w.Busy) == 0:
			fmt.Fprintf(k.a.stdout, "  %s is idle: safe to switch off\n", id)
			return nil
		case silent(w):
			return &hinted{what: fmt.Sprintf("%s is silent since %s, with units in work", id, w.Updated.Local().Format("15:04:05")), next: "look at the machine; if it is off, others take over what it held"}
		}
		select {
		case <-ctx.Done():
			fmt.Fprint(k.a.stderr, "proxima: no longer waiting; the worker drains all the same\n  next: proxima status shows it\n")
			return errInterrupted
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func (a *app) slotsCommand() *cobra.Command {
	var k asker
	cmd := &cobra.Command{
		Use:     "slots WORKER N|default",
		Short:   "Set how many units a running worker encodes at once",
		Long:    "It holds for as long as this worker runs; default goes back to what it was started with. More units than\nthat are finished. For good, write slots: into that machine's config.yaml.",
		Example: "  proxima slots edit7 1\n  proxima slots edit7 default",
		Args:    exactArgs(2, "proxima slots WORKER N"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[1])
			if args[1] != "default" && (err != nil || n < 1 || n > jobfile.MaxSlots) {
				return &usageError{jobfile.Quote(args[1]) + " is no number of slots", fmt.Sprintf("give 1 to %d, or default; proxima pause --worker keeps it from working", jobfile.MaxSlots)}
			}
			if err := k.open(a); err != nil {
				return err
			}
			return k.slots(cmd.Context(), args[0], n)
		},
	}
	k.flags(cmd)
	return cmd
}

// slots asks for n units at once, 0 for what the worker was started with.
func (k *asker) slots(ctx context.Context, word string, n int) error {
	ws, err := k.here()
	if err != nil {
		return err
	}
	found, err := workersNamed(ws, word)
	if err != nil {
		return err
	}
	about := map[string]bool{}
	for _, w := range found {
		about[w.ID] = true
		if n > 0 {
			c := jobfile.Control{Ask: jobfile.AskSlots, Whom: w.ID, N: n}
			if err := k.store.Ask(c, k.request()); err != nil {
				return err
			}
			fmt.Fprintf(k.a.stdout, "asked %s for %s instead of %d\n", w.ID, plural(n, "slot", "slots"), w.Slots)
		}
	}
	if n == 0 {
		gone, err := k.store.Withdraw(func(c jobfile.Control) bool { return c.Ask == jobfile.AskSlots && about[c.Whom] })
		if err != nil {
			return err
		}
		for _, c := range gone {
			fmt.Fprintf(k.a.stdout, "taken back: %s has %s\n", c.Whom, plural(c.N, "slot", "slots"))
		}
	}
	answered, late, err := k.await(ctx, func(w *jobfile.Worker) bool { return about[w.ID] }, func(w *jobfile.Worker) bool {
		for _, o := range w.Obeys {
			if c, ok := jobfile.ParseControl(o); ok && c.Ask == jobfile.AskSlots {
				return c.N == n
			}
		}
		return n == 0
	})
	if err != nil {
		return err
	}
	return k.reply(answered, late, func(w *jobfile.Worker) string {
		said := "has " + plural(w.Slots, "slot", "slots")
		if w.AutoSlots {
			said = "has as many slots as the presets' threads and its cores give"
		}
		if len(w.Busy) > w.Slots && n > 0 {
			said += fmt.Sprintf("; %d units are in work and are finished", len(w.Busy))
		}
		return said
	})
}
