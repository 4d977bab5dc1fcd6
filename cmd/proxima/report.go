package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/dustin/go-humanize"

	"proxima/jobfile"
	"proxima/timeline"
)

// verdict chooses the exit code: a failed job, then a refused input.
func verdict(clips []clip, failed int) error {
	n := tally(clips)
	refused := n["refused"] + n["missing"] + n[proxyUnfit]
	next := "the reasons stand above"
	if n["make"] > 0 {
		next += "; the others are taken"
	}
	switch {
	case failed > 0:
		return jobsFailed(failed)
	case refused > 0:
		return &hinted{what: plural(refused, "source was not queued", "sources were not queued"), code: exitRefused, next: next}
	case n["make"]+n["exists"] == 0:
		return &hinted{what: "no clips found", code: exitRefused, next: "name media files, a folder with some in it, or a timeline that uses some; -v lists what was skipped"}
	}
	return nil
}

func jobsFailed(n int) error {
	return &hinted{what: plural(n, "job failed", "jobs failed"), code: exitJobFailed, next: "the reasons stand above and in each job's FAILED.yaml; mend the cause, then: proxima retry --failed"}
}

// tally counts the clips by status, and those whose proxy does not fit beside the others that
// exist.
func tally(clips []clip) map[string]int {
	n := map[string]int{}
	for _, c := range clips {
		if c.Proxy == proxyUnfit {
			n[proxyUnfit]++
			continue
		}
		n[c.Status]++
	}
	return n
}

// printPlan says what is made of each source.
func (q *queuing) printPlan(r *report) {
	a, o, clips := q.app, q.o, r.clips
	if !r.shown {
		q.printProblems(r)
	}
	var read int64
	for _, c := range clips {
		read += c.BytesRead
		switch c.Status {
		case "make":
			fmt.Fprintf(a.stdout, "%s %s\n", yesNo(o.dryRun, "would make", "queued"), jobfile.Printable(c.Target))
			fmt.Fprintf(a.stdout, "    to %s\n", jobfile.Printable(c.Output))
			fmt.Fprintf(a.stdout, "    %s, %s%s frames at %s, %s\n", c.Preset, yesNo(c.FramesExact, "", "about "), humanize.Comma(c.Frames), rateText(c.Rate), c.describeUnits())
			if c.Found != "" {
				fmt.Fprintf(a.stdout, "    from %s, found %s\n", jobfile.Printable(c.Source), jobfile.OneLine(c.Found))
			}
			if c.Rule != "" {
				fmt.Fprintf(a.stdout, "    chosen by %s\n", jobfile.Printable(c.Rule))
			}
			if set := c.settingsText(); set != "" {
				fmt.Fprintf(a.stdout, "    the clip is taken as %s\n", set)
			}
			if o.dryRun {
				for _, ch := range c.Chunks {
					if len(c.Chunks) > 1 {
						fmt.Fprintf(a.stdout, "      %s from %s, about %s frames\n", ch.Unit, time.Duration(ch.From*float64(time.Second)).Round(time.Millisecond), humanize.Comma(ch.Frames))
					}
				}
			}
			if c.Reason != "" {
				fmt.Fprintf(a.stdout, "    %s\n", jobfile.OneLine(c.Reason))
			}
			for _, words := range c.Warnings {
				fmt.Fprintf(a.stdout, "    warning: %s\n", jobfile.OneLine(words))
			}
		case "skipped":
			if o.verbose || c.named || c.Rule != "" && o.dryRun {
				fmt.Fprintf(a.stdout, "skipped %s: %s\n", jobfile.Printable(c.Target), jobfile.Printable(c.Reason+yesNo(c.Rule != "", " ("+c.Rule+")", "")))
			}
		case "exists":
			if c.Proxy == proxyUnfit {
				break // said before
			}
			fmt.Fprintf(a.stdout, "exists %s: %s (%s)\n", jobfile.Printable(c.Target), jobfile.OneLine(c.Reason), jobfile.Printable(c.Output))
		}
	}
	n := r.summary()
	if n.Skipped > 0 && !o.verbose {
		fmt.Fprintf(a.stdout, "skipped %s\n", skipSummary(clips))
	}
	fmt.Fprintf(a.stdout, "%s; planning read %s\n", n.words(), humanize.IBytes(uint64(max(read, 0))))
}

