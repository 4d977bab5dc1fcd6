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
