package faultfs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"proxima/jobfile/sharefs"
)

func share(t *testing.T) (*FS, string) {
	t.Helper()
	dir := t.TempDir()
	return New(sharefs.NewOS(dir)), dir
}

func names(t *testing.T, f *FS) string {
	t.Helper()
	es, err := f.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var s []string
	for _, e := range es {
		s = append(s, e.Name)
	}
	return strings.Join(s, " ")
}

func TestTheFaultHitsItsOperationAndNoOther(t *testing.T) {
	for _, c := range []struct {
		mode Mode
		left string // of the file of the second operation
	}{{Before, ""}, {After, "12345678"}, {Dies, ""}, {DiesHalfway, "1234"}} {
		f, dir := share(t)
		f.Inject(Fault{At: 2, Mode: c.mode, Err: syscall.EIO})
		if err := f.WriteNew("a", []byte("x")); err != nil {
			t.Errorf("%v: %v", c.mode, err)
		}
		err := f.WriteNew("b", []byte("12345678"))
		if c.mode < Dies && !errors.Is(err, syscall.EIO) || c.mode >= Dies && !errors.Is(err, ErrDead) {
			t.Errorf("%v: %v", c.mode, err)
		}
		if b, err := os.ReadFile(filepath.Join(dir, "b")); string(b) != c.left || (c.left == "") != errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v: %q was left, %v", c.mode, b, err)
		}
		err = f.Rename("a", "c")
		if (c.mode >= Dies) != errors.Is(err, ErrDead) || c.mode < Dies && err != nil {
			t.Errorf("%v, the operation after: %v", c.mode, err)
		}
		if h := f.Hits(); len(h) != 1 || h[0].N != 2 || h[0].Kind != "WriteNew" {
			t.Errorf("%v: %+v", c.mode, h)
		}
	}
}

func TestAFaultCountsWhatItIsToldToAndLasts(t *testing.T) {
	f, _ := share(t)
	f.Inject(Fault{At: 2, Err: syscall.ENOSPC, Times: 2, Only: func(op Op) bool { return op.Kind == "Mkdir" }})
	for i, want := range []error{nil, syscall.ENOSPC, syscall.ENOSPC, nil} {
		names(t, f)
		if err := f.Mkdir(string(rune('a' + i))); !errors.Is(err, want) {
			t.Errorf("%d: %v", i, err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		f, _ := share(t)
		f.Inject(Fault{At: 1, Err: syscall.EIO, For: time.Minute})
		for range 3 {
			if _, err := f.ReadDir("."); !errors.Is(err, syscall.EIO) {
				t.Error(err)
			}
			time.Sleep(25 * time.Second)
		}
		names(t, f)
	})
}

func TestAHalfRemovedFolder(t *testing.T) {
	f, dir := share(t)
	if err := os.MkdirAll(filepath.Join(dir, "d", "e"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.WriteNew("d/f", nil); err != nil {
		t.Fatal(err)
	}
	f.Inject(Fault{At: 1, Mode: DiesHalfway})
	if err := f.RemoveAll("d"); !errors.Is(err, ErrDead) {
		t.Error(err)
	}
	if es, err := os.ReadDir(filepath.Join(dir, "d")); err != nil || len(es) != 1 {
		t.Error(es, err)
	}
}

func TestStaleListingsShowOwnChangesAndMissThoseOfOthers(t *testing.T) {
	f, dir := share(t)
	other := New(sharefs.NewOS(dir))
	f.Stale(2)
	if s := names(t, f); s != "" {
		t.Error(s)
	}
	if err := other.WriteNew("theirs", nil); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "", "theirs"} {
		if s := names(t, f); s != want {
			t.Errorf("%d: %q", i, s)
		}
	}
	if err := other.Remove("theirs"); err != nil {
		t.Fatal(err)
	}
	if s := names(t, f); s != "theirs" {
		t.Errorf("a gone file is not shown: %q", s)
	}
	if err := f.WriteNew("mine", nil); err != nil {
		t.Fatal(err)
	}
	if s := names(t, f); s != "mine" {
		t.Errorf("own changes: %q", s)
	}
}
