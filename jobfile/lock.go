package jobfile

import (
	"context"
	"errors"
	"os"
	"path"
	"time"

	"github.com/gofrs/flock"
)

// claimLockWait bounds how long a claim waits for its lock. Where locks are stuck (a machine
// lost power while it held one) or absent, the rename alone claims.
const claimLockWait = 2 * time.Second

// withClaimLock runs f while it holds the job's claim lock, or without it when the lock can't
// be had in time, or is no file by a look at the job: locks are taken by path, and to open a device, which a planted
// link could lead to, may already do something. The lock is only ever opened, never created: opening with create would
// bring a phantom file back into a job that has just moved away.
//
// A try may block for minutes in the kernel (NFSv4 waits for a dead client's lease), and such
// a call can't be cancelled: it runs in its own goroutine, which outlives this call in that
// case alone and gives the lock back the moment it gets it.
func (s *Store) withClaimLock(ctx context.Context, id string, seen Listing, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !seen.lock {
		return f()
	}
	name := path.Join(dirJobs, id, fileClaimLock)
	lock := flock.New(s.fs.Path(name), flock.SetFlag(os.O_RDWR))
	lctx, cancel := context.WithTimeout(ctx, claimLockWait)
	defer cancel()
	got := make(chan bool)
	quit := make(chan struct{})
	go func() {
		ok, _ := lock.TryLockContext(lctx, 15*time.Millisecond)
		select {
		case got <- ok:
		case <-quit:
			_ = lock.Close() // gives back what came too late
		}
	}()
	select {
	case <-got:
		defer lock.Close()
	case <-lctx.Done():
		select {
		case <-got: // the goroutine saw the same deadline
			defer lock.Close()
		case <-time.After(50 * time.Millisecond):
		}
	}
	defer close(quit)
	if err := ctx.Err(); err != nil {
		return err
	}
	return f()
}

// lockable reports whether a file of the farm stands at a lock's name, as withClaimLock is told by a listing.
func (s *Store) lockable(name string) bool {
	_, err := s.fs.Size(name)
	return err == nil
}

// ownLockEvery is how often a worker tries for its own lock that somebody has.
const ownLockEvery = time.Second

// LockState is what a try at another worker's lock showed.
type LockState int

const (
	LockUnknown LockState = iota // no such file, or the try did not come back in time
	LockHeld
	LockFree
)

// TryWorkerLock looks whether a worker's lock can be taken, and gives it back at once. As
// with claims, a try that blocks in the kernel is left behind.
func (s *Store) TryWorkerLock(ctx context.Context, worker string) LockState {
	if !ValidWorkerID(worker) {
		return LockUnknown
	}
	return s.tryLock(ctx, path.Join(dirWorkers, worker+".lock"))
}

// tryLock looks whether a file's lock can be taken, and gives it back at once. While a try is still
// left behind there is no second: each holds a thread of this process.
func (s *Store) tryLock(ctx context.Context, name string) LockState {
	if _, out := s.trying.LoadOrStore(name, true); out {
		return LockUnknown
	}
	got := make(chan LockState, 1)
	go func() {
		st := s.tryNow(name)
		s.trying.Delete(name)
		got <- st
	}()
	select {
	case st := <-got:
		return st
	case <-time.After(claimLockWait):
	case <-ctx.Done():
	}
	return LockUnknown
}

func (s *Store) tryNow(name string) LockState {
	if !s.lockable(name) {
		return LockUnknown
	}
	lock := flock.New(s.fs.Path(name), flock.SetFlag(os.O_RDWR))
	ok, err := lock.TryLock()
	_ = lock.Close()
	switch {
	case err != nil:
		return LockUnknown
	case ok:
		return LockFree
	}
	return LockHeld
}

// ownLock is a worker's own lock, which shows the others that its process lives.
type ownLock struct {
	stop context.CancelFunc
	done chan struct{} // closed when no more is tried
	lock *flock.Flock
}

// takeOwn takes a worker's lock. Where that blocks (after a restart an NFS server grants nothing for a
// minute or so) or another worker is trying it at this very moment, it returns all the same, and the lock comes
// later: a worker does without. A share without locks answers with an error; the beat
// alone does then.
func takeOwn(path string) *ownLock {
	ctx, stop := context.WithCancel(context.Background())
	l := &ownLock{stop: stop, done: make(chan struct{}), lock: flock.New(path, flock.SetFlag(os.O_RDWR))}
	go func() {
		defer close(l.done)
		soon, cancel := context.WithTimeout(ctx, claimLockWait)
		ok, err := l.lock.TryLockContext(soon, 10*time.Millisecond)
		cancel()
		if !ok && errors.Is(err, context.DeadlineExceeded) {
			// Whoever holds it is no worker that tries it; each try asks the server for three things.
			ok, _ = l.lock.TryLockContext(ctx, ownLockEvery)
		}
		if ok && ctx.Err() != nil {
			_ = l.lock.Close() // it came when nobody waited any more
		}
	}()
	select {
	case <-l.done:
	case <-time.After(claimLockWait):
	}
	return l
}

// giveBack ends it all; a try that blocks in the kernel is left behind, and gives back what it gets.
func (l *ownLock) giveBack() error {
	l.stop()
	select {
	case <-l.done:
		return l.lock.Close()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}
