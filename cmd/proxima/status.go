package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

func fileSize(path string) (int64, error) {
	st, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

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

	Next      string       `json:"next,omitempty"`
	Waits     string       `json:"waits,omitempty"`     // for what, if nobody here could do it
	Paused    string       `json:"paused,omitempty"`    // by whom and why, if nothing of it is begun
	Recipe    string       `json:"recipe,omitempty"`    // whose recipe it is made with, and why, where it is not the queuer's
	Warnings  []string     `json:"warnings,omitempty"`  // of a finished one: what its source lacks
	UnitsList []unitStatus `json:"unit_list,omitempty"` // of one job
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
	LastChange float64  `json:"last_change_s"` // seconds since it renewed its document, by its clock and ours
	Does       []string `json:"does,omitempty"`
	Reason     string   `json:"reason,omitempty"`
	Holds      string   `json:"holds,omitempty"` // why it begins nothing
	Encoder    string   `json:"encoder,omitempty"`
}

type statusDocument struct {
	Format   int            `json:"format"`
	Jobs     []jobStatus    `json:"jobs"`
	Workers  []workerStatus `json:"workers"`
	Finished int            `json:"finished"` // jobs in done/, of which the latest are listed
	Asked    []askedStatus  `json:"asked,omitempty"`
	Still    string         `json:"still,omitempty"` // why nothing is begun in the whole farm, while something waits
}

// finishedShown bounds how many finished jobs a status reads: its cost grows with what is
// active.
const finishedShown = 100

