package jobfile

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"

	"proxima/jobfile/sharefs"
)

// Every unit is claimed exactly once, whoever races for it.
func TestOneClaimerWins(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	const racers = 8
	seen := looked(t, s, j)
	var wg sync.WaitGroup
	won := make([]int, racers)
	for i := range racers {
		wg.Go(func() {
			own := NewStore(s.fs, s.dir)
			for _, p := range j.Plan.Units {
				_, _, err := own.Claim(context.Background(), j.ID, Ticket{Unit: p.ID, Attempt: 1}, seen, fmt.Sprintf("w-%d", i))
				switch {
				case err == nil:
					won[i]++
				case !errors.Is(err, ErrLost):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range won {
		sum += n
	}
	if sum != len(j.Plan.Units) {
		t.Fatalf("%d claims of %d units: %v", sum, len(j.Plan.Units), won)
	}
}

func TestAStuckClaimLockDelaysAClaimButDoesNotStopIt(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	lock := flock.New(filepath.Join(s.Dir(), dirJobs, j.ID, fileClaimLock))
	if ok, err := lock.TryLock(); err != nil || !ok {
		t.Fatal(ok, err)
	}
	defer lock.Close()
	if _, _, err := s.Claim(context.Background(), j.ID, Ticket{Unit: "0000", Attempt: 1}, looked(t, s, j), "w-1"); err != nil {
		t.Fatal(err)
	}
}

// atRename is a share that looks at the claim lock when a unit is renamed.
type atRename struct {
	sharefs.FS
	lock string
	held *int
}

func (f atRename) Rename(from, to string) error {
	if strings.Contains(to, "/doing/") {
		l := flock.New(f.Path(f.lock))
		if ok, err := l.TryLock(); err == nil && !ok {
			*f.held++
		}
		_ = l.Close()
	}
	return f.FS.Rename(from, to)
}

func TestAUnitIsClaimedUnderTheLock(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	held := 0
	own := NewStore(atRename{s.fs, "jobs/" + j.ID + "/claim.lock", &held}, s.dir)
	claim(t, own, j, "0000", 1, "w-1")
	if held != 1 {
		t.Error("its file was renamed, and the lock was free")
	}
}

func TestClaimingAVanishedUnitLeavesNothingBehind(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	before := tree(t, s.Dir())
	if _, _, err := s.Claim(context.Background(), j.ID, Ticket{Unit: "0000", Attempt: 7}, looked(t, s, j), "w-1"); !errors.Is(err, ErrLost) {
		t.Fatal(err)
	}
	if after := tree(t, s.Dir()); !slices.Equal(before, after) {
		t.Fatalf("%q\n%q", before, after)
	}
}
