package jobfile

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"proxima/jobfile/sharefs"
)

// Store is a farm folder. Its methods may be called from several goroutines.
type Store struct {
	fs   sharefs.FS
	dir  string
	mu   sync.Mutex
	jobs map[string]known // read once, and again before it matters (P1)
	bad  map[string]bad   // those that could not be decoded, which can take long

	briefs map[string]*Brief // of those that were not read whole
	trying sync.Map          // locks whose try has not come back, by name
}

// Unusable says that there is no farm where one was expected.
type Unusable struct {
	Dir    string
	Reason string
	Next   string
	Err    error
}

func (u *Unusable) Error() string {
	s := fmt.Sprintf("farm %s: %s", Quote(u.Dir), u.Reason)
	if u.Err != nil {
		s += ": " + u.Err.Error()
	}
	return s
}

func (u *Unusable) Unwrap() error { return u.Err }

// Open opens an existing farm folder and reads its settings. The error is an *Unusable.
func Open(dir string) (*Store, *Farm, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, &Unusable{Dir: dir, Reason: "not a path", Err: err}
	}
	s := NewStore(sharefs.NewOS(abs), abs)
	f, err := s.Farm()
	if err != nil {
		return nil, nil, err
	}
	return s, f, nil
}

// NewStore returns a store over any file system; dir is for messages.
func NewStore(f sharefs.FS, dir string) *Store {
	return &Store{fs: f, dir: dir, jobs: map[string]known{}, bad: map[string]bad{}, briefs: map[string]*Brief{}}
}

// Dir is the farm folder on this machine.
func (s *Store) Dir() string { return s.dir }

// Farm reads farm.yaml, afresh: it is also the sentinel. A share that is not mounted shows an
// empty folder or none, and then nothing in it may be taken for an answer.
func (s *Store) Farm() (*Farm, error) {
	data, err := s.fs.ReadFile(FarmFile, 1<<20)
	if err != nil {
		u := &Unusable{Dir: s.dir, Reason: "cannot read farm.yaml", Next: "check that the share is mounted and that you may read it", Err: err}
		if errors.Is(err, fs.ErrNotExist) {
			u.Reason, u.Err = "no farm here (no farm.yaml)", nil
			u.Next = "check that the share is mounted and the path is right, or make a farm there: proxima init " + shellWord(s.dir)
		}
		return nil, u
	}
	f, err := ReadFarm(s.fs.Path(FarmFile), data)
	if err != nil {
		u := &Unusable{Dir: s.dir, Reason: "farm.yaml cannot be used", Next: "mend the file in a text editor", Err: err}
		if broken := (*DecodeError)(nil); errors.As(err, &broken) && broken.Newer {
			u.Next = "install the version of Proxima that the others have"
		}
		return nil, u
	}
	return f, nil
}

// FarmKeys lists the settings that farm.yaml itself names, of two levels as "defaults.lease";
// the others have their defaults.
func (s *Store) FarmKeys() (file string, keys []string, err error) {
	data, err := s.fs.ReadFile(FarmFile, 1<<20)
	if err != nil {
		return "", nil, err
	}
	file = s.fs.Path(FarmFile)
	var doc map[string]any
	if err := Decode(file, data, &doc); err != nil {
		return file, nil, err
	}
	for k, v := range doc {
		keys = append(keys, k)
		if m, ok := v.(map[string]any); ok {
			for sub := range m {
				keys = append(keys, k+"."+sub)
			}
		}
	}
	return file, keys, nil
}

// PresetFile is a preset file of the farm, undecoded: what presets are is not this package's
// to know.
type PresetFile struct {
	Path string
	Data []byte
}

