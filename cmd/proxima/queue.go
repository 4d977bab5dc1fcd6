package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"proxima/encode"
	"proxima/gather"
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
	notify      bool
	notifySaid  bool
	verbose     bool

	timelines    []string // patterns of their names
	allTimelines bool
	pick         bool
	allMedia     bool
	activeAngles bool
	search       []string // folders
	yes          bool
	export       string // file

	link     bool
	replace  bool
	fuscript string

	chunkOverSet bool
}

func (a *app) queueCommand() *cobra.Command {
	var o queueOptions
	cmd := &cobra.Command{
		Use:   "queue SOURCE...",
		Short: "Ask the farm for proxies of clips",
		Long: `Probes each source, plans how to divide it and puts a job for it into the farm. A source
is a media file, a folder that is searched for media, or what an editor exports: then the media
that its timeline uses are queued, and no others.

  OTIO (.otio .otioz .otiod), FCPXML (.fcpxml .fcpxmld), Final Cut Pro 7 and Premiere (.xml),
  edit lists (.edl), Avid logs (.ale), Resolve's metadata (.csv) and projects (.drp .drt),
  lists of paths (.txt)

The word resolve means the project that is open in DaVinci Resolve Studio on this machine, whose
clips are read with the data levels and flips that are set there. --wait --link links the proxies
when they are made.

Of several timelines choose with --timeline, --all-timelines or --pick. Media are found where the
timeline says, on any platform that farm.yaml has roots for, and below --search by name, reel and
timecode. Titles, generators, stills and sound are left out.

A proxy goes to the folder Proxy beside its source, where editors look by themselves, or
below --output in the same folders as the sources. What stands there already is left if its
frames, rate and timecode are its source's.

Where a timeline is queued, or more than 50 clips, a summary is shown, and on a terminal a
question asked.`,
		Example: `  proxima queue A001_C002.mov DAY_01/ --preset edit_proxy --wait
  proxima queue DAY_01/ --output /mnt/proxies --dry-run
  proxima queue reel1.fcpxml                            what the edit uses
  proxima queue film.otio --timeline 'reel *' --yes     of several timelines
  proxima queue conform.edl --search /mnt/footage       by reel, name and timecode
  proxima queue reel1.fcpxml --wait --export reel1_proxies.fcpxml
  proxima queue resolve --wait --link                   what is open in DaVinci Resolve`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{"nothing to queue", "proxima queue CLIP.mov FOLDER/ EDIT.fcpxml ..."}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.link && (!o.wait || !slices.Contains(args, openInResolve)) {
				return &usageError{"--link is for proxies of the open project, once they are made", "proxima queue resolve --wait --link; or later: proxima link"}
			}
			if o.export != "" && slices.Contains(args, openInResolve) {
				return &usageError{"--export writes a timeline's file again, and what is open in Resolve is none", "export the timeline from Resolve, and name that file; or: proxima queue resolve --wait --link"}
			}
			o.chunkOverSet = cmd.Flags().Changed("chunk-over")
			if o.notify && !o.wait {
				return &usageError{"--notify tells when a wait is over", "proxima queue --wait --notify"}
			}
			o.notifySaid = cmd.Flags().Changed("notify")
			return a.queue(cmd.Context(), args, o)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.presets, "preset", nil, "recipe `name`; repeat it for several proxies of each clip (default: farm.yaml's)")
	f.StringArrayVar(&o.sets, "set", nil, "lay `field=value` over the presets, as crf=20; repeat it for more")
	f.StringVar(&o.output, "output", "", "`folder` to mirror the sources' folders in (default: Proxy beside each source)")
	f.IntVar(&o.priority, "priority", 50, "0 to 99, higher goes first")
	f.StringVar(&o.existing, "existing", "skip", "where a proxy stands already: skip, overwrite or keep-both")
	f.StringArrayVar(&o.timelines, "timeline", nil, "queue the timelines whose name matches `pattern`: * is any text, capitals do not matter; repeat it for more")
	f.BoolVar(&o.allTimelines, "all-timelines", false, "queue what any of the timelines uses")
	f.BoolVar(&o.pick, "pick", false, "pick timelines from a list")
	f.BoolVar(&o.allMedia, "all-media", false, "queue all media of a timeline's file, used or not")
	f.BoolVar(&o.activeAngles, "active-angles", false, "of multicam clips and auditions only what is picked")
	f.StringArrayVar(&o.search, "search", nil, "look in `folder` for media that are not where the timeline says; repeat it for more")
	f.BoolVar(&o.link, "link", false, "with resolve and --wait: link the proxies when they are made")
	f.BoolVar(&o.replace, "replace", false, "with --link: also where this or another proxy is linked and in use")
	fuscriptFlag(cmd, &o.fuscript)
	f.BoolVarP(&o.yes, "yes", "y", false, "ask nothing")
	f.StringVar(&o.export, "export", "", "write the FCPXML or OTIO timeline again to `file`, with the proxies in it")
	f.DurationVar(&o.chunkOver, "chunk-over", 0, "divide clips at least this `long` (default: farm.yaml's duration_worth_chunking, 45s)")
	f.DurationVar(&o.chunkLength, "chunk-length", 0, "how `long` a chunk should be (default: farm.yaml's, finer when the room is idle)")
	f.BoolVar(&o.wait, "wait", false, "wait until all are made, with progress")
	f.BoolVar(&o.notify, "notify", false, "with --wait: tell on the desktop when all is over (or notify: true in config.yaml)")
	f.BoolVar(&o.dryRun, "dry-run", false, "show the plan, queue nothing")
	f.BoolVar(&o.json, "json", false, "print one JSON document")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "list what was skipped, too")
	return cmd
}

