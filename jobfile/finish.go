package jobfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proxima/jobfile/sharefs"
)

// OutputTemp is the name a stitch writes under: beside the output, so that the last step is a
// rename on one volume; hidden and without a media extension, so that no editor picks it up.
func OutputTemp(output, id string, t Ticket) string {
	return filepath.Join(filepath.Dir(output), outputTempPrefix(id)+t.String()+outputTempSuffix)
}

const outputTempSuffix = ".partial"

func outputTempPrefix(id string) string {
	return ".proxima-" + id[strings.LastIndexByte(id, '_')+1:] + "-"
}

// PrepareOutput makes the folders between the output's base and the output and removes what
// stitches of lower attempts left there. The base itself is never made: if it isn't there, a
// mount is missing, and a file put in its place would be lost under the mount.
func PrepareOutput(base, output, id string, t Ticket) error {
	if st, err := os.Stat(base); err != nil || !st.IsDir() {
		return &Fault{
			Kind: FaultMachine, Reason: "the output folder " + Quote(base) + " is not there on this machine",
			Next: "mount the share that holds it, or make the folder again if somebody removed it", Err: err,
		}
	}
	dir := filepath.Dir(output)
	makeDir := os.MkdirAll
	if rel, err := filepath.Rel(base, dir); err != nil || !filepath.IsLocal(rel) {
		// No folder is made elsewhere, whatever a document says.
		makeDir = func(dir string, _ os.FileMode) error { _, err := os.ReadDir(dir); return err }
	}
	if err := makeDir(dir, 0o775); err != nil {
		return &Fault{
			Kind: FaultMachine, Reason: "cannot make the output folder " + Quote(dir),
			Next: "give this machine's account the right to write there", Err: err,
		}
	}
	_ = TidyOutput(output, id, t.Attempt) // the next stitch tries it again
	return nil
}

