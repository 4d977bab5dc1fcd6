// Package watcher is the daemon: it looks at the farm folder, decides by jobfile's rules and
// acts. A look is caused by a tick or by a file-system event, which are hints and nothing
// more: what is true is what a listing shows.
//
// One goroutine looks and decides. Beside it run one for the heartbeat, one for events, one that guards
// the units in work and one for each of them; all of them have ended when Run returns.
package watcher

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"proxima/jobfile"
)

// Encoder makes parts and whole files. It must end with its context, leaving no process and
// no partial file behind, and say whose fault a failure is by a *jobfile.Fault.
type Encoder interface {
	// Version names the build; parts of one job should come from one.
	Version() string
	// Able tries a recipe for real: nil, or a fault of this machine.
	Able(ctx context.Context, r *jobfile.Recipe) error
	// Encode makes one unit's parts and checks them. Of the result it fills what it knows:
	// parts, warnings.
	Encode(ctx context.Context, w Work) (*jobfile.Result, error)
	// Stitch joins the parts of all units to target and verifies it.
	Stitch(ctx context.Context, j Join) (*jobfile.Final, error)
	// Ours tells whether a file is a proxy that Proxima made; an error where it cannot be read.
	Ours(ctx context.Context, file string) (bool, error)
	// Verify compares any file with what a stitch of these parts would make.
	Verify(ctx context.Context, file string, j Join) (*jobfile.Final, error)
}

// Work is one unit to encode.
type Work struct {
	Job      *jobfile.Job
	Unit     jobfile.Planned
	Source   string // on this machine
	Staging  jobfile.Staging
	Threads  int
	Asset    func(jobfile.Asset) ([]byte, error) // reads a file that the recipe needs
	Log      io.Writer
	Progress func(frames int64, fps float64)
}

// Join is the parts of a job, to be made one file.
type Join struct {
	Job      *jobfile.Job
	Results  []*jobfile.Result // of all units, in the plan's order
	Part     func(name string) (string, error)
	Target   string // file to write
	Log      io.Writer
	Progress func(frames int64, fps float64)
}

// Config is what a daemon needs to know.
type Config struct {
	Store   *jobfile.Store
	Encoder Encoder
	Log     *slog.Logger

	Name      string // of this worker, the same after a restart
	Version   string // of Proxima
	System    string // GOOS/GOARCH
	Roots     jobfile.Roots
	Fence     jobfile.Fence // folders that jobs may name; empty for all
	Slots     int           // units at once, unless a request says otherwise; 0: as many as the recipes' threads and Cores give
	Cores     int           // that units in work may take together
	Lease     time.Duration // after which a silent worker is dead
	UntilIdle bool          // leave when nothing is left that this worker could do
	Settle    time.Duration // between DONE.yaml and the removal of the parts
	// KeepFree is how much room is left alone on the volumes of the farm and the outputs; Space
	// tells what a volume has. Without either nothing is left alone.
	KeepFree jobfile.Bytes
	Space    func(dir string) (free, total uint64, err error)
	// Keep is for how long what nobody needs for the work is kept.
	Keep jobfile.Keep
	// Recipes lists with what this machine would make a job, by its own settings, the best first,
	// and which of them makes the difference; nil: with what the job says.
	Recipes func(*jobfile.Job) (rs []jobfile.Recipe, why string, err error)
	// Trials are recipes whose encoders are tried when the daemon starts, so that others know
	// what this machine can do.
	Trials []jobfile.Recipe
	// Hours is when this worker works, by its own clock; GiveBack gives back what is in work when they
	// end, instead of finishing it.
	Hours    jobfile.Hours
	GiveBack bool
	// Desk tells for how long nobody has touched the machine. While that is less than DeskIdle nothing is
	// begun, and with DeskGiveBack what is in work is given back. Nil works all the same.
	Desk         func(context.Context) (idle time.Duration, err error)
	DeskIdle     time.Duration
	DeskGiveBack bool
	// Copies: when nothing is left to claim, a unit in work elsewhere is begun a second time where that is
	// expected to be ready sooner.
	Copies bool
	// Load tells which part of the machine's processors was in use since it was asked last, 0 to 1, for
	// people. Nil tells nobody.
	Load func() (float64, error)
	// KeepAwake asks the system not to sleep until release is called; nil lets it.
	KeepAwake func(context.Context) (release func(), err error)

	// Timings that follow from the lease; tests may set them.
	Poll time.Duration // between looks when nothing hints at a change
}

