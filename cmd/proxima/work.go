package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"proxima/encode"
	"proxima/internal/awake"
	"proxima/internal/load"
	"proxima/jobfile"
	"proxima/jobfile/sharefs"
	"proxima/presets"
	"proxima/watcher"
)

type workOptions struct {
	name      string
	slots     int
	untilIdle bool
	lease     time.Duration
	maySleep  bool
	allow     []string
	metrics   string
	logFormat string

	log  slog.Handler           // nil: lines on stderr
	meet func(*watcher.Watcher) // is shown the worker before it starts
}

func (a *app) workCommand() *cobra.Command {
	var o workOptions
	cmd := &cobra.Command{
		Use:   "work",
		Short: "Work for the farm in the foreground",
		Long: `Watches the farm folder, claims units of work and encodes them, until it is told to stop.

Ctrl-C once: finishes the units in work, then leaves. Ctrl-C twice, or SIGTERM: gives them
back at once and leaves. Nothing is lost either way, nor when the machine loses power: the
others take over what it held.`,
		Example:     "  proxima work --farm /mnt/share/farm\n  proxima work --slots 2 --until-idle",
		Args:        maxArgs(0),
		Annotations: map[string]string{"signals": "own"},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.work(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "this worker's `name` (default: the host's)")
	f.IntVar(&o.slots, "slots", 0, "units to run at `once` (default: what the presets' threads and this machine's cores give)")
	f.BoolVar(&o.untilIdle, "until-idle", false, "leave when nothing is left that this machine could do")
	f.DurationVar(&o.lease, "lease", 0, "after what `time` of silence a worker is dead (default: farm.yaml's, 3m)")
	f.StringArrayVar(&o.allow, "allow", nil, "`folder` that jobs may read and write on this machine; repeat it for more (default: farm.yaml's roots, or any)")
	f.StringVar(&o.metrics, "metrics", "", "answer Prometheus at this `address`, as 127.0.0.1:9465 (/metrics)")
	f.StringVar(&o.logFormat, "log-format", logText, "write messages as text or `json`; with json without bars")
	f.BoolVar(&o.maySleep, "may-sleep", false, "let the machine fall asleep while it encodes")
	return cmd
}

func (a *app) work(ctx context.Context, o workOptions) error {
	store, farm, conf, err := a.openFarm()
	if err != nil {
		return err
	}
	switch {
	case o.slots < 0 || o.slots > 1024:
		return &usageError{"--slots must be between 1 and 1024", "leave it out to let the presets decide"}
	case o.log == nil && checkLogFormat(o.logFormat) != nil:
		return checkLogFormat(o.logFormat)
	case o.lease != 0 && o.lease < time.Second:
		return &usageError{"--lease must be at least 1s", "network shares stall for minutes: less than 2m is for tests"}
	}
	if o.slots == 0 {
		o.slots = conf.Slots
	}
	if o.lease == 0 {
		o.lease = farm.Defaults.Lease.D()
	}
	name := o.name
	if name == "" {
		name = conf.Name
	}
	if name == "" {
		name = jobfile.Hostname()
	}
	over, duty, err := a.overrides(store, farm, conf, jobfile.WorkerName(name))
	if err != nil {
		return err
	}
	enc := &encoder{find: func(ctx context.Context) (*encode.Tools, error) { return a.tools(ctx, conf) }}
	_, sick := enc.get(ctx)
	if sick != nil && (o.untilIdle || ctx.Err() != nil) {
		return sick
	}
	encode.Tidy()
	if err := store.Trial(); err != nil {
		return err
	}
	kind := sharefs.KindOf(store.Dir())
	screen := newScreen(a.stderr)
	log := slog.New(newLineHandler(screen, slog.LevelInfo))
	if o.logFormat == logJSON {
		screen.bare = true
		log = slog.New(newJSONHandler(screen, slog.LevelInfo))
	}
	if o.log != nil {
		log = slog.New(o.log)
	}
	if len(o.allow) == 0 {
		o.allow = conf.Allow
	}
	for _, dir := range o.allow {
		if !filepath.IsAbs(dir) {
			return &usageError{"allow: " + jobfile.Quote(dir) + " is not an absolute path", "write the whole path, as this machine has it"}
		}
	}
	cores, err := conf.Cores.of(runtime.NumCPU())
	if err != nil {
		return err
	}
	keepAwake := awake.Keep
	if o.maySleep || conf.MaySleep {
		keepAwake = nil
	}
	var tries []jobfile.Recipe
	if !o.untilIdle { // who leaves soon need not be known
		set, err := a.allPresets(store)
		if err != nil { // jobs have their recipes; a mistake in a file stops those who queue
			log.Warn("the presets cannot be read; only what is built in is tried", "why", oneLine(err))
			set = presets.Builtin()
		}
		tries = trials(set)
	}
	c := watcher.Config{
		Store: store, Encoder: enc, Log: log,
		Name: name, Version: versionText(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Roots: roots(farm), Fence: fence(store, farm, o.allow), Slots: o.slots, Cores: cores, Lease: o.lease,
		UntilIdle: o.untilIdle, Settle: kind.Settle(), Recipes: overridden(over), Trials: tries,
		Keep: farm.Keep, KeepFree: farm.Defaults.KeepFree, Copies: farm.Defaults.BackupCopies, Space: sharefs.Space, KeepAwake: keepAwake, Load: load.Reader(),
	}
	if err := onDuty(&c, duty); err != nil {
		return err
	}
	w := watcher.New(c)
	log.Info("working", "farm", store.Dir(), "on", string(kind), "worker", w.ID(), "with", enc.Version())
	if kind == sharefs.FUSE {
		log.Warn("this folder is on FUSE (sshfs, a cloud drive); expect late starts and work that is done twice, and prefer NFS or SMB")
	}
	if fault := (*jobfile.Fault)(nil); errors.As(sick, &fault) {
		log.Warn("this machine cannot encode yet; it takes part once it can", "why", fault.Error(), "next", fault.Next)
	}

	stopMetrics, err := a.workMetrics(ctx, log, w, o.metrics, conf.Metrics)
	if err != nil {
		return err
	}
	defer stopMetrics()
	if o.meet != nil {
		o.meet(w)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	drain := make(chan struct{})
	ended := make(chan struct{})
	defer close(ended)
	stopDrawing := screen.follow(func() ([]watcher.InWork, int) { return w.Snapshot(), w.SlotsTold() })
	go a.minded(log, drain, cancel, ended)
	err = w.Run(ctx, drain)
	stopDrawing()
	switch {
	case errors.Is(err, watcher.ErrStopped):
		log.Info("left")
		return errInterrupted
	case err != nil:
		return err
	}
	ids, _, err := store.JobIDs()
	if err != nil || len(ids) == 0 {
		log.Info("left; nothing is left to do")
		return nil
	}
	log.Warn("left; what remains is not for this machine, proxima status tells why", "jobs", len(ids))
	return nil
}

// minded turns signals into the two ways of leaving: the first interrupt drains, a second one
// or a terminate ends at once.
func (a *app) minded(log *slog.Logger, drain chan<- struct{}, cancel context.CancelFunc, ended <-chan struct{}) {
	draining := false
	for {
		var s os.Signal
		select {
		case s = <-a.signals:
		case <-ended:
			return
		}
		if isInterrupt(s) && !draining {
			draining = true
			log.Info("asked to leave; asked once more, it gives what is in work back at once")
			close(drain)
			continue
		}
		cancel()
		return
	}
}
