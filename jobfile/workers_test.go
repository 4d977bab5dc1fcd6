package jobfile

import (
	"context"
	"os"
	"runtime"
	"testing"
)

func TestMembership(t *testing.T) {
	s := farm(t)
	id := NewWorkerID("Edit 7")
	w := &Worker{ID: id, Name: "edit-7", Host: "h", Slots: 1, State: "idle"}
	m, err := s.Join(w)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := m.Beat(); err != nil {
			t.Fatal(err)
		}
	}
	beats, err := s.Beats()
	if err != nil || beats[id] != 3 {
		t.Fatal(beats, err)
	}
	// Somebody takes the beat away: it comes back.
	if err := os.Remove(s.fs.Path("workers/" + id + ".beat.3")); err != nil {
		t.Fatal(err)
	}
	if err := m.Beat(); err != nil {
		t.Fatal(err)
	}
	if beats, _ := s.Beats(); beats[id] != 4 {
		t.Fatal(beats)
	}
	if runtime.GOOS != "windows" {
		if st := s.TryWorkerLock(context.Background(), id); st != LockHeld {
			t.Errorf("the lock of a living worker is %v", st)
		}
	}
	if st := s.TryWorkerLock(context.Background(), "nobody-1"); st != LockUnknown {
		t.Errorf("the lock of nobody is %v", st)
	}
	if err := m.Leave(); err != nil {
		t.Fatal(err)
	}
	if es, _ := os.ReadDir(s.fs.Path("workers")); len(es) != 0 {
		t.Errorf("%v was left", es)
	}
}

// What people leave in workers/ is nobody who died, and stays.
func TestPeoplesFilesInWorkersAreNobody(t *testing.T) {
	s := farm(t)
	names := []string{"notes.yaml", "0000.a1 (copy).yaml", "edit-7.yaml", "edit-7-abcde.yaml.bak", "edit-7-abcde (copy).yaml", "edit-7-abcde.beat.x", "edit-7-abcde.beat.1.old"}
	for _, n := range names {
		if err := os.WriteFile(s.fs.Path("workers/"+n), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	beats, err := s.Beats()
	if err != nil || len(beats) != 0 {
		t.Errorf("%v, %v", beats, err)
	}
	dead := []string{"edit-7-abcde.yaml", "edit-7-abcde.beat.12", "edit-7-abcde.lock", ".edit-7-abcde.yaml.abc234.tmp"}
	for _, n := range dead {
		if err := os.WriteFile(s.fs.Path("workers/"+n), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if beats, err := s.Beats(); err != nil || len(beats) != 1 || beats["edit-7-abcde"] != 12 {
		t.Errorf("%v, %v", beats, err)
	}
	for _, id := range []string{"notes", "0000", "edit-7", "edit-7-abcde"} {
		if err := s.Bury(id); err != nil {
			t.Error(err)
		}
	}
	for _, n := range names {
		if _, err := os.Stat(s.fs.Path("workers/" + n)); err != nil {
			t.Error(err)
		}
	}
	for _, n := range dead {
		if _, err := os.Stat(s.fs.Path("workers/" + n)); err == nil {
			t.Errorf("%s is still there", n)
		}
	}
}
