package jobfile

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"proxima/jobfile/sharefs"
)

// maxLogFile bounds what is read of an attempt's log, bytes: a program's messages are cut at a part of it.
const maxLogFile = 64 << 20

// Logs lists the attempts at a job's units that left a log, in the plan's order where there is one;
// of jobs that are over, too.
func (s *Store) Logs(id string) (ts []Ticket, err error) {
	if !ValidJobID(id) {
		return nil, fmt.Errorf("%s is not a job's name", Quote(id))
	}
	var es []sharefs.Entry
	for _, top := range []string{dirJobs, dirDone} {
		es, err = s.fs.ReadDir(path.Join(top, id, dirLog))
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, ignoreAbsent(err) // a person may tidy log/ away
	}
	for _, e := range es {
		base, is := strings.CutSuffix(e.Name, ".log")
		if t, ok := ParseTicket(base + ".yaml"); is && ok && t.Worker != "" && !e.Dir {
			ts = append(ts, t)
		}
	}
	place := map[UnitID]int{}
	if j, err := s.Job(id); err == nil {
		for i, u := range j.Plan.Units {
			place[u.ID] = i
		}
	}
	slices.SortFunc(ts, func(a, b Ticket) int {
		return cmp.Or(cmp.Compare(place[a.Unit], place[b.Unit]), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Worker, b.Worker))
	})
	return ts, nil
}

// Log reads an attempt's log, as far as it is written. Anybody may have written it.
func (s *Store) Log(id string, t Ticket) (data []byte, err error) {
	for _, top := range []string{dirJobs, dirDone} {
		name := path.Join(top, id, dirLog, t.LogName())
		data, err = s.fs.ReadFile(name, maxLogFile)
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", t, err)
	}
	return data, nil
}

// LogEnd reads the last lines of an attempt's log, so many bytes at most, without one of which only a part
// is among them.
func (s *Store) LogEnd(id string, t Ticket, most int64) (data []byte, err error) {
	for _, top := range []string{dirJobs, dirDone} {
		data, err = s.fs.ReadEnd(path.Join(top, id, dirLog, t.LogName()), most)
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", t, err)
	}
	if int64(len(data)) == most { // it may be longer
		if _, rest, more := bytes.Cut(data, []byte("\n")); more {
			data = rest
		}
	}
	return data, nil
}

// LogSize is how much of it is written, bytes.
func (s *Store) LogSize(id string, t Ticket) (n int64, err error) {
	for _, top := range []string{dirJobs, dirDone} {
		n, err = s.fs.Size(path.Join(top, id, dirLog, t.LogName()))
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return n, err
}
