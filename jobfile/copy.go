package jobfile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"proxima/jobfile/sharefs"
)

// A back-up copy is a unit that a second worker begins while the first goes on, because it is
// expected to be faster: a second file in doing/ at the same attempt, which the protocol knows
// anyway, since two may be told that their claim was won. Whoever commits first wins; the other's guard sees
// the result within three beats and ends it. Nothing is charged to a copy, and it never raises the
// attempt while it sees another holder, so that nobody else loses by its end.

// MayCopy reports whether a look shows a unit that somebody else alone holds, and for which a
// copy could still win.
func (l Listing) MayCopy(of Ticket, worker string) bool {
	if of.Unit == UnitStitch || of.Worker == worker || l.Cancelled || len(l.Failed) > 0 || l.holds(of) != nil {
		return false
	}
	return !slices.ContainsFunc(l.Doing, func(t Ticket) bool { return t.Unit == of.Unit && t != of })
}

// Copy begins a unit a second time that a look has shown in work, and returns the ticket of the copy, and the look
// that confirmed it. ErrLost when there is no more reason to.
func (s *Store) Copy(ctx context.Context, id string, of Ticket, seen Listing, worker string) (Ticket, Listing, error) {
	mine := Ticket{Unit: of.Unit, Attempt: of.Attempt, Worker: worker}
	err := s.withClaimLock(ctx, id, seen, func() error {
		l, err := s.Look(id)
		if err != nil {
			return err
		}
		if !l.MayCopy(of, worker) {
			return fmt.Errorf("%s needs no copy: %w", of, ErrLost)
		}
		// Who has not begun to write may be about to settle with what the job is made, and counts on its
		// unit not being made meanwhile.
		if written, err := s.isWritten(id, of); err != nil {
			return err
		} else if !written {
			return fmt.Errorf("nothing of %s is written yet: %w", of, ErrLost)
		}
		// Its failures go along: should the first holder die, this file may be what goes back to todo.
		u, err := s.ReadUnit(id, Placed{Doing, of})
		if err != nil {
			return fmt.Errorf("copy %s of job %s: %w", of, id, err)
		}
		if err := s.publish(path.Join(dirJobs, id, dirDoing, mine.File()), "", u); err != nil {
			return errors.Join(err, s.Drop(id, mine)) // it may stand there all the same
		}
		return nil
	})
	if err != nil {
		return mine, Listing{}, err
	}
	l, err := s.LookHolding(id, mine)
	if err == nil && l.crowded(mine) {
		err = fmt.Errorf("%s has a copy already: %w", of, ErrLost)
	}
	if err != nil {
		err = errors.Join(err, s.Drop(id, mine))
	}
	return mine, l, err
}

// crowded reports whether a copy is not the only one.
func (l Listing) crowded(mine Ticket) bool {
	n := 0
	for _, t := range l.Doing {
		if t.Unit == mine.Unit && t.Attempt == mine.Attempt {
			n++
		}
	}
	return n > 2
}

// isWritten reports whether parts/ has something of a unit that is in work.
func (s *Store) isWritten(id string, of Ticket) (bool, error) {
	es, err := s.fs.ReadDir(path.Join(dirJobs, id, dirParts))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	names := stagedNames(of)
	return slices.ContainsFunc(es, func(e sharefs.Entry) bool { return slices.Contains(names, e.Name) }), err
}

// Drop ends a copy without a result. Where the unit has gone on, or another stands before it, its
// file just goes; where it is the last, it is given back as any unit is.
func (s *Store) Drop(id string, mine Ticket) error {
	l, err := s.Look(id)
	if err != nil {
		return err
	}
	switch l.without(mine) {
	case goes:
		return s.Sweep(id, Placed{Doing, mine})
	case stays:
		return nil
	}
	return s.Release(id, mine)
}

// ending is what becomes of the file of a copy that made nothing.
type ending int

const (
	goesBack ending = iota
	goes
	stays
)

// without tells how a copy ends. Of several holders all but the first by name may just go, here as in
// Decide: each that goes counts on one who does not. The first leaves its file to its loop, which gives
// it back once nobody else holds the unit.
func (l Listing) without(mine Ticket) ending {
	e := goesBack
	for _, t := range l.Doing {
		switch {
		case t.Unit != mine.Unit || t == mine || t.Attempt < mine.Attempt:
		case t.Attempt > mine.Attempt || t.Worker < mine.Worker:
			return goes
		default:
			e = stays
		}
	}
	on := func(t Ticket) bool { return t.Unit == mine.Unit && t.Attempt >= mine.Attempt }
	if slices.ContainsFunc(l.Todo, on) || slices.ContainsFunc(l.Failed, on) ||
		slices.ContainsFunc(l.Results, func(t Ticket) bool { return t.Unit == mine.Unit }) {
		return goes
	}
	return e
}
