package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fsnotify/fsnotify"

	"proxima/internal/faultfs"
	"proxima/jobfile"
	"proxima/jobfile/sharefs"
)

// lease is the one of real farms: in a bubble of testing/synctest minutes cost nothing, and
// every wait ends at the instant at which it should.
const lease = 3 * time.Minute

// room is a farm, a folder of sources and one of outputs.
type room struct {
	t     *testing.T
	dir   string
	store *jobfile.Store // without faults, for looking
}

func newRoom(t *testing.T) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir()}
	// What Init makes, without syncing it.
	for _, d := range []string{"farm/jobs", "farm/done", "farm/workers", "farm/presets", "media"} {
		r.must(os.MkdirAll(filepath.Join(r.dir, d), 0o775))
	}
	r.must(os.WriteFile(r.farm(jobfile.FarmFile), []byte("format: 1\n"), 0o664))
	r.store = jobfile.NewStore(r.share(), r.farm())
	return r
}

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) farm(names ...string) string {
	return filepath.Join(append([]string{r.dir, "farm"}, names...)...)
}

// share is the farm as one more process has it.
func (r *room) share() *faultfs.FS { return faultfs.New(sharefs.NewOS(r.farm())) }

// newJob plans a clip of some chunks, with sound.
func (r *room) newJob(clip string, chunks int) *jobfile.Job {
	r.t.Helper()
	source := []byte("what the camera wrote to " + clip)
	r.must(os.WriteFile(filepath.Join(r.dir, "media", clip), source, 0o644))
	stem := strings.TrimSuffix(clip, ".mov")
	j := &jobfile.Job{
		Format: jobfile.Format, ID: jobfile.NewJobID(50, time.Now(), clip), Created: time.Now().UTC(), By: "ana@edit7", Version: "1",
		Source: jobfile.Source{Path: jobfile.Path{Root: "media", Rel: clip}, Size: int64(len(source)), Modified: time.Now().UTC()},
		Output: jobfile.Output{
			Path: jobfile.Path{Root: "media", Rel: "Proxy/" + stem + ".mov"}, Base: jobfile.Path{Root: "root", Rel: "media"}, Existing: jobfile.ExistingSkip,
		},
		Recipe: jobfile.Recipe{
			Preset: "edit_proxy", Container: "mov", Ext: ".mov", Threads: 1, LogLevel: "warning",
			Video: jobfile.VideoRecipe{Encoder: "libx264", PixelFormat: "yuv420p", ScaleFlags: "bicubic"},
			Sound: jobfile.SoundRecipe{Encoder: "pcm_s16le"},
		},
		Media: jobfile.Media{
			Video: jobfile.VideoStream{Width: 1920, Height: 1080, TimeBase: jobfile.Rational{Num: 1, Den: 25}, FrameRate: jobfile.Rational{Num: 25, Den: 1}},
			Sound: []jobfile.SoundStream{{Index: 1, Channels: 2, SampleRate: 48000}},
		},
		Plan: jobfile.Plan{Frames: int64(25 * chunks), ChunkTarget: jobfile.Duration(time.Second)},
	}
	var cuts []int64
	for i := range chunks - 1 {
		cuts = append(cuts, int64(25*(i+1)))
	}
	j.Plan.Units = jobfile.PlanUnits(&j.Media, &j.Recipe, 0, cuts, j.Plan.Frames)
	return j
}

// queue makes a job of a clip.
func (r *room) queue(clip string, chunks int) *jobfile.Job {
	r.t.Helper()
	j := r.newJob(clip, chunks)
	r.must(r.store.Create(j))
	return j
}

func (r *room) output(j *jobfile.Job) string {
	return filepath.Join(r.dir, "media", filepath.FromSlash(j.Output.Path.Rel))
}

func (r *room) view(j *jobfile.Job) jobfile.View {
	r.t.Helper()
	l, err := r.store.Look(j.ID)
	r.must(err)
	return jobfile.Fold(j.Plan.Units, l)
}

// process is one daemon: it has its own store, share, encoder and log.
type process struct {
	*Watcher
	share *faultfs.FS
	fake  *fakeEncoder
	said  *said
}

// worker returns a daemon with one slot that leaves when there is nothing left to do.
func (r *room) worker(name string, edit ...func(*Config)) *process {
	r.t.Helper()
	p := &process{share: r.share(), said: &said{}}
	p.fake = &fakeEncoder{share: p.share}
	c := Config{
		Store: jobfile.NewStore(p.share, r.farm()), Encoder: p.fake, Log: slog.New(p.said),
		Name: name, Version: "1", System: "test", Slots: 1, Cores: 2, Lease: lease, UntilIdle: true,
		Roots: jobfile.Roots{"media": filepath.Join(r.dir, "media"), "root": r.dir},
	}
	for _, e := range edit {
		e(&c)
	}
	p.Watcher = New(c)
	// Waiting for the kernel's events is not waiting as a bubble understands it.
	p.hints.open = func() (*fsnotify.Watcher, error) { return nil, errors.New("no events in a bubble") }
	p.outputs = faultyOutputs{disk{}, p.share}
	return p
}

func staying(c *Config) { c.UntilIdle = false }

// errEndless is the end of a daemon that did not come to its own.
var errEndless = errors.New("still running after a day")

