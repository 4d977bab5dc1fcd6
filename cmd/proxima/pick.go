package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"proxima/jobfile"
	"proxima/timeline"
)

// timelineChoice is one timeline that can be picked.
type timelineChoice struct {
	Name      string           // as the file has it: shown only through a gate
	Rate      jobfile.Rational // frames per second; 0/0 unknown
	DropFrame bool
	Frames    int64 // its length; 0 unknown
	Clips     int   // that need a proxy, made or not
	ToMake    int   // of them, those without one
	Missing   int   // of them, those whose source is not here
	Refused   int   // of them, those whose source nothing here may or can read
	Active    bool  // the one that is open in the editor
}

// pickTimelines lets a person pick from several timelines and returns the indices of those that
// were picked, in the order of choices. On a terminal that is a list on the whole screen, which
// shrinks with each letter that is typed; otherwise, and where accessible is set, it is a list
// of numbered lines and an answer of one line.
//
// The errors are errInterrupted, where the person left without an answer or ctx ended, and that
// the input ended before anything was picked.
func pickTimelines(ctx context.Context, in io.Reader, out io.Writer, accessible bool, choices []timelineChoice) ([]int, error) {
	rows := pickRows(choices)
	ask := pickOnScreen
	if f, ok := in.(*os.File); accessible || !isTerminal(out) || !ok || !term.IsTerminal(int(f.Fd())) {
		ask = pickByNumber
	}
	picked, err := ask(ctx, in, out, rows)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(out, "%s: %s\n", plural(len(picked), "timeline", "timelines"), pickedNames(rows, picked))
	indices := make([]int, len(picked))
	for i, p := range picked {
		indices[i] = rows[p].index
	}
	slices.Sort(indices)
	return indices, nil
}

// plainPrompts reports whether a person asks for prompts of plain lines, as people who listen to
// their terminal do. ACCESSIBLE is what other programs look at, too.
func plainPrompts(getenv func(string) string) bool {
	for _, name := range []string{"PROXIMA_ACCESSIBLE", "ACCESSIBLE"} {
		switch strings.ToLower(getenv(name)) {
		case "", "0", "false", "no":
		default:
			return true
		}
	}
	return getenv("TERM") == "dumb"
}

// pickRow is a timeline as it is shown.
type pickRow struct {
	index  int    // into the choices
	name   string // printable
	folded string // for the filter
	rate   string
	length string
	work   string
	brief  string // work where there is little room
}

// pickRows puts the one that is open first and the others as people count: Trailer 2 before
// Trailer 10.
func pickRows(choices []timelineChoice) []pickRow {
	order := make([]int, len(choices))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := choices[a], choices[b]
		if x.Active != y.Active {
			return yesNoOrder(x.Active)
		}
		return timeline.ByName(x.Name, y.Name)
	})
	rows := make([]pickRow, len(order))
	for i, o := range order {
		rows[i] = choices[o].row(o)
	}
	return rows
}

// yesNoOrder sorts what is before what is not.
func yesNoOrder(is bool) int {
	if is {
		return -1
	}
	return 1
}

func (c timelineChoice) row(index int) pickRow {
	r := pickRow{index: index, name: jobfile.Printable(c.Name), rate: "?", length: "-"}
	if strings.TrimSpace(c.Name) == "" {
		r.name = "(no name)"
	}
	if c.Active {
		r.name += " (open)"
	}
	r.folded = fold(r.name)
	if c.Rate.Valid() {
		r.rate = strings.TrimSuffix(rateText(c.Rate.String()), " fps")
		if tc := timeline.FormatTimecode(c.Frames, c.Rate, c.DropFrame && timeline.CanDrop(c.Rate)); c.Frames > 0 && tc != "" {
			r.length = tc
		}
	}
	switch {
	case c.Clips <= 0:
		r.work, r.brief = "no clips", "no clips"
	case c.ToMake <= 0 && c.Missing+c.Refused == 0:
		r.work, r.brief = plural(c.Clips, "clip", "clips")+", all made", fmt.Sprintf("all %d made", c.Clips)
	default:
		r.work = fmt.Sprintf("%s, %d to make", plural(c.Clips, "clip", "clips"), c.ToMake)
		r.brief = fmt.Sprintf("%d of %d to make", c.ToMake, c.Clips)
		if c.Missing > 0 {
			r.work += fmt.Sprintf(", %d missing", c.Missing)
			r.brief += fmt.Sprintf(", %d missing", c.Missing)
		}
		if c.Refused > 0 {
			r.work += fmt.Sprintf(", %d refused", c.Refused)
			r.brief += fmt.Sprintf(", %d refused", c.Refused)
		}
	}
	return r
}

// matches reports whether each word of a filter is in the name, whatever its case.
func (r pickRow) matches(filter string) bool {
	for _, word := range strings.Fields(fold(filter)) {
		if !strings.Contains(r.folded, word) {
			return false
		}
	}
	return true
}

// someNames is how many names a line of them has before it only counts.
const someNames = 5

func pickedNames(rows []pickRow, picked []int) string {
	var names []string
	for i, p := range picked {
		if i == someNames {
			names = append(names, fmt.Sprintf("and %d more", len(picked)-i))
			break
		}
		names = append(names, rows[p].name)
	}
	return strings.Join(names, ", ")
}
