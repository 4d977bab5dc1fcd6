package watcher

import "sync/atomic"

// tally counts what became of units since the start.
type tally struct{ done, failed, givenBack, lost, frames atomic.Int64 }

// Tally is what became of a worker's units since it started.
type Tally struct {
	Done      int64
	Failed    int64 // charged
	GivenBack int64 // uncharged
	Lost      int64 // to another worker
	Frames    int64 // of picture, in those that are done
}

// Tally tells it.
func (w *Watcher) Tally() Tally {
	t := &w.tally
	return Tally{Done: t.done.Load(), Failed: t.failed.Load(), GivenBack: t.givenBack.Load(), Lost: t.lost.Load(), Frames: t.frames.Load()}
}

// SlotsNow tells how many units it runs at once, as its document does.
func (w *Watcher) SlotsNow() int {
	if n := w.slots(); n > 0 {
		return n
	}
	return max(1, w.Cores/2)
}
