package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"proxima/jobfile"
	"proxima/watcher"
)

// screen is where messages go: above the bars on a terminal, plainly where there is none.
type screen struct {
	out  io.Writer
	bars *mpb.Progress // nil without a terminal
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func newScreen(out io.Writer) *screen {
	s := &screen{out: out}
	if isTerminal(out) {
		s.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(32), mpb.WithRefreshRate(200*time.Millisecond), mpb.WithAutoRefresh())
	}
	return s
}

func (s *screen) Write(p []byte) (int, error) {
	if s.bars != nil {
		return s.bars.Write(p)
	}
	return s.out.Write(p)
}

func (s *screen) close() {
	if s.bars != nil {
		s.bars.Shutdown()
	}
}

// follow draws a bar for each unit in work until the returned function is called.
func (s *screen) follow(snapshot func() []watcher.InWork) (stop func()) {
	if s.bars == nil {
		return func() {}
	}
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(200 * time.Millisecond)
		defer t.Stop()
		drawn := map[string]*unitBar{}
		for {
			s.draw(drawn, snapshot())
			select {
			case <-t.C:
			case <-quit:
				s.draw(drawn, nil)
				return
			}
		}
	})
	return func() {
		close(quit)
		wg.Wait()
	}
}

// unitBar is the bar of one unit: the chunk's frames, and the job's units done of total.
type unitBar struct {
	bar *mpb.Bar
	mu  sync.Mutex
	now watcher.InWork
}

func (u *unitBar) label(decor.Statistics) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return fmt.Sprintf("%s %s", jobfile.Printable(u.now.Clip), u.now.Unit)
}

func (u *unitBar) numbers(decor.Statistics) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	n := u.now
	frames := ""
	if n.Of > 0 { // sound has none
		frames = fmt.Sprintf(" %d/%d frames  %.0f fps ", n.Frames, n.Of, n.FPS)
	}
	return fmt.Sprintf("%s units done %d/%d", frames, n.UnitsDone, n.Units)
}

func (s *screen) draw(drawn map[string]*unitBar, now []watcher.InWork) {
	seen := map[string]bool{}
	for _, n := range now {
		k := n.Job + "/" + string(n.Unit)
		seen[k] = true
		u := drawn[k]
		if u == nil {
			u = &unitBar{now: n}
			u.bar = s.bars.AddBar(max(n.Of, 1), mpb.BarRemoveOnComplete(),
				mpb.PrependDecorators(decor.Any(u.label, decor.WCSyncSpaceR)),
				mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Any(u.numbers)))
			drawn[k] = u
		}
		u.mu.Lock()
		u.now = n
		u.mu.Unlock()
		u.bar.SetCurrent(min(n.Frames, max(n.Of, 1)-1)) // the unit is over when it is verified, not when its last frame is
	}
	for k, u := range drawn {
		if !seen[k] {
			u.bar.Abort(true)
			delete(drawn, k)
		}
	}
}
