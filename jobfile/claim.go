package jobfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"time"
)

// ErrLost says that a unit is not, or no longer, this worker's. Whoever gets it ends what it
// does and discards what it made.
var ErrLost = errors.New("the unit belongs to someone else")

// ErrRefused says that the share answers and does not let a unit's file be renamed: a program holds it open, or this account
// has no right to it. Others may be free.
var ErrRefused = errors.New("the share does not let it be renamed")

// ErrCancelled is an ErrLost whose reason is CANCELLED.yaml: nobody has the unit, and its holder gives
// it back, so that the folder may go.
var ErrCancelled error = cancelled{}

type cancelled struct{}

func (cancelled) Error() string        { return "the job was cancelled" }
func (cancelled) Is(target error) bool { return target == ErrLost }

// Claim takes a todo unit (P6) that a look has shown, and returns the ticket it now travels under, and the holder's
// look that confirmed that. ErrLost when someone else was faster; that look then shows who.
func (s *Store) Claim(ctx context.Context, id string, t Ticket, seen Listing, worker string) (Ticket, Listing, error) {
	mine := Ticket{Unit: t.Unit, Attempt: t.Attempt, Worker: worker}
	from := path.Join(dirJobs, id, dirTodo, t.File())
	to := path.Join(dirJobs, id, dirDoing, mine.File())
	var renameErr error
	err := s.withClaimLock(ctx, id, seen, func() error {
		renameErr = s.fs.Rename(from, to)
		return nil
	})
	if err != nil {
		return mine, Listing{}, err
	}
	// Whatever the call answered, the claim is mine if a listing shows it.
	l, err := s.LookHolding(id, mine)
	if err != nil {
		if renameErr != nil && !errors.Is(renameErr, fs.ErrNotExist) {
			why := fmt.Errorf("claim %s of job %s: %w", t, id, renameErr)
			if errors.Is(err, ErrLost) {
				why = fmt.Errorf("%w: %w", ErrRefused, why)
			}
			return mine, l, why
		}
		return mine, l, err
	}
	// Not synced: a power cut that undoes it leaves the unit in todo, where it is claimed again.
	return mine, l, nil
}

// Holds looks whether a claim still stands (P8): nil if it does, ErrLost if the unit's file
// is gone, a higher attempt exists, or the unit is done by someone else. Other errors say
// nothing about the claim. It looks at all folders: whoever fails or gives back is not to replace what others wrote.
func (s *Store) Holds(id string, mine Ticket) error {
	l, err := s.unlessGone(id, func() (Listing, error) { return s.Look(id) })
	if err != nil {
		return err
	}
	return l.Holds(mine)
}

// LookHolding looks whether a claim stands as holders do that believe in it or commit: by LookInWork.
func (s *Store) LookHolding(id string, mine Ticket) (Listing, error) {
	l, err := s.LookInWork(id)
	if err != nil {
		return l, err
	}
	return l, l.Holds(mine)
}

// LookInWork is a holder's look: it lists doing/, done/ and the job's own folder. Whatever takes a unit away moves
// its file out of doing/, or has whoever looks next do so. What todo/ and failed/ would show besides may as well
// appear a moment after the look. ErrLost where the job is gone.
func (s *Store) LookInWork(id string) (Listing, error) {
	return s.unlessGone(id, func() (Listing, error) { return s.look(id, Doing, Done) })
}

// LookDoing is LookInWork without done/.
func (s *Store) LookDoing(id string) (Listing, error) {
	return s.unlessGone(id, func() (Listing, error) { return s.look(id, Doing) })
}

// unlessGone tells a job that is gone from a share that is away. A job that is not there is gone only where
// the farm is (P11): what a share that is not mounted shows is an empty folder.
func (s *Store) unlessGone(id string, look func() (Listing, error)) (Listing, error) {
	l, err := look()
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := s.Farm(); err != nil {
			return l, err
		}
		if l, err = look(); errors.Is(err, fs.ErrNotExist) {
			return l, fmt.Errorf("job %s is gone: %w", id, ErrLost)
		}
	}
	return l, err
}