// Presets returns the farm-wide preset files in the order of their names.
func (s *Store) Presets() ([]PresetFile, error) {
	es, err := s.fs.ReadDir(dirPresets)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, fmt.Errorf("list presets of the farm: %w", err)
	}
	var out []PresetFile
	for _, e := range es {
		ext := strings.ToLower(path.Ext(e.Name))
		if e.Dir || !Ours(e.Name) || ext != ".yaml" && ext != ".yml" {
			continue
		}
		name := path.Join(dirPresets, e.Name)
		data, err := s.fs.ReadFile(name, 1<<20)
		if err != nil {
			return nil, fmt.Errorf("read preset file %s: %w", Quote(s.fs.Path(name)), err)
		}
		out = append(out, PresetFile{Path: s.fs.Path(name), Data: data})
	}
	slices.SortFunc(out, func(a, b PresetFile) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// JobIDs lists the jobs that are not finished, the one to do first first, and what else lies
// there (names that are not ours to touch).
func (s *Store) JobIDs() (ids, strange []string, err error) {
	es, err := s.fs.ReadDir(dirJobs)
	if err != nil {
		return nil, nil, fmt.Errorf("list jobs: %w", err)
	}
	for _, e := range es {
		switch {
		case e.Dir && ValidJobID(e.Name):
			ids = append(ids, e.Name)
		case Ours(e.Name):
			strange = append(strange, e.Name)
		}
	}
	slices.Sort(ids)
	return ids, strange, nil
}

// FinishedIDs lists the jobs in done/, oldest name first.
func (s *Store) FinishedIDs() ([]string, error) {
	es, err := s.fs.ReadDir(dirDone)
	if err != nil {
		return nil, fmt.Errorf("list finished jobs: %w", err)
	}
	var ids []string
	for _, e := range es {
		if e.Dir && ValidJobID(e.Name) {
			ids = append(ids, e.Name)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// Look lists a job's folders afresh, in the direction in which units travel.
func (s *Store) Look(id string) (Listing, error) { return s.look(id, Todo, Doing, Failed, Done) }

// look lists the folders of some states, in the given order, and the job's own.
func (s *Store) look(id string, states ...State) (Listing, error) {
	var l Listing
	to := map[State]*[]Ticket{Todo: &l.Todo, Doing: &l.Doing, Failed: &l.Failed, Done: &l.Results}
	for _, st := range states {
		if err := s.lookAt(id, st, to[st]); err != nil {
			return Listing{}, err
		}
	}
	if err := s.lookAtTop(id, &l); err != nil {
		return Listing{}, err
	}
	return l, nil
}

// Waiting lists a job's todo/ alone.
func (s *Store) Waiting(id string) (ts []Ticket, err error) {
	err = s.lookAt(id, Todo, &ts)
	return ts, err
}

// lookAt lists the units of one state.
func (s *Store) lookAt(id string, st State, to *[]Ticket) error {
	es, err := s.fs.ReadDir(path.Join(dirJobs, id, stateDir(st)))
	if errors.Is(err, fs.ErrNotExist) && st == Failed {
		return nil // a person may tidy an empty failed/ away
	}
	if err != nil {
		return fmt.Errorf("look at job %s: %w", id, err)
	}
	for _, e := range es {
		t, ok := ParseTicket(e.Name)
		withWorker := st == Doing || st == Done
		if ok && !e.Dir && (t.Worker != "") == withWorker {
			*to = append(*to, t)
		}
	}
	return nil
}

// lookAtTop lists a job's own folder: its markers and recipes.
func (s *Store) lookAtTop(id string, l *Listing) error {
	es, err := s.fs.ReadDir(path.Join(dirJobs, id))
	if err != nil {
		return fmt.Errorf("look at job %s: %w", id, err)
	}
	for _, e := range es {
		switch e.Name {
		case markDone:
			l.Done = true
		case markFailed:
			l.FailedMark = true
		case markCancelled:
			l.Cancelled = true
		case dirParts:
			l.parts = e.Dir
		case dirLog:
			l.log = e.Dir
		case fileClaimLock:
			l.lock = e.Regular
		default:
			if n, ok := parseSettlement(e.Name); ok && !e.Dir {
				l.Settled = append(l.Settled, n)
			}
		}
	}
	sortSettlements(l.Settled)
	return nil
}

func stateDir(st State) string {
	return map[State]string{Todo: dirTodo, Doing: dirDoing, Failed: dirFailed, Done: dirResults}[st]
}

// publish makes a complete document appear (P2): dot-name, write, sync, close, rename, look.
// The reply to the rename may be lost, so what counts is what stands there afterwards.
func (s *Store) publish(name, comment string, doc any) error {
	data, err := Encode(comment, doc)
	if err != nil {
		return err
	}
	tmp := temporary(name)
	if err := s.fs.WriteNew(tmp, data); err != nil {
		return fmt.Errorf("write %s: %w", Quote(s.fs.Path(name)), err)
	}
	if err := s.place(tmp, name, data); err != nil {
		return err
	}
	// Without this a power cut may undo the rename; an error here is no reason to doubt it.
	_ = s.fs.Sync(path.Dir(name))
	return nil
}

// renew is publish for what its writer says again while it lives, within a minute: nothing is synced, which
// a server's disks would feel in a large room. After a power cut it may be empty until then.
func (s *Store) renew(name, comment string, doc any) error {
	data, err := Encode(comment, doc)
	if err != nil {
		return err
	}
	tmp := temporary(name)
	f, err := s.fs.Create(tmp)
	if err == nil {
		_, err = f.Write(data)
		if err = errors.Join(err, f.Close()); err != nil {
			_ = s.fs.Remove(tmp) // the error that matters is the first
		}
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", Quote(s.fs.Path(name)), err)
	}
	return s.place(tmp, name, data)
}

func temporary(name string) string {
	return path.Join(path.Dir(name), "."+path.Base(name)+"."+randomWord(6)+".tmp")
}

// place gives a document that is written its name.
func (s *Store) place(tmp, name string, data []byte) error {
	if err := s.fs.Rename(tmp, name); err != nil {
		if got, rerr := s.fs.ReadFile(name, MaxDocument); rerr == nil && bytes.Equal(got, data) {
			return nil
		}
		_ = s.fs.Remove(tmp) // the error that matters is the rename's
		return fmt.Errorf("publish %s: %w", Quote(s.fs.Path(name)), err)
	}
	return nil
}

// randomWord returns n random characters that are safe in file names everywhere.
func randomWord(n int) string {
	return strings.ToLower(rand.Text())[:n]
}

// NewWorkerID makes an id that no other process has ever had.
func NewWorkerID(name string) string { return WorkerName(name) + "-" + randomWord(5) }

// NewJobID names a job so that jobs sort by urgency, then age: 99 minus the priority, the
// time of queuing (UTC), the clip, and something random.
func NewJobID(priority int, at time.Time, source string) string {
	stem := filepath.Base(strings.ReplaceAll(source, `\`, "/"))
	stem = strings.TrimSuffix(stem, path.Ext(stem))
	return fmt.Sprintf("%02d_%s_%s_%s", 99-priority, at.UTC().Format("20060102-150405"), jobStem(stem), randomWord(5))
}

// Priority reads a job's priority from its name.
func Priority(id string) int {
	if len(id) < 2 {
		return 0
	}
	return 99 - int(id[0]-'0')*10 - int(id[1]-'0')
}

func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:\\", r)
	}) {
		return s
	}
	return `"` + Printable(s) + `"`
}

// hostname is this machine's name for documents and for comparing with theirs.
func Hostname() string {
	h, err := os.Hostname()
	if err != nil || h == "" {
		return "unknown"
	}
	return h
}

// HintDirs names the folders on this machine where a change may mean work.
func (s *Store) HintDirs(ids []string) []string {
	dirs := []string{s.fs.Path(dirJobs), s.fs.Path(dirControl)}
	for _, id := range ids {
		dirs = append(dirs, s.fs.Path(path.Join(dirJobs, id, dirTodo)), s.fs.Path(path.Join(dirJobs, id, dirResults)))
	}
	return dirs
}