func (o *queueOptions) validate() error {
	switch {
	case o.priority < 0 || o.priority > 99:
		return &usageError{fmt.Sprintf("--priority %d is not between 0 and 99", o.priority), "50 is the usual one, higher goes first"}
	case !slices.Contains([]string{"skip", "overwrite", "keep-both"}, o.existing):
		return &usageError{"--existing " + jobfile.Quote(o.existing) + " is not skip, overwrite or keep-both", "leave it out to skip"}
	case o.chunkOverSet && o.chunkOver < 0:
		return &usageError{"--chunk-over is negative", "0s divides every clip that can be"}
	case len(o.timelines) > 0 && o.allTimelines, o.pick && (len(o.timelines) > 0 || o.allTimelines), o.allMedia && (len(o.timelines) > 0 || o.allTimelines || o.pick):
		return &usageError{"--timeline, --all-timelines, --pick and --all-media exclude each other", "give one of them"}
	case o.export != "" && (o.dryRun || o.json):
		return &usageError{"--export does not go with --dry-run or --json", "leave one of them out"}
	case o.chunkLength != 0 && o.chunkLength < time.Second:
		return &usageError{"--chunk-length must be at least 1s", "leave it out: about a minute is best"}
	}
	return nil
}

// queuing is one run of queue: what it was asked for, and what it works with.
type queuing struct {
	*app
	o       queueOptions
	store   *jobfile.Store
	farm    *jobfile.Farm
	conf    userConfig
	orders  *orders
	output  string
	tools   *encode.Tools
	probes  *probes
	finder  *gather.Finder
	sources []source
	taken   *takenBy
	linking *linking // with --link; nil otherwise
}

func (a *app) newQueuing(ctx context.Context, o queueOptions) (*queuing, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	for _, dir := range o.search {
		if !isFolder(dir) {
			return nil, &usageError{"--search " + jobfile.Quote(dir) + " is no folder", "name one that is mounted on this machine"}
		}
	}
	store, farm, conf, err := a.openFarm()
	if err != nil {
		return nil, err
	}
	o.notify = o.notify || conf.Notify && !o.notifySaid
	q := &queuing{app: a, o: o, store: store, farm: farm, conf: conf}
	if q.orders, err = a.newOrders(store, farm, &conf, o.presets, o.sets); err != nil {
		return nil, err
	}
	if q.output, err = outputFolder(o); err != nil { // while the look at the farm, on the same share mostly, is fresh
		return nil, err
	}
	return q, nil
}

// ready finds the programs, before anything is looked into.
func (q *queuing) ready(ctx context.Context) (err error) {
	if q.tools != nil {
		return nil
	}
	if q.tools, err = q.app.tools(ctx, q.conf); err != nil {
		return err
	}
	q.probes = newProbes(q.tools)
	q.finder = q.newFinder()
	return nil
}

// queue queues what the arguments name: files, folders and timelines.
func (a *app) queue(ctx context.Context, args []string, o queueOptions) error {
	q, err := a.newQueuing(ctx, o)
	if err != nil {
		return err
	}
	if err := q.read(ctx, args); err != nil {
		return err
	}
	if o.export != "" {
		e, err := q.newExport(args)
		if err != nil {
			return err
		}
		return q.run(ctx, func(clips []clip) error {
			r, err := e.write(proxiesOf(clips))
			if err == nil {
				a.reportExport(e, r)
			}
			return err
		})
	}
	if q.linking == nil {
		return q.run(ctx, nil)
	}
	err = q.run(ctx, func(clips []clip) error { return q.linkMade(ctx, clips) })
	if err == nil {
		err = q.linking.err
	}
	return err
}

// run goes from the sources to jobs, and to proxies with --wait. then, which may be nil, is called
// with what came of it when all is queued and, with --wait, made: each clip tells its source, its
// proxy and, in media, what of a project it is.
func (q *queuing) run(ctx context.Context, then func([]clip) error) error {
	var err error
	if q.taken, err = taken(q.store, roots(q.farm)); err != nil {
		return err
	}
	if err := q.choose(ctx); err != nil {
		return err
	}
	if err := q.ready(ctx); err != nil {
		return err
	}
	asked, err := q.collect(ctx)
	if err != nil {
		return err
	}
	found, err := q.probeAll(ctx, asked)
	if err != nil {
		return err
	}
	clips, err := q.planAll(ctx, found)
	if err != nil {
		return err
	}
	if err := q.preflight(ctx, q.tools, q.store, clips); err != nil {
		return err
	}
	r := report{o: q.o, clips: clips, projects: q.projects()}
	if err := q.ask(ctx, &r); err != nil {
		return err
	}
	if !q.o.dryRun {
		if err := q.create(ctx, clips); err != nil {
			return err
		}
	}
	if !q.o.json {
		q.printPlan(&r)
	}
	var failed int
	if q.o.wait && !q.o.dryRun {
		if failed, err = q.wait(ctx, q.store, clips, q.o); err != nil {
			return err
		}
	}
	if then != nil {
		if err := then(clips); err != nil {
			return err
		}
	}
	if q.o.json {
		if err := q.printQueueJSON(&r); err != nil {
			return err
		}
	}
	return verdict(clips, failed)
}

// projects are those among the sources.
func (q *queuing) projects() []*project {
	var out []*project
	for _, s := range q.sources {
		if s.project != nil {
			out = append(out, s.project)
		}
	}
	return out
}
