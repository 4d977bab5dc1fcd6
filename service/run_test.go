package service

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func program() Program {
	return Program{
		Work:  func(ctx context.Context, _ <-chan struct{}, _ func(string)) error { <-ctx.Done(); return ctx.Err() },
		Turns: func() (uint64, bool) { return 0, false },
		Still: 15 * time.Minute,
	}
}

func skipOnWindows(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its control manager stops services, not signals")
	}
}

func TestASignalEndsTheWorkAtOnce(t *testing.T) {
	skipOnWindows(t)
	stops := make(chan os.Signal, 1)
	p := program()
	p.Stops = stops
	stops <- syscall.SIGTERM
	if err := Run(t.Context(), p); err != nil {
		t.Error(err)
	}
}

func TestWithFinishTheWorkIsToldToDrainFirst(t *testing.T) {
	skipOnWindows(t)
	for _, c := range []struct {
		name    string
		obeys   bool
		signals int
		takes   time.Duration
	}{
		{"drains", true, 1, time.Minute},
		{"is cut off", false, 1, 10 * time.Minute},
		{"told twice", false, 2, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				stops := make(chan os.Signal, 2)
				p := program()
				p.Stops, p.Finish = stops, 10*time.Minute
				p.Work = func(ctx context.Context, drain <-chan struct{}, _ func(string)) error {
					<-drain
					if c.obeys {
						time.Sleep(time.Minute)
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				}
				for range c.signals {
					stops <- syscall.SIGTERM
				}
				start := time.Now()
				if err := Run(t.Context(), p); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took != c.takes {
					t.Errorf("left after %s, not %s", took, c.takes)
				}
			})
		})
	}
}

// A service whose work is over must not stand there as if it ran.
func TestWorkThatEndsEndsTheService(t *testing.T) {
	skipOnWindows(t)
	broken := errors.New("broken")
	for _, err := range []error{broken, nil} {
		p := program()
		p.Work = func(context.Context, <-chan struct{}, func(string)) error { return err }
		got := Run(t.Context(), p)
		if got == nil || err != nil && !errors.Is(got, err) {
			t.Errorf("work ended with %v, the service with %v", err, got)
		}
	}
}

func TestALoopThatStandsStillEndsTheService(t *testing.T) {
	skipOnWindows(t)
	synctest.Test(t, func(t *testing.T) {
		var turns atomic.Uint64
		p := program()
		p.Turns = func() (uint64, bool) { return turns.Load(), true }
		go func() {
			for range 100 {
				time.Sleep(time.Minute)
				turns.Add(1)
			}
		}()
		start := time.Now()
		if err := Run(t.Context(), p); !errors.Is(err, ErrStill) {
			t.Error(err)
		}
		if took := time.Since(start); took < 115*time.Minute || took > 116*time.Minute {
			t.Errorf("it was given up after %s", took)
		}
	})
}

// There is nothing to judge by while the farm is waited for.
func TestWaitingIsNotStandingStill(t *testing.T) {
	skipOnWindows(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		if err := Run(ctx, program()); err != nil {
			t.Error(err)
		}
	})
}

func TestTheManagerIsTold(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only systemd listens")
	}
	dir, err := os.MkdirTemp("", "px") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	heard := listen(t, filepath.Join(dir, "n"))
	stops := make(chan os.Signal, 1)
	p := program()
	p.Stops, p.Still = stops, 300*time.Millisecond
	p.Work = func(ctx context.Context, _ <-chan struct{}, say func(string)) error {
		say("works\nREADY=0")
		<-ctx.Done()
		return nil
	}
	done := make(chan error)
	go func() { done <- Run(t.Context(), p) }()
	want := map[string]bool{"READY=1": true, "STATUS=works READY=0": true, "WATCHDOG=1": true}
	for len(want) > 0 {
		delete(want, <-heard)
	}
	stops <- syscall.SIGTERM
	for m := range heard {
		if m == "STOPPING=1" {
			break
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
