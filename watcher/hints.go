package watcher

import (
	"context"
	"log/slog"
	"time"

	"github.com/fsnotify/fsnotify"
)

// hints turns file-system events into "look". Events tell of this machine's own changes, and
// of other machines' on hardly any network share, so polling goes on all the same; what they
// buy is that the next unit starts at once where they do work. A watcher that cannot be had
// or that dies costs nothing but that.
type hints struct {
	log  *slog.Logger
	open func() (*fsnotify.Watcher, error) // tests put a system without events in its place
	out  chan struct{}
	dirs chan []string
}

// quiet and loudest collect a burst of events into one look.
const (
	quiet   = 50 * time.Millisecond
	loudest = 500 * time.Millisecond
	// maxWatched bounds watches: a kernel has so many, and the head of the queue is where
	// things happen.
	maxWatched = 64
)

func newHints(log *slog.Logger) *hints {
	return &hints{log: log, open: fsnotify.NewWatcher, out: make(chan struct{}, 1), dirs: make(chan []string, 1)}
}

// C receives when a look may be worth it.
func (h *hints) C() <-chan struct{} { return h.out }

// follow says which folders to watch from now on. It never blocks: a later call replaces one
// that was not taken up yet.
func (h *hints) follow(dirs []string) {
	if len(dirs) > maxWatched {
		dirs = dirs[:maxWatched]
	}
	select {
	case <-h.dirs:
	default:
	}
	h.dirs <- dirs
}

// run owns the watch until ctx ends.
func (h *hints) run(ctx context.Context) {
	fsw, err := h.open()
	if err != nil {
		h.log.Warn("no file-system events here; polling alone does it, a little later", "err", err)
		<-ctx.Done()
		return
	}
	defer fsw.Close()
	watched := map[string]bool{}
	var first time.Time // of the burst that is being collected
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	hint := func() {
		now := time.Now()
		if first.IsZero() {
			first = now
		}
		timer.Reset(min(quiet, max(0, loudest-now.Sub(first))))
	}
	for {
		select {
		case <-ctx.Done():
			return
		case dirs := <-h.dirs:
			h.adjust(fsw, watched, dirs)
		case e, ok := <-fsw.Events:
			if !ok {
				return
			}
			if e.Op != fsnotify.Chmod && e.Op != fsnotify.Write {
				hint()
			}
		case _, ok := <-fsw.Errors:
			if !ok {
				return
			}
			hint() // an overflow: anything may have happened
		case <-timer.C:
			first = time.Time{}
			select {
			case h.out <- struct{}{}:
			default:
			}
		}
	}
}

func (h *hints) adjust(fsw *fsnotify.Watcher, watched map[string]bool, dirs []string) {
	want := map[string]bool{}
	for _, d := range dirs {
		want[d] = true
		if !watched[d] && fsw.Add(d) == nil {
			watched[d] = true
		}
	}
	for d := range watched {
		if !want[d] {
			_ = fsw.Remove(d) // gone with its folder, mostly
			delete(watched, d)
		}
	}
}
