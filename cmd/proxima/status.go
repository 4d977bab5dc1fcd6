package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

// jobStatus and workerStatus are what status --json prints: a contract, to which fields may
// be added.
type jobStatus struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	State      string `json:"state"` // queued, encoding, stitching, done, failed, cancelled
	Preset     string `json:"preset"`
	Source     string `json:"source"`
	Output     string `json:"output"`
	Frames     int64  `json:"frames"`
	FramesDone int64  `json:"frames_done"`
	Units      int    `json:"units"`
	UnitsDone  int    `json:"units_done"`
	Priority   int    `json:"priority"`
	Error      string `json:"error"`

	FPS       float64      `json:"fps,omitempty"` // of those who work on it
	Finished  time.Time    `json:"finished,omitzero"`
	Next      string       `json:"next,omitempty"`
	Waits     string       `json:"waits,omitempty"`     // for what, if nobody here could do it
	Paused    string       `json:"paused,omitempty"`    // by whom and why, if nothing of it is begun
	Recipe    string       `json:"recipe,omitempty"`    // whose recipe it is made with, and why, where it is not the queuer's
	Warnings  []string     `json:"warnings,omitempty"`  // of a finished one: what its source lacks
	UnitsList []unitStatus `json:"unit_list,omitempty"` // of one job

	doing  int  // units
	marked bool // it bears a marker: nothing more becomes of it by itself
	absent bool // it is nowhere
}

type unitStatus struct {
	Unit    string `json:"unit"`
	State   string `json:"state"`
	Attempt int    `json:"attempt"`
	Worker  string `json:"worker,omitempty"`
	Frames  int64  `json:"frames,omitempty"`
}

type workerStatus struct {
	ID         string   `json:"id"`
	Host       string   `json:"host"`
	State      string   `json:"state"`
	Version    string   `json:"version"`
	Slots      int      `json:"slots"`
	Busy       int      `json:"busy"`
	Load       *float64 `json:"load,omitempty"` // part of all its processors in use at the last change, by whatever program: 0 to 1
	LastChange float64  `json:"last_change_s"`  // seconds since it renewed its document, by its clock and ours
	Does       []string `json:"does,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Holds      string   `json:"holds,omitempty"` // why it begins nothing
	Encoder    string   `json:"encoder,omitempty"`

	FPS    float64      `json:"fps"`
	Silent bool         `json:"silent,omitempty"` // for so long that it may be gone
	Work   []workStatus `json:"work,omitempty"`
}

// workStatus is one unit that a worker has in work.
type workStatus struct {
	Job     string  `json:"job"`
	Clip    string  `json:"clip"`
	Unit    string  `json:"unit"`
	Attempt int     `json:"attempt"`
	Frames  int64   `json:"frames"`
	Of      int64   `json:"of"`
	FPS     float64 `json:"fps"`
}

type statusDocument struct {
	Format   int            `json:"format"`
	Room     roomStatus     `json:"room"`
	Jobs     []jobStatus    `json:"jobs"`
	Workers  []workerStatus `json:"workers"`
	Finished int            `json:"finished"` // jobs in done/, of which the latest are listed
	Asked    []askedStatus  `json:"asked,omitempty"`
	Still    string         `json:"still,omitempty"` // why nothing is begun in the whole farm, while something waits
}

func (a *app) statusCommand() *cobra.Command {
	var asJSON, all, watch, notify bool
	cmd := &cobra.Command{
		Use:   "status [JOB] | --watch [JOB...]",
		Short: "Show the farm, or one job",
		Long: `Shows whether the room works and when it will be done, what went wrong and what to do, why nothing
moves, who makes what, and what waits. JOB is a job's name, a part of it that only one job has, or
the clip's name. --watch stays: on a screen with keys, or in lines where there is no terminal; with
JOB... it waits for those as proxima queue --wait does, and ends with the same table.`,
		Example: "  proxima status\n  proxima status A001_C002\n  proxima status --watch\n  proxima status --watch A001_C002 A001_C003",
		Args: func(cmd *cobra.Command, args []string) error {
			if watch {
				return nil
			}
			return maxArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if watch {
				if asJSON || all {
					return &usageError{"--watch does not go with --json or --all", "leave one of them out"}
				}
				if notify && len(args) == 0 {
					return &usageError{"--notify is for jobs that are waited for", "proxima status --watch --notify JOB..."}
				}
				return a.watch(cmd.Context(), args, notify, cmd.Flags().Changed("notify"))
			}
			if notify {
				return &usageError{"--notify goes with --watch JOB", "proxima status --watch --notify JOB..."}
			}
			return a.status(cmd.Context(), strings.Join(args, ""), asJSON, all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "stay, and show what changes; without a terminal in lines")
	cmd.Flags().BoolVar(&notify, "notify", false, "with --watch JOB: tell on the desktop when they are over (or notify: true in config.yaml)")
	cmd.Flags().BoolVar(&all, "all", false, "list all jobs that wait, not only the next ones")
	return cmd
}

// watch stays.
func (a *app) watch(ctx context.Context, words []string, notify, said bool) error {
	store, farm, conf, err := a.openFarm()
	if err != nil {
		return err
	}
	if len(words) > 0 {
		return a.watchJobs(ctx, store, roots(farm), words, notify || conf.Notify && !said)
	}
	if isTerminal(a.stdout) && isTerminalIn(a.stdin) {
		return a.watchFarm(ctx, store, roots(farm))
	}
	return a.followFarm(ctx, store, roots(farm))
}

func (a *app) status(ctx context.Context, want string, asJSON, all bool) error {
	store, farm, _, err := a.openFarm()
	if err != nil {
		return err
	}
	if want != "" {
		n, err := newNamed(store)
		if err != nil {
			return err
		}
		if want, err = n.job(a, want); err != nil {
			return err
		}
	}
	w := wish{}
	if want != "" {
		w.only, w.units = []string{want}, []string{want}
	} else if asJSON {
		w.finished = finishedShown
	}
	doc, err := newLooker(store, roots(farm)).look(ctx, w)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(doc)
	}
	printStatus(a.stdout, &doc, want != "", all, time.Now())
	return nil
}

func locateOr(r jobfile.Roots, p jobfile.Path) string {
	if s, err := r.Locate(p); err == nil {
		return s
	}
	return p.String()
}
