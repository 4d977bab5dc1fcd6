package jobfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestAFenceLetsNothingOut(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "footage"), filepath.Join(dir, "footage-private")
	for _, d := range []string{in, out} {
		if err := os.MkdirAll(filepath.Join(d, "day"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	links := runtime.GOOS != "windows"
	if links {
		for name, to := range map[string]string{"way-out": out, "dangling": filepath.Join(out, "new.mov"), "way-in": filepath.Join(in, "day"), "circle": filepath.Join(in, "circle")} {
			if err := os.Symlink(to, filepath.Join(in, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		path string
		ok   bool
		link bool
	}{
		{path: filepath.Join(in, "a.mov"), ok: true},
		{path: filepath.Join(in, "new", "day", "a.mov"), ok: true},
		{path: in, ok: true},
		{path: filepath.Join(out, "a.mov")},
		{path: in + string(filepath.Separator) + filepath.Join("..", "footage-private", "a.mov")},
		{path: filepath.Join(dir, "a.mov")},
		{path: filepath.VolumeName(dir) + string(filepath.Separator)},
		{path: filepath.Join(in, "way-out", "a.mov"), link: true},
		{path: filepath.Join(in, "way-out", "new", "a.mov"), link: true},
		{path: filepath.Join(in, "way-in", "a.mov"), ok: true, link: true},
		{path: filepath.Join(in, "dangling"), link: true},
		{path: filepath.Join(in, "dangling", "a.mov"), link: true},
		{path: filepath.Join(in, "circle", "a.mov"), link: true},
	} {
		if c.link && !links {
			continue
		}
		err := Fence{in}.Check(c.path)
		var f *Fault
		if c.ok != (err == nil) || !c.ok && (!errors.As(err, &f) || f.Kind != FaultMachine || f.Next == "") {
			t.Errorf("%s: %v", c.path, err)
		}
		if c.link && !c.ok && !strings.Contains(err.Error(), "leads to") {
			t.Errorf("%s: where it leads is not said: %v", c.path, err)
		}
		if err := (Fence{}).Check(c.path); err != nil {
			t.Errorf("no fence: %v", err)
		}
	}
}
