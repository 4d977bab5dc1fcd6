package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/user"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"proxima/jobfile"
	"proxima/service"
	"proxima/watcher"
)

func (a *app) serviceRunCommand() *cobra.Command {
	var o serviceOptions
	cmd := &cobra.Command{
		Use:   "run",
		Short: "What the service manager calls",
		Long: `Works for the farm as "proxima work" does, under a service manager. A farm that is not there,
or settings that cannot be used, are waited for. SIGTERM gives the units in work back, with
--finish after that time.

Exit codes: 0 after a stop, 1 when the work stood still or failed, 78 when the account may do
everything and --allow-root is not given.`,
		Args:        maxArgs(0),
		Annotations: map[string]string{"signals": "own"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.serviceRun(cmd.Context(), o) },
	}
	serviceFlags(cmd, &o)
	return cmd
}

func (a *app) serviceRun(ctx context.Context, o serviceOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	if me, err := user.Current(); err == nil && !o.allowRoot && (service.Privileged(me.Username) || me.Uid == "0" || me.Uid == "S-1-5-18") {
		return &hinted{
			what: "refused to run as " + me.Username + ", which may do everything on this machine",
			next: "name another account: proxima service install --user NAME; or insist: --user " + me.Username + " --allow-root",
			code: service.ExitRefused,
		}
	}
	handler, closeLog, err := a.serviceLog(o.logFile, o.logFormat)
	if err != nil {
		return &hinted{what: "cannot log", err: err, next: "see that the service's account may write there, or give another --log-file", code: exitFailed}
	}
	defer closeLog()
	log := slog.New(handler)
	s := &served{app: a, o: o, log: log}
	s.o.work.log = handler
	err = service.Run(ctx, service.Program{Work: s.work, Turns: s.turns, Still: o.still, Finish: o.finish, Stops: a.signals})
	if err != nil {
		log.Error("the service ends", "why", oneLine(err))
	}
	return err
}

// served is the worker of a service.
type served struct {
	app *app
	o   serviceOptions
	log *slog.Logger
	now atomic.Pointer[watcher.Watcher] // what works; nil while it waits for a farm
}

func (s *served) turns() (uint64, bool) {
	if w := s.now.Load(); w != nil {
		return w.Turns(), true
	}
	return 0, false
}

// between is how long it waits before it tries again, at first and at most.
const (
	betweenFirst = 3 * time.Second
	betweenMost  = time.Minute
)

// work works until it is told to leave. What keeps it from working is waited out: a share that
// comes after this service, a file that a person mends.
func (s *served) work(ctx context.Context, drain <-chan struct{}, say func(string)) error {
	said, wait := "", betweenFirst
	for {
		start := time.Now()
		err := s.once(ctx, drain, say)
		if stopping(ctx, drain) {
			return nil
		}
		if err == nil {
			return errors.New("the worker left by itself")
		}
		if time.Since(start) > betweenMost {
			wait = betweenFirst
		}
		why := oneLine(err)
		if said != why {
			said = why
			s.log.Warn("not working; trying again until it goes", "why", why, "next", nextStep(err))
		}
		say("not working: " + why)
		select {
		case <-ctx.Done():
			return nil
		case <-drain:
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, betweenMost)
	}
}

func stopping(ctx context.Context, drain <-chan struct{}) bool {
	select {
	case <-drain:
		return true
	default:
		return ctx.Err() != nil
	}
}

// once is one try to work.
func (s *served) once(ctx context.Context, drain <-chan struct{}, say func(string)) error {
	a := s.app
	inner := &app{stdin: a.stdin, stdout: a.stdout, stderr: a.stderr, getenv: a.getenv, farmFlag: a.farmFlag, signals: make(chan os.Signal, 2)}
	o := s.o.work
	o.meet = func(w *watcher.Watcher) {
		s.now.Store(w)
		say("working for " + jobfile.Printable(w.Store.Dir()) + " as " + w.ID())
	}
	result := make(chan error, 1)
	go func() { result <- inner.work(ctx, o) }()
	for {
		select {
		case err := <-result:
			s.now.Store(nil)
			return err
		case <-drain:
			drain = nil
			inner.signals <- os.Interrupt
		case <-ctx.Done():
			if s.now.Load() != nil {
				return <-result // it gives back what it holds
			}
			// It holds nothing, and may hang in a call into a share that does not answer: the
			// process ends over it.
			select {
			case err := <-result:
				return err
			case <-time.After(5 * time.Second):
				return ctx.Err()
			}
		}
	}
}

// nextStep is the step that an error suggests.
func nextStep(err error) string {
	var (
		farm  *jobfile.Unusable
		hint  *hinted
		fault *jobfile.Fault
		usage *usageError
	)
	switch {
	case errors.As(err, &farm):
		return farm.Next
	case errors.As(err, &hint):
		return hint.next
	case errors.As(err, &fault):
		return fault.Next
	case errors.As(err, &usage):
		return usage.next
	}
	return ""
}

// serviceLog is where a service logs: a file if one is named, else standard error, which systemd
// and launchd keep. Windows keeps nothing of it, but has a log of events, for warnings.
func (a *app) serviceLog(file, format string) (slog.Handler, func(), error) {
	h := newLineHandler(a.stderr, slog.LevelInfo)
	done := func() {}
	switch {
	case file != "":
		f, err := service.OpenLog(file)
		if err != nil {
			return nil, nil, err
		}
		h.out, h.stamp = f, "2006-01-02 15:04:05 "
		done = func() { _ = f.Close() }
	case a.getenv("JOURNAL_STREAM") != "":
		h.journal = true
	}
	var to slog.Handler = h
	if format == logJSON {
		to = newJSONHandler(h.out, slog.LevelInfo)
	}
	if runtime.GOOS != "windows" {
		return to, done, nil
	}
	events := newLineHandler(eventWriter{}, slog.LevelWarn)
	events.stamp = ""
	return slog.NewMultiHandler(to, events), done, nil
}

// eventWriter writes lines to the system's log of events.
type eventWriter struct{}

func (eventWriter) Write(p []byte) (int, error) { return len(p), service.Event(true, string(p)) }
