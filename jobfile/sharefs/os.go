package sharefs

import (
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// OS is a folder of the operating system.
//
// The root is opened anew for each operation: a share that was unmounted and came back, or
// was replaced, is then seen as it is now, and no handle pins a folder that someone wants to
// move.
type OS struct{ dir string }

var _ FS = (*OS)(nil)

// NewOS returns the folder dir, which should be absolute.
func NewOS(dir string) *OS { return &OS{dir: dir} }

// Path implements FS.
func (o *OS) Path(name string) string { return filepath.Join(o.dir, filepath.FromSlash(name)) }

func (o *OS) do(name string, f func(r *os.Root, name string) error) error {
	r, err := os.OpenRoot(o.dir)
	if err != nil {
		return err
	}
	defer r.Close()
	return f(r, filepath.FromSlash(name))
}

// ReadDir implements FS.
func (o *OS) ReadDir(dir string) ([]Entry, error) {
	var list []Entry
	err := o.do(dir, func(r *os.Root, name string) error {
		// Not blocking, here and below: a planted pipe must not hang the daemon.
		d, err := r.OpenFile(name, os.O_RDONLY|nonblock, 0)
		if err != nil {
			return err
		}
		defer d.Close()
		es, err := d.ReadDir(-1)
		if err != nil {
			return err
		}
		list = make([]Entry, len(es))
		for i, e := range es {
			list[i] = Entry{Name: e.Name(), Dir: e.IsDir(), Regular: e.Type().IsRegular()}
		}
		return nil
	})
	return list, err
}

// openRegular opens a file for reading and tells its size. It does not wait for a pipe's
// writer: a planted one must not hang the daemon.
func openRegular(r *os.Root, name string) (*os.File, int64, error) {
	f, err := r.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = ErrNotRegular
	}
	if err != nil {
		_ = f.Close() // opened to read
		return nil, 0, err
	}
	return f, st.Size(), nil
}

// ReadFile implements FS.
func (o *OS) ReadFile(name string, limit int64) (data []byte, err error) {
	err = retry(func() error {
		return o.do(name, func(r *os.Root, name string) error {
			f, size, err := openRegular(r, name)
			if err != nil {
				return err
			}
			defer f.Close()
			if size > limit {
				return ErrTooLarge
			}
			data, err = io.ReadAll(io.LimitReader(f, limit+1))
			if err == nil && int64(len(data)) > limit {
				return ErrTooLarge
			}
			return err
		})
	})
	return data, err
}

// ReadEnd implements FS.
func (o *OS) ReadEnd(name string, most int64) (data []byte, err error) {
	err = retry(func() error {
		return o.do(name, func(r *os.Root, name string) error {
			f, size, err := openRegular(r, name)
			if err != nil {
				return err
			}
			defer f.Close()
			data, err = io.ReadAll(io.NewSectionReader(f, max(0, size-most), most))
			return err
		})
	})
	return data, err
}

// WriteNew implements FS.
func (o *OS) WriteNew(name string, data []byte) error {
	return o.do(name, func(r *os.Root, name string) error {
		f, err := r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o664)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		if err == nil {
			err = syncFile(f)
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return errors.Join(err, r.Remove(name))
		}
		return nil
	})
}

// Create implements FS.
func (o *OS) Create(name string) (io.WriteCloser, error) {
	var f *os.File
	err := o.do(name, func(r *os.Root, name string) (err error) {
		f, err = r.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o664)
		return err
	})
	if err != nil {
		return nil, err // not f: a nil *os.File is no nil io.WriteCloser
	}
	return f, nil
}

// Rename implements FS.
func (o *OS) Rename(from, to string) error {
	return retry(func() error {
		return o.do(from, func(r *os.Root, from string) error { return r.Rename(from, filepath.FromSlash(to)) })
	})
}

// Remove implements FS.
func (o *OS) Remove(name string) error {
	return retry(func() error { return o.do(name, (*os.Root).Remove) })
}

// RemoveAll implements FS.
func (o *OS) RemoveAll(name string) error {
	return retry(func() error { return o.do(name, (*os.Root).RemoveAll) })
}

// Mkdir implements FS.
func (o *OS) Mkdir(name string) error {
	return o.do(name, func(r *os.Root, name string) error { return r.Mkdir(name, 0o775) })
}

// Size implements FS.
func (o *OS) Size(name string) (n int64, err error) {
	err = o.do(name, func(r *os.Root, name string) error {
		f, size, err := openRegular(r, name)
		if err != nil {
			return err
		}
		n = size
		return f.Close()
	})
	return n, err
}

// Sync implements FS.
func (o *OS) Sync(name string) error {
	return o.do(name, func(r *os.Root, name string) error {
		f, err := r.OpenFile(name, os.O_RDONLY|nonblock, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			return err
		}
		if !st.IsDir() && !st.Mode().IsRegular() {
			return ErrNotRegular
		}
		if st.IsDir() {
			if runtime.GOOS == "windows" {
				return nil // folders cannot be flushed there; NTFS journals names itself
			}
			return syncFile(f)
		}
		w, err := r.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		err = syncFile(w)
		return errors.Join(err, w.Close())
	})
}

// syncFile is Sync, where the file system knows how: some network and FUSE mounts answer
// EINVAL or ENOTSUP to an fsync that they do not need.
func syncFile(f *os.File) error {
	err := f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// retry repeats an operation that another program's open handle makes fail for a moment
// (Windows codes 5 and 32: a virus scanner, an indexer, a reader without share-delete), for
// about two seconds at most. Absence is an answer and is never retried.
func retry(op func() error) error {
	wait := time.Millisecond
	for start := time.Now(); ; {
		err := op()
		if err == nil || errors.Is(err, fs.ErrNotExist) || !passing(err) || time.Since(start) > 2*time.Second {
			return err
		}
		time.Sleep(wait + rand.N(wait))
		wait = min(2*wait, 200*time.Millisecond)
	}
}
