package sharefs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func folder(t *testing.T) (*OS, string) {
	t.Helper()
	dir := t.TempDir()
	return NewOS(dir), dir
}

func put(t *testing.T, o *OS, name, text string) {
	t.Helper()
	if err := o.WriteNew(name, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, o *OS, dir string) (names []string) {
	t.Helper()
	es, err := o.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		n := e.Name
		if e.Dir {
			n += "/"
		}
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func is(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || (err == nil) != (want == nil) {
		t.Errorf("%s: %v, not %v", what, err, want)
	}
}

func TestWriteNewNeverReplaces(t *testing.T) {
	o, dir := folder(t)
	put(t, o, "a", "first")
	is(t, "over a file", o.WriteNew("a", []byte("second")), fs.ErrExist)
	if b, err := os.ReadFile(filepath.Join(dir, "a")); string(b) != "first" {
		t.Errorf("%q, %v", b, err)
	}
	is(t, "into no folder", o.WriteNew("b/a", nil), fs.ErrNotExist)
	if got := list(t, o, "."); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%q", got)
	}
	if runtime.GOOS == "windows" {
		return
	}
	if err := os.Symlink(filepath.Join(dir, "target"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	is(t, "over a link to nowhere", o.WriteNew("link", nil), fs.ErrExist)
}

func TestReadFileReadsRegularFilesUpToALimit(t *testing.T) {
	o, _ := folder(t)
	put(t, o, "ten", "0123456789")
	if b, err := o.ReadFile("ten", 10); err != nil || string(b) != "0123456789" {
		t.Errorf("%q, %v", b, err)
	}
	_, err := o.ReadFile("ten", 9)
	is(t, "above the limit", err, ErrTooLarge)
	_, err = o.ReadFile("none", 9)
	is(t, "absent", err, fs.ErrNotExist)
	is(t, "make a folder", o.Mkdir("folder"), nil)
	if _, err := o.ReadFile("folder", 9); err == nil {
		t.Error("a folder was read")
	}
	if _, err := o.Size("folder"); err == nil {
		t.Error("a folder has a size")
	}
	if n, err := o.Size("ten"); err != nil || n != 10 {
		t.Error(n, err)
	}
	for most, want := range map[int64]string{3: "789", 10: "0123456789", 11: "0123456789", 0: ""} {
		if b, err := o.ReadEnd("ten", most); err != nil || string(b) != want {
			t.Errorf("the last %d: %q, %v", most, b, err)
		}
	}
	_, err = o.ReadEnd("none", 9)
	is(t, "the end of what is absent", err, fs.ErrNotExist)
	if _, err := o.ReadEnd("folder", 9); err == nil {
		t.Error("the end of a folder was read")
	}
}

func TestNothingLeadsOutOfTheFolder(t *testing.T) {
	o, dir := folder(t)
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	put(t, o, "mine", "")
	rel, err := filepath.Rel(dir, secret)
	if err != nil {
		t.Fatal(err)
	}
	ways := []string{filepath.ToSlash(rel)}
	if runtime.GOOS != "windows" { // links need a privilege there
		for name, to := range map[string]string{"file": secret, "dir": outside, "relative": rel} {
			if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		ways = append(ways, "file", "relative", "dir/secret")
		if _, err := o.ReadDir("dir"); err == nil {
			t.Error("a folder outside was listed")
		}
		if err := o.WriteNew("dir/new", nil); err == nil {
			t.Error("a file was written outside")
		}
		if err := o.Mkdir("dir/new"); err == nil {
			t.Error("a folder was made outside")
		}
		// A link is removed, not what it leads to.
		is(t, "remove all of a link", o.RemoveAll("dir"), nil)
		if err := os.Symlink(outside, filepath.Join(dir, "dir")); err != nil {
			t.Fatal(err)
		}
	}
	for _, way := range ways {
		if _, err := o.ReadFile(way, 100); err == nil {
			t.Errorf("%s was read", way)
		}
		if _, err := o.Size(way); err == nil {
			t.Errorf("%s has a size", way)
		}
		if err := o.Sync(way); err == nil {
			t.Errorf("%s was synced", way)
		}
		if way == "file" || way == "relative" {
			continue // the link itself may be renamed and removed
		}
		if err := o.Rename(way, "stolen"); err == nil {
			t.Errorf("%s was moved here", way)
		}
		if err := o.Rename("mine", way); err == nil {
			t.Errorf("a file was moved over %s", way)
		}
		if err := o.Remove(way); err == nil {
			t.Errorf("%s was removed", way)
		}
		if err := o.RemoveAll(way); err == nil {
			t.Errorf("%s was removed with all in it", way)
		}
	}
	if b, err := os.ReadFile(secret); err != nil || string(b) != "secret" {
		t.Errorf("%q, %v", b, err)
	}
	if es, err := os.ReadDir(outside); err != nil || len(es) != 1 {
		t.Error(es, err)
	}
}

func TestRenameReplacesAndMovesFolders(t *testing.T) {
	o, _ := folder(t)
	put(t, o, "a", "new")
	put(t, o, "b", "old")
	is(t, "over a file", o.Rename("a", "b"), nil)
	if b, err := o.ReadFile("b", 10); err != nil || string(b) != "new" {
		t.Errorf("%q, %v", b, err)
	}
	is(t, "of nothing", o.Rename("a", "c"), fs.ErrNotExist)
	is(t, "make a folder", o.Mkdir("jobs"), nil)
	is(t, "make it again", o.Mkdir("jobs"), fs.ErrExist)
	is(t, "into a folder", o.Rename("b", "jobs/b"), nil)
	is(t, "of a folder", o.Rename("jobs", "done"), nil)
	if got := list(t, o, "."); !slices.Equal(got, []string{"done/"}) {
		t.Errorf("%q", got)
	}
	if got := list(t, o, "done"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("%q", got)
	}
}

func TestRemove(t *testing.T) {
	o, _ := folder(t)
	is(t, "make a folder", o.Mkdir("d"), nil)
	put(t, o, "d/f", "")
	if err := o.Remove("d"); err == nil {
		t.Error("a full folder was removed")
	}
	is(t, "a file", o.Remove("d/f"), nil)
	is(t, "a file that is gone", o.Remove("d/f"), fs.ErrNotExist)
	is(t, "an empty folder", o.Remove("d"), nil)
	is(t, "make a folder", o.Mkdir("d"), nil)
	put(t, o, "d/f", "")
	for range 2 {
		is(t, "a folder with all in it", o.RemoveAll("d"), nil)
	}
	if got := list(t, o, "."); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestSyncTakesFilesAndFolders(t *testing.T) {
	o, _ := folder(t)
	put(t, o, "f", "x")
	is(t, "a file", o.Sync("f"), nil)
	is(t, "the folder", o.Sync("."), nil)
	is(t, "nothing", o.Sync("g"), fs.ErrNotExist)
}

// A share that was unmounted and came back, or was replaced, is seen as it is now.
func TestNoHandleOutlivesAnOperation(t *testing.T) {
	o, dir := folder(t)
	put(t, o, "a", "")
	aside := dir + " aside"
	if err := os.Rename(dir, aside); err != nil {
		t.Fatal(err)
	}
	_, err := o.ReadDir(".")
	is(t, "list what is away", err, fs.ErrNotExist)
	is(t, "write to what is away", o.WriteNew("b", nil), fs.ErrNotExist)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, o, "c", "")
	if got := list(t, o, "."); !slices.Equal(got, []string{"c"}) {
		t.Errorf("%q", got)
	}
	if err := os.RemoveAll(aside); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhatPassesIsTriedAgainAndNotForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			what     string
			errs     []error // of the tries, the last for all further ones
			tries    int     // 0: many
			from, to time.Duration
		}{
			{"good at once", []error{nil}, 1, 0, 0},
			{"passes", []error{errPasses, errPasses, errPasses, nil}, 4, time.Millisecond, time.Second},
			{"does not pass", []error{errPasses}, 0, 2 * time.Second, 2500 * time.Millisecond},
			{"absent", []error{fs.ErrNotExist}, 1, 0, 0},
			{"absent when it has passed", []error{errPasses, fs.ErrNotExist}, 2, time.Millisecond, time.Second},
			{"another error", []error{errors.New("input/output error")}, 1, 0, 0},
		} {
			start, tries := time.Now(), 0
			err := retry(func() error {
				tries++
				return c.errs[min(tries, len(c.errs))-1]
			})
			took := time.Since(start)
			if !errors.Is(err, c.errs[len(c.errs)-1]) || c.tries > 0 && tries != c.tries || took < c.from || took > c.to {
				t.Errorf("%s: %v after %d tries in %v", c.what, err, tries, took)
			}
		}
	})
}
