package main

import "time"

// meter measures how fast a room is, by the frames that were seen to be done.
type meter struct {
	done    map[string]int64 // frames of each job, as last seen
	total   int64            // since it began
	samples []sample         // of the last window
}

type sample struct {
	at    time.Time
	total int64
}

// Speeds are those of the last minute; below settles nothing is said.
const (
	meterWindow = time.Minute
	meterNeeds  = 8 * time.Second
)

// see takes a look's jobs in. Those that left the list with work done on them are taken as finished.
func (m *meter) see(at time.Time, jobs []jobStatus) {
	now := map[string]int64{}
	fresh := m.done == nil
	for i := range jobs {
		j := &jobs[i]
		if j.State == "failed" || j.State == "cancelled" {
			continue
		}
		now[j.ID] = j.FramesDone
		if before, known := m.done[j.ID]; known {
			m.total += max(j.FramesDone-before, 0)
		} else if !fresh && j.State != "queued" && j.State != "done" {
			m.total += j.FramesDone
		}
	}
	m.done = now
	m.samples = append(m.samples, sample{at, m.total})
	for len(m.samples) > 2 && at.Sub(m.samples[1].at) > meterWindow {
		m.samples = m.samples[1:]
	}
}

// fps is 0 where it is not known yet.
func (m *meter) fps() float64 {
	if len(m.samples) < 2 {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	took := last.at.Sub(first.at)
	if took < meterNeeds {
		return 0
	}
	return float64(last.total-first.total) / took.Seconds()
}
