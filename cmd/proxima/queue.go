package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/sync/errgroup"

	"proxima/encode"
	"proxima/jobfile"
)

type queueOptions struct {
	presets     []string
	sets        []string
	output      string
	priority    int
	existing    string
	chunkOver   time.Duration
	chunkLength time.Duration
	wait        bool
	dryRun      bool
	json        bool
	verbose     bool
}

func (a *app) queueCommand() *cobra.Command {
	var o queueOptions
	cmd := &cobra.Command{
		Use:   "queue SOURCE...",
		Short: "Ask the farm for proxies of clips",
		Long: `Probes each source, plans how to divide it and puts a job for it into the farm. A source
is a media file, or a folder that is searched for media.

A proxy goes to the folder Proxy beside its source, where editors look by themselves, or
below --output in the same folders as the sources.`,
		Example: "  proxima queue A001_C002.mov DAY_01/ --preset edit_proxy --wait\n  proxima queue DAY_01/ --output /mnt/proxies --dry-run",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"nothing to queue", "proxima queue CLIP.mov FOLDER/ ..."}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.queue(cmd.Context(), args, o, cmd.Flags().Changed("chunk-over"))
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.presets, "preset", nil, "recipe `name`; repeat it for several proxies of each clip (default: farm.yaml's)")
	f.StringArrayVar(&o.sets, "set", nil, "lay `field=value` over the presets, as crf=20; repeat it for more")
	f.StringVar(&o.output, "output", "", "`folder` to mirror the sources' folders in (default: Proxy beside each source)")
	f.IntVar(&o.priority, "priority", 50, "0 to 99, higher goes first")
	f.StringVar(&o.existing, "existing", "skip", "where a proxy stands already: skip, overwrite or keep-both")
	f.DurationVar(&o.chunkOver, "chunk-over", 0, "divide clips at least this `long` (default: farm.yaml's duration_worth_chunking, 45s)")
	f.DurationVar(&o.chunkLength, "chunk-length", 0, "how `long` a chunk should be (default: farm.yaml's, finer when the room is idle)")
	f.BoolVar(&o.wait, "wait", false, "wait until all are made, with progress")
	f.BoolVar(&o.dryRun, "dry-run", false, "show the plan, queue nothing")
	f.BoolVar(&o.json, "json", false, "print one JSON document")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list what was skipped, too")
	return cmd
}

func (o *queueOptions) validate(chunkOverSet bool) error {
	switch {
	case o.priority < 0 || o.priority > 99:
		return &usageError{fmt.Sprintf("--priority %d is not between 0 and 99", o.priority), "50 is the usual one, higher goes first"}
	case !slices.Contains([]string{"skip", "overwrite", "keep-both"}, o.existing):
		return &usageError{"--existing " + jobfile.Quote(o.existing) + " is not skip, overwrite or keep-both", "leave it out to skip"}
	case chunkOverSet && o.chunkOver < 0:
		return &usageError{"--chunk-over is negative", "0s divides every clip that can be"}
	case o.chunkLength != 0 && o.chunkLength < time.Second:
		return &usageError{"--chunk-length must be at least 1s", "leave it out: about a minute is best"}
	}
	return nil
}

func (a *app) queue(ctx context.Context, args []string, o queueOptions, chunkOverSet bool) error {
	if err := o.validate(chunkOverSet); err != nil {
		return err
	}
	store, farm, conf, err := a.openFarm()
	if err != nil {
		return err
	}
	orders, err := a.newOrders(store, farm, &conf, o.presets, o.sets)
	if err != nil {
		return err
	}
	output, err := outputFolder(o) // while the look at the farm, on the same share mostly, is fresh
	if err != nil {
		return err
	}
	tools, err := a.tools(ctx, conf)
	if err != nil {
		return err
	}
	found, err := a.probeAll(ctx, tools, gather(args), o)
	if err != nil {
		return err
	}
	pl := planner{
		tools: tools, roots: roots(farm), fence: fence(store, farm, conf.Allow), output: output, existing: o.existing,
		policy: o.policy(farm, chunkOverSet), priority: o.priority, now: time.Now(), by: whoami(),
	}
	clips, err := a.planAll(ctx, store, orders, pl, found)
	if err != nil {
		return err
	}
	if err := a.preflight(ctx, tools, store, clips); err != nil {
		return err
	}
	if !o.dryRun {
		if err := a.create(ctx, store, roots(farm), clips); err != nil {
			return err
		}
	}
	var failed int
	if !o.json {
		a.printPlan(clips, o)
	}
	if o.wait && !o.dryRun {
		if failed, err = a.wait(ctx, store, clips, o); err != nil {
			return err
		}
	}
	if o.json {
		if err := a.printQueueJSON(clips); err != nil {
			return err
		}
	}
	return verdict(clips, failed)
}

// outputFolder makes the folder that --output names: here, where a person asked for it, and
// not later on a worker, where its absence means that a mount is missing.
func outputFolder(o queueOptions) (string, error) {
	if o.output == "" {
		return "", nil
	}
	abs, err := filepath.Abs(o.output)
	if err == nil && !o.dryRun {
		err = os.MkdirAll(abs, 0o775)
	}
	if err != nil {
		return "", &hinted{what: "cannot make the output folder", err: err, code: exitRefused, next: "check the path and that you may write there"}
	}
	return abs, nil
}

// barFrom is from how many files on probing shows a bar.
const barFrom = 10

