package watcher

import (
	"context"
	"log/slog"
)

// wakefulness keeps the machine awake while it has units in work, and only then. One
// goroutine uses it.
type wakefulness struct {
	keep    func(context.Context) (release func(), err error) // nil where the machine may sleep
	log     *slog.Logger
	release func()
	refused bool // said once; asking a system that said no again and again annoys it
}

// want takes or gives back the machine's promise to stay awake.
func (w *wakefulness) want(ctx context.Context, busy bool) {
	switch {
	case !busy && w.release != nil:
		w.release()
		w.release = nil
	case busy && w.release == nil && w.keep != nil && !w.refused:
		release, err := w.keep(ctx)
		if err != nil {
			w.refused = true
			w.log.Info("this machine may fall asleep in the middle of a unit, which others then make again", "why", err)
			return
		}
		w.release = release
	}
}
