// Package faultfs puts a faulty share in the place of a real one, for tests: it counts the
// operations of one process and lets chosen ones fail, in the ways in which network shares
// and dying processes do.
//
// What goes through is done by the file system below, except that nothing is synced: no
// power is cut in these tests, and syncing would be nine tenths of their time.
package faultfs

import (
	"errors"
	"os"
	"sync"
	"time"

	"proxima/jobfile/sharefs"
)

// Op is one operation of a process.
type Op struct {
	N      int    // counted from 1
	Kind   string // the name of the method of sharefs.FS, or what Do was told
	Name   string
	Change bool // it may change what is on the share
}

// Mode is how an operation fails.
type Mode int

const (
	Before      Mode = iota // an error, and nothing happened
	After                   // it happened, and an error is reported: the reply was lost
	Dies                    // the process ends before it happens
	DiesHalfway             // the process ends while a file is half written, or a folder half removed
)

func (m Mode) String() string {
	return [...]string{"before", "after", "dies", "dies half way"}[m]
}

// Fault says what fails. It begins with the operation that it counts as the At-th, and hits
// that one only unless Times or For say more. After a death everything fails.
type Fault struct {
	At    int
	Mode  Mode
	Err   error         // of Before and After
	Times int           // how many operations, the first included
	For   time.Duration // or for how long, from the first
	Only  func(Op) bool // the ones that it counts and hits; nil: all. It must not use this share
}

// ErrDead is what a process gets that ought to have ended.
var ErrDead = errors.New("this process is dead")

// FS is the share as one process has it.
type FS struct {
	below sharefs.FS

	mu      sync.Mutex
	ops     []Op
	fault   Fault
	counted int       // operations that the fault counts
	hits    []Op      // that failed
	until   time.Time // of a fault with For
	dead    chan struct{}
	slow    time.Duration
	late    map[string]*view
	stale   int
}

var _ sharefs.FS = (*FS)(nil)

// New returns a share without faults.
func New(below sharefs.FS) *FS { return &FS{below: below, dead: make(chan struct{})} }

// Inject arms a fault and forgets the one before.
func (f *FS) Inject(x Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.counted, f.hits = x, 0, nil
}

// Slow makes each operation from now on take that long.
func (f *FS) Slow(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = d
}

// Ops are the operations so far.
func (f *FS) Ops() []Op {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Op{}, f.ops...)
}

// Hits are the operations that the armed fault made fail.
func (f *FS) Hits() []Op {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Op{}, f.hits...)
}

// Dead is closed when the process dies. What has no operations of its own to fail (a loop
// that waits, an encoder at work) is to be ended by whoever owns it.
func (f *FS) Dead() <-chan struct{} { return f.dead }

func (f *FS) isDead() bool {
	select {
	case <-f.dead:
		return true
	default:
		return false
	}
}

// Do is an operation that is not one of sharefs.FS: it is counted and fails like them. half
// is what is left of it if the process dies half way; nil: nothing.
func (f *FS) Do(kind, name string, change bool, effect, half func() error) error {
	f.mu.Lock()
	slow := f.slow
	if f.isDead() {
		f.mu.Unlock()
		return &os.PathError{Op: kind, Path: name, Err: ErrDead}
	}
	op := Op{N: len(f.ops) + 1, Kind: kind, Name: name, Change: change}
	f.ops = append(f.ops, op)
	hit := f.hit(op)
	x := f.fault
	if hit && x.Mode >= Dies {
		// Under the lock: another operation that began before has its effect or has not,
		// as with a real death; none begins after.
		if x.Mode == DiesHalfway && half != nil {
			_ = half()
		}
		close(f.dead)
		f.mu.Unlock()
		return &os.PathError{Op: kind, Path: name, Err: ErrDead}
	}
	f.mu.Unlock()
	if slow > 0 {
		time.Sleep(slow)
	}
	if hit && x.Mode == Before {
		return &os.PathError{Op: kind, Path: name, Err: x.Err}
	}
	err := effect()
	if hit {
		return &os.PathError{Op: kind, Path: name, Err: x.Err}
	}
	return err
}

// hit decides whether an operation fails.
func (f *FS) hit(op Op) bool {
	x := &f.fault
	if x.At == 0 || x.Only != nil && !x.Only(op) {
		return false
	}
	f.counted++
	switch {
	case f.counted < x.At:
		return false
	case f.counted == x.At:
		f.until = time.Now().Add(x.For)
	case x.For > 0:
		if time.Now().After(f.until) {
			return false
		}
	case f.counted >= x.At+max(x.Times, 1):
		return false
	}
	f.hits = append(f.hits, op)
	return true
}
