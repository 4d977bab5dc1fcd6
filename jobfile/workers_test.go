package jobfile

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
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

// A listing may leave out what was renamed a moment ago.
func TestWhoLeavesTakesWhatAListingDoesNotShow(t *testing.T) {
	s := farm(t)
	stale := NewStore(forgetful{FS: s.fs, stale: true}, s.dir)
	w := &Worker{ID: NewWorkerID("edit7"), Name: "edit7", Slots: 1, State: "idle"}
	m, err := stale.Join(w)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.Report(w), m.Beat(), m.Leave()); err != nil {
		t.Fatal(err)
	}
	if es, _ := os.ReadDir(s.fs.Path("workers")); len(es) != 0 {
		t.Errorf("%v was left", es)
	}
}

// A load that changes is not said by itself, and what is no load is not said at all.
func TestTheLoadIsToldWithTheNews(t *testing.T) {
	s := farm(t)
	w := &Worker{ID: NewWorkerID("edit7"), Name: "edit7", Slots: 1, State: "idle"}
	m, err := s.Join(w)
	if err != nil {
		t.Fatal(err)
	}
	asked, part := 0, 0.4242
	var unknown error
	m.Load = func() (float64, error) {
		asked++
		return part, unknown
	}
	said := func(want string) {
		t.Helper()
		w := *w // as the next that it says of itself
		if err := m.Report(&w); err != nil {
			t.Fatal(err)
		}
		doc, err := s.Worker(w.ID)
		if err != nil {
			t.Fatal(err)
		}
		got := "none"
		if doc.Load != nil {
			got = fmt.Sprint(*doc.Load)
		}
		if got != want {
			t.Errorf("it says %s, not %s", got, want)
		}
	}
	said("none")
	if asked > 0 {
		t.Error("it is asked though nothing is said")
	}
	w.State = "working"
	said("0.42")
	part = 0.9
	said("0.42")
	m.at = m.at.Add(-renewEvery)
	said("0.9")
	for i, c := range []struct {
		part float64
		err  error
		want string
	}{{0, nil, "0"}, {1.5, nil, "1"}, {-1, nil, "0"}, {math.NaN(), nil, "none"}, {0.5, errors.New("away"), "none"}} {
		part, unknown = c.part, c.err
		w.Slots = i + 2
		said(c.want)
	}
	if asked != 7 {
		t.Errorf("asked %d times", asked)
	}
	m.Load = nil
	w.Slots = 20
	said("none")
}

func TestNumbersThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	const doc = "format: 1\nid: edit7-abcde\nupdated: 2026-03-04T05:06:07Z\n"
	for _, good := range []string{"", "load: 0\n", "load: 0.42\n", "load: 1\n", "busy:\n  - {fps: 0.0}\n", "busy:\n  - {fps: 250}\n"} {
		if err := Decode("w.yaml", []byte(doc+good), &Worker{}); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"load: -0.01\n", "load: 1.01\n", "load: .nan\n", "load: .inf\n", "load: half\n", "busy:\n  - {fps: .nan}\n", "busy:\n  - {fps: -.inf}\n", "busy:\n  - {fps: .inf}\n", "busy:\n  - {fps: -1}\n"} {
		var de *DecodeError
		if err := Decode("w.yaml", []byte(doc+bad), &Worker{}); !errors.As(err, &de) || de.Line < 4 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", bad, err)
		}
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
