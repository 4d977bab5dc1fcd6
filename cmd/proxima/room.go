package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
)

// roomStatus answers at a glance: does the room work, when is it done, what is wrong.
type roomStatus struct {
	State   string    `json:"state"` // working, waiting (nobody begins what waits), idle
	FPS     float64   `json:"fps"`   // of all workers, as they say
	Frames  int64     `json:"frames"`
	Done    int64     `json:"frames_done"`
	Left    float64   `json:"left_s,omitempty"` // by that speed; 0 unknown
	Working int       `json:"working"`          // workers
	Here    int       `json:"workers"`          // that were heard of lately
	Jobs    roomJobs  `json:"jobs"`
	Wrong   []problem `json:"wrong,omitempty"`
}

// roomJobs counts the jobs that are not over.
type roomJobs struct {
	InWork  int `json:"in_work"`
	Queued  int `json:"queued"`
	Failed  int `json:"failed"`
	Waiting int `json:"waits_for_encoder"` // of queued: nobody here can do it
	Paused  int `json:"paused"`            // of queued
}

// problem is what is wrong, and what to do.
type problem struct {
	What string `json:"what"`
	Next string `json:"next"`
}

// sumUp tells about the room what its jobs and workers tell. Lease is after how long of silence others take
// over; 0 where it is not known.
func sumUp(doc *statusDocument, lease time.Duration) roomStatus {
	var r roomStatus
	var firstFailed, firstWaits *jobStatus
	begun := false // workers say so a little later
	for i := range doc.Jobs {
		j := &doc.Jobs[i]
		switch j.State {
		case "queued":
			r.Jobs.Queued++
		case "encoding", "stitching":
			r.Jobs.InWork++
			begun = begun || j.doing > 0
		case "failed":
			if r.Jobs.Failed++; firstFailed == nil {
				firstFailed = j
			}
			continue
		default:
			continue
		}
		r.Frames += j.Frames
		r.Done += j.FramesDone
		if j.Paused != "" {
			r.Jobs.Paused++
		}
		if j.Waits != "" {
			if r.Jobs.Waiting++; firstWaits == nil {
				firstWaits = j
			}
		}
	}
	open := map[string]bool{}
	for i := range doc.Jobs {
		open[doc.Jobs[i].ID] = doc.Jobs[i].State != "done" && doc.Jobs[i].State != "cancelled"
	}
	for i := range doc.Workers {
		w := &doc.Workers[i]
		// The last word of one that is gone may be about what others have made since.
		busy := slices.ContainsFunc(w.Work, func(u workStatus) bool { return open[u.Job] })
		if w.Silent {
			if busy {
				silent := time.Duration(w.LastChange * float64(time.Second))
				next := "look at that machine; if it is off, others take over what it held"
				if left := lease - silent; left > 0 {
					next += fmt.Sprintf(" in about %s, by the lease of %s", about(left), about(lease))
				}
				r.Wrong = append(r.Wrong, problem{fmt.Sprintf("%s is silent for %s, with %s in work", w.ID, short(silent), plural(w.Busy, "unit", "units")), next})
			}
			continue
		}
		r.Here++
		if busy {
			r.FPS += w.FPS
			r.Working++
		}
		if w.Reason != "" {
			r.Wrong = append(r.Wrong, problem{w.ID + " cannot work: " + jobfile.OneLine(w.Reason), "proxima doctor on that machine"})
		}
	}
	if firstFailed != nil {
		p := problem{fmt.Sprintf("%s failed; %s: %s", plural(r.Jobs.Failed, "job", "jobs"), jobfile.Printable(firstFailed.Name), jobfile.OneLine(firstFailed.Error)), "mend the cause, then: proxima retry --failed"}
		r.Wrong = append([]problem{p}, r.Wrong...)
	}
	if firstWaits != nil {
		r.Wrong = append(r.Wrong, problem{fmt.Sprintf("%s for %s", plural(r.Jobs.Waiting, "job waits", "jobs wait"), jobfile.OneLine(firstWaits.Waits)), "start a worker that can, or change the preset"})
	}
	switch {
	case r.Working > 0, begun && r.Here > 0:
		r.State = "working"
	case r.Jobs.Queued+r.Jobs.InWork > 0:
		r.State = "waiting"
	default:
		r.State = "idle"
	}
	r.measured(0)
	return r
}

