package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
	"proxima/service"
)

// serviceStatus is what service status --json prints.
type serviceStatus struct {
	Format    int           `json:"format"`
	Installed bool          `json:"installed"`
	Running   bool          `json:"running"`
	State     string        `json:"state"` // the manager's word
	PID       int           `json:"pid,omitempty"`
	Restarts  int           `json:"restarts"`         // after crashes
	Says      string        `json:"says,omitempty"`   // what it told the manager
	Failed    string        `json:"failed,omitempty"` // how it ended, if badly
	Command   []string      `json:"command,omitempty"`
	Farm      string        `json:"farm,omitempty"`
	FarmError string        `json:"farm_error,omitempty"`
	Worker    *workerStatus `json:"worker,omitempty"` // as it stands in the farm

	next string // what to do about FarmError
}

func (a *app) serviceStatusCommand() *cobra.Command {
	var asJSON bool
	var scope string
	cmd := &cobra.Command{
		Use: "status", Short: "Tell whether the service runs, for which farm, and what it does", Args: maxArgs(0),
		Long: "Tells what the service manager says, and what the worker says in the farm. Exit code 0: it works\nfor its farm. 1: it does not run, or has no place in the farm.",
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serviceStatus(cmd.Context(), scope, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	scopeFlag(cmd, &scope)
	return cmd
}

func (a *app) serviceStatus(ctx context.Context, scope string, asJSON bool) error {
	m, err := reading(scope)
	if err != nil {
		return err
	}
	doc := serviceStatus{Format: 1, State: "not installed"}
	st, err := m.State()
	switch {
	case err == nil:
		doc.Installed, doc.Running, doc.State, doc.PID, doc.Restarts = true, st.Running, st.Word, st.PID, st.Restarts
		doc.Says, doc.Failed = st.Says, st.Failed
		doc.Command, _ = m.Args() // a definition that others may not read
		a.tellFarm(ctx, &doc)
	case !isNotInstalled(err):
		return serviceError(err, service.System)
	}
	if asJSON {
		if err := a.printJSON(doc); err != nil {
			return err
		}
	} else {
		a.printServiceStatus(&doc)
	}
	switch {
	case !doc.Installed:
		return &hinted{what: "the service is not installed", next: "proxima service install", code: exitFailed}
	case !doc.Running:
		return &hinted{what: "the service does not run", next: "proxima service start", code: exitFailed}
	case doc.FarmError != "":
		return &hinted{what: "the farm " + jobfile.Quote(doc.Farm) + " cannot be used from here", next: cmp.Or(doc.next, "see that the share is mounted") + "; the service waits for its farm", code: exitFailed}
	case doc.Worker == nil:
		return &hinted{what: "the service runs but is not in the farm", next: "look again in a moment; then proxima doctor --as-service, or the service's log", code: exitFailed}
	}
	return nil
}

func isNotInstalled(err error) bool { return errors.Is(err, service.ErrNotInstalled) }

// tellFarm reads what the service's worker says in its farm.
func (a *app) tellFarm(ctx context.Context, doc *serviceStatus) {
	dir := flagOf(doc.Command, "--farm")
	if dir == "" { // a package's unit has it in its settings, and so may whoever asks
		conf, err := a.userConfig()
		if err == nil {
			dir, err = a.farmDir(&conf)
		}
		if err != nil {
			doc.FarmError = "not known here"
			return
		}
	}
	doc.Farm = dir
	store, _, err := jobfile.Open(dir)
	if err != nil {
		doc.FarmError, doc.next = oneLine(err), nextStep(err)
		return
	}
	all, err := newLooker(store, nil).look(ctx, wish{only: []string{}})
	if err != nil {
		doc.FarmError = oneLine(err)
		return
	}
	ws, _, err := store.Workers()
	if err != nil {
		doc.FarmError = oneLine(err)
		return
	}
	name := flagOf(doc.Command, "--name")
	if name == "" {
		name = jobfile.Hostname()
	}
	for _, w := range ws {
		mine := w.Host == jobfile.Hostname() && (doc.PID > 0 && w.PID == doc.PID || doc.PID == 0 && w.Name == jobfile.WorkerName(name))
		if i := slices.IndexFunc(all.Workers, func(s workerStatus) bool { return s.ID == w.ID }); mine && i >= 0 {
			doc.Worker = &all.Workers[i]
		}
	}
}

// flagOf is a flag's value in a command line that this program wrote.
func flagOf(args []string, flag string) string {
	if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

func (a *app) printServiceStatus(doc *serviceStatus) {
	w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	row := func(k, v string) {
		if v != "" {
			fmt.Fprintf(w, "%s\t%s\n", k, jobfile.OneLine(v))
		}
	}
	state := doc.State
	if doc.PID > 0 {
		state += fmt.Sprintf(", process %d", doc.PID)
	}
	if doc.Restarts > 0 {
		state += ", started again " + plural(doc.Restarts, "time", "times") + " after a crash"
	}
	row("service", state)
	row("ended", doc.Failed)
	row("says", doc.Says)
	row("farm", doc.Farm)
	row("", doc.FarmError)
	if x := doc.Worker; x != nil {
		row("worker", fmt.Sprintf("%s: %s, %d of %d slots, as of %s ago", x.ID, x.State, x.Busy, x.Slots, time.Duration(x.LastChange*float64(time.Second)).Round(time.Second)))
		for _, d := range x.Does {
			row("does", d)
		}
		row("cannot do", x.Reason)
		row("ffmpeg", x.Encoder)
	}
	_ = w.Flush()
}
