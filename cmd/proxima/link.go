package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"proxima/jobfile"
	"proxima/resolve"
	"proxima/timeline"
)

type linkOptions struct {
	timelines []string
	fuscript  string
	replace   bool
	dryRun    bool
	json      bool
	verbose   bool
}

// linked is one medium of the open project and what became of its proxy. The JSON names are a
// contract with other people's scripts.
type linked struct {
	Clip   string `json:"clip"`
	Bin    string `json:"bin"`
	Source string `json:"source"`
	Proxy  string `json:"proxy"`
	Status string `json:"status"` // one of the statuses below
	Reason string `json:"reason"`
	Next   string `json:"next,omitempty"`
	Job    string `json:"job,omitempty"`
	Items  int    `json:"items"` // of the media pool that show this medium

	items []int  // of the project
	local string // the source's path on this machine; "" where it is not to be found
	found []foundProxy
	facts *proxyFacts // of the proxy that is to be linked
}

// What becomes of a medium.
const (
	linkDone      = "linked"    // now
	linkWould     = "would"     // link, were it no dry run
	linkLive      = "live"      // it was linked to this proxy before
	linkElsewhere = "elsewhere" // another proxy is linked and in use
	linkNone      = "none"      // there is no proxy
	linkDiffers   = "differs"   // the proxy does not fit the clip, so Resolve was not asked
	linkRefused   = "refused"   // by Resolve
	linkGone      = "gone"      // a job's source is not in the project, or an item left it meanwhile
)

const alreadyLinked = "it is linked already"

func (a *app) linkCommand() *cobra.Command {
	var o linkOptions
	cmd := &cobra.Command{
		Use:   "link [JOB...]",
		Short: "Link finished proxies in DaVinci Resolve",
		Long: `Links finished proxies to the clips of the project that is open in DaVinci Resolve Studio, on
this machine: those of the farm's finished jobs, and those that lie in the folder Proxy beside
their sources. Proxies that went offline are linked again. With JOB, a job's name or a part of
it, only the proxies of these jobs.

A proxy has to have its clip's frames, frame rate and start timecode, or Resolve refuses it;
so that is looked at first.`,
		Example: "  proxima link\n  proxima link --timeline 'Reel 1*'\n  proxima link A001_C002 --replace",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.link(cmd.Context(), args, o)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.timelines, "timeline", nil, "only clips that timelines of this `name` use; * stands for anything; repeat it for more")
	f.BoolVar(&o.replace, "replace", false, "link also where this or another proxy is linked and in use")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be linked, link nothing")
	f.BoolVar(&o.json, "json", false, "print one JSON document")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list clips without a proxy, too")
	fuscriptFlag(cmd, &o.fuscript)
	return cmd
}

func (a *app) link(ctx context.Context, args []string, o linkOptions) error {
	conf, err := a.userConfig()
	if err != nil {
		return err
	}
	jobs, farm, err := a.finishedJobs(&conf, args)
	if err != nil {
		return err
	}
	b, p, err := a.openProject(ctx, conf, o.fuscript)
	if err != nil {
		return err
	}
	items, err := inTimelines(p, o.timelines)
	if err != nil {
		return err
	}
	media := mediaOf(p, items, jobs, placesHere(farm), len(args) > 0)
	problem, err := a.linkMedia(ctx, conf, b, p, media, o)
	if err != nil {
		return err
	}
	if o.json {
		if err := a.printJSON(linkDocument{1, p.Name, orEmpty(media), orEmpty(p.Notes)}); err != nil {
			return err
		}
	} else {
		a.printLinks(p, media, o)
	}
	if problem != nil {
		return resolveError(problem)
	}
	return linkVerdict(media)
}

// linkMedia links what can be, and notes what became of each medium. problem is what kept Resolve
// from answering to the end.
func (a *app) linkMedia(ctx context.Context, conf userConfig, b *resolve.Bridge, p *resolve.Project, media []*linked, o linkOptions) (problem, err error) {
	var open []*linked
	for _, m := range media {
		if m.decide(p, o.replace); m.Status == "" {
			open = append(open, m)
		}
	}
	if len(open) > 0 {
		tools, err := a.tools(ctx, conf)
		if err != nil {
			return nil, err
		}
		if err := a.checkProxies(ctx, tools, p, open, o); err != nil {
			return nil, err
		}
	}
	if !o.dryRun {
		problem = callLink(ctx, b, p, open)
	}
	for _, m := range open {
		if m.Status == "" {
			m.Status = linkWould
		}
	}
	return problem, nil
}

