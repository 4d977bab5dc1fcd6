package faultfs

import (
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"proxima/jobfile/sharefs"
)

// Path implements sharefs.FS. It touches nothing and is not counted.
func (f *FS) Path(name string) string { return f.below.Path(name) }

// ReadFile implements sharefs.FS.
func (f *FS) ReadFile(name string, limit int64) (data []byte, err error) {
	err = f.Do("ReadFile", name, false, func() error {
		data, err = f.below.ReadFile(name, limit)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	return data, nil
}

// ReadEnd implements sharefs.FS.
func (f *FS) ReadEnd(name string, most int64) (data []byte, err error) {
	err = f.Do("ReadEnd", name, false, func() error {
		data, err = f.below.ReadEnd(name, most)
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	return data, nil
}

// Size implements sharefs.FS.
func (f *FS) Size(name string) (n int64, err error) {
	err = f.Do("Size", name, false, func() error {
		n, err = f.below.Size(name)
		return err
	}, nil)
	return n, err
}

// WriteNew implements sharefs.FS.
func (f *FS) WriteNew(name string, data []byte) error {
	write := func(data []byte) error {
		w, err := os.OpenFile(f.below.Path(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o664)
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		if cerr := w.Close(); err == nil {
			err = cerr
		}
		return err
	}
	return f.Do("WriteNew", name, true,
		func() error {
			defer f.changed(name)
			return write(data)
		},
		func() error { return write(data[:len(data)/2]) })
}

// Create implements sharefs.FS. What is written to the file is not counted.
func (f *FS) Create(name string) (w io.WriteCloser, err error) {
	err = f.Do("Create", name, true, func() error {
		defer f.changed(name)
		w, err = f.below.Create(name)
		return err
	}, func() error { // it is there, and empty
		half, err := f.below.Create(name)
		if err == nil {
			err = half.Close()
		}
		return err
	})
	if err != nil && w != nil {
		_ = w.Close()
		return nil, err
	}
	return w, err
}

// Rename implements sharefs.FS.
func (f *FS) Rename(from, to string) error {
	return f.Do("Rename", from+" -> "+to, true, func() error {
		defer f.changed(from, to)
		return f.below.Rename(from, to)
	}, nil)
}

// Remove implements sharefs.FS.
func (f *FS) Remove(name string) error {
	return f.Do("Remove", name, true, func() error {
		defer f.changed(name)
		return f.below.Remove(name)
	}, nil)
}

// RemoveAll implements sharefs.FS.
func (f *FS) RemoveAll(name string) error {
	return f.Do("RemoveAll", name, true, func() error {
		defer f.changed(name)
		return f.below.RemoveAll(name)
	}, func() error {
		es, err := f.below.ReadDir(name)
		for _, e := range es[:(len(es)+1)/2] {
			err = f.below.RemoveAll(path.Join(name, e.Name))
		}
		return err
	})
}

// Mkdir implements sharefs.FS.
func (f *FS) Mkdir(name string) error {
	return f.Do("Mkdir", name, true, func() error {
		defer f.changed(name)
		return f.below.Mkdir(name)
	}, nil)
}

// Sync implements sharefs.FS: it is counted, and says what an open would.
func (f *FS) Sync(name string) error {
	return f.Do("Sync", name, false, func() error {
		_, err := os.Lstat(f.below.Path(name))
		return err
	}, nil)
}

// view is a folder as this process last saw it.
type view struct {
	list []sharefs.Entry
	left int // how many more listings it is shown in
}

// Stale makes each folder's listing stand for the next n as well, whatever others have
// changed meanwhile: a fresh file is missed, a gone one still shown, as in the caches of
// sshfs. What this process itself changes it sees at once. 0 ends it.
func (f *FS) Stale(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stale, f.late = n, map[string]*view{}
}

// changed drops what is remembered of a name: the folder that it is in, and what is below
// it. It is called when the effect has taken place.
func (f *FS) changed(names ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for dir := range f.late {
		if slices.ContainsFunc(names, func(n string) bool {
			return dir == path.Dir(n) || dir == n || strings.HasPrefix(dir, n+"/")
		}) {
			delete(f.late, dir)
		}
	}
}

// ReadDir implements sharefs.FS.
func (f *FS) ReadDir(dir string) (list []sharefs.Entry, err error) {
	err = f.Do("ReadDir", dir, false, func() error {
		f.mu.Lock()
		if v := f.late[dir]; f.stale > 0 && v != nil && v.left > 0 {
			v.left--
			list = append(list, v.list...)
			f.mu.Unlock()
			return nil
		}
		f.mu.Unlock()
		list, err = f.below.ReadDir(dir)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.stale > 0 && err == nil {
			f.late[dir] = &view{list, f.stale}
		}
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	return list, nil
}