// Watcher is one daemon.
type Watcher struct {
	Config
	id       string
	beat     time.Duration
	peers    *peers
	hints    *hints
	outputs  outputs
	ended    chan ending // units report their end here
	draining atomic.Bool // told to leave: claims nothing more
	obey     obedience
	atDesk   bool // somebody was at the machine at the last look
	turns    atomic.Uint64
	tally    tally
	bad      *complaints
	rest     *rest
	orphans  *orphans
	awake    wakefulness
	tight    map[string]*jobfile.Fault  // folders asked in this look, with what is wrong with the room there
	missing  map[jobfile.Ticket]missing // units in no folder, by job and unit
	finished map[string]*finishedJob    // jobs that bear DONE.yaml
	calm     Calm                       // jobs that a look may pass over
	owed     map[string]bool            // jobs of which a unit ended here since this worker looked at them
	scanned  time.Time                  // when a look was at the queue last
	ids      []string                   // the queue, as it was listed last
	listed   time.Time
	crowd    Crowd

	speeds speeds
	copied map[key]bool // tickets of others that were copied here once

	// Of the look that goes on:
	unfit  int  // jobs with nothing for which there is room
	leave  int  // jobs that are left to the others
	found  bool // there was something to claim
	full   bool // there was no room for it
	others []inOthers

	nextExpiry time.Time // when records are looked through next

	settling sync.Mutex // held while a job's recipe is settled

	mu    sync.Mutex
	away  time.Time            // when the farm could last not be used
	parts map[string]knownPart // by job
	busy  map[key]*unit        // what runs; the loop's goroutine writes, Snapshot reads
}

// key is a unit of a job.
type key struct {
	job    string
	ticket jobfile.Ticket
}

type missing struct {
	since time.Time
	looks int
}

// ending is what a unit's goroutine says last.
type ending struct {
	key key
	err error
}

// New returns a daemon that has not started.
func New(c Config) *Watcher {
	if c.Cores < 1 {
		c.Cores = 1
	}
	if c.Poll == 0 {
		c.Poll = PollEvery(c.Lease)
	}
	w := &Watcher{
		Config: c, id: jobfile.NewWorkerID(c.Name), beat: jobfile.BeatEvery(c.Lease),
		hints: newHints(c.Log), outputs: disk{},
		ended: make(chan ending), bad: newComplaints(c.Log), rest: newRest(), orphans: &orphans{store: c.Store, lease: c.Lease},
		missing: map[jobfile.Ticket]missing{}, finished: map[string]*finishedJob{}, calm: Calm{}, owed: map[string]bool{}, copied: map[key]bool{}, parts: map[string]knownPart{}, busy: map[key]*unit{},
	}
	w.Name = jobfile.WorkerName(c.Name)
	w.obey = obedience{id: w.id, name: w.Name, news: make(chan struct{}, 1)}
	if len(c.Hours) > 0 || c.Desk != nil {
		w.obey.extra = w.offDuty
	}
	w.awake = wakefulness{keep: c.KeepAwake, log: c.Log}
	w.peers = newPeers(c.Store, w.id, c.Lease)
	return w
}

// ID is this process's id in the farm.
func (w *Watcher) ID() string { return w.id }

// ErrStopped is Run's answer when it was told to leave.
var ErrStopped = errors.New("stopped")

// Run works until ctx ends, when it gives its units back at once; or until drain is closed
// and the units in work are finished. Both end with ErrStopped. With UntilIdle it ends with
// nil when nothing is left to do. A farm that vanishes is waited for, never an end.
func (w *Watcher) Run(ctx context.Context, drain <-chan struct{}) error {
	w.heed() // so that who is asked not to work says so from the beginning
	me := w.self()
	member, err := w.Store.Join(me)
	if err != nil {
		return err
	}
	member.Load = w.Load
	var wg sync.WaitGroup
	inner, stop := context.WithCancel(context.WithoutCancel(ctx))
	wg.Go(func() { w.hints.run(inner) })
	wg.Go(func() { w.keepBeating(inner, member) })
	wg.Go(func() { w.guard(inner) })
	wg.Go(func() { w.rest.tryAll(inner, w) })

	err = w.loop(ctx, drain)

	stop()
	wg.Wait()
	if lerr := member.Leave(); lerr != nil {
		w.Log.Warn("could not sign off; others see it by the lease", "err", lerr)
	}
	return err
}

