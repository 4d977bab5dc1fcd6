package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"proxima/jobfile/sharefs"
)

// QueuedAt reads from a job's name when it was queued; zero where it says no time.
func QueuedAt(id string) time.Time {
	at, err := queuedAt(id)
	if err != nil {
		return time.Time{}
	}
	return at
}

// ResultsOf lists the results of a job, be it over or not.
func (s *Store) ResultsOf(id string) (ts []Ticket, err error) {
	if !ValidJobID(id) {
		return nil, fmt.Errorf("%s is not a job's name", Quote(id))
	}
	var es []sharefs.Entry
	for _, top := range []string{dirDone, dirJobs} {
		es, err = s.fs.ReadDir(path.Join(top, id, dirResults))
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	for _, e := range es {
		if t, ok := ParseTicket(e.Name); ok && !e.Dir && t.Worker != "" {
			ts = append(ts, t)
		}
	}
	return ts, nil
}

// ResultOf is ReadResult for a job that may be over.
func (s *Store) ResultOf(id string, t Ticket) (*Result, error) {
	r, err := s.ReadResult(id, t)
	if errors.Is(err, fs.ErrNotExist) {
		return s.readResult(path.Join(dirDone, id), id, t)
	}
	return r, err
}
