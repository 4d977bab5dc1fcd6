package jobfile

import (
	"errors"
	"os"
	"strings"
	"testing"

	"proxima/jobfile/sharefs"
)

// forgetful is a folder of a kind that has been met: one thing it does otherwise.
type forgetful struct {
	sharefs.FS
	twice, stale, garbled bool
}

func (f forgetful) WriteNew(name string, data []byte) error {
	if err := f.FS.WriteNew(name, data); err != nil && !f.twice {
		return err
	}
	return nil
}

func (f forgetful) ReadDir(dir string) ([]sharefs.Entry, error) {
	if f.stale {
		return nil, nil
	}
	return f.FS.ReadDir(dir)
}

func (f forgetful) ReadFile(name string, limit int64) ([]byte, error) {
	data, err := f.FS.ReadFile(name, limit)
	if f.garbled {
		clear(data)
	}
	return data, err
}

func TestAFolderThatDoesNotKeepItsWordIsRefused(t *testing.T) {
	s := farm(t)
	if err := s.Trial(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		fs   forgetful
		want string
	}{
		{"creates twice", forgetful{FS: s.fs, twice: true}, "created twice"},
		{"stale listing", forgetful{FS: s.fs, stale: true}, "listing"},
		{"garbled", forgetful{FS: s.fs, garbled: true}, "read back"},
	} {
		var u *Unusable
		if err := NewStore(c.fs, s.dir).Trial(); !errors.As(err, &u) || !strings.Contains(u.Reason, c.want) || u.Next == "" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if es, _ := os.ReadDir(s.fs.Path("workers")); len(es) != 0 {
		t.Errorf("left: %v", es)
	}
}
