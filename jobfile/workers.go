package jobfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Worker is workers/ID.yaml: who is there and what it does. Its owner alone writes it; others
// read it for people, never to decide who is alive.
type Worker struct {
	Format  int       `yaml:"format"`
	ID      string    `yaml:"id"`   // unique per process
	Name    string    `yaml:"name"` // the same after a restart
	Host    string    `yaml:"host"`
	PID     int       `yaml:"pid"`
	Version string    `yaml:"version"`
	Encoder string    `yaml:"encoder"` // ffmpeg's version and build
	System  string    `yaml:"system"`  // GOOS/GOARCH
	Started time.Time `yaml:"started"`
	Slots   int       `yaml:"slots"` // units it can run at once
	// AutoSlots: Slots is a guess for a recipe with two threads; Cores divided by a
	// recipe's threads is the truth.
	AutoSlots bool `yaml:"auto_slots"`
	Cores     int  `yaml:"cores"` // that its units may take together
	// Load is which part of all processors of the machine was in use since its last document, by whatever
	// program: 0 to 1. Nil where it is not known. For people.
	Load *float64 `yaml:"load,omitempty"`
	// Can are the encoders that this machine was seen to work with, Cannot those that it was not,
	// with the reason. One in neither was not tried.
	Can    []string          `yaml:"can,omitempty"`
	Cannot map[string]string `yaml:"cannot,omitempty"`
	// State is idle, working, resting, draining; and where it begins nothing because of a request, its
	// hours or a person at its desk: drained, paused, off-hours, at-desk.
	State  string `yaml:"state"`
	Reason string `yaml:"reason,omitempty"`
	Holds  string `yaml:"holds,omitempty"` // why it begins nothing, in words
	// Controls tells which requests it understands: 1 for those of this version. Obeys names the files
	// in control/ that it has seen and that concern it.
	Controls int       `yaml:"controls,omitempty"`
	Obeys    []string  `yaml:"obeys,omitempty"`
	Busy     []Busy    `yaml:"busy,omitempty"`
	Updated  time.Time `yaml:"updated"` // by its own clock, for people
}

// Busy is one unit in work.
type Busy struct {
	Job     string  `yaml:"job"`
	Unit    UnitID  `yaml:"unit"`
	Attempt int     `yaml:"attempt"`
	Frames  int64   `yaml:"frames"` // encoded so far
	Of      int64   `yaml:"of"`
	FPS     float64 `yaml:"fps"` // frames per second, for people
}

// Validate checks a worker document.
func (w *Worker) Validate() error {
	if err := checkFormat(w.Format); err != nil {
		return err
	}
	if !ValidWorkerID(w.ID) {
		return fmt.Errorf("id: %s is not a worker's", Quote(w.ID))
	}
	if len(w.Busy) > 4096 {
		return fmt.Errorf("busy: %d units", len(w.Busy))
	}
	if len(w.Obeys) > 4096 {
		return fmt.Errorf("obeys: %d requests", len(w.Obeys))
	}
	if len(w.Can)+len(w.Cannot) > 256 {
		return fmt.Errorf("can: %d encoders", len(w.Can)+len(w.Cannot))
	}
	if l := w.Load; l != nil && !(*l >= 0 && *l <= 1) { // nor .nan
		return fmt.Errorf("load: %v is not between 0 and 1", *l)
	}
	for i := range w.Busy {
		if f := w.Busy[i].FPS; !(f >= 0 && f <= maxFPS) {
			return fmt.Errorf("busy[%d].fps: %v frames per second", i, f)
		}
	}
	return nil
}

// maxFPS is more than any encoder makes. What is above it, or no number, would spoil all sums.
const maxFPS = 1e9

// MayDo reports whether the worker can make a job, as far as is known: it is not known to lack
// all encoders that would do.
func (w *Worker) MayDo(j *Job) bool {
	if _, no := w.Cannot[j.Recipe.Video.Encoder]; !no {
		return true
	}
	return slices.ContainsFunc(j.Others, func(r Recipe) bool { _, no := w.Cannot[r.Video.Encoder]; return !no })
}

// Membership is a worker's presence in the farm: its lock, its beat, its document. One
// goroutine uses it.
type Membership struct {
	s    *Store
	id   string
	lock *ownLock
	beat int64
	last []byte    // the document as it was last published, without its time and load
	at   time.Time // when

	// Load tells which part of the machine's processors was in use since it was asked last; nil: nobody
	// is told. It is asked for each document that is published.
	Load func() (float64, error)
}

// renewEvery is how often a worker that has nothing new to say says so.
const renewEvery = time.Minute

// loadSoon is when it does so first: by then its load is known.
const loadSoon = 5 * time.Second

// Join makes a worker present. The lock is held first, so that whoever sees the beat and
// finds the lock free knows that the process is gone.
func (s *Store) Join(w *Worker) (*Membership, error) {
	m := &Membership{s: s, id: w.ID}
	lockName := path.Join(dirWorkers, w.ID+".lock")
	if err := s.fs.WriteNew(lockName, nil); err != nil {
		return nil, fmt.Errorf("join the farm: %w", err)
	}
	m.lock = takeOwn(s.fs.Path(lockName))
	if err := s.fs.WriteNew(path.Join(dirWorkers, m.beatName()), nil); err != nil {
		return nil, errors.Join(fmt.Errorf("join the farm: %w", err), m.Leave())
	}
	if err := m.Report(w); err != nil {
		return nil, errors.Join(fmt.Errorf("join the farm: %w", err), m.Leave())
	}
	m.at = m.at.Add(loadSoon - renewEvery)
	return m, nil
}