// skipSummary folds what was skipped by reason.
func skipSummary(clips []clip) string {
	n := map[string]int{}
	for _, c := range clips {
		if c.Status == "skipped" {
			n[c.Reason]++
		}
	}
	var parts []string
	for reason, k := range n {
		parts = append(parts, fmt.Sprintf("%d (%s)", k, jobfile.Printable(reason)))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ") + "; -v lists them"
}

func (c *clip) describeUnits() string {
	if len(c.Chunks) <= 1 {
		return "in one piece"
	}
	sound := ""
	if c.job != nil {
		if _, ok := c.job.Plan.Planned(jobfile.UnitSound); ok {
			sound = " and sound"
		}
	}
	return fmt.Sprintf("in %d chunks%s", len(c.Chunks), sound)
}

// rateText writes a rate as people say it: 25, 23.976, 29.97.
func rateText(rate string) string {
	r, err := jobfile.ParseRational(rate)
	if err != nil || !r.Valid() {
		return "an unknown rate"
	}
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", r.Float()), "0"), ".") + " fps"
}

// queueDocument is what --json prints. Other people's scripts read it.
type queueDocument struct {
	Format    int             `json:"format"`
	Timelines []timelineEntry `json:"timelines"`
	Clips     []clip          `json:"clips"`
	Summary   summary         `json:"summary"`
	Notes     []string        `json:"notes,omitempty"` // of the timelines' files, for people
	Links     []*linked       `json:"links,omitempty"` // with --link
}

// timelineEntry is one timeline of a file that was queued, chosen or not.
type timelineEntry struct {
	File     string `json:"file"`
	Name     string `json:"name"`
	Display  string `json:"display_name"`
	Rate     string `json:"rate"` // "" where the format does not say
	Drop     *bool  `json:"drop_frame"`
	Frames   int64  `json:"frames"` // 0 unknown
	Clips    int    `json:"clips"`  // that it uses and a proxy can be made of
	Active   bool   `json:"active"`
	Selected bool   `json:"selected"`
}

func (r *report) timelines() []timelineEntry {
	out := []timelineEntry{}
	for _, p := range r.projects {
		for _, at := range p.Ordered() {
			t := &p.Timelines[at]
			e := timelineEntry{
				File: p.name, Name: t.Name, Display: t.Display, Drop: t.DropFrame, Frames: t.Duration,
				Clips:  len(p.Select(timeline.Choice{Timelines: []int{at}, ActiveAngles: r.o.activeAngles}).Media),
				Active: t.Active, Selected: slices.Contains(p.chosen, at),
			}
			if t.Rate.Valid() {
				e.Rate = t.Rate.String()
			}
			out = append(out, e)
		}
	}
	return out
}

func (q *queuing) printQueueJSON(r *report) error {
	for i := range r.clips {
		if r.clips[i].Chunks == nil {
			r.clips[i].Chunks = []chunk{}
		}
	}
	doc := queueDocument{Format: 1, Timelines: r.timelines(), Clips: r.clips, Summary: r.summary()}
	if doc.Clips == nil {
		doc.Clips = []clip{}
	}
	for _, p := range r.projects {
		doc.Notes = append(doc.Notes, p.Notes...)
	}
	if q.linking != nil {
		doc.Links = q.linking.media
	}
	return q.printJSON(doc)
}

func (a *app) printJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(a.stdout, plainJSON(b.String()))
	return err
}

// plainJSON escapes what package json leaves as it is and a terminal would obey: controls past
// ASCII and marks of direction. They stand in strings only, so the document means the same.
func plainJSON(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case jobfile.Shows(r) || r == '\n':
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		}
	}
	return b.String()
}
