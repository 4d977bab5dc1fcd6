package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

// diagnosis is what a check found: a line of the doctor's table.
type diagnosis struct {
	Check  string `json:"check"`
	Status string `json:"status"` // ok, warn, bad, skip
	Found  string `json:"found"`
	Why    string `json:"why,omitempty"`  // why it matters, if it is not ok
	Next   string `json:"next,omitempty"` // how to mend it
}

// Statuses of findings.
const (
	fine    = "ok"
	warning = "warn"
	broken  = "bad"
	skipped = "skip"
)

type doctorDocument struct {
	Format int         `json:"format"`
	OK     bool        `json:"ok"` // nothing is bad
	Host   string      `json:"host"`
	Farm   string      `json:"farm,omitempty"`
	Checks []diagnosis `json:"checks"`
}

// doctor collects findings.
type doctor struct {
	app     *app
	found   []diagnosis
	wait    time.Duration // for which others are watched
	presets []string      // to try; empty for all
}

func (d *doctor) say(check, status, found, why, next string) {
	d.found = append(d.found, diagnosis{check, status, found, why, next})
}

// sayError tells an error, with the step that it suggests, or else next.
func (d *doctor) sayError(check string, err error, why, next string) {
	if n := nextStep(err); n != "" {
		next = n
	}
	d.say(check, broken, oneLine(err), why, next)
}

func (d *doctor) worst() string {
	worst := fine
	for _, f := range d.found {
		if f.Status == broken || f.Status == warning && worst != broken {
			worst = f.Status
		}
	}
	return worst
}

func (a *app) doctorCommand() *cobra.Command {
	var asJSON, asService bool
	var wait time.Duration
	var only []string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Try whether this machine can work for the farm, and say what to mend",
		Long: `Tries on this machine, before its first job, what a worker relies on: that the farm is there and
of a format that this version knows, that files can be made once, renamed, listed and locked, what
other machines see, room on the disks, the clock, the roots of farm.yaml, whether a DaVinci Resolve
that is here answers, ffmpeg, and each preset by a real little encode. Says of what is wrong why that
matters and how to mend it.

In the farm it makes small files whose names begin with .doctor., and removes them.

Exit codes: 0 nothing is bad, 1 something is, 3 the farm cannot be used.`,
		Example: "  proxima doctor --farm /mnt/share/farm\n  sudo proxima doctor --as-service",
		Args:    maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asService {
				return a.doctorAsService(cmd.Context(), asJSON)
			}
			return a.doctor(cmd.Context(), wait, only, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	cmd.Flags().BoolVar(&asService, "as-service", false, "try it as the installed service would: its account, its view of the disks")
	cmd.Flags().DurationVar(&wait, "watch", 25*time.Second, "for how `long` others are watched, if there are any")
	cmd.Flags().StringArrayVar(&only, "preset", nil, "try this `preset` alone; repeat it for more (default: all)")
	cmd.AddCommand(a.doctorHoldCommand())
	return cmd
}

func (a *app) doctor(ctx context.Context, wait time.Duration, only []string, asJSON bool) error {
	if wait < 0 || wait > time.Hour {
		return &usageError{"--watch must be between 0 and 1h", "leave it out"}
	}
	d := &doctor{app: a, wait: wait, presets: only}
	doc := doctorDocument{Format: 1, Host: jobfile.Hostname()}
	conf, err := a.userConfig()
	if err != nil {
		d.sayError("settings", err, "without them nothing starts", "")
	}
	farmErr := d.farm(ctx, &conf, &doc.Farm)
	d.machine(ctx, &conf, doc.Farm, farmErr == nil)
	if ctx.Err() != nil {
		return errInterrupted
	}
	doc.Checks, doc.OK = d.found, d.worst() != broken
	if asJSON {
		if err := a.printJSON(doc); err != nil {
			return err
		}
	} else {
		a.printDoctor(&doc)
	}
	var usage *usageError
	switch {
	case errors.As(farmErr, &usage):
		return usage
	case farmErr != nil:
		return &hinted{what: "this machine cannot use the farm", next: "mend what the table calls bad, from the top", code: exitFarm}
	case !doc.OK:
		return &hinted{what: "this machine is not ready", next: "mend what the table calls bad, from the top", code: exitFailed}
	}
	return nil
}

func (a *app) printDoctor(doc *doctorDocument) {
	w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	for _, f := range doc.Checks {
		fmt.Fprintf(w, "%s\t%s\t%s\n", f.Status, f.Check, jobfile.OneLine(f.Found))
		if f.Status == fine || f.Status == skipped {
			continue
		}
		if f.Why != "" {
			fmt.Fprintf(w, "\t\t  why: %s\n", jobfile.OneLine(f.Why))
		}
		if f.Next != "" {
			fmt.Fprintf(w, "\t\t  next: %s\n", jobfile.OneLine(f.Next))
		}
	}
	_ = w.Flush()
}

// soon runs a call into a share and gives it a minute: one that hangs is left behind, for
// nothing can end it.
func soon[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	got := make(chan answer, 1)
	go func() { v, err := f(); got <- answer{v, err} }()
	var none T
	select {
	case a := <-got:
		return a.v, a.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-time.After(time.Minute):
		return none, &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the share did not answer within a minute", Next: "see that the file server is up and reachable from this machine"}
	}
}
