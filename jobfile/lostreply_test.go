package jobfile

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"proxima/internal/faultfs"
	"proxima/jobfile/sharefs"
)

// transitions are the changes of a unit's state, from a job whose first unit w-1 holds.
var transitions = map[string]func(s *Store, j *Job, held Ticket) error{
	"claim": func(s *Store, j *Job, _ Ticket) error {
		_, _, err := s.Claim(context.Background(), j.ID, Ticket{Unit: "0001", Attempt: 1}, Listing{}, "w-1")
		return err
	},
	"release": func(s *Store, j *Job, held Ticket) error { return s.Release(j.ID, held) },
	"fail": func(s *Store, j *Job, held Ticket) error {
		return s.Fail(j.ID, held, Failure{Worker: "w", Kind: FaultUnit, Reason: "it fell over"}, false)
	},
	"fail for good": func(s *Store, j *Job, held Ticket) error {
		return s.Fail(j.ID, held, Failure{Worker: "w", Kind: FaultSource, Reason: "it is cut off"}, true)
	},
	"give up": func(s *Store, j *Job, _ Ticket) error { return s.GiveUp(j.ID, Ticket{Unit: "0001", Attempt: 1}) },
	"remake":  func(s *Store, j *Job, _ Ticket) error { return s.Remake(j, "0000") },
	"restore": func(s *Store, j *Job, _ Ticket) error { return s.Restore(j, UnitSound) },
	"finish": func(s *Store, j *Job, held Ticket) error {
		return s.Finish(j.ID, held, &Marker{Final: &Final{Size: 1}})
	},
	"retire": func(s *Store, j *Job, held Ticket) error { return s.Retire(j.ID) },
}

// unsynced is a farm as Init makes it, which many can be made of in no time.
func unsynced(t *testing.T) *Store {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dirJobs, dirDone, dirWorkers, dirPresets} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, FarmFile), farmTemplate, 0o644); err != nil {
		t.Fatal(err)
	}
	return NewStore(faultfs.New(sharefs.NewOS(dir)), dir)
}

// try makes one transition with one fault.
func try(t *testing.T, what string, x faultfs.Fault) (s *Store, j *Job, hit bool, err error) {
	t.Helper()
	s = unsynced(t)
	j = withJob(t, s)
	held := claim(t, s, j, "0000", 1, "w-1")
	var ready error
	switch what {
	case "retire":
		ready = s.Finish(j.ID, held, &Marker{Final: &Final{Size: 1}})
	case "remake":
		ready = s.Commit(j.ID, held, stage(t, s, j, held, "picture"))
	}
	if ready != nil {
		t.Fatal(ready)
	}
	share := faultfs.New(s.fs)
	share.Inject(x)
	err = transitions[what](NewStore(share, s.dir), j, held)
	return s, j, len(share.Hits()) > 0, err
}

// Wherever a transition is interrupted: the unit is in some folder, and the job in one.
func TestAnInterruptedTransitionLeavesTheOldStateOrTheNewOrBoth(t *testing.T) {
	for what := range transitions {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.After, faultfs.Dies, faultfs.DiesHalfway} {
				for at := 1; ; at++ {
					s, j, hit, err := try(t, what, faultfs.Fault{
						At: at, Mode: mode, Err: syscall.EIO, Only: func(op faultfs.Op) bool { return op.Change },
					})
					if !hit {
						if err != nil {
							t.Fatal(err)
						}
						break
					}
					l, lerr := s.Look(j.ID)
					if what == "retire" {
						ids, _, _ := s.JobIDs()
						done, _ := s.FinishedIDs()
						if m, state, err := s.Marker(j.ID); len(ids)+len(done) != 1 || m == nil || state != Done {
							t.Errorf("%v at %d: in jobs %v, in done %v, %v, %v", mode, at, ids, done, state, err)
						}
						continue
					}
					if lerr != nil {
						t.Fatal(lerr)
					}
					for _, u := range Fold(j.Plan.Units, l).Units {
						if u.State == Missing {
							t.Errorf("%v at %d: unit %s is in no folder", mode, at, u.ID)
						}
					}
					m, _, merr := s.Marker(j.ID)
					if merr != nil || (m != nil) != l.Done {
						t.Errorf("%v at %d: half a marker: %v", mode, at, merr)
					}
				}
			}
		})
	}
}

// A rename that was done and reported failed is found out by looking.
func TestARenameWhoseReplyWasLostIsDone(t *testing.T) {
	for what := range transitions {
		if what == "release" {
			continue // its caller looks, and whoever looks next
		}
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, _, hit, err := try(t, what, faultfs.Fault{
				At: 1, Mode: faultfs.After, Err: syscall.EAGAIN, Only: func(op faultfs.Op) bool { return op.Kind == "Rename" },
			})
			if !hit || err != nil {
				t.Errorf("%v, %v", hit, err)
			}
		})
	}
}
