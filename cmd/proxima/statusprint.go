package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"proxima/jobfile"
)

// waitingShown is how many of the jobs that wait are listed: those that come next.
const waitingShown = 20

// printStatus writes the farm, or one job, for people.
func printStatus(out io.Writer, doc *statusDocument, one, all bool, now time.Time) {
	if !one {
		printRoom(out, doc, now)
	}
	w := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
	waiting, folded := 0, 0
	for i := range doc.Jobs {
		j := &doc.Jobs[i]
		if !one && (j.State == "done" || j.State == "cancelled") {
			continue
		}
		if j.State == "queued" && !one {
			if waiting++; waiting > waitingShown && !all {
				folded++
				continue
			}
		}
		printJob(w, j, one)
	}
	_ = w.Flush()
	if folded > 0 {
		fmt.Fprintf(out, "and %s; proxima status --all lists them\n", plural(folded, "more job waits", "more jobs wait"))
	}
	if !one {
		printWorkers(out, doc.Workers)
	}
}

// message is a text from the folder that tells what to do at its end: whole, unless somebody wrote a book.
func message(s string) string { return shorten(jobfile.OneLine(s), 1000) }

// printRoom writes what everybody asks first.
func printRoom(out io.Writer, doc *statusDocument, now time.Time) {
	fmt.Fprintln(out, doc.Room.line(now))
	if doc.Still != "" {
		fmt.Fprintln(out, doc.Still)
	}
	for _, p := range doc.Room.Wrong {
		fmt.Fprintf(out, "wrong: %s\n  next: %s\n", message(p.What), message(p.Next))
	}
	for _, x := range doc.Asked {
		if !strings.Contains(doc.Still, x.Words) {
			fmt.Fprintln(out, jobfile.OneLine(x.Words))
		}
	}
	if doc.Finished > 0 {
		fmt.Fprintf(out, "%s finished before\n", plural(doc.Finished, "job was", "jobs were"))
	}
	fmt.Fprintln(out)
}

func printJob(w io.Writer, j *jobStatus, one bool) {
	fmt.Fprintf(w, "%s\t%s\t%s\t%d%%\tunits %d/%d\t%s\n", j.State, jobfile.Printable(j.Name), jobfile.Printable(j.Preset), j.percent(), j.UnitsDone, j.Units, j.ID)
	if j.Error != "" {
		fmt.Fprintf(w, "  %s\n", message(j.Error))
	}
	if j.Next != "" {
		fmt.Fprintf(w, "  next: %s\n", message(j.Next))
	}
	if j.Waits != "" {
		fmt.Fprintf(w, "  waits for %s\n", jobfile.OneLine(j.Waits))
	}
	if j.Paused != "" {
		fmt.Fprintf(w, "  nothing of it is begun: %s\n  next: proxima resume %s\n", jobfile.OneLine(j.Paused), j.ID)
	}
	if !one {
		return
	}
	if j.Recipe != "" {
		fmt.Fprintf(w, "  recipe of %s\n", jobfile.OneLine(j.Recipe))
	}
	fmt.Fprintf(w, "  from %s\n  to %s\n", jobfile.Printable(j.Source), jobfile.Printable(j.Output))
	for _, words := range j.Warnings {
		fmt.Fprintf(w, "  warning: %s\n", jobfile.OneLine(words))
	}
	for _, u := range j.UnitsList {
		fmt.Fprintf(w, "  %s\t%s\tattempt %d\t%s\n", u.Unit, u.State, u.Attempt, u.Worker)
	}
}

func (j *jobStatus) percent() int64 {
	if j.Frames <= 0 {
		return 0
	}
	return j.FramesDone * 100 / j.Frames
}

// printWorkers writes a line for each worker, in columns, and below it what it does and what keeps it from
// doing more.
func printWorkers(out io.Writer, ws []workerStatus) {
	var lines bytes.Buffer
	w := tabwriter.NewWriter(&lines, 2, 8, 2, ' ', 0)
	for i := range ws {
		x := &ws[i]
		heard := short(time.Duration(x.LastChange * float64(time.Second)))
		fmt.Fprintf(w, "worker\t%s\t%s\ton %s\t%d of %d slots\t%s\t%s\t%s\n", jobfile.Printable(x.ID), jobfile.Printable(x.State), jobfile.Printable(x.Host),
			x.Busy, x.Slots, x.load(), jobfile.Printable(x.Version), yesNo(x.Silent, "silent for "+heard, heard+" ago"))
	}
	_ = w.Flush()
	for i := range ws {
		line, _ := lines.ReadString('\n')
		fmt.Fprint(out, line)
		for _, does := range ws[i].Does {
			fmt.Fprintf(out, "  %s\n", does)
		}
		if s := ws[i].Reason; s != "" {
			fmt.Fprintf(out, "  cannot do: %s\n", message(s))
		}
		if s := ws[i].Holds; s != "" {
			fmt.Fprintf(out, "  begins nothing: %s\n", message(s))
		}
	}
}
