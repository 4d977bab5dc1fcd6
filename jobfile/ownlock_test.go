package jobfile

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gofrs/flock"
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