// Untaken keeps of some todo units those that a holder's look shows nobody to have taken.
func (l Listing) Untaken(ts []Ticket) []Ticket {
	taken := map[UnitID]bool{}
	for _, list := range [][]Ticket{l.Doing, l.Results} {
		for _, t := range list {
			taken[t.Unit] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(ts), func(t Ticket) bool { return taken[t.Unit] })
}

// Holds is the pure part of Store.Holds.
func (l Listing) Holds(mine Ticket) error {
	if l.Cancelled && !l.Done {
		return ErrCancelled
	}
	return l.holds(mine)
}

// holds is Holds, whether the job was cancelled or not.
func (l Listing) holds(mine Ticket) error {
	if l.Done {
		return fmt.Errorf("the job ended: %w", ErrLost)
	}
	if !slices.Contains(l.Doing, mine) {
		return fmt.Errorf("%s is not in doing/ any more: %w", mine, ErrLost)
	}
	for _, list := range [][]Ticket{l.Todo, l.Doing, l.Failed} {
		for _, t := range list {
			if t.Unit == mine.Unit && t.Attempt > mine.Attempt {
				return fmt.Errorf("%s was taken over as attempt %d: %w", mine, t.Attempt, ErrLost)
			}
		}
	}
	for _, t := range l.Results {
		if t.Unit == mine.Unit {
			return fmt.Errorf("%s was done by %s: %w", mine, t.Worker, ErrLost)
		}
	}
	return nil
}

// Release puts a unit back to todo at the next attempt, charging it nothing: a takeover from
// a dead worker, or a worker that leaves. The file may be gone; somebody did it then.
func (s *Store) Release(id string, t Ticket) error {
	from := path.Join(dirJobs, id, dirDoing, t.File())
	to := path.Join(dirJobs, id, dirTodo, t.Next().File())
	err := s.fs.Rename(from, to)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Fail charges a failed attempt to its unit, which goes back to todo at the next attempt, or
// to failed/ when it is final. The new document appears first, the old one goes after: a
// crash in between leaves litter, not a hole.
func (s *Store) Fail(id string, t Ticket, f Failure, final bool) error {
	u, err := s.ReadUnit(id, Placed{Doing, t})
	var broken *DecodeError
	switch {
	case errors.As(err, &broken):
		// Somebody edited it; the plan in job.yaml is what counts.
		u = &Unit{Format: Format, Job: id, ID: t.Unit}
	case err != nil:
		return err
	}
	// The document is for people with a text editor, or cat.
	f.Attempt, f.Reason, f.Next = t.Attempt, Printable(f.Reason), Printable(f.Next)
	u.Failures = append(u.Failures, f)
	to, comment := dirTodo, "Waits for another try. What went wrong so far stands under failures."
	if final {
		to, comment = dirFailed, givenUp(f)
		u.giveUp()
	}
	if err := s.publish(path.Join(dirJobs, id, to, t.Next().File()), comment, u); err != nil {
		return err
	}
	// The failure is noted, even where this account may remove nothing. Who gave the old document back
	// now would put it in the new one's place, and the unit be tried for ever.
	_ = s.Sweep(id, Placed{Doing, t})
	return nil
}

func givenUp(f Failure) string {
	return "Given up. To try again, drag this file to the folder todo.\n" +
		"What went wrong: " + Printable(f.Reason) + "\nWhat to do:      " + Printable(f.Next)
}

// GiveUp moves a todo unit to failed/: everybody who could try has tried.
func (s *Store) GiveUp(id string, t Ticket) error {
	u, err := s.ReadUnit(id, Placed{Todo, t})
	if err != nil {
		return ignoreAbsent(err)
	}
	comment := givenUp(Failure{})
	if n := len(u.Failures); n > 0 {
		comment = givenUp(u.Failures[n-1])
	}
	u.giveUp()
	if err := s.publish(path.Join(dirJobs, id, dirFailed, t.File()), comment, u); err != nil {
		return err
	}
	return s.Sweep(id, Placed{Todo, t})
}

// Staging is where an attempt writes, on this machine.
type Staging struct {
	Video, Sound string         // dot-names in parts/, without a media extension; "" where the unit makes none
	Log          io.WriteCloser // the caller closes it
}

// LogName is the name of an attempt's log in log/.
func (t Ticket) LogName() string { return t.String() + ".log" }

// Stage returns an attempt's places. It makes sure that the folders are folders, as the look that confirmed the claim
// has shown, and that nothing stands at the names: a link planted there would lead ffmpeg elsewhere.
func (s *Store) Stage(id string, t Ticket, seen Listing) (Staging, error) {
	for _, d := range []struct {
		name   string
		folder bool
	}{{dirParts, seen.parts}, {dirLog, seen.log}} {
		if !d.folder {
			if err := s.fs.Mkdir(path.Join(dirJobs, id, d.name)); err != nil {
				return Staging{}, fmt.Errorf("job %s: %s/ is not a folder: %w", id, d.name, err)
			}
		}
	}
	for _, n := range stagedNames(t) {
		_ = s.fs.Remove(path.Join(dirJobs, id, dirParts, n)) // mostly not there
	}
	logName := path.Join(dirJobs, id, dirLog, t.LogName())
	log, err := s.fs.Create(logName)
	if errors.Is(err, fs.ErrExist) {
		// No other attempt has this name: it was planted, or the reply to a first try was lost.
		if err = s.fs.Remove(logName); err == nil {
			log, err = s.fs.Create(logName)
		}
	}
	if err != nil {
		return Staging{}, fmt.Errorf("open the log of %s: %w", t, err)
	}
	st := Staging{Log: log}
	if t.Unit.HasVideo() {
		st.Video = s.fs.Path(path.Join(dirJobs, id, dirParts, stagedName(videoPartName(t))))
	}
	if t.Unit.HasSound() {
		st.Sound = s.fs.Path(path.Join(dirJobs, id, dirParts, stagedName(soundPartName(t))))
	}
	return st, nil
}

func videoPartName(t Ticket) string { return t.String() + ".mov" }

func soundPartName(t Ticket) string {
	if t.Unit == UnitSound {
		return t.String() + ".mov"
	}
	return t.String() + ".audio.mov"
}

const stagedSuffix = ".partial"

func stagedName(part string) string { return "." + part + stagedSuffix }

// stagedNames are all that an attempt may write in parts/.
func stagedNames(t Ticket) (names []string) {
	if t.Unit.HasVideo() {
		names = append(names, stagedName(videoPartName(t)))
	}
	if t.Unit.HasSound() {
		names = append(names, stagedName(soundPartName(t)))
	}
	return names
}

// Unstage removes what an attempt left behind in parts/, wherever its job is now: a job that
// moved to done/ under its feet took the files along.
func (s *Store) Unstage(id string, t Ticket) {
	for _, top := range []string{dirJobs, dirDone} {
		for _, n := range stagedNames(t) {
			_ = s.fs.Remove(path.Join(top, id, dirParts, n)) // mostly not there
		}
	}
}

// Commit publishes an attempt: its staged parts get their names, then the result appears in
// done/, which is the commit. Before, the claim is looked at once more (P8).
func (s *Store) Commit(id string, t Ticket, r *Result) error {
	l, err := s.LookHolding(id, t)
	if err != nil {
		return err
	}
	return s.CommitSeen(id, t, r, l)
}

// CommitSeen is Commit after a look that the caller has just taken.
func (s *Store) CommitSeen(id string, t Ticket, r *Result, l Listing) error {
	if err := l.Holds(t); err != nil {
		return err
	}
	parts := path.Join(dirJobs, id, dirParts)
	place := func(name string, size int64) error {
		from, to := path.Join(parts, stagedName(name)), path.Join(parts, name)
		// It may have its name already, by an earlier try whose reply or whose next step failed.
		if err := s.fs.Sync(from); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("sync part %s: %w", name, err)
		}
		if err := s.fs.Rename(from, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("publish part %s: %w", name, err)
		}
		// A fresh handle sees what the server has, not what this client believes.
		if n, err := s.fs.Size(to); err != nil || n != size {
			return fmt.Errorf("part %s has %d bytes on the share, not %d (%w)", name, n, size, orLost(err))
		}
		return nil
	}
	if r.Video != nil {
		r.Video.File = videoPartName(t)
		if err := place(r.Video.File, r.Video.Size); err != nil {
			return err
		}
	}
	if r.Sound != nil {
		r.Sound.File = soundPartName(t)
		if err := place(r.Sound.File, r.Sound.Size); err != nil {
			return err
		}
	}
	_ = s.fs.Sync(parts)
	r.Format, r.Job, r.Unit, r.Attempt, r.Worker = Format, id, t.Unit, t.Attempt, t.Worker
	if r.Finished.IsZero() {
		r.Finished = time.Now().UTC().Truncate(time.Second)
	}
	if err := r.Validate(); err != nil {
		return fmt.Errorf("result %s: %w", t, err)
	}
	if err := s.publish(path.Join(dirJobs, id, dirResults, t.File()), "What was made, and what was checked before it was published.", r); err != nil {
		return err
	}
	_ = s.Sweep(id, Placed{Doing, t}) // litter now; whoever looks next removes it
	return nil
}

var errShort = errors.New("the share lost bytes")

func orLost(err error) error {
	if err != nil {
		return err
	}
	return errShort
}

// PartPath is a published part on this machine.
func (s *Store) PartPath(id, part string) (string, error) {
	if err := checkPartName(part); err != nil {
		return "", err
	}
	return s.fs.Path(path.Join(dirJobs, id, dirParts, part)), nil
}

// PartSize is a published part's size through a fresh handle. One that is not there is looked
// for in a listing before that is believed: NFS clients remember for half a minute that a
// name was absent.
func (s *Store) PartSize(id, part string) (int64, error) {
	if err := checkPartName(part); err != nil {
		return 0, err
	}
	name := path.Join(dirJobs, id, dirParts, part)
	n, err := s.fs.Size(name)
	if errors.Is(err, fs.ErrNotExist) {
		if _, lerr := s.fs.ReadDir(path.Dir(name)); lerr == nil {
			n, err = s.fs.Size(name)
		}
	}
	return n, err
}