func (m *Membership) beatName() string { return m.id + ".beat." + strconv.FormatInt(m.beat, 10) }

// Beat raises the heartbeat: a counter in a name, so that one listing tells everyone's,
// without contents, sizes or clocks.
func (m *Membership) Beat() error {
	from := path.Join(dirWorkers, m.beatName())
	m.beat++
	to := path.Join(dirWorkers, m.beatName())
	err := m.s.fs.Rename(from, to)
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		// Done with the reply lost, or the file was taken away: either way make sure.
		if err := m.s.fs.WriteNew(to, nil); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("beat: %w", err)
		}
		return nil
	}
	return fmt.Errorf("beat: %w", err)
}

// Report publishes the worker's document, unless it says nothing new: an idle worker leaves
// the share mostly alone, its beat shows that it lives.
func (m *Membership) Report(w *Worker) error {
	w.Format = Format
	timeless := *w
	timeless.Updated, timeless.Load = time.Time{}, nil // no news by themselves
	data, err := Encode("", &timeless)
	if err != nil || bytes.Equal(data, m.last) && time.Since(m.at) < renewEvery {
		return err
	}
	w.Load = m.load()
	if err := m.s.renew(path.Join(dirWorkers, m.id+".yaml"), "A workstation of this farm. It renews this file while it lives.", w); err != nil {
		return err // what nobody can read is news still
	}
	m.last, m.at = data, time.Now()
	return nil
}

// load is what is said of it: in hundredths, and nothing where it is not known.
func (m *Membership) load() *float64 {
	if m.Load == nil {
		return nil
	}
	part, err := m.Load()
	if err != nil || math.IsNaN(part) {
		return nil
	}
	part = math.Round(min(max(part, 0), 1)*100) / 100
	return &part
}

// Leave takes the worker's files away. Its units must have been given back.
func (m *Membership) Leave() error {
	// Those that are known: a listing may leave out what was renamed a moment ago (met on SMB).
	names := []string{m.id + ".yaml", m.beatName()}
	es, err := m.s.fs.ReadDir(dirWorkers)
	errs := []error{err}
	for _, e := range es {
		if rest, ok := strings.CutPrefix(e.Name, m.id+"."); ok && rest != "lock" || strings.HasPrefix(e.Name, "."+m.id+".") {
			names = append(names, e.Name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		errs = append(errs, ignoreAbsent(m.s.fs.Remove(path.Join(dirWorkers, name))))
	}
	if m.lock != nil {
		errs = append(errs, m.lock.giveBack())
	}
	_, err = m.s.Withdraw(func(c Control) bool { return c.Whom == m.id }) // they were about this process
	errs = append(errs, err)
	errs = append(errs, ignoreAbsent(m.s.fs.Remove(path.Join(dirWorkers, m.id+".lock"))))
	return errors.Join(errs...)
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Beats lists the heartbeats: worker id to its highest beat; those with other files but no
// beat have -1.
func (s *Store) Beats() (map[string]int64, error) {
	es, err := s.fs.ReadDir(dirWorkers)
	if err != nil {
		return nil, fmt.Errorf("list workers: %w", err)
	}
	beats := map[string]int64{}
	for _, e := range es {
		id, k, ok := parseWorkerFile(e.Name)
		if !ok || e.Dir {
			continue
		}
		if old, ok := beats[id]; !ok || k > old {
			beats[id] = k
		}
	}
	return beats, nil
}

// Worker reads a worker's document.
func (s *Store) Worker(id string) (*Worker, error) {
	if !ValidWorkerID(id) {
		return nil, fmt.Errorf("%s is not a worker's id", Quote(id))
	}
	name := path.Join(dirWorkers, id+".yaml")
	data, err := s.fs.ReadFile(name, 1<<20)
	if err != nil {
		return nil, err
	}
	w := &Worker{}
	if err := Decode(s.fs.Path(name), data, w); err != nil {
		return nil, err
	}
	return w, nil
}

// Workers reads the documents of all workers that can be read, by id.
func (s *Store) Workers() ([]*Worker, map[string]int64, error) {
	beats, err := s.Beats()
	if err != nil {
		return nil, nil, err
	}
	var ws []*Worker
	for id := range beats {
		if w, err := s.Worker(id); err == nil {
			ws = append(ws, w)
		}
	}
	slices.SortFunc(ws, func(a, b *Worker) int { return strings.Compare(a.ID, b.ID) })
	return ws, beats, nil
}

// Bury removes the files of a worker that is long dead and holds nothing.
func (s *Store) Bury(id string) error {
	if !ValidWorkerID(id) {
		return fmt.Errorf("%s is not a worker's id", Quote(id))
	}
	es, err := s.fs.ReadDir(dirWorkers)
	if err != nil {
		return err
	}
	for _, e := range es {
		name := e.Name
		if reTemp.MatchString(name) { // of its document
			name = strings.TrimPrefix(name[:len(name)-len(".xxxxxx.tmp")], ".")
		}
		if whose, _, ok := parseWorkerFile(name); ok && whose == id {
			err = errors.Join(err, ignoreAbsent(s.fs.Remove(path.Join(dirWorkers, e.Name))))
		}
	}
	return err
}
