package jobfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Probe is a file by which a person finds out what a folder can do. It is named as a document
// that is being written, so that one whose maker died goes as such (see Orphan).
type Probe struct {
	s     *Store
	name  string
	local time.Time // this machine's clock when it was written
}

// ProbeIn is a folder of the farm that a machine must be able to write in.
type ProbeIn string

const probePrefix = ".doctor."

// Folders to probe.
const (
	ProbeWorkers ProbeIn = dirWorkers
	ProbeJobs    ProbeIn = dirJobs
	ProbeDone    ProbeIn = dirDone
)

// NewProbe makes one. Remove takes it away.
func (s *Store) NewProbe(in ProbeIn) (*Probe, error) {
	p := &Probe{s: s, name: path.Join(string(in), probePrefix+randomWord(6)+".tmp")}
	if err := s.fs.WriteNew(p.name, []byte("proxima doctor tries this folder.\n")); err != nil {
		return nil, err
	}
	p.local = time.Now()
	return p, nil
}

// Name is what another process of this machine takes the probe's lock by.
func (p *Probe) Name() string { return path.Base(p.name) }

// TidyProbes removes probes that their makers left in done/, where orphans are not looked for: it
// may be large, and nothing else is ever left there.
func (s *Store) TidyProbes() error {
	es, err := s.fs.ReadDir(dirDone)
	if err != nil {
		return ignoreAbsent(err)
	}
	for _, e := range es {
		if !e.Dir && strings.HasPrefix(e.Name, probePrefix) && reTemp.MatchString(e.Name) {
			err = errors.Join(err, ignoreAbsent(s.fs.Remove(path.Join(dirDone, e.Name))))
		}
	}
	return err
}

// Remove takes the probe away.
func (p *Probe) Remove() error { return ignoreAbsent(p.s.fs.Remove(p.name)) }

// Ahead is how far this machine's clock is ahead of the one that dated the probe: the server's
// with NFS and most servers of SMB. Some clients of SMB date files themselves, and are then never
// ahead.
func (p *Probe) Ahead() (time.Duration, error) {
	st, err := os.Stat(p.s.fs.Path(p.name))
	if err != nil {
		return 0, err
	}
	return p.local.Sub(st.ModTime()), nil
}

// Locked tells whether somebody holds the probe's lock.
func (p *Probe) Locked(ctx context.Context) LockState { return p.s.tryLock(ctx, p.name) }

// HoldProbe takes the lock of a probe in workers/, of which another process told the name, and
// holds it until release is called.
func (s *Store) HoldProbe(name string) (release func() error, err error) {
	if !reTemp.MatchString(name) || path.Base(name) != name {
		return nil, fmt.Errorf("%s is no probe's name", Quote(name))
	}
	full := path.Join(dirWorkers, name)
	if !s.lockable(full) {
		return nil, fmt.Errorf("the probe: %w", fs.ErrNotExist)
	}
	lock := flock.New(s.fs.Path(full), flock.SetFlag(os.O_RDWR))
	ok, err := lock.TryLock()
	if err == nil && !ok {
		err = errors.New("it is held")
	}
	if err != nil {
		return nil, fmt.Errorf("take the lock: %w", err)
	}
	return lock.Close, nil
}