// measured takes the speed that somebody has seen in place of what the workers say, where there is one.
func (r *roomStatus) measured(fps float64) {
	if fps > 0 {
		r.FPS = fps
	}
	if r.FPS > 0 {
		r.Left = float64(r.Frames-r.Done) / r.FPS
	}
}

// line is the room in one line.
func (r *roomStatus) line(now time.Time) string {
	n := fmt.Sprintf("%d in work, %d queued", r.Jobs.InWork, r.Jobs.Queued)
	if r.Jobs.Failed > 0 {
		n += fmt.Sprintf(", %d failed", r.Jobs.Failed)
	}
	here := plural(r.Here, "worker is here", "workers are here")
	if r.Here == 0 {
		here = "no worker is here"
	}
	switch r.State {
	case "working":
		s := "The room works"
		if r.Working > 0 {
			s += fmt.Sprintf(": %d of %s", r.Working, plural(r.Here, "worker", "workers"))
		}
		if r.FPS > 0 {
			s += fmt.Sprintf(" at %.0f fps", r.FPS)
		}
		s += "; " + n
		if r.Left > 0 {
			left := time.Duration(r.Left * float64(time.Second))
			s += fmt.Sprintf("; done in about %s, at %s", about(left), clock(now, now.Add(left)))
		}
		return s
	case "waiting":
		return "Nobody works: " + n + "; " + here
	}
	if r.Jobs.Failed > 0 {
		return fmt.Sprintf("Nothing is left to do, but %s; %s", plural(r.Jobs.Failed, "job failed", "jobs failed"), here)
	}
	return "Nothing is left to do; " + here
}

// about tells a time that is left as nobody can know it better.
func about(d time.Duration) string {
	switch {
	case d < time.Minute-time.Second/2:
		return fmt.Sprintf("%d s", max(1, int(d.Seconds()+0.5)))
	case d < time.Hour-time.Minute/2:
		return fmt.Sprintf("%d min", int(d.Minutes()+0.5))
	}
	d = d.Round(time.Minute)
	return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
}

// short tells for how long something lasts.
func short(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d:%02d min", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d:%02d h", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// clock tells when something is, with the day where it is not today.
func clock(now, at time.Time) string {
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04")
	}
	return at.Format("Mon 15:04")
}

// capable tells of jobs whether somebody who is here could do them.
type capable struct {
	here  []*jobfile.Worker
	any   bool // somebody can do whatever is asked, as far as is known
	known map[string]string
}

func newCapable(here []*jobfile.Worker) *capable {
	c := &capable{here: here, any: len(here) == 0, known: map[string]string{}}
	for _, w := range here {
		c.any = c.any || len(w.Cannot) == 0
	}
	return c
}

// waitsFor names what is missing where no worker that is here can do a job. Of jobs of which only
// a part was read the preset tells: those before them had the same.
func (c *capable) waitsFor(j *jobfile.Job) string {
	if c.any || j == nil {
		return ""
	}
	if j.Recipe.Video.Encoder == "" {
		return c.known[j.Recipe.Preset]
	}
	var why []string
	for _, w := range c.here {
		if w.MayDo(j) {
			return ""
		}
		why = append(why, w.Name+": "+w.Cannot[j.Recipe.Video.Encoder])
	}
	s := fmt.Sprintf("a worker that can encode with %s (%s)", j.Recipe.Video.Encoder, strings.Join(why, "; "))
	c.known[j.Recipe.Preset] = cmp.Or(c.known[j.Recipe.Preset], s)
	return s
}

// words tells what a worker does.
func (u workStatus) words() string {
	s := jobfile.Printable(u.Unit) + " of " + jobfile.Printable(u.Job)
	if u.Of > 0 {
		s += fmt.Sprintf(" (%d/%d frames)", u.Frames, u.Of)
	}
	return s
}

// load tells how much of a worker's processors is in use; nothing where that is not known any more.
func (x *workerStatus) load() string {
	if x.Load == nil || x.Silent {
		return ""
	}
	return fmt.Sprintf("load %d%%", int(*x.Load*100+0.5))
}
