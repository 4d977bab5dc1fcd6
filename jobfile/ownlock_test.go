package jobfile

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"proxima/jobfile/sharefs"
)

// A worker whose lock cannot be had yet begins without, has it later, and gives it back.
func TestALockThatComesLateIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "w.lock")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	free := func() bool {
		l := flock.New(path, flock.SetFlag(os.O_RDWR))
		defer l.Close()
		ok, err := l.TryLock()
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	other := flock.New(path, flock.SetFlag(os.O_RDWR))
	if ok, err := other.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	own := takeOwn(path)
	select {
	case <-own.done:
		t.Fatal("it has the lock that another has")
	default:
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-own.done:
	case <-time.After(10 * time.Second):
		t.Fatal("it never got it")
	}
	if free() {
		t.Error("it has the lock, and others get it")
	}
	if err := own.giveBack(); err != nil {
		t.Fatal(err)
	}
	if !free() {
		t.Error("it kept the lock")
	}

	if ok, err := other.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	own = takeOwn(path)
	if err := own.giveBack(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	<-own.done
	if !free() {
		t.Error("it took the lock after it had left")
	}
}

// stuckShare answers nothing about sizes until it is freed.
type stuckShare struct {
	sharefs.FS
	asked atomic.Int32
	freed chan struct{}
}

func (s *stuckShare) Size(name string) (int64, error) {
	s.asked.Add(1)
	<-s.freed
	return s.FS.Size(name)
}

// A share that does not answer for hours is not asked a second time while it owes an answer: each
// question that is left behind keeps a thread.
func TestATryThatIsLeftBehindIsTheOnlyOne(t *testing.T) {
	t.Parallel()
	s := farm(t)
	if err := s.fs.WriteNew("workers/w-1.lock", nil); err != nil {
		t.Fatal(err)
	}
	stuck := &stuckShare{FS: s.fs, freed: make(chan struct{})}
	s.fs = stuck
	brief, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for range 5 {
		if st := s.TryWorkerLock(brief, "w-1"); st != LockUnknown {
			t.Errorf("%v from a share that does not answer", st)
		}
	}
	if n := stuck.asked.Load(); n > 1 {
		t.Errorf("asked %d times", n)
	}
	close(stuck.freed)
	for end := time.Now().Add(10 * time.Second); s.TryWorkerLock(t.Context(), "w-1") != LockFree; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it is never asked again")
		}
	}
}
