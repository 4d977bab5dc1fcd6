package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func (a *app) priorityCommand() *cobra.Command {
	var k asker
	cmd := &cobra.Command{
		Use:     "priority JOB N",
		Short:   "Change which jobs go first",
		Long:    "N is 0 to 99, higher goes first; 50 is the usual one. Units in work go on; what begins next is chosen anew.",
		Example: "  proxima priority A001_C002.mov 90",
		Args:    exactArgs(2, "proxima priority JOB N"),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.Atoi(args[1])
			if err != nil || n < 0 || n > 99 {
				return &usageError{jobfile.Quote(args[1]) + " is no priority", "give 0 to 99, higher goes first"}
			}
			if err := k.open(a); err != nil {
				return err
			}
			return k.prioritise(cmd.Context(), args[0], n)
		},
	}
	k.flags(cmd)
	return cmd
}

func (k *asker) prioritise(ctx context.Context, word string, to int) error {
	n, err := newNamed(k.store)
	if err != nil {
		return err
	}
	ids, err := n.waiting(k.a, []string{word})
	if err != nil {
		return err
	}
	before, err := k.store.Controls()
	if err != nil {
		return err
	}
	c := jobfile.Control{Ask: jobfile.AskPriority, Whom: ids[0], N: to}
	if err := k.store.Ask(c, k.request()); err != nil {
		return err
	}
	after, err := k.store.Controls()
	if err != nil {
		return err
	}
	place := slices.Index(after.Order(n.active), ids[0]) + 1
	fmt.Fprintf(k.a.stdout, "%s, %s: priority %d instead of %d; number %d of %s\n", ids[0], n.clip(ids[0]), to, before.Priority(ids[0]), place, plural(len(n.active), "job", "jobs"))
	answered, late, err := k.await(ctx, func(*jobfile.Worker) bool { return true }, func(w *jobfile.Worker) bool { return heeds(w, c) })
	if err != nil {
		return err
	}
	k.nobody(answered, late)
	return k.reply(answered, late, func(*jobfile.Worker) string { return "has heard it" })
}
