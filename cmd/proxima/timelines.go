package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"proxima/gather"
	"proxima/jobfile"
	"proxima/timeline"
)

// choose tells of each project which timelines are wanted, and so which media.
func (q *queuing) choose(ctx context.Context) error {
	projects := q.projects()
	if err := q.checkPatterns(projects); err != nil {
		return err
	}
	for _, p := range projects {
		if err := q.chooseOf(ctx, p); err != nil {
			return err
		}
		p.wanted = p.Select(timeline.Choice{Timelines: p.chosen, All: p.all, ActiveAngles: q.o.activeAngles})
	}
	return nil
}

// checkPatterns refuses a pattern that no timeline of any file matches.
func (q *queuing) checkPatterns(projects []*project) error {
	if len(q.o.timelines) == 0 {
		return nil
	}
	for _, pattern := range q.o.timelines {
		matches := func(p *project) bool {
			return slices.ContainsFunc(p.Timelines, func(t timeline.Timeline) bool {
				return timeline.Match(pattern, t.Display) || timeline.Match(pattern, t.Name)
			})
		}
		if slices.ContainsFunc(projects, matches) {
			continue
		}
		for _, p := range projects {
			q.listTimelines(p)
		}
		return &usageError{"no timeline matches " + jobfile.Quote(pattern), "write one of the names above, or a part of it with * for the rest"}
	}
	return nil
}

func (q *queuing) chooseOf(ctx context.Context, p *project) error {
	n := len(p.Timelines)
	all := p.Ordered()
	switch {
	case q.o.allMedia:
		p.all = true
	case n == 0 && (len(q.o.timelines) == 0 || !edited(p.Format)):
		p.all = true
	case len(q.o.timelines) > 0:
		for _, at := range all {
			t := &p.Timelines[at]
			if slices.ContainsFunc(q.o.timelines, func(g string) bool { return timeline.Match(g, t.Display) || timeline.Match(g, t.Name) }) {
				p.chosen = append(p.chosen, at)
			}
		}
	case q.o.allTimelines || n == 1:
		p.chosen = all
	case q.o.pick || !q.o.json && q.talks():
		return q.pick(ctx, p, all)
	default:
		q.listTimelines(p)
		return &usageError{
			fmt.Sprintf("there are %d timelines in %s", n, jobfile.Quote(p.name)),
			"choose with --timeline NAME (* stands for any text), --all-timelines or --pick",
		}
	}
	return nil
}

// edited reports the formats that have timelines: the others are lists of clips.
func edited(f timeline.Format) bool {
	return f != timeline.ALE && f != timeline.CSV && f != timeline.List
}

// pick lets a person choose.
func (q *queuing) pick(ctx context.Context, p *project, order []int) error {
	if err := q.ready(ctx); err != nil {
		return err
	}
	var choices []timelineChoice
	for _, at := range order {
		c, err := q.outlook(ctx, p, at)
		if err != nil {
			return err
		}
		choices = append(choices, c)
	}
	picked, err := pickTimelines(ctx, q.stdin, q.stderr, plainPrompts(q.getenv), choices)
	if err != nil {
		return err
	}
	for _, i := range picked {
		p.chosen = append(p.chosen, order[i])
	}
	return nil
}

// outlook tells of a timeline what a person wants to know before picking it. Which of its media
// have a proxy is told by what lies at its place, unopened: that is quick.
func (q *queuing) outlook(ctx context.Context, p *project, at int) (timelineChoice, error) {
	t := &p.Timelines[at]
	c := timelineChoice{
		Name: t.Display, Rate: t.Rate, DropFrame: t.DropFrame != nil && *t.DropFrame, Frames: t.Duration, Active: t.Active && len(p.Timelines) > 1,
	}
	sel := p.Select(timeline.Choice{Timelines: []int{at}, ActiveAngles: q.o.activeAngles})
	c.Clips = len(sel.Media)
	for _, m := range sel.Media {
		cs, err := q.mediumFiles(ctx, p, m)
		if err != nil {
			return c, err
		}
		c.count(cs, q.lacks)
	}
	return c, nil
}

// count adds what becomes of one medium, which is one file, or a folder of them: one is enough to
// make, and none is missing where any is there.
func (c *timelineChoice) count(files []candidate, lacks func(candidate) bool) {
	var missing, refused bool
	for _, f := range files {
		switch {
		case f.Status == gather.Missing:
			missing = true
		case f.Status == gather.Refused:
			refused = true
		case f.Status == "" && lacks(f):
			c.ToMake++
			return
		}
	}
	switch {
	case missing:
		c.Missing++
	case refused:
		c.Refused++
	}
}

// lacks reports whether one of the proxies of a file is not there.
func (q *queuing) lacks(c candidate) bool {
	names := q.o.presets
	if len(names) == 0 {
		names = []string{q.orders.fallback}
	}
	set, _ := c.settings()
	for _, n := range names {
		o, err := q.orders.order(n, set)
		if err != nil {
			return true
		}
		pl := planner{order: o, output: q.output, existing: "skip", taken: q.taken}
		if at := pl.place(probed{candidate: c}); !at.stands && at.job == "" {
			return true
		}
	}
	return false
}

// talks reports whether a person sits before this program.
func (a *app) talks() bool {
	return isTerminal(a.stderr) && isTerminalIn(a.stdin)
}

func isTerminalIn(r io.Reader) bool {
	f, ok := r.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// listTimelines shows the names from which to choose, the active one first.
func (q *queuing) listTimelines(p *project) {
	for _, at := range p.Ordered() {
		t := &p.Timelines[at]
		n := len(p.Select(timeline.Choice{Timelines: []int{at}, ActiveAngles: q.o.activeAngles}).Media)
		fmt.Fprintf(q.stderr, "  %s (%s)\n", jobfile.Printable(t.Display), strings.Join(timelineFacts(t, n, len(p.Timelines)), ", "))
	}
}

// timelineFacts are what is said of a timeline beside its name; of is how many its file has.
func timelineFacts(t *timeline.Timeline, clips, of int) []string {
	out := []string{plural(clips, "clip", "clips")}
	if t.Rate.Valid() {
		out = append(out, rateText(t.Rate.String()))
	}
	if t.Active && of > 1 {
		out = append(out, "open in the editor")
	}
	return out
}