// TidyOutput removes what stitches of a job at attempts below the given one left beside its output.
// Whoever still writes there has lost its claim. One of that attempt, or of a higher one that took
// over while this worker slept, may be about to win.
func TidyOutput(output, id string, below int) error {
	old, err := filepath.Glob(filepath.Join(globEscape(filepath.Dir(output)), outputTempPrefix(id)+"*"+outputTempSuffix))
	if err != nil {
		return nil
	}
	var errs []error
	for _, f := range old {
		name := strings.TrimPrefix(filepath.Base(f), outputTempPrefix(id))
		if k, ok := ParseTicket(strings.TrimSuffix(name, outputTempSuffix) + ".yaml"); ok && k.Attempt < below {
			if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

func globEscape(s string) string {
	if filepath.Separator == '\\' {
		return s // no escapes there; a [ in a folder's name then only hides leftovers
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(s)
}

// ErrOccupied says that a file stands where the output should go and may not be replaced.
var ErrOccupied = errors.New("a file stands there already")

// Place gives a verified file its final name (P10). Unless replace is set, a file that stands
// there stays, and ErrOccupied is the answer.
func Place(tmp, final string, replace bool) error {
	st, err := os.Lstat(tmp)
	if err != nil {
		return fmt.Errorf("give %s its name: %w", Quote(final), err)
	}
	if !st.Mode().IsRegular() {
		return fmt.Errorf("give %s its name: somebody put something else in place of the file that was made", Quote(final))
	}
	if replace {
		err = replaceFile(tmp, final)
	} else {
		err = placeNew(tmp, final)
	}
	if err != nil {
		if errors.Is(err, fs.ErrExist) {
			return ErrOccupied
		}
		return fmt.Errorf("give %s its name: %w", Quote(final), err)
	}
	if d, err := os.Open(filepath.Dir(final)); err == nil {
		_ = d.Sync() // not every system can
		_ = d.Close()
	}
	return nil
}

// Finish writes DONE.yaml, which makes the job finished. A marker that stands already is as
// good. The output has its name by now, so it is too late to cancel: a job whose file is there is
// finished, and its folder says so.
func (s *Store) Finish(id string, t Ticket, d *Marker) error {
	l, err := s.Look(id)
	if err != nil {
		return err
	}
	if l.Done {
		return nil
	}
	if err := l.holds(t); err != nil {
		return err
	}
	d.Format, d.Job = Format, id
	return s.publish(path.Join(dirJobs, id, markDone), "This clip is finished: its proxy is whole, was checked and lies at output.", d)
}

// Mark writes FAILED.yaml with the reasons of the units that were given up, and returns it; or nil where
// somebody takes the unit's document out of failed/ at this very moment.
func (s *Store) Mark(j *Job, v View, worker string) (*Marker, error) {
	m := &Marker{Format: Format, Job: j.ID, Output: j.Output.Path, Worker: worker, Units: len(v.Units), Finished: time.Now().UTC().Truncate(time.Second)}
	var err error
	if m.Error, m.Next, err = s.whyFailed(j.ID, v); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return m, s.publish(path.Join(dirJobs, j.ID, markFailed), "This clip was given up.\n"+
		"What went wrong: "+Printable(m.Error)+"\nWhat to do:      "+Printable(m.Next)+
		"\nThen drag the file in failed to todo, or queue the clip again.", m)
}

// WhyFailed tells the last failure of the first unit that was given up.
func (s *Store) WhyFailed(id string, v View) (reason, next string) {
	reason, next, _ = s.whyFailed(id, v)
	return reason, next
}

// whyFailed has words for a document that cannot be read, too, and its error.
func (s *Store) whyFailed(id string, v View) (reason, next string, err error) {
	for _, u := range v.Units {
		if u.State != Failed {
			continue
		}
		doc, err := s.ReadUnit(id, Placed{Failed, u.Ticket})
		if err != nil {
			return fmt.Sprintf("unit %s was given up, and its document cannot be read: %v", u.ID, err), "queue the clip again", err
		}
		if len(doc.GivenUp) == 0 {
			return fmt.Sprintf("unit %s was given up", u.ID), "drag it from failed to todo", nil
		}
		f := doc.GivenUp[len(doc.GivenUp)-1]
		return fmt.Sprintf("unit %s: %s (%s)", u.ID, Printable(f.Reason), Printable(f.Worker)), Printable(f.Next), nil
	}
	return "", "", nil
}

// MarkBroken writes FAILED.yaml into a job whose job.yaml cannot be read, so that the folder
// itself says why nothing happens.
func (s *Store) MarkBroken(id, worker string, why error) error {
	name := path.Join(dirJobs, id, markFailed)
	if _, err := s.fs.Size(name); err == nil {
		return nil
	}
	m := &Marker{
		Format: Format, Job: id, Worker: worker, Finished: time.Now().UTC().Truncate(time.Second),
		Error: why.Error(), Next: "mend job.yaml, or delete this folder and queue the clip again",
	}
	return s.publish(name, "This job cannot be done.\nWhat went wrong: "+Printable(m.Error)+"\nWhat to do:      "+m.Next, m)
}

// Unmark removes FAILED.yaml: someone put the failed unit back.
func (s *Store) Unmark(id string) error {
	err := s.fs.Remove(path.Join(dirJobs, id, markFailed))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Unfinish takes a marker back whose file turned out not to be there: an acknowledged rename
// that a server's power loss undid. The parts are still there, since they go last.
func (s *Store) Unfinish(id string) error {
	err := s.fs.Remove(path.Join(dirJobs, id, markDone))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Retire removes a finished job's parts and moves its folder to done/. Each step may be
// repeated, by anyone.
func (s *Store) Retire(id string) error {
	dir := path.Join(dirJobs, id)
	if err := s.fs.RemoveAll(path.Join(dir, dirParts)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the parts of job %s: %w", id, err)
	}
	err := s.fs.Rename(dir, path.Join(dirDone, id))
	if err != nil {
		if _, rerr := s.fs.Size(path.Join(dirDone, id, fileJob)); rerr == nil {
			return nil // somebody else did, or the reply was lost
		}
		return fmt.Errorf("move job %s to done: %w", id, err)
	}
	_ = s.fs.Sync(dirDone)
	_ = s.fs.Sync(dirJobs)
	s.empty(path.Join(dirDone, id))
	return nil
}

// empty removes what a job that is over needs no more: it would only puzzle who opens the folder, and
// nothing hangs on it. A cancelled one may be queued again, with the files that its recipe needs; one
// that was finished before the request came is not cancelled.
func (s *Store) empty(dir string) {
	es, err := s.fs.ReadDir(dir)
	has := func(name string) bool {
		return slices.ContainsFunc(es, func(e sharefs.Entry) bool { return e.Name == name })
	}
	cancelled := err != nil || has(markCancelled) && !has(markDone)
	for _, n := range []string{dirTodo, dirDoing, dirFailed, dirAssets, fileClaimLock, markFailed, markCancelled} {
		if cancelled && (n == dirAssets || n == markCancelled) {
			continue
		}
		_ = s.fs.RemoveAll(path.Join(dir, n))
	}
	for _, d := range []string{dir, path.Join(dir, dirResults)} {
		es, _ := s.fs.ReadDir(d)
		for _, e := range es {
			if reTemp.MatchString(e.Name) {
				_ = s.fs.Remove(path.Join(d, e.Name))
			}
		}
	}
}
