package monitor

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
)

// say puts requests in words; that reads their documents.
func (r *reader) say(f *farm, asks jobfile.Controls, now time.Time) {
	fresh := now.Sub(r.wordsAt) < askedAgain
	words := map[string]string{}
	for _, c := range asks.All {
		if c.Ask == jobfile.AskPriority {
			continue // jobs show it
		}
		w, ok := r.words[c.File()]
		if !ok || !fresh {
			w = brief(r.Voice.InWords(c))
		}
		words[c.File()] = w
		if !c.OfJob() {
			f.asked = append(f.asked, w)
		}
	}
	if !fresh {
		r.wordsAt = now
	}
	for _, s := range asks.Strange {
		f.asked = append(f.asked, jobfile.Quote(s)+" in control/ is no request; nobody heeds it")
	}
	r.words = words
}

// sum makes the page's whole out of what was read.
func (r *reader) sum(f *farm, ids []string, asks jobfile.Controls, here []*jobfile.Worker, now time.Time) {
	h := &f.head
	h.Farm, h.Finished, h.Machines = jobfile.Printable(r.Store.Dir()), len(r.done), len(here)
	fact := facts{here: len(here)}
	for _, w := range here {
		if len(w.Busy) > 0 {
			fact.busy++
		}
		for _, b := range w.Busy {
			if b.Unit.HasVideo() {
				h.FPS += b.FPS
			}
		}
	}
	h.Busy = fact.busy
	_, h.Paused = asks.Paused("")
	fact.paused = h.Paused
	var left int64
	oldest := now
	var active []*Job
	for _, id := range ids {
		k := r.jobs[id]
		if k == nil {
			h.Unread++
			continue
		}
		d := k.doc
		d.Priority = asks.Priority(id)
		if c, ok := asks.Paused(id); ok && (d.State == "queued" || d.State == "encoding" || d.State == "stitching") {
			d.Held, d.Paused = true, r.words[c.File()]
		}
		switch d.State {
		case "queued":
			h.Queued++
		case "encoding", "stitching":
			h.InWork++
		case "failed":
			h.Failed++
		}
		if d.State == "queued" || d.State == "encoding" || d.State == "stitching" {
			fact.waiting++
			h.Clips++
			h.Frames += d.Frames
			h.Done += d.Done
			if !d.Held {
				left += d.Frames - d.Done
			}
			if at := time.UnixMilli(d.Queued); d.Queued > 0 && at.Before(oldest) {
				oldest = at
			}
			_, doing, _, _ := k.view.Counts()
			fact.doing += doing
		}
		active = append(active, &d)
	}
	fact.failed = h.Failed
	done := r.over()
	for _, d := range done {
		if d.State == "done" && h.Clips > 0 && d.Ended > oldest.UnixMilli() {
			h.Clips++
			h.Made++
			h.Frames += d.Frames
			h.Done += d.Frames
		}
	}
	if fact.waiting > 0 || fact.paused {
		still, hint, _ := strings.Cut(r.Voice.Standstill(asks, here), "\n  next: ")
		fact.still, fact.hint = brief(still), brief(hint)
	}
	h.State, h.Words, h.Next = judge(fact)
	list := r.stretches(here, now)
	rate := cmp.Or(speed(list, now), h.FPS)
	if h.State == "working" && h.Unread == 0 {
		h.ETA = millis(eta(now, left, rate))
	}
	if h.Busy > 0 {
		h.FPS = math.Round(rate*10) / 10
	} else {
		h.FPS = 0
	}
	f.plot = r.draw(list, now)
	f.jobs = shown(active, h)
	f.jobs = append(f.jobs, done[:min(len(done), shownDone)]...)
}

func (r *reader) draw(list []made, now time.Time) Plot {
	from, step, names, rows := plotOf(list, now)
	p := Plot{From: from.UnixMilli(), Step: step.Milliseconds(), Names: []string{}, Tints: []int{}, Rows: rows}
	if rows == nil {
		p.Rows = [][]float64{}
	}
	for _, n := range names {
		p.Names, p.Tints = append(p.Names, jobfile.Printable(n)), append(p.Tints, r.tint(n))
	}
	return p
}

// over lists the records, the latest end first.
func (r *reader) over() []*Job {
	var list []*Job
	for _, d := range r.records {
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b *Job) int {
		return cmp.Or(cmp.Compare(max(b.Ended, b.Queued), max(a.Ended, a.Queued)), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// shown orders jobs as people look for them: what is in work, what failed, what waits; of those that
// wait as many as a page has room for.
func shown(active []*Job, h *Head) []*Job {
	place := func(d *Job) int {
		switch d.State {
		case "encoding", "stitching":
			return 0
		case "failed":
			return 1
		case "queued":
			return 2
		}
		return 3
	}
	slices.SortStableFunc(active, func(a, b *Job) int { return cmp.Compare(place(a), place(b)) })
	if len(active) > shownJobs {
		h.More = len(active) - shownJobs
		active = active[:shownJobs]
	}
	return active
}

// maxBrief bounds what is said of one thing, bytes: documents may be large.
const maxBrief = 1000

// brief makes words from the folder printable, and short.
func brief(s string) string {
	s = jobfile.OneLine(s)
	if len(s) > maxBrief {
		s = strings.ToValidUTF8(s[:maxBrief], "") + "..."
	}
	return s
}
