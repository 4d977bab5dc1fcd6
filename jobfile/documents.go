package jobfile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"time"

	"proxima/jobfile/sharefs"
)

// known is a job.yaml that was understood, and when it was read.
type known struct {
	job *Job
	at  time.Time
}

// bad is a job.yaml that was not understood. People mend them, so it is read again each time,
// but the same bytes are not decoded again.
type bad struct {
	sum [sha256.Size]byte
	err error
}

// Job reads job.yaml of an unfinished or a finished job. fs.ErrNotExist if there is none.
func (s *Store) Job(id string) (*Job, error) {
	s.mu.Lock()
	k, b := s.jobs[id], s.bad[id]
	s.mu.Unlock()
	if k.job != nil {
		return k.job, nil
	}
	if !ValidJobID(id) {
		return nil, fmt.Errorf("%s is not a job's name", Quote(id))
	}
	at := time.Now()
	dir, data, err := s.readEither(id, fileJob)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	if b.err != nil && b.sum == sum {
		return nil, b.err
	}
	j := &Job{}
	file := s.fs.Path(path.Join(dir, fileJob))
	if err = Decode(file, data, j); err == nil && j.ID != id {
		err = &DecodeError{File: file, Reason: fmt.Sprintf("id: %s in folder %s; was the folder renamed?", j.ID, id)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.bad[id] = bad{sum, err}
		return nil, err
	}
	delete(s.bad, id)
	s.jobs[id] = known{j, at}
	return j, nil
}

// Reread reads job.yaml again, which people may have edited, unless it was read since then, and remembers that
// from now on.
func (s *Store) Reread(id string, since time.Time) (*Job, error) {
	s.mu.Lock()
	old := s.jobs[id]
	if old.job != nil && old.at.After(since) {
		s.mu.Unlock()
		return old.job, nil
	}
	delete(s.jobs, id)
	s.mu.Unlock()
	j, err := s.Job(id)
	var broken *DecodeError
	if err != nil && !errors.As(err, &broken) && old.job != nil {
		s.mu.Lock() // a share that does not answer says nothing about the job
		s.jobs[id] = old
		s.mu.Unlock()
	}
	return j, err
}

// Forget drops what is remembered of jobs that are not in keep.
func (s *Store) Forget(keep []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gone := func(id string) bool { _, found := slices.BinarySearch(keep, id); return !found }
	maps.DeleteFunc(s.jobs, func(id string, _ known) bool { return gone(id) })
	maps.DeleteFunc(s.bad, func(id string, _ bad) bool { return gone(id) })
	maps.DeleteFunc(s.briefs, func(id string, _ *Brief) bool { return gone(id) })
}

// readEither reads a file of a job from jobs/ or, if the job has moved, from done/.
func (s *Store) readEither(id, name string) (dir string, data []byte, err error) {
	for _, top := range []string{dirJobs, dirDone} {
		dir = path.Join(top, id)
		data, err = s.readDocument(path.Join(dir, name))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return dir, data, err
		}
	}
	return dir, nil, err
}

// readDocument reads a document whole. One that is no file, or that is larger than any of
// Proxima's, is as broken as one that cannot be understood.
func (s *Store) readDocument(name string) ([]byte, error) {
	data, err := s.fs.ReadFile(name, MaxDocument)
	switch {
	case errors.Is(err, sharefs.ErrTooLarge):
		return nil, &DecodeError{File: s.fs.Path(name), Line: 1, Column: 1, Reason: fmt.Sprintf("larger than %d bytes, which no document of Proxima's is", MaxDocument)}
	case errors.Is(err, sharefs.ErrNotRegular):
		return nil, &DecodeError{File: s.fs.Path(name), Reason: "not a regular file"}
	}
	return data, err
}

// Marker reads DONE.yaml, or else CANCELLED.yaml or FAILED.yaml; nil if the job bears none.
func (s *Store) Marker(id string) (*Marker, State, error) {
	for _, m := range []struct {
		name  string
		state State
	}{{markDone, Done}, {markCancelled, Cancelled}, {markFailed, Failed}} {
		dir, data, err := s.readEither(id, m.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, Missing, err
		}
		d := &Marker{}
		if m.state == Cancelled && len(bytes.TrimSpace(data)) == 0 {
			return d, Cancelled, nil // a person's, who made an empty file
		}
		if err := Decode(s.fs.Path(path.Join(dir, m.name)), data, d); err != nil {
			return nil, m.state, err
		}
		return d, m.state, nil
	}
	return nil, Missing, nil
}

// ReadUnit reads the document of a ticket in todo/, doing/ or failed/.
func (s *Store) ReadUnit(id string, p Placed) (*Unit, error) {
	name := path.Join(dirJobs, id, stateDir(p.State), p.Ticket.File())
	data, err := s.readDocument(name)
	if err != nil {
		return nil, err
	}
	u := &Unit{}
	if err := Decode(s.fs.Path(name), data, u); err != nil {
		return nil, err
	}
	if u.Job != id || u.ID != p.Ticket.Unit {
		return nil, &DecodeError{File: s.fs.Path(name), Reason: fmt.Sprintf("belongs to unit %s of job %s", u.ID, Printable(u.Job))}
	}
	return u, nil
}

// ReadResult reads a result of an unfinished job.
func (s *Store) ReadResult(id string, t Ticket) (*Result, error) {
	return s.readResult(path.Join(dirJobs, id), id, t)
}

func (s *Store) readResult(dir, id string, t Ticket) (*Result, error) {
	name := path.Join(dir, dirResults, t.File())
	data, err := s.readDocument(name)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if err := Decode(s.fs.Path(name), data, r); err != nil {
		return nil, err
	}
	if r.Job != id || r.Unit != t.Unit || r.Attempt != t.Attempt || r.Worker != t.Worker {
		return nil, &DecodeError{File: s.fs.Path(name), Reason: "its name and what it says do not agree"}
	}
	return r, nil
}
