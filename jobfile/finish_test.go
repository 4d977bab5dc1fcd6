package jobfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestFinishAndRetire(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, UnitStitch, 1, "w-1")
	if err := s.Finish(j.ID, Ticket{Unit: UnitStitch, Attempt: 1, Worker: "w-2"}, &Marker{}); !errors.Is(err, ErrLost) {
		t.Fatalf("someone without the claim finished the job: %v", err)
	}
	if err := s.Finish(j.ID, k, &Marker{Final: &Final{Size: 1, Frames: 2}, Worker: "w-1"}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // repeated by another
		if err := s.Retire(j.ID); err != nil {
			t.Fatal(err)
		}
	}
	if ids, _ := s.FinishedIDs(); len(ids) != 1 {
		t.Fatal(ids)
	}
	if m, state, err := s.Marker(j.ID); err != nil || state != Done || m.Final.Frames != 2 {
		t.Fatal(m, state, err)
	}
	for _, n := range tree(t, s.Dir()) {
		for _, gone := range []string{"/parts", "/todo", "/doing", "/failed", "claim.lock"} {
			if strings.Contains(n, gone) {
				t.Errorf("%s was left", n)
			}
		}
	}
}

func TestPlaceNeverReplacesUnlessTold(t *testing.T) {
	dir := t.TempDir()
	tmp, final := filepath.Join(dir, ".tmp"), filepath.Join(dir, "final.mov")
	write := func(p, s string) {
		t.Helper()
		if err := os.WriteFile(p, []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(tmp, "new")
	write(final, "old")
	if err := Place(tmp, final, false); !errors.Is(err, ErrOccupied) {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(final); string(b) != "old" {
		t.Fatal("replaced")
	}
	if err := Place(tmp, final, true); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(final); string(b) != "new" {
		t.Fatal("not replaced")
	}
	write(tmp, "x")
	if err := Place(tmp, filepath.Join(dir, "second.mov"), false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tmp); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the temporary name is still there")
	}
}

// A stitcher dies, or a reply is lost, between the two names that a file has for a moment.
func TestPlaceEndsWhatWasBegun(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file is moved there, in one step")
	}
	dir := t.TempDir()
	tmp, final := filepath.Join(dir, ".tmp"), filepath.Join(dir, "final.mov")
	if err := os.WriteFile(tmp, []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(tmp, final); err != nil {
		t.Skip(err)
	}
	if err := Place(tmp, final, false); err != nil {
		t.Fatal(err)
	}
	if es, err := os.ReadDir(dir); err != nil || len(es) != 1 {
		t.Fatal(es, err)
	}
	// All of it was done. That is for the caller to find out: it may be another's file.
	if err := Place(tmp, final, false); err == nil || errors.Is(err, ErrOccupied) {
		t.Fatal(err)
	}
}

func TestPrepareOutputRemovesThisJobsLeftoversOnly(t *testing.T) {
	base := t.TempDir()
	output := filepath.Join(base, "a [1]", "Proxy", "a.mov")
	id := "49_20260304-050607_A001_abcde"
	prepare := func() {
		t.Helper()
		if err := PrepareOutput(base, output, id, Ticket{Unit: UnitStitch, Attempt: 4, Worker: "w-2"}); err != nil {
			t.Fatal(err)
		}
	}
	prepare()
	mine := OutputTemp(output, id, Ticket{Unit: UnitStitch, Attempt: 3, Worker: "w-1"})
	other := OutputTemp(output, "49_20260304-050607_A001_fghij", Ticket{Unit: UnitStitch, Attempt: 3, Worker: "w-1"})
	for _, f := range []string{mine, other, output} {
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	prepare()
	if _, err := os.Stat(mine); !errors.Is(err, fs.ErrNotExist) && runtime.GOOS != "windows" {
		t.Error("a dead stitcher's file is left")
	}
	for _, f := range []string{other, output} {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
}

func TestAMissingOutputMountIsNotFilled(t *testing.T) {
	base := filepath.Join(t.TempDir(), "mnt")
	var f *Fault
	err := PrepareOutput(base, filepath.Join(base, "day1", "Proxy", "a.mov"), "49_20260304-050607_A001_abcde", Ticket{Unit: UnitStitch, Attempt: 1, Worker: "w-1"})
	if !errors.As(err, &f) || f.Kind != FaultMachine {
		t.Fatal(err)
	}
	if _, err := os.Stat(base); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the mount point was made")
	}
}

// A stitcher that slept removes nothing of the one that took over from it, and of two that
// were told that they won neither removes the other's.
func TestAStitchRemovesOnlyWhatLowerAttemptsLeft(t *testing.T) {
	base := t.TempDir()
	output, id := filepath.Join(base, "a [1].mov"), "49_20260304-050607_A001_abcde"
	temp := func(attempt int, worker string) string {
		return OutputTemp(output, id, Ticket{Unit: UnitStitch, Attempt: attempt, Worker: worker})
	}
	mine := Ticket{Unit: UnitStitch, Attempt: 2, Worker: "w-1"}
	other := OutputTemp(output, "49_20260304-050607_A002_vwxyz", Ticket{Unit: UnitStitch, Attempt: 1, Worker: "w-0"})
	for _, f := range []string{temp(1, "w-0"), temp(2, "w-2"), temp(3, "w-3"), other} {
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := PrepareOutput(base, output, id, mine); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(temp(1, "w-0")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("what a dead stitcher left is still there")
	}
	for _, f := range []string{temp(2, "w-2"), temp(3, "w-3"), other} {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
}

// The link was made, and the answer was an error of any kind: the next try finds one file
// under both names.
func TestPlacingAgainWhatWasPlacedIsNoOccupation(t *testing.T) {
	dir := t.TempDir()
	tmp, final := filepath.Join(dir, ".tmp"), filepath.Join(dir, "final.mov")
	if err := os.WriteFile(tmp, []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(tmp, final); err != nil {
		t.Skip("no hard links here:", err)
	}
	if err := Place(tmp, final, false); err != nil && runtime.GOOS != "windows" {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(final); err != nil || string(b) != "new" {
		t.Fatalf("%q %v", b, err)
	}
}