// loop looks and decides. All units have ended when it returns.
func (w *Watcher) loop(ctx context.Context, drain <-chan struct{}) error {
	units, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()
	defer func() { // however the loop ends, it waits for its units
		release()
		for w.running() > 0 {
			w.close(<-w.ended)
		}
		w.awake.want(ctx, false)
	}()
	idle, together := 0, true // workers may have started at one instant
	tick := time.NewTimer(0)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ErrStopped
		case <-drain:
			drain = nil
			w.draining.Store(true)
			w.Log.Info("finishing the units in work, then leaving", "units", w.running())
		case e := <-w.ended:
			w.close(e)
		case <-w.hints.C():
			together = true
		case <-tick.C:
		}
		w.turns.Add(1)
		if w.draining.Load() && w.running() == 0 {
			return ErrStopped
		}
		left := w.look(ctx, units, together)
		together = false
		w.awake.want(ctx, w.running() > 0)
		if left {
			idle = 0
		} else if idle++; w.UntilIdle && w.running() == 0 && idle >= 2 {
			return nil
		}
		next := NextLook(w.Poll, left, rand.Float64())
		if !left && w.UntilIdle {
			next = min(next, 500*time.Millisecond) // one more look, then leave
		}
		tick.Reset(next)
	}
}

// keepBeating raises the heartbeat and renews the worker's document until ctx ends. A call
// that stalls or fails tells that this machine could not see the share either.
func (w *Watcher) keepBeating(ctx context.Context, member *jobfile.Membership) {
	beat := time.NewTicker(w.beat)
	defer beat.Stop()
	every := ReportEvery(1, w.beat)
	report := time.NewTicker(every)
	defer report.Stop()
	var reported time.Time
	for {
		var start time.Time
		var err error
		about, what := "beat", "cannot renew this worker's heartbeat"
		select {
		case <-ctx.Done():
			return
		case <-w.obey.news:
			about, what = "document", "cannot renew this worker's document"
			start = time.Now()
			reported = start
			err = member.Report(w.self())
		case <-beat.C:
			start = time.Now()
			err = member.Beat()
		case <-report.C:
			start = time.Now()
			if start.Sub(reported) < ReportEvery(w.peers.here(), w.beat)-every/2 {
				continue
			}
			reported = start
			about, what = "document", "cannot renew this worker's document"
			err = member.Report(w.self())
		}
		if err != nil || time.Since(start) > w.Lease/6 {
			w.peers.doubt()
		}
		if err != nil {
			w.noteAwayIf(err)
			w.bad.say(about, what, err)
		} else {
			w.bad.clear(about)
		}
	}
}

// self describes this worker for its document.
func (w *Watcher) self() *jobfile.Worker {
	slots := w.slots()
	auto := slots == 0
	if auto {
		slots = max(1, w.Cores/2) // what the recipes that come with Proxima make of it
	}
	d := &jobfile.Worker{
		ID: w.id, Name: w.Name, Host: jobfile.Hostname(), PID: pid, Version: w.Version,
		Encoder: w.Encoder.Version(), System: w.System, Started: started,
		Slots: slots, AutoSlots: auto, Cores: w.Cores,
		State: "idle", Reason: w.rest.reason(), Updated: now(),
	}
	d.Can, d.Cannot = w.rest.abilities()
	if d.Reason != "" {
		d.State = "resting"
	}
	for _, b := range w.Snapshot() {
		d.Busy = append(d.Busy, b.Busy)
		d.State = "working"
	}
	w.obey.describe(d)
	if w.draining.Load() {
		d.State = "draining"
	}
	return d
}

// InWork is one unit in work, for a screen.
type InWork struct {
	jobfile.Busy
	Clip      string // the source's name
	UnitsDone int    // of its job, as of the last look
	Units     int
	Rate      float64 // of the source, frames per second; 0 unknown
}

// Snapshot tells what is in work, by job and unit.
func (w *Watcher) Snapshot() []InWork {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []InWork
	for _, u := range w.busy {
		list = append(list, u.inWork())
	}
	sortInWork(list)
	return list
}

// SlotsTold is how many units it runs at once, as it was started or as somebody asked since; 0 where the
// recipes' threads and the cores decide.
func (w *Watcher) SlotsTold() int { return w.slots() }

// Turns grows as long as the loop turns. One that stands still for several leases is dead for all
// others: a daemon that ends then loses nothing, and starts anew with what it would miss.
func (w *Watcher) Turns() uint64 { return w.turns.Load() }

func (w *Watcher) running() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.busy)
}
