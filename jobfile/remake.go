package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Restore makes a unit that went missing anew from the plan (P11): a person deleted its file,
// or a server forgot a rename.
func (s *Store) Restore(j *Job, id UnitID) error { return s.anew(j, id) }

// Remake takes back every result of a unit whose part proved bad, so that the unit is made
// again. The new file stands in todo/ before the results go: until then they count, and a
// crash in between leaves litter, not a hole.
func (s *Store) Remake(j *Job, id UnitID) error {
	l, err := s.Look(j.ID)
	if err != nil {
		return err
	}
	if l.Done || l.Cancelled {
		return nil // the parts of a job that is over go, and its results stay for people
	}
	var bad []Ticket
	for _, t := range l.Results {
		if t.Unit == id {
			bad = append(bad, t)
		}
	}
	if len(bad) == 0 {
		return nil // somebody else did
	}
	if err := s.anew(j, id); err != nil {
		return err
	}
	var errs []error
	for _, t := range bad {
		errs = append(errs, s.Sweep(j.ID, Placed{Done, t}))
	}
	return errors.Join(errs...)
}

// anew publishes a unit in todo/ as planned, at an attempt that no one has had (P4).
func (s *Store) anew(j *Job, id UnitID) error {
	p, ok := j.Plan.Planned(id)
	if !ok {
		return fmt.Errorf("job %s plans no unit %s", j.ID, id)
	}
	last, err := s.lastAttempt(j.ID, id)
	if err != nil {
		return fmt.Errorf("make unit %s of job %s anew: %w", id, j.ID, err)
	}
	name := path.Join(dirJobs, j.ID, dirTodo, Ticket{Unit: id, Attempt: last}.Next().File())
	return s.publish(name, unitComment(j, p), j.Unit(p))
}

// lastAttempt is the highest attempt of a unit that left a trace. The log outlives every
// other file of an attempt, so it is asked too.
func (s *Store) lastAttempt(id string, unit UnitID) (int, error) {
	last := 0
	for _, dir := range []string{dirTodo, dirDoing, dirFailed, dirResults, dirLog} {
		es, err := s.fs.ReadDir(path.Join(dirJobs, id, dir))
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue // a person may tidy log/ or failed/ away
			}
			return 0, err
		}
		for _, e := range es {
			name := e.Name
			if base, ok := strings.CutSuffix(name, ".log"); ok {
				name = base + ".yaml"
			}
			if t, ok := ParseTicket(name); ok && t.Unit == unit {
				last = max(last, t.Attempt)
			}
		}
	}
	return last, nil
}