// inTimelines lists the items of the pool that may be linked: all of them, or those on video
// tracks of the timelines that a pattern names.
func inTimelines(p *resolve.Project, patterns []string) ([]int, error) {
	seen := map[int]bool{}
	var out []int
	add := func(i int) {
		if !seen[i] && p.Items[i].Path != "" {
			seen[i] = true
			out = append(out, i)
		}
	}
	if len(patterns) == 0 {
		for i := range p.Items {
			add(i)
		}
		return out, nil
	}
	var names []string
	for _, pattern := range patterns {
		matched := false
		for _, t := range p.Timelines {
			if !slices.Contains(names, t.Name) {
				names = append(names, t.Name)
			}
			if !timeline.Match(pattern, t.Name) {
				continue
			}
			matched = true
			for _, u := range t.Uses {
				if u.Video {
					add(u.Item)
				}
			}
		}
		if !matched {
			return nil, &hinted{
				what: "no timeline of the open project is called " + jobfile.Quote(pattern), code: exitRefused,
				next: "its timelines are: " + jobfile.OneLine(strings.Join(names, ", ")),
			}
		}
	}
	return out, nil
}

// decide settles what needs no look at a file. What it leaves open is to be checked and linked.
func (m *linked) decide(p *resolve.Project, replace bool) {
	if m.Status != "" {
		return
	}
	if len(m.found) == 0 {
		m.Status, m.Reason = linkNone, "no proxy was found"
		return
	}
	elsewhere := ""
	var todo []int
	for _, i := range m.items {
		it := &p.Items[i]
		switch {
		case it.Proxy == resolve.ProxyLive && samePath(it.ProxyPath, m.found[0].path) && !replace && !m.found[0].fresh:
			m.Proxy, m.Job = it.ProxyPath, m.found[0].job
		case it.Proxy == resolve.ProxyLive && !samePath(it.ProxyPath, m.found[0].path) && !replace:
			elsewhere = it.ProxyPath
		default:
			todo = append(todo, i)
		}
	}
	switch {
	case elsewhere != "" && (len(todo) == 0 || p.Items[m.items[0]].ID == ""):
		// Without ids of items a medium is linked as a whole, or not at all.
		m.Status, m.Proxy = linkElsewhere, elsewhere
		m.Reason, m.Next = "another proxy is linked", "proxima link --replace links this one: "+m.found[0].path
	case len(todo) == 0:
		m.Status, m.Reason = linkLive, alreadyLinked
	}
	m.items = todo
}

// callLink has Resolve link what was left open, and notes what it says.
func callLink(ctx context.Context, b *resolve.Bridge, p *resolve.Project, open []*linked) error {
	var pairs []resolve.Pair
	var of []*linked
	for _, m := range open {
		if m.Status != "" {
			continue
		}
		for _, i := range m.items {
			pairs = append(pairs, resolve.Pair{MediaID: p.Items[i].MediaID, ID: p.Items[i].ID, Path: m.Proxy})
			of = append(of, m)
		}
	}
	outcomes, err := b.Link(ctx, p, pairs)
	told := map[*linked]bool{}
	for _, o := range outcomes {
		m := of[o.Pair]
		told[m] = true
		if o.Linked {
			if m.Status == "" {
				m.Status = linkDone
			}
			continue
		}
		m.Status = linkRefused
		m.Reason, m.Next = refusal(&p.Items[m.items[0]], m.facts, o)
	}
	for _, m := range of {
		switch {
		case told[m] || m.Status != "":
		case err != nil:
			m.Status, m.Reason = linkRefused, "Resolve was not asked any more"
		default:
			m.Status, m.Reason, m.Next = linkGone, "the clip is no longer in the media pool", "say this again"
		}
	}
	if errors.Is(err, context.Canceled) {
		return errInterrupted
	}
	return err
}

// linkVerdict chooses the exit code.
func linkVerdict(media []*linked) error {
	n := map[string]int{}
	for _, m := range media {
		n[m.Status]++
	}
	bad := n[linkRefused] + n[linkDiffers] + n[linkGone]
	switch {
	case bad == 0:
		return nil
	case n[linkRefused] > 1 && n[linkDone]+n[linkLive] == 0 && n[linkDiffers]+n[linkGone] == 0:
		return &hinted{
			what: fmt.Sprintf("Resolve refused all %d proxies", bad), code: exitRefused,
			next: "it does so while a window of it is open: close the Project Manager, settings and messages, and say this again",
		}
	}
	return &hinted{what: plural(bad, "proxy was not linked", "proxies were not linked"), code: exitRefused, next: "the reasons stand above"}
}
