package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	ks "github.com/kardianos/service"
)

// ExitRefused is the exit code of a service that refuses to run at all, so that its manager does
// not start it again: EX_CONFIG of sysexits.h.
const ExitRefused = 78

// ErrStill is Run's error when the work stood still for too long.
var ErrStill = errors.New("the work stands still; ending, to be started anew")

// Program is what Run runs.
type Program struct {
	// Work works until ctx ends, when it leaves at once, or until drain is closed and what it
	// holds is finished. Told to leave, its error counts for nothing. say tells the manager, in
	// a few words, how it stands.
	Work func(ctx context.Context, drain <-chan struct{}, say func(string)) error
	// Turns grows while the work is alive; it may be called at any time. Where it stood still for
	// Still the process ends. ok false: there is nothing yet to judge by.
	Turns func() (turns uint64, ok bool)
	Still time.Duration
	// Finish is for how long Work may finish what it holds after a stop.
	Finish time.Duration
	// Stops are the signals of managers that send some.
	Stops <-chan os.Signal
}

// Run runs a program under the manager that started this process, until the manager or a signal
// of Stops stops it, ctx ends, or the work ends or stands still, which is an error. In the last
// case the work may still run: the process must end.
func Run(ctx context.Context, p Program) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &runner{Program: p, ctx: ctx, cancel: cancel, drain: make(chan struct{}), over: make(chan struct{})}
	svc, err := ks.New(r, &ks.Config{Name: Name, Option: ks.KeyValue{"RunWait": r.wait}})
	if err != nil {
		return fmt.Errorf("this system has no service manager that is known here: %w", err)
	}
	err = svc.Run()
	if r.err != nil && !r.asked.Load() {
		return r.err
	}
	return err
}

// runner is a program in the library's hands.
type runner struct {
	Program
	ctx    context.Context // of the one Run that made it
	cancel context.CancelFunc
	drain  chan struct{}
	over   chan struct{} // the work ended, or is given up
	ending sync.Once
	err    error // why; after over
	asked  atomic.Bool
}

// Start must not block.
func (r *runner) Start(ks.Service) error {
	notify("READY=1")
	go func() {
		err := r.Work(r.ctx, r.drain, func(s string) { notify("STATUS=" + s) })
		if err == nil && !r.asked.Load() {
			err = errors.New("the work ended by itself")
		}
		r.end(err)
	}()
	go func() {
		if (&dog{turns: r.Turns, still: r.Still, alive: func() { notify("WATCHDOG=1") }}).watch(r.ctx) {
			r.end(ErrStill)
		}
	}()
	return nil
}

func (r *runner) end(err error) {
	r.ending.Do(func() {
		r.err = err
		close(r.over)
		if runtime.GOOS == "windows" && !ks.Interactive() && !r.asked.Load() {
			// The library waits for a stop that never comes, and the service would be called
			// running for ever. A process that is gone is a crash, after which it is started anew.
			os.Exit(1)
		}
	})
}

// wait is how long the library lets the program run, but on Windows.
func (r *runner) wait() {
	select {
	case <-r.Stops:
		r.asked.Store(true)
	case <-r.over:
	case <-r.ctx.Done():
		r.asked.Store(true)
	}
}

// Stop returns when the work has ended.
func (r *runner) Stop(ks.Service) error {
	select {
	case <-r.over: // by itself, or given up
		return nil
	default:
	}
	r.asked.Store(true)
	notify("STOPPING=1")
	if r.Finish > 0 {
		close(r.drain)
		select {
		case <-r.over:
		case <-r.Stops: // told again
		case <-r.ctx.Done():
		case <-time.After(r.Finish):
		}
	}
	r.cancel()
	<-r.over
	return nil
}

// Shutdown is Windows going down, which waits for seconds only.
func (r *runner) Shutdown(s ks.Service) error {
	r.Finish = 0
	return r.Stop(s)
}
