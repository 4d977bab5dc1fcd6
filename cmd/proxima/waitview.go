package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"

	"proxima/jobfile"
)

// sums adds up what is waited for: frames over all clips, and units.
func (w *waiter) sums() (done, total int64, units, of int) {
	for _, j := range w.jobs {
		total += j.frames
		of += j.job.Units
		if j.over {
			done += j.frames
			units += j.job.Units
			continue
		}
		done += min(j.job.FramesDone, j.frames)
		units += j.job.UnitsDone
	}
	return done, total, units, of
}

// total is everything in one line; wide is the bar's width, 0 for none.
func (w *waiter) total(now time.Time, wide int) string {
	done, total, units, of := w.sums()
	over, failed := 0, 0
	for _, j := range w.jobs {
		if j.over {
			over++
		}
		if j.result == "failed" {
			failed++
		}
	}
	percent := 100 * done / max(total, 1)
	if over < len(w.jobs) {
		percent = min(percent, 99)
	}
	s := fmt.Sprintf("%3d%%  %d of %s", percent, over, plural(len(w.jobs), "clip", "clips"))
	if failed > 0 {
		s += fmt.Sprintf(" (%d failed)", failed)
	}
	s += fmt.Sprintf("  %d of %s", units, plural(of, "unit", "units"))
	if w.fps > 0 && w.doc.Still == "" {
		left := time.Duration(float64(total-done) / w.fps * float64(time.Second))
		s += fmt.Sprintf("  %.0f fps  done in about %s, at %s", w.fps, about(left), clock(now, now.Add(left)))
	}
	if wide > 0 {
		return gauge(done, total, wide) + s
	}
	return strings.TrimSpace(s)
}

// fewClips is up to how many clips each has a line.
const fewClips = 12

// lines are what a terminal shows while somebody waits.
func (w *waiter) lines(columns, height int) (lines []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	text := w.total(now, 0)
	if wide := min(columns-columnsOf(text)-5, 40); wide >= 20 { // with the brackets, and 3% as wide as 100%
		lines = append(lines, w.total(now, wide))
	} else {
		done, total, _, _ := w.sums()
		lines = append(lines, gauge(done, total, max(columns-2, 1)))
		lines = append(lines, wrap(strings.TrimSpace(text), columns, 2)...)
	}
	room := max(min(height-6, fewClips+4), 1)
	waiting, shown := 0, 0
	for _, j := range w.jobs {
		switch {
		case j.over:
		case len(w.jobs) > fewClips && j.job.State != "encoding" && j.job.State != "stitching" || shown >= room-1:
			waiting++
		default:
			shown++
			lines = append(lines, clipLine(j, columns))
		}
	}
	if waiting > 0 {
		lines = append(lines, "  "+plural(waiting, "more clip waits", "more clips wait"))
	}
	for i := range w.doc.Workers {
		x := &w.doc.Workers[i]
		if len(x.Work) == 0 || x.Silent {
			continue
		}
		if len(lines) >= max(height-3, 2) {
			lines = append(lines, "  and others work")
			break
		}
		var does []string
		for _, u := range x.Work {
			does = append(does, u.brief())
		}
		lines = append(lines, "  "+jobfile.Printable(x.ID)+": "+strings.Join(does, "; "))
	}
	if why := w.stuck(); why != "" {
		lines = append(lines, wrap("  "+why, columns, min(max(height-len(lines), 1), 2))...)
	}
	return lines
}

func clipLine(j *awaited, columns int) string {
	state := j.job.State
	switch {
	case j.job.Paused != "":
		state = "paused"
	case j.job.Waits != "":
		state = "no encoder"
	}
	facts := fmt.Sprintf("  %s %3d%%  %s  %-10s", gauge(j.job.FramesDone, j.frames, 10), 100*min(j.job.FramesDone, j.frames)/j.frames, fmt.Sprintf("%5s", fmt.Sprintf("%d/%d", j.job.UnitsDone, j.job.Units)), state)
	name := max(min(columns-2-columnsOf(facts), 44), 6)
	return "  " + pad(shorten(j.name, name), name) + facts
}

// ending is how a wait ended.
type ending struct {
	jobs    []*awaited
	skipped int // clips that were not queued
	took    time.Duration
	gain    float64
	size    func(path string) (int64, error)
}

// print writes the table at the end: each clip, and the sum.
func (e *ending) print(out io.Writer) {
	made, failed, frames, seconds := 0, 0, int64(0), 0.0
	for _, j := range e.jobs {
		if j.result == "failed" {
			failed++
			fmt.Fprintf(out, "failed %s: %s\n", jobfile.Printable(j.source), jobfile.Printable(j.why))
			continue
		}
		made++
		if !j.before {
			frames += j.frames
			seconds += j.seconds
		}
		size := ""
		if n, err := e.size(j.output); err == nil {
			size = ", " + humanize.IBytes(uint64(n))
		}
		fmt.Fprintf(out, "made %s (%s frames%s)\n", jobfile.Printable(j.output), humanize.Comma(j.frames), size)
	}
	speed, gain := "-", "-"
	if s := e.took.Seconds(); s > 0 && frames > 0 {
		speed = fmt.Sprintf("%.0f fps", float64(frames)/s)
		if seconds > 0 {
			speed += fmt.Sprintf(", %.1f times real time", seconds/s)
		}
	}
	if e.gain > 0 {
		gain = fmt.Sprintf("%.1f times its fastest machine", e.gain)
	}
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
	fmt.Fprintf(w, "made\t%s\n", plural(made, "clip", "clips"))
	fmt.Fprintf(w, "skipped\t%d\n", e.skipped)
	fmt.Fprintf(w, "failed\t%d\n", failed)
	fmt.Fprintf(w, "time\t%s\n", e.took.Round(time.Second))
	fmt.Fprintf(w, "speed\t%s\n", speed)
	if gain != "-" {
		fmt.Fprintf(w, "the room\t%s\n", gain)
	}
	_ = w.Flush()
}

func fileSize(path string) (int64, error) {
	st, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}