// probeAll probes several files at once, since most of a probe is waiting for the share.
func (a *app) probeAll(ctx context.Context, t *encode.Tools, cs []candidate, o queueOptions) ([]probed, error) {
	out := make([]probed, len(cs))
	var step func()
	stop := func() {}
	if len(cs) >= barFrom && !o.json {
		step, stop = a.countBar("probing", len(cs))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(4, 2*runtime.NumCPU()))
	for i, c := range cs {
		g.Go(func() error {
			out[i] = probe(gctx, t, c)
			if step != nil {
				step()
			}
			return gctx.Err()
		})
	}
	err := g.Wait()
	stop()
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	return out, err
}

// countBar shows a bar on a terminal and a line at each tenth elsewhere.
func (a *app) countBar(what string, total int) (step, stop func()) {
	if !isTerminal(a.stderr) {
		var mu sync.Mutex
		n := 0
		return func() {
			mu.Lock()
			defer mu.Unlock()
			n++
			if n*10/total != (n-1)*10/total {
				fmt.Fprintf(a.stderr, "%s %d/%d\n", what, n, total)
			}
		}, func() {}
	}
	p := mpb.New(mpb.WithOutput(a.stderr), mpb.WithWidth(40), mpb.WithAutoRefresh())
	bar := p.AddBar(int64(total), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(what+" "), decor.CountersNoUnit("%d/%d")),
		mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Name("  "), decor.AverageETA(decor.ET_STYLE_MMSS)))
	return bar.Increment, func() { bar.Abort(true); p.Wait() }
}

// policy is how clips are divided in a room whose size is not known yet.
func (o *queueOptions) policy(farm *jobfile.Farm, chunkOverSet bool) jobfile.Policy {
	p := jobfile.Policy{ChunkOver: farm.Defaults.DurationWorthChunking.D(), ChunkLength: farm.Defaults.ChunkLength.D()}
	if chunkOverSet {
		p.ChunkOver = o.chunkOver
	}
	if o.chunkLength > 0 {
		p.ChunkLength, p.Fixed = o.chunkLength, true
	}
	return p
}

// planAll plans every source with each preset that it is to be made with.
func (a *app) planAll(ctx context.Context, store *jobfile.Store, orders *orders, pl planner, found []probed) ([]clip, error) {
	var waiting int
	var err error
	if pl.taken, waiting, err = takenOutputs(store, pl.roots); err != nil {
		return nil, err
	}
	ws, _, err := store.Workers()
	if err != nil {
		return nil, err
	}
	type task struct {
		probed
		*order
		why string
	}
	var tasks []task
	for _, p := range found {
		if p.facts == nil {
			tasks = append(tasks, task{p, nil, ""})
			continue
		}
		os, why, err := orders.of(&p)
		if err != nil {
			return nil, err
		}
		for _, o := range os {
			tasks = append(tasks, task{p, o, why})
			waiting++
		}
		if len(os) == 0 { // skipped, and p says why
			tasks = append(tasks, task{p, nil, why})
		}
	}
	var clips []clip
	for _, t := range tasks {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		one := pl
		if one.order = t.order; t.order != nil {
			for _, w := range ws {
				one.policy.Slots += w.Places(&t.order.recipes[0])
			}
			one.policy.Waiting = waiting - 1
		}
		c := one.plan(ctx, t.probed)
		c.Rule = t.why
		clips = append(clips, c)
	}
	return clips, nil
}

// takenOutputs tells where the proxies of unfinished jobs will go, and how many jobs wait.
func takenOutputs(store *jobfile.Store, r jobfile.Roots) (map[string]string, int, error) {
	taken := map[string]string{}
	ids, _, err := store.JobIDs()
	if err != nil {
		return nil, 0, err
	}
	for _, id := range ids {
		j, err := store.Job(id)
		if err != nil {
			continue // a broken job says so itself
		}
		if out, err := r.Locate(j.Output.Path); err == nil {
			if m, _, err := store.Marker(id); err == nil && m != nil {
				continue
			}
			taken[fold(out)] = queuedMark + id
		}
	}
	return taken, len(ids), nil
}

// makeBelow makes a folder and those above it, but not base and what is above that: it was
// there when this queue began, and if it is not any more its share was unmounted. What is made
// then lies under the mount point and makes workers believe that the share is there.
func makeBelow(base, dir string) error {
	if st, err := os.Stat(base); err != nil {
		return err
	} else if !st.IsDir() {
		return fs.ErrNotExist
	}
	return os.MkdirAll(dir, 0o775)
}

func whoami() string {
	name := "someone"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return jobfile.Printable(name + "@" + jobfile.Hostname())
}

// create puts the jobs into the farm, in the order of their sources.
func (a *app) create(ctx context.Context, store *jobfile.Store, roots jobfile.Roots, clips []clip) error {
	for i := range clips {
		c := &clips[i]
		if c.job == nil {
			continue
		}
		if ctx.Err() != nil {
			return errInterrupted
		}
		// A proxy's own folder, made where it was asked for, proves on each worker that its
		// mount is there; the folder above it may be a mount point, which always exists. Who may
		// not write there leaves it to the workers.
		if base, err := roots.Locate(c.job.Output.Base); err == nil && makeBelow(base, filepath.Dir(c.Output)) == nil {
			c.job.Output.Base = roots.Name(filepath.Dir(c.Output))
		}
		if err := store.Create(c.job, c.assets...); err != nil {
			if _, ferr := store.Farm(); ferr != nil {
				return ferr
			}
			return &hinted{what: "cannot queue " + jobfile.Quote(c.Source), err: err, next: "check that you may write in the farm folder and that its disk has room; what was queued before stays"}
		}
	}
	return nil
}
