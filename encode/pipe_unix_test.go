//go:build unix

package encode

import (
	"os"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// watchPipe makes a named pipe and tells when somebody opens it to read: until then the open
// to write waits. The returned function ends that.
func watchPipe(t *testing.T, name string, came chan<- string) (unwatch func()) {
	t.Helper()
	if err := unix.Mkfifo(name, 0o600); err != nil {
		t.Skip(err)
	}
	var over atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err != nil || over.Load() {
				return
			}
			f.Close()
			select {
			case came <- "the pipe was opened":
			default: // said already
			}
			time.Sleep(time.Millisecond)
		}
	}()
	unwatch = func() {
		if over.Swap(true) {
			return
		}
		if f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0); err == nil {
			<-ended
			f.Close()
		}
	}
	t.Cleanup(unwatch)
	return unwatch
}
