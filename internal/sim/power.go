package sim

import (
	"time"

	"proxima/jobfile"
	"proxima/watcher"
)

// crowds puts pictures off by what light units take of their cores: of the last to end, where it is a light one that begins.
func (s *sim) crowds(r *run) {
	t := r.w.taken()
	if t.Cores+t.Light <= r.w.Cores || t.Cores == 0 {
		return
	}
	if r.cost > 0 {
		for _, o := range r.w.busy {
			if o.cost == 0 {
				r.ends += max(0, o.ends-r.began) / time.Duration(r.cost)
			}
		}
		return
	}
	var last *run
	for _, o := range r.w.busy {
		if o.cost > 0 && (last == nil || o.ends > last.ends) {
			last = o
		}
	}
	last.ends += (r.ends - r.began) / time.Duration(last.cost)
}

func (w *worker) taken() (t watcher.Taken) {
	for _, r := range w.busy {
		t.Take(r.cost)
	}
	return t
}

func (w *worker) cost(u jobfile.UnitID) int {
	if u == jobfile.UnitStitch || u == jobfile.UnitSound {
		return 0
	}
	return w.threads
}

// power is the work that a run gets done, in core seconds of a core of speed 1 per second.
func (r *run) power() float64 { return float64(max(1, r.cost)) * r.w.Speed }

// takes is how long a unit of so much work takes.
func (r *run) takes(work time.Duration) time.Duration {
	return time.Duration(float64(work) / r.power())
}
