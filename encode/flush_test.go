package encode

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"proxima/jobfile"
)

func TestAFileIsFlushedWhileItIsWritten(t *testing.T) {
	for name, c := range map[string]struct {
		before, after func(path string) error // it is begun, and has gone on for a while
		want          error
	}{
		"written from the beginning": {before: touch},
		"written later":              {after: touch},
		"never written":              {want: fs.ErrNotExist},
		// Whatever stands there at the end: what could not be flushed once may be lost.
		"not to be flushed for a moment": {
			before: func(p string) error { return os.Mkdir(p, 0o755) },
			after:  func(p string) error { return errors.Join(os.Remove(p), touch(p)) },
			want:   errAny,
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.mov")
			synctest.Test(t, func(t *testing.T) {
				do := func(f func(string) error) {
					if f == nil {
						return
					}
					if err := f(path); err != nil {
						t.Fatal(err)
					}
				}
				do(c.before)
				f, dropped := flush(path), flush(path)
				time.Sleep(3 * flushEvery)
				synctest.Wait()
				do(c.after)
				dropped.drop()
				err := f.end()()
				var fault *jobfile.Fault
				switch {
				case c.want == nil && err != nil:
					t.Error(err)
				case c.want != nil && (!errors.As(err, &fault) || fault.Kind != jobfile.FaultMachine):
					t.Errorf("not a fault of the machine: %v", err)
				case c.want != nil && c.want != errAny && !errors.Is(err, c.want):
					t.Errorf("not said: %v", err)
				}
			})
		})
	}
}

var errAny = errors.New("any error")

func touch(path string) error { return os.WriteFile(path, []byte("frames"), 0o644) }
