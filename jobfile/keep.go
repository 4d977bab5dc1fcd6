package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Keep is for how long a farm keeps what nobody needs for the work. Zero is for ever. These
// are the only times that are compared with another machine's clock, and being wrong about
// them costs a record, or work that is done again, and nothing else.
type Keep struct {
	Finished    Duration `yaml:"finished"`     // the folders of finished and cancelled jobs in done/
	FailedParts Duration `yaml:"failed_parts"` // what a failed job had encoded so far
}

// queuedAt reads from a job's name when it was queued, UTC.
func queuedAt(id string) (time.Time, error) {
	const layout = "20060102-150405"
	if len(id) < 3+len(layout) {
		return time.Time{}, fmt.Errorf("%s is not a job's name", Quote(id))
	}
	return time.Parse(layout, id[3:3+len(layout)])
}

// Expire removes from done/ the folders of jobs that ended longer ago than keep, and tells
// their names. A job whose end cannot be read stays for a person to look at.
func (s *Store) Expire(now time.Time, keep time.Duration) (gone []string, err error) {
	ids, err := s.FinishedIDs()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, id := range ids {
		// The name spares reading what cannot be old enough.
		if queued, err := queuedAt(id); err != nil || now.Sub(queued) < keep {
			continue
		}
		ended, err := s.endedAt(id)
		if err != nil || now.Sub(ended) < keep {
			continue
		}
		if err := s.fs.RemoveAll(path.Join(dirDone, id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
			continue
		}
		gone = append(gone, id)
	}
	return gone, errors.Join(errs...)
}

// endedAt is when a job ended, by the clock of who ended it. A person who cancels a job by an
// empty file says no time; then it is when the job was queued.
func (s *Store) endedAt(id string) (time.Time, error) {
	m, state, err := s.Marker(id)
	switch {
	case err != nil:
		return time.Time{}, err
	case m == nil:
		return time.Time{}, fmt.Errorf("job %s bears no marker", id)
	case state == Cancelled && m.Finished.IsZero():
		return queuedAt(id)
	}
	return m.Finished, nil
}

// DropParts removes what a failed job had encoded: its units are published anew, then their
// results go, then the parts. Whoever puts the failed unit back finds the job as it was queued.
func (s *Store) DropParts(j *Job) error {
	for _, u := range j.Plan.Units {
		if u.ID == UnitStitch {
			continue
		}
		if err := s.Remake(j, u.ID); err != nil {
			return err
		}
	}
	parts := path.Join(dirJobs, j.ID, dirParts)
	es, err := s.fs.ReadDir(parts)
	if err != nil {
		return ignoreAbsent(err)
	}
	var errs []error
	for _, e := range es {
		if checkPartName(e.Name) == nil { // what is being written has a dot-name
			errs = append(errs, ignoreAbsent(s.fs.Remove(path.Join(parts, e.Name))))
		}
	}
	return errors.Join(errs...)
}
