package jobfile

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"proxima/internal/faultfs"
)

// whole tells whether a job stands in the farm, and fails the test if half of one does.
func whole(t *testing.T, clean *Store, id string) bool {
	t.Helper()
	ids, strange, err := clean.JobIDs()
	if err != nil || len(strange) > 0 {
		t.Fatal(strange, err)
	}
	if !slices.Contains(ids, id) {
		return false
	}
	j, err := NewStore(clean.fs, clean.dir).Job(id)
	if err != nil {
		t.Errorf("half a job: %v", err)
		return true
	}
	if todo, _, _, _ := look(t, clean, j).Counts(); todo != len(j.Plan.Units) {
		t.Errorf("half a job: %d units", todo)
	}
	return true
}

// Whatever fails while a job is born: the queuer is told the truth, and there is a whole job
// or none.
func TestAJobIsBornOrItsQueuerIsTold(t *testing.T) {
	t.Parallel()
	for _, mode := range []faultfs.Mode{faultfs.Before, faultfs.After, faultfs.Dies, faultfs.DiesHalfway} {
		for at := 1; ; at++ {
			clean := unsynced(t)
			share := faultfs.New(clean.fs)
			share.Inject(faultfs.Fault{At: at, Mode: mode, Err: []error{syscall.EIO, syscall.ENOSPC, syscall.EAGAIN}[at%3]})
			j := testJob()
			err := NewStore(share, clean.dir).Create(j)
			hits := share.Hits()
			if len(hits) == 0 {
				if at < 15 {
					t.Fatalf("only %d operations", at)
				}
				break
			}
			stands := whole(t, clean, j.ID)
			// Who died is told nothing; the folder's name is synced after the birth.
			if mode < faultfs.Dies && stands != (err == nil) {
				t.Errorf("%v %v: the queuer was told %v, and the job stands: %v", mode, hits, err, stands)
			}
			left, err := clean.Orphans(nil, nil)
			if err != nil || mode < faultfs.Dies && len(left) > 0 {
				t.Errorf("%v %v: %v is left, %v", mode, hits, left, err)
			}
			for _, o := range left {
				if err := clean.RemoveOrphan(o); err != nil {
					t.Error(err)
				}
			}
			for _, n := range tree(t, clean.dir) {
				if strings.Contains(n, newPrefix) || strings.Contains(n, ".tmp") {
					t.Errorf("%v %v: %s is left for good", mode, hits, n)
				}
			}
		}
	}
}

// A share that goes away at the very moment of the birth cannot tell how it ended. Then that
// is what the queuer is told.
func TestAQueuerThatCannotKnowIsToldSo(t *testing.T) {
	t.Parallel()
	clean := unsynced(t)
	share := faultfs.New(clean.fs)
	gone := false
	share.Inject(faultfs.Fault{At: 1, Mode: faultfs.After, Err: syscall.EIO, Times: 1000, Only: func(op faultfs.Op) bool {
		gone = gone || strings.HasSuffix(op.Name, "-> jobs/"+testJob().ID)
		return gone
	}})
	err := NewStore(share, clean.dir).Create(testJob())
	if err == nil || !strings.Contains(err.Error(), "proxima status") || !errors.Is(err, syscall.EIO) {
		t.Errorf("%v", err)
	}
	if !whole(t, clean, testJob().ID) {
		t.Error("the test is wrong: it was not born")
	}
}
