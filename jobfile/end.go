package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"
)

// Retry puts a unit that was given up back to todo, as a person does who drags its file, but at the
// next attempt: somebody may be about to sweep what lies in todo at this one. It may be done already.
func (s *Store) Retry(id string, t Ticket) error {
	from, to := path.Join(dirJobs, id, dirFailed, t.File()), path.Join(dirJobs, id, dirTodo, t.Next().File())
	err := s.fs.Rename(from, to)
	if err == nil {
		_ = s.fs.Sync(path.Join(dirJobs, id, dirTodo))
		return nil
	}
	// The reply may be lost, or somebody else did it: what stands there decides.
	l, lerr := s.Look(id)
	if lerr == nil && !slices.Contains(l.Failed, t) {
		return nil
	}
	return errors.Join(fmt.Errorf("put unit %s of job %s back: %w", t.Unit, id, err), lerr)
}

// Cancel asks for the end of a job: CANCELLED.yaml appears in its folder. Holders end when they see
// it; once nobody works on the job its parts go and its folder moves to done/. A job whose output has
// its name by then is finished all the same.
func (s *Store) Cancel(id string, r *Request) error {
	if !ValidJobID(id) {
		return fmt.Errorf("%s is not a job's name", Quote(id))
	}
	m := &Marker{Format: Format, Job: id, Finished: r.Time, Worker: Printable(r.By), Error: "cancelled by " + Printable(r.By), Next: "proxima retry queues it again"}
	if j, err := s.Job(id); err == nil {
		m.Output, m.Units = j.Output.Path, len(j.Plan.Units)
	}
	if r.Why != "" {
		m.Error += ": " + Printable(r.Why)
	}
	return s.publish(path.Join(dirJobs, id, markCancelled), "This job was "+m.Error+".\nWhoever works on it ends. Its folder then moves to done, without what was encoded.", m)
}

// Clear moves a cancelled job away if nobody works on it, as any worker would at its next look. done
// is false where somebody still does.
func (s *Store) Clear(id string) (done bool, err error) {
	l, err := s.Look(id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		_, rerr := s.fs.Size(path.Join(dirDone, id, fileJob))
		return rerr == nil, nil
	case err != nil:
		return false, err
	case !l.Cancelled || l.Done || len(l.Doing) > 0:
		return false, nil
	}
	return true, s.Retire(id)
}

// Again queues a cancelled job anew, under another name: what is left of the old one, a worker that
// slept among it, has no part in it.
func (s *Store) Again(id string, at time.Time, by string) (*Job, error) {
	old, err := s.Job(id)
	if err != nil {
		return nil, err
	}
	j := *old
	j.ID, j.Created, j.By = NewJobID(Priority(id), at, old.Source.Path.Rel), at.UTC().Truncate(time.Second), by
	var assets []AssetFile
	rs := append([]Recipe{j.Recipe}, j.Others...)
	for i := range rs {
		for _, a := range rs[i].Assets() {
			if slices.ContainsFunc(assets, func(f AssetFile) bool { return f.Asset == a }) {
				continue
			}
			data, err := s.readAsset(path.Join(dirDone, id), a)
			if errors.Is(err, fs.ErrNotExist) {
				data, err = s.readAsset(path.Join(dirJobs, id), a)
			}
			if err != nil {
				return nil, fmt.Errorf("queue job %s again: %w", id, err)
			}
			assets = append(assets, AssetFile{a, data})
		}
	}
	return &j, s.Create(&j, assets...)
}

// gonePrefix begins the name of a job's folder that is being removed.
const gonePrefix = ".gone-"

// Purge removes a job's folder, wherever it lies: out of everybody's sight by one rename, then file
// by file. Nothing of it may be in work. What somebody who slept still does to it finds no folder.
func (s *Store) Purge(id string) error {
	if !ValidJobID(id) {
		return fmt.Errorf("%s is not a job's name", Quote(id))
	}
	gone := path.Join(dirJobs, gonePrefix+id)
	remove := func() error {
		if err := s.fs.RemoveAll(gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove job %s: %w (what is left of it goes after an hour)", id, err)
		}
		return nil
	}
	if err := remove(); err != nil { // of one who died over it
		return err
	}
	for _, top := range []string{dirDone, dirJobs} {
		err := s.fs.Rename(path.Join(top, id), gone)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			if es, lerr := s.fs.ReadDir(gone); lerr != nil || len(es) == 0 {
				return fmt.Errorf("remove job %s: %w", id, err)
			}
		}
	}
	_ = s.fs.Sync(dirJobs)
	s.mu.Lock()
	delete(s.jobs, id)
	delete(s.bad, id)
	s.mu.Unlock()
	return remove()
}
