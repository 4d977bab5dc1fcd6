package encode

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"proxima/jobfile"
)

// flushEvery is how long a file that is being written is left to the system's own pace. Systems keep gigabytes
// in memory before they begin to write, and a network mount then sends all of it when the file is
// closed, after everything was read.
const flushEvery = 500 * time.Millisecond

// flushing sends a file on to its disk or server while a program writes it. Its errors count: what is flushed
// once is told to one who asks, and not again (Linux, fsync(2)).
type flushing struct {
	last chan bool // whether to flush once more, at the end
	done chan error
}

// flush begins; the caller ends it by end or drop.
func flush(path string) *flushing {
	f := &flushing{make(chan bool, 1), make(chan error, 1)}
	go func() {
		t := time.NewTicker(flushEvery)
		defer t.Stop()
		for {
			select {
			case more := <-f.last:
				var err error
				if more {
					err = syncFile(path)
				}
				f.done <- err
				return
			case <-t.C:
				if err := syncFile(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
					<-f.last
					f.done <- err
					return
				}
			}
		}
	}()
	return f
}

// end is to be called when all is written. The returned function waits until it is on its disk or server.
func (f *flushing) end() (wait func() error) {
	f.last <- true
	return func() error { return unflushed(<-f.done) }
}

// drop ends it for a file that is not wanted.
func (f *flushing) drop() {
	f.last <- false
	<-f.done
}

// syncFiles flushes files to their disk or server: a full one may tell only now.
func syncFiles(paths []string) error {
	for _, p := range paths {
		if err := syncFile(p); err != nil {
			return unflushed(err)
		}
	}
	return nil
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

func unflushed(err error) error {
	if err == nil {
		return nil
	}
	return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the encoded file could not be flushed to its disk", Next: "see whether there is room and the share answers", Err: err}
}