// run is Run, ended by the death of the process, if it dies, and after a day.
func (p *process) run(ctx context.Context, drain <-chan struct{}) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 24*time.Hour, errEndless)
	defer cancel()
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-p.share.Dead():
			cancel()
		case <-ended:
		}
	}()
	err := p.Run(ctx, drain)
	if cause := context.Cause(ctx); errors.Is(cause, errEndless) {
		return cause
	}
	return err
}

// running is a daemon that runs beside the test.
type running struct {
	stop  context.CancelFunc
	drain chan struct{}
	ended chan error
}

// start runs a daemon until the test ends, if not sooner.
func (r *room) start(p *process) *running {
	ctx, cancel := context.WithCancel(r.t.Context())
	b := &running{cancel, make(chan struct{}), make(chan error, 1)}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		b.ended <- p.run(ctx, b.drain)
	}()
	r.t.Cleanup(func() { cancel(); <-gone }) // or it would write into a folder that is being removed
	return b
}

// until lets time pass until something is so, and tells how long that took. It is for
// bubbles: all that happens at an instant has happened when it looks.
func (r *room) until(what string, ok func() bool) time.Duration {
	r.t.Helper()
	start := time.Now()
	for {
		synctest.Wait()
		if ok() {
			return time.Since(start)
		}
		if time.Since(start) > 6*time.Hour {
			r.t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// retired tells whether a job is in done/.
func (r *room) retired(j *jobfile.Job) func() bool {
	return func() bool {
		ids, err := r.store.FinishedIDs()
		return err == nil && slices.Contains(ids, j.ID)
	}
}

// state tells whether a unit of a job is in a state.
func (r *room) state(j *jobfile.Job, unit jobfile.UnitID, want jobfile.State) func() bool {
	return func() bool { return r.view(j).Unit(unit).State == want }
}

// finished checks that a job has come to its good end: once in done/, with DONE.yaml, its
// output as it should be, its source untouched, and nothing forgotten anywhere.
func (r *room) finished(j *jobfile.Job) {
	r.t.Helper()
	if ids, _, err := r.store.JobIDs(); err != nil || len(ids) > 0 {
		r.t.Errorf("left in jobs: %v, %v", ids, err)
	}
	if ids, err := r.store.FinishedIDs(); err != nil || len(ids) != 1 || ids[0] != j.ID {
		r.t.Errorf("in done: %v, %v", ids, err)
	}
	want := madeOf(j)
	m, state, err := r.store.Marker(j.ID)
	if err != nil || state != jobfile.Done || m.Final == nil || m.Final.Size != int64(len(want)) || m.Units != len(j.Plan.Units) {
		r.t.Errorf("DONE.yaml: %+v, %v, %v", m, state, err)
	}
	if got, err := os.ReadFile(r.output(j)); err != nil || string(got) != want {
		r.t.Errorf("the output is %q (%v), not %q", got, err, want)
	}
	if got, err := os.ReadFile(filepath.Join(r.dir, "media", j.Source.Path.Rel)); err != nil || int64(len(got)) != j.Source.Size {
		r.t.Errorf("the source: %q, %v", got, err)
	}
	es, err := os.ReadDir(r.farm("done", j.ID))
	if err != nil {
		r.t.Error(err)
	}
	for _, e := range es {
		if strings.HasPrefix(e.Name(), "recipe.") {
			continue // with what it was made
		}
		switch e.Name() {
		case "job.yaml", "DONE.yaml", "done", "log":
		case "todo", "doing", "failed", "claim.lock":
			// They are removed after the job has moved, once: nothing hangs on it.
		default:
			r.t.Errorf("a finished job keeps %s", e.Name())
		}
	}
	r.noLitter()
}

// noLitter checks that no temporary file is left that its kind of sweeper would not find.
func (r *room) noLitter() {
	r.t.Helper()
	o := &orphans{store: r.store, lease: lease}
	ids, _, err := r.store.JobIDs()
	r.must(err)
	now := time.Now()
	r.must(o.sweep(now, ids))
	r.must(o.sweep(now.Add(buryAfter*lease), ids))
	r.must(filepath.WalkDir(r.dir, func(p string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(filepath.Base(p), ".") {
			r.t.Errorf("%s is left", strings.TrimPrefix(p, r.dir))
		}
		return err
	}))
}

// signedOff checks that nobody but these has files in workers/ still.
func (r *room) signedOff(but ...*process) {
	r.t.Helper()
	beats, err := r.store.Beats()
	r.must(err)
	for _, p := range but {
		delete(beats, p.ID())
	}
	if len(beats) > 0 {
		r.t.Errorf("still signed on: %v", beats)
	}
}

// said is a log that tests can ask.
type said struct {
	mu    sync.Mutex
	lines []string
}

func (s *said) Enabled(context.Context, slog.Level) bool { return true }
func (s *said) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *said) WithGroup(string) slog.Handler            { return s }

func (s *said) Handle(_ context.Context, r slog.Record) error {
	line := r.Time.Format("15:04:05.000 ") + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		return true
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, line)
	return nil
}

func (s *said) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

func (s *said) String() string { return strings.Join(s.all(), "\n") }

// times counts the lines that hold some text.
func (s *said) times(text string) int { return strings.Count(s.String(), text) }

// charges counts the failures that were charged to units, or were meant to be: what the dead
// say of their end is not on the share.
func (s *said) charges() (n int) {
	for _, l := range s.all() {
		if strings.Contains(l, " failed reason=") && !strings.Contains(l, faultfs.ErrDead.Error()) {
			n++
		}
	}
	return n
}
