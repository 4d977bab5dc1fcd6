package watcher

import (
	"time"

	"proxima/jobfile"
)

// keepEvery is how often a worker looks for what has been kept for long enough.
const keepEvery = time.Hour

// expire removes records of jobs that ended long ago. Every worker does it, seldom; that two
// do it at once is no harm.
func (w *Watcher) expire(now time.Time) {
	if w.Keep.Finished == 0 || now.Before(w.nextExpiry) {
		return
	}
	w.nextExpiry = now.Add(keepEvery)
	gone, err := w.Store.Expire(now, w.Keep.Finished.D())
	if err != nil {
		w.bad.say("expire", "cannot remove old records from done/", err)
	} else {
		w.bad.clear("expire")
	}
	for _, id := range gone {
		w.Log.Info("removed the record of a job that ended long ago", "job", id)
	}
}

// dropParts removes what a job that failed long ago had encoded, so that failures nobody
// looks at do not fill the share.
func (w *Watcher) dropParts(job *jobfile.Job, v jobfile.View) {
	if w.Keep.FailedParts == 0 || !v.FailMark || len(v.Results()) == 0 {
		return
	}
	for _, u := range v.Units {
		if u.State == jobfile.Doing {
			return
		}
	}
	m, state, err := w.Store.Marker(job.ID)
	if err != nil || m == nil || state != jobfile.Failed || time.Since(m.Finished) < w.Keep.FailedParts.D() {
		return
	}
	if err := w.Store.DropParts(job); err != nil {
		w.bad.say("drop "+job.ID, "cannot remove the parts of a failed job", err)
		return
	}
	w.Log.Info("removed the parts of a job that failed long ago", "job", job.ID)
}
