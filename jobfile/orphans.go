package jobfile

import (
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Orphan is a temporary file or folder of the protocol, which its maker renames or removes
// within seconds, or holds a unit for. One that stands for long has lost its maker.
type Orphan string

var reTemp = regexp.MustCompile(`^\..+\.[a-z0-9]{6}\.tmp$`)

// Orphans lists what might be one: jobs that are being born or removed, documents that are being
// written, parts that nobody holds the unit of, requests to those who left. Only standing for long
// proves it. ids are the jobs that there are, in are those whose folders are looked through.
func (s *Store) Orphans(ids, in []string) ([]Orphan, error) {
	var found []Orphan
	scan := func(dir string, is func(name string) bool) error {
		es, err := s.fs.ReadDir(dir)
		if err != nil {
			return ignoreAbsent(err)
		}
		for _, e := range es {
			if is(e.Name) {
				found = append(found, Orphan(path.Join(dir, e.Name)))
			}
		}
		return nil
	}
	halfway := func(name string) bool {
		id, born := strings.CutPrefix(name, newPrefix)
		if !born {
			id, _ = strings.CutPrefix(name, gonePrefix)
		}
		return id != name && ValidJobID(id)
	}
	errs := []error{scan(dirJobs, func(name string) bool { return halfway(name) || reTemp.MatchString(name) }), scan(dirWorkers, reTemp.MatchString), s.idle(ids, scan)}
	for _, id := range in {
		dir := path.Join(dirJobs, id)
		l, err := s.Look(id)
		if err != nil {
			errs = append(errs, ignoreAbsent(err))
			continue
		}
		for _, d := range []string{".", dirTodo, dirDoing, dirFailed, dirResults} {
			errs = append(errs, scan(path.Join(dir, d), reTemp.MatchString))
		}
		errs = append(errs, scan(path.Join(dir, dirParts), func(name string) bool {
			t, ok := stagedTicket(name)
			return ok && !slices.Contains(l.Doing, t)
		}))
	}
	return found, errors.Join(errs...)
}

// Job is the job in whose folder it lies, "" where it lies in none.
func (o Orphan) Job() string {
	top, rest, _ := strings.Cut(string(o), "/")
	if id, _, in := strings.Cut(rest, "/"); in && top == dirJobs {
		return id
	}
	return ""
}

// idle finds the requests that are about nobody any more.
func (s *Store) idle(ids []string, scan func(dir string, is func(name string) bool) error) error {
	beats, err := s.Beats()
	if err != nil {
		return err
	}
	return scan(dirControl, func(name string) bool {
		if reTemp.MatchString(name) {
			return true
		}
		c, ok := ParseControl(name)
		switch {
		case !ok:
			return false
		case c.OfJob():
			return !slices.Contains(ids, c.Whom)
		case c.Ask == AskDrain, c.Ask == AskSlots:
			_, here := beats[c.Whom]
			return !here
		}
		return false
	})
}

// stagedTicket reads whose part a name in parts/ is, while it is being written.
func stagedTicket(name string) (Ticket, bool) {
	base, ok := strings.CutSuffix(name, ".mov"+stagedSuffix)
	if !ok || !strings.HasPrefix(base, ".") {
		return Ticket{}, false
	}
	return ParseTicket(strings.TrimSuffix(base[1:], ".audio") + ".yaml")
}

// RemoveOrphan removes one that stood for long enough. It may be gone already.
func (s *Store) RemoveOrphan(o Orphan) error {
	if err := s.fs.RemoveAll(string(o)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
