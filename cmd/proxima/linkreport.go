package main

import (
	"fmt"
	"text/tabwriter"

	"proxima/jobfile"
	"proxima/resolve"
)

// linkDocument is what link --json prints.
type linkDocument struct {
	Format  int       `json:"format"`
	Project string    `json:"project"`
	Clips   []*linked `json:"clips"`
	Notes   []string  `json:"notes"`
}

// orEmpty makes a list that is none an empty one, as scripts expect it.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// printLinks says what became of each medium: what went well in a table, the rest with what to
// do.
func (a *app) printLinks(p *resolve.Project, media []*linked, o linkOptions) {
	for _, n := range p.Notes {
		fmt.Fprintf(a.stderr, "proxima: %s\n", jobfile.OneLine(n))
	}
	n := map[string]int{}
	w := tabwriter.NewWriter(a.stdout, 2, 8, 2, ' ', 0)
	for _, m := range media {
		n[m.Status]++
		switch m.Status {
		case linkDone, linkWould, linkLive:
			word := map[string]string{linkDone: "linked", linkWould: "would link", linkLive: "was linked"}[m.Status]
			if m.Status != linkLive || o.verbose {
				fmt.Fprintf(w, "%s\t%s\t%s\n", word, jobfile.Printable(m.Clip), jobfile.Printable(m.Proxy))
			}
		case linkNone:
			if o.verbose {
				fmt.Fprintf(w, "no proxy\t%s\t%s\n", jobfile.Printable(m.Clip), jobfile.Printable(m.Source))
			}
		case linkElsewhere:
			fmt.Fprintf(w, "another\t%s\t%s\n", jobfile.Printable(m.Clip), jobfile.Printable(m.Proxy))
		}
	}
	_ = w.Flush() // to a.stdout, whose errors nobody hears
	for _, m := range media {
		if m.Status != linkRefused && m.Status != linkDiffers && m.Status != linkGone {
			continue
		}
		fmt.Fprintf(a.stderr, "proxima: %s: %s\n", jobfile.Printable(m.Clip), jobfile.OneLine(m.Reason))
		if m.Proxy != "" {
			fmt.Fprintf(a.stderr, "  proxy: %s\n", jobfile.Printable(m.Proxy))
		}
		if m.Next != "" {
			fmt.Fprintf(a.stderr, "  next: %s\n", jobfile.OneLine(m.Next))
		}
	}
	fmt.Fprintf(a.stdout, "project %s: ", jobfile.Quote(p.Name))
	if o.dryRun {
		fmt.Fprintf(a.stdout, "%d to link", n[linkWould])
	} else {
		fmt.Fprintf(a.stdout, "%d linked", n[linkDone])
	}
	fmt.Fprintf(a.stdout, ", %d were linked, %d have another proxy, %d have none, %d not linked\n",
		n[linkLive], n[linkElsewhere], n[linkNone], n[linkRefused]+n[linkDiffers]+n[linkGone])
	if n[linkElsewhere] > 0 {
		fmt.Fprintln(a.stdout, "--replace links over another proxy")
	}
}
