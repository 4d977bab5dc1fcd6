package main

import (
	"context"
	"errors"
	"math/big"
	"path/filepath"
	"slices"
	"strings"

	"proxima/jobfile"
	"proxima/resolve"
	"proxima/timeline"
)

// openInResolve is the source that means the project which is open in DaVinci Resolve. A file
// of that name is ./resolve.
const openInResolve = "resolve"

// linking is what queue --link links, and what came of it.
type linking struct {
	project *resolve.Project
	media   []*linked
	err     error // the exit code's; nothing of it keeps the rest from being told
}

// readResolve asks the running Resolve for what a timeline's file would tell.
func (q *queuing) readResolve(ctx context.Context) (source, error) {
	_, p, err := q.openProject(ctx, q.conf, q.o.fuscript)
	if err != nil {
		return source{}, err
	}
	if q.o.link {
		q.linking = &linking{project: p}
	}
	return source{project: newProject(openInResolve, projectOf(p))}, nil
}

// projectOf puts Resolve's project into the model of all timelines.
func projectOf(p *resolve.Project) *timeline.Project {
	out := &timeline.Project{File: p.Name, Format: timeline.Resolve, Notes: slices.Clone(p.Notes)}
	at := map[int]int{} // item -> medium
	for i := range p.Items {
		if it := &p.Items[i]; it.Path != "" { // the others are timelines, compounds, generators
			at[i] = len(out.Media)
			out.Media = append(out.Media, mediumOf(it))
		}
	}
	for i := range p.Timelines {
		t := &p.Timelines[i]
		made := timeline.Timeline{
			Name: t.Name, Display: t.Name, DropFrame: t.Drop, Start: t.First, Duration: t.Duration, Active: t.Active,
			Counts: timeline.Counts{Generators: t.Blank},
		}
		made.Rate, _ = timeline.ParseRate(t.FPS) // an unknown rate is 0/0, as with formats that tell none
		for _, u := range t.Uses {
			made.Uses = append(made.Uses, timeline.Use{
				Media: at[u.Item], Video: u.Video, Audio: !u.Video, Enabled: u.Enabled, Active: true, Count: u.Count,
			})
		}
		out.Timelines = append(out.Timelines, made)
	}
	return out
}

func mediumOf(it *resolve.Item) timeline.Media {
	m := timeline.Media{
		Target: it.Path, Path: strings.ReplaceAll(it.Path, `\`, "/"), Kind: timeline.KindOf(it.Path), Name: it.Name, Reel: it.Reel,
		DataLevel: string(it.Level), Flip: flipOf(it),
	}
	if strings.HasPrefix(it.Path, "/") {
		m.Path = it.Path // a backslash is part of a name there
	}
	m.Rate, _ = timeline.ParseRate(it.FPS)
	if !m.Rate.Valid() {
		return m
	}
	seconds := func(frames int64) *jobfile.Rational {
		r := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(frames), big.NewInt(m.Rate.Den)), big.NewInt(m.Rate.Num))
		if !r.Num().IsInt64() || !r.Denom().IsInt64() {
			return nil
		}
		return &jobfile.Rational{Num: r.Num().Int64(), Den: r.Denom().Int64()}
	}
	tc := it.StartTC
	if i := strings.LastIndexAny(tc, ":;"); i > 0 && it.Drop && timeline.CanDrop(m.Rate) {
		tc = tc[:i] + ";" + tc[i+1:] // Resolve does not always write it so
	}
	if start, _, err := timeline.ParseTimecode(tc, m.Rate); err == nil {
		m.Start = seconds(start)
	}
	if it.Frames > 0 {
		m.Duration = seconds(it.Frames)
	}
	return m
}

// flipOf is an item's flip in a recipe's words.
func flipOf(it *resolve.Item) string {
	h, v := it.HFlip == resolve.FlipOn, it.VFlip == resolve.FlipOn
	switch {
	case h && v:
		return "both"
	case h:
		return "horizontal"
	case v:
		return "vertical"
	}
	return ""
}

// settingsText says how a clip is taken otherwise than its file says.
func (c *clip) settingsText() string {
	var parts []string
	if c.Level != "" {
		parts = append(parts, "of "+c.Level+" data levels")
	}
	if c.Flip != "" {
		parts = append(parts, "flipped "+map[string]string{"horizontal": "horizontally", "vertical": "vertically", "both": "both ways"}[c.Flip])
	}
	return strings.Join(parts, ", ")
}

// linkMade links what a queue has made, and what was there already and fits. The project is
// listed anew: somebody has worked in it meanwhile.
func (q *queuing) linkMade(ctx context.Context, clips []clip) error {
	var jobs []finishedJob
	for _, c := range clips {
		if c.Result == "done" || c.Proxy == proxyGood {
			jobs = append(jobs, finishedJob{id: c.Job, source: filepath.Clean(c.Source), output: c.Output, fresh: c.Result == "done"})
		}
	}
	if len(jobs) == 0 {
		return nil
	}
	l := q.linking
	b, p, err := q.openProject(ctx, q.conf, q.o.fuscript)
	if err == nil && (p.ID != l.project.ID || p.ID == "" && p.Name != l.project.Name) {
		err = &hinted{
			what: "project " + jobfile.Quote(p.Name) + " is open in DaVinci Resolve now, not " + jobfile.Quote(l.project.Name), code: exitFailed,
			next: "open " + jobfile.Quote(l.project.Name) + " again, and say: proxima link",
		}
	}
	if err != nil {
		return q.notLinked(err)
	}
	items, err := inTimelines(p, nil)
	if err != nil {
		return err
	}
	l.media = mediaOf(p, items, jobs, placesHere(q.farm), true)
	o := linkOptions{replace: q.o.replace, dryRun: q.o.dryRun, json: q.o.json, verbose: q.o.verbose}
	problem, err := q.linkMedia(ctx, q.conf, b, p, l.media, o)
	if err != nil {
		return q.notLinked(err)
	}
	if !q.o.json {
		q.printLinks(p, l.media, o)
	}
	if l.err = linkVerdict(l.media); problem != nil {
		l.err = resolveError(problem)
	}
	return nil
}

// notLinked keeps an error for the end: the proxies are made, and that is to be told.
func (q *queuing) notLinked(err error) error {
	var h *hinted
	if errors.As(err, &h) {
		q.linking.err = &hinted{what: "the proxies are made but not linked: " + h.Error(), next: h.next, code: h.code}
		return nil
	}
	return err
}