func (a *app) statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "status [JOB]",
		Short:   "Show the farm, or one job",
		Long:    "Shows what waits, what is being made and by whom, what went wrong, and why nothing moves. JOB is a\njob's name, a part of it that only one job has, or the clip's name.",
		Example: "  proxima status\n  proxima status A001_C002",
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.status(cmd.Context(), strings.Join(args, ""), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

func (a *app) status(_ context.Context, want string, asJSON bool) error {
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
	doc, err := readStatus(store, roots(farm), want)
	if err != nil {
		return err
	}
	if asJSON {
		return a.printJSON(doc)
	}
	a.printStatus(doc, want != "")
	return nil
}

func readStatus(store *jobfile.Store, r jobfile.Roots, want string) (statusDocument, error) {
	doc := statusDocument{Format: 1, Jobs: []jobStatus{}, Workers: []workerStatus{}}
	active, _, err := store.JobIDs()
	if err != nil {
		return doc, err
	}
	finished, err := store.FinishedIDs()
	if err != nil {
		return doc, err
	}
	doc.Finished = len(finished)
	ws, _, err := store.Workers()
	if err != nil {
		return doc, err
	}
	asks, err := store.Controls()
	if err != nil {
		return doc, err
	}
	doc.Asked = asked(store, asks)
	inWork := map[string]int64{}
	here := heard(ws, time.Now())
	for _, w := range ws {
		s := workerStatus{
			ID: w.ID, Host: w.Host, State: w.State, Version: w.Version, Slots: w.Slots, Busy: len(w.Busy),
			LastChange: max(0, time.Since(w.Updated).Seconds()), Reason: w.Reason, Holds: w.Holds, Encoder: w.Encoder,
		}
		for _, b := range w.Busy {
			s.Does = append(s.Does, fmt.Sprintf("%s of %s (%d/%d frames)", jobfile.Printable(string(b.Unit)), jobfile.Printable(b.Job), b.Frames, b.Of))
			if b.Unit.HasVideo() {
				inWork[b.Job] += b.Frames
			}
		}
		doc.Workers = append(doc.Workers, s)
	}
	if want == "" && len(finished) > finishedShown {
		finished = finished[len(finished)-finishedShown:]
	}
	waiting := false
	for _, id := range append(asks.Order(active), finished...) {
		if want != "" && id != want {
			continue
		}
		s := readJobStatus(store, r, id, inWork[id], want != "")
		s.Priority = asks.Priority(id)
		if s.State == "queued" || s.State == "encoding" {
			waiting = true
			s.Waits = waitsFor(store, id, here)
			if c, paused := asks.Paused(id); paused {
				s.Paused = inWords(store, c)
			}
		}
		doc.Jobs = append(doc.Jobs, s)
	}
	if waiting {
		doc.Still = standstill(store, asks, here)
	}
	return doc, nil
}

func readJobStatus(store *jobfile.Store, r jobfile.Roots, id string, inWork int64, units bool) jobStatus {
	s := jobStatus{ID: id, Name: id, State: "queued", Priority: jobfile.Priority(id)}
	j, err := store.Job(id)
	if err != nil {
		s.State, s.Error, s.Next = "failed", "its job.yaml cannot be used: "+err.Error(), "mend it, or delete the folder and queue the clip again"
		return s
	}
	s.Name = filepath.Base(strings.ReplaceAll(j.Source.Path.Rel, `\`, "/"))
	s.Preset, s.Frames, s.Units = j.Recipe.Preset, j.Plan.Frames, len(j.Plan.Units)
	s.Source, s.Output = locateOr(r, j.Source.Path), locateOr(r, j.Output.Path)
	m, state, err := store.Marker(id)
	switch {
	case err != nil:
		s.Error = err.Error()
	case m != nil && state == jobfile.Done:
		s.State, s.UnitsDone, s.FramesDone, s.Recipe = "done", s.Units, s.Frames, m.Recipe
		if m.Final != nil {
			s.Frames, s.FramesDone, s.Warnings = m.Final.Frames, m.Final.Frames, m.Final.Warnings
		}
		return s
	case m != nil && state == jobfile.Cancelled:
		s.State, s.Error, s.Next = "cancelled", m.Error, m.Next
		return s
	case m != nil:
		s.State, s.Error, s.Next = "failed", m.Error, m.Next
	}
	l, err := store.Look(id)
	if err != nil {
		if s.Error == "" {
			s.Error = err.Error()
		}
		return s
	}
	if d, err := store.SettledRecipe(j, l); err == nil && d != nil {
		s.Recipe = d.Whose()
	}
	v := jobfile.Fold(j.Plan.Units, l)
	for _, u := range v.Units {
		p, _ := j.Plan.Planned(u.ID)
		if u.State == jobfile.Done {
			s.UnitsDone++
			s.FramesDone += p.Frames
		}
		if units {
			s.UnitsList = append(s.UnitsList, unitStatus{Unit: string(u.ID), State: u.State.String(), Attempt: u.Attempt, Worker: u.Ticket.Worker, Frames: p.Frames})
		}
	}
	s.FramesDone = min(s.FramesDone+inWork, s.Frames)
	stage := v.Stage()
	if stage == "failed" {
		s.Error, s.Next = store.WhyFailed(id, v)
	}
	if s.State != "failed" {
		s.State = stage
	}
	return s
}

func locateOr(r jobfile.Roots, p jobfile.Path) string {
	if s, err := r.Locate(p); err == nil {
		return s
	}
	return p.String()
}

func (a *app) printStatus(doc statusDocument, one bool) {
	w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	n := map[string]int{}
	for _, j := range doc.Jobs {
		n[j.State]++
		if j.State == "done" && !one {
			continue
		}
		percent := int64(0)
		if j.Frames > 0 {
			percent = j.FramesDone * 100 / j.Frames
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d%%\tunits %d/%d\t%s\n", j.State, jobfile.Printable(j.Name), j.Preset, percent, j.UnitsDone, j.Units, j.ID)
		if j.Error != "" {
			fmt.Fprintf(w, "  %s\n", jobfile.Printable(j.Error))
		}
		if j.Next != "" {
			fmt.Fprintf(w, "  next: %s\n", jobfile.Printable(j.Next))
		}
		if j.Waits != "" {
			fmt.Fprintf(w, "  waits for %s\n", jobfile.OneLine(j.Waits))
		}
		if j.Paused != "" {
			fmt.Fprintf(w, "  nothing of it is begun: %s\n  next: proxima resume %s\n", jobfile.OneLine(j.Paused), j.ID)
		}
		if one && j.Recipe != "" {
			fmt.Fprintf(w, "  recipe of %s\n", jobfile.OneLine(j.Recipe))
		}
		if one {
			fmt.Fprintf(w, "  from %s\n  to %s\n", jobfile.Printable(j.Source), jobfile.Printable(j.Output))
			for _, words := range j.Warnings {
				fmt.Fprintf(w, "  warning: %s\n", jobfile.OneLine(words))
			}
			for _, u := range j.UnitsList {
				fmt.Fprintf(w, "  %s\t%s\tattempt %d\t%s\n", u.Unit, u.State, u.Attempt, u.Worker)
			}
		}
	}
	if !one {
		for _, x := range doc.Workers {
			silent := ""
			if x.LastChange > silentAfter.Seconds() {
				silent = fmt.Sprintf("silent for %s", time.Duration(x.LastChange*float64(time.Second)).Round(time.Second))
			}
			fmt.Fprintf(w, "worker\t%s\t%s\t%d of %d slots\t%s\t%s\n", jobfile.Printable(x.ID), jobfile.Printable(x.State), x.Busy, x.Slots, strings.Join(x.Does, ", "), silent)
			if x.Reason != "" {
				fmt.Fprintf(w, "  cannot do: %s\n", jobfile.Printable(x.Reason))
			}
			if x.Holds != "" {
				fmt.Fprintf(w, "  begins nothing: %s\n", jobfile.Printable(x.Holds))
			}
		}
	}
	_ = w.Flush()
	if one {
		return
	}
	fmt.Fprintf(a.stdout, "%d queued, %d in work, %d failed, %d finished; %s\n",
		n["queued"], n["encoding"]+n["stitching"], n["failed"], doc.Finished, plural(len(doc.Workers), "worker", "workers"))
	for _, x := range doc.Asked {
		if strings.Contains(doc.Still, x.Words) {
			continue
		}
		fmt.Fprintln(a.stdout, jobfile.OneLine(x.Words))
	}
	if doc.Still != "" {
		fmt.Fprintln(a.stdout, doc.Still)
	}
}
