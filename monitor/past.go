package monitor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"proxima/jobfile"
)

// finished keeps the records of the latest jobs that are over: those queued last, and those that
// ended while the reader looked.
func (r *reader) finished(now time.Time) error {
	if now.Sub(r.doneAt) < doneEvery {
		return nil
	}
	ids, err := r.Store.FinishedIDs()
	if err != nil {
		return err
	}
	r.done, r.doneAt = ids, now
	latest := slices.Clone(ids)
	slices.SortFunc(latest, func(a, b string) int { return -cmp.Compare(a[min(3, len(a)):], b[min(3, len(b)):]) })
	keep := map[string]bool{}
	for _, id := range latest[:min(len(latest), shownDone)] {
		keep[id] = true
	}
	there := map[string]bool{}
	for _, id := range ids {
		there[id] = true
	}
	for id := range r.left {
		if there[id] && len(keep) < 4*shownDone {
			keep[id] = true
		} else {
			delete(r.left, id) // deleted, or too many
		}
	}
	maps.DeleteFunc(r.records, func(id string, _ *Job) bool { return !keep[id] })
	maps.DeleteFunc(r.listed, func(id string, _ bool) bool { return !keep[id] })
	read := 0
	for id := range keep {
		if r.records[id] != nil {
			continue
		}
		if read++; read > readsEach {
			r.doneAt = time.Time{} // the others next time
			break
		}
		if d := r.record(id); d != nil {
			r.records[id] = d
		}
	}
	var remember []string // of job.yaml
	for id := range r.jobs {
		remember = append(remember, id)
	}
	slices.Sort(remember)
	r.Store.Forget(remember)
	return nil
}

// record reads how a job ended.
func (r *reader) record(id string) *Job {
	j, err := r.Store.Job(id)
	if err != nil {
		return &Job{ID: id, Name: jobfile.Printable(jobfile.StemOf(id)), State: "done", Queued: millis(jobfile.QueuedAt(id)), Priority: jobfile.Priority(id)}
	}
	d := about(j)
	d.Priority = jobfile.Priority(id)
	m, state, err := r.Store.Marker(id)
	switch {
	case err != nil:
		d.State, d.Error = "done", brief(err.Error())
		return &d
	case m == nil:
		return nil // it is on its way
	}
	d.State, d.Ended = state.String(), millis(m.Finished)
	switch {
	case state == jobfile.Done:
		d.Done, d.UnitsDone = d.Frames, d.Units
		if m.Final != nil {
			d.Frames, d.Done, d.Size = m.Final.Frames, m.Final.Frames, m.Final.Size
		}
	default:
		d.Error, d.Next = brief(m.Error), brief(m.Next)
	}
	return &d
}

// want notes that a result is to be read, once.
func (r *reader) want(w wanted) {
	if _, seen := r.results[w.key()]; !seen {
		r.results[w.key()] = made{}
		r.wanted = append(r.wanted, w)
	}
}

// read reads results, of jobs in work first, and forgets those of long ago.
func (r *reader) read(now time.Time) {
	old := now.Add(-longest)
	for id, d := range r.records {
		if len(r.wanted) >= readsEach {
			break
		}
		if r.listed[id] || d.State != "done" || d.Ended == 0 || time.UnixMilli(d.Ended).Before(old) {
			continue
		}
		r.listed[id] = true
		ts, err := r.Store.ResultsOf(id)
		if err != nil {
			continue
		}
		for _, t := range ts {
			if t.Unit.HasVideo() {
				r.want(wanted{id, t})
			}
		}
	}
	n := min(len(r.wanted), readsEach)
	for _, w := range r.wanted[:n] {
		res, err := r.Store.ResultOf(w.job, w.ticket)
		if err != nil || res.Video == nil {
			continue
		}
		m := made{worker: nameOf(w.ticket.Worker), from: res.Started, to: res.Finished, frames: res.Video.Frames}
		if m.to.After(now) { // another clock
			m.from, m.to = m.from.Add(now.Sub(m.to)), now
		}
		r.results[w.key()] = m
		r.tint(m.worker)
	}
	r.wanted = slices.Delete(r.wanted, 0, n)
	if len(r.results) > 20_000 {
		maps.DeleteFunc(r.results, func(_ string, m made) bool { return m.to.Before(old) })
	}
}

// stretches are all that is known to have been made lately, with what is in work.
func (r *reader) stretches(here []*jobfile.Worker, now time.Time) (list []made) {
	old := now.Add(-longest)
	for _, m := range r.results {
		if m.to.After(old) {
			list = append(list, m)
		}
	}
	for _, w := range here {
		for _, b := range w.Busy {
			if b.Unit.HasVideo() && b.Frames > 0 && b.FPS > 0.01 {
				took := time.Duration(min(float64(b.Frames)/b.FPS, longest.Seconds()) * float64(time.Second))
				list = append(list, made{worker: w.Name, from: now.Add(-took), to: now, frames: b.Frames})
			}
		}
	}
	return list
}
