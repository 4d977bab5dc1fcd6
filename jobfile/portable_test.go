package jobfile

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Documents travel between systems, so a path is refused everywhere that is not, on the system
// whose kind it is, the one file that it seems to be.
func TestAPathIsOnePlaceOrRefused(t *testing.T) {
	for _, ok := range []string{
		"/", "/a.mov", "/mnt/footage/DAY 1/a.mov", "/mnt/a:b.mov", "/mnt/NUL.mov", "/mnt/what?.mov", `/mnt/a\b.mov`, "/mnt/a.", "/mnt/ a", "/mnt/..a", "/mnt/a..b", "/mnt/x/",
		`C:\`, `C:\a.mov`, "c:/a/b.mov", `C:\a\b c.mov`, `\\nas\media`, `\\nas\media\`, `\\nas\media\a.mov`, `\\10.0.0.1\media$\a.mov`, `C:\nulls.mov`, `C:\.a`, `C:\console\com10.mov`,
	} {
		if err := (Path{Rel: ok}).Validate(); err != nil {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{
		"", "a.mov", "./a.mov", "../a.mov", "~/a.mov", "file:/a.mov", "http://x/a.mov", "concat:/a|/b", "-i", "|a",
		"/mnt/../etc/a.mov", "/..", "/mnt/..", "/mnt/./a.mov", "/mnt//a.mov", "//nas/media/a.mov", "//./pipe/a", "//?/C:/a.mov", "/a\x00.mov", "/a\xff.mov", "/" + strings.Repeat("a", maxPath),
		"C:", "C:a.mov", `C:..\a.mov`, `\a.mov`, `C:\..\a.mov`, `C:\a\..\b.mov`, `C:\a/../b.mov`, `C:\.\a.mov`, `C:\a\\b.mov`, "1:/a.mov", "file:\\a.mov",
		`\\?\C:\a.mov`, `\\.\PhysicalDrive0`, `\\.\pipe\a`, `\\?\UNC\nas\media\a.mov`, `\\?\GLOBALROOT\a`, `\\nas`, `\\nas\`, `\\`, `\\nas\media\..\a.mov`, `\\..\media\a.mov`, `//./a`, `\/?\C:\a`, `\\nas\\media\a.mov`,
		`C:\a.mov:stream`, `C:\a.mov::$DATA`, `C:\a.mov:evil.mov`, `C:\a:b\c.mov`, `C:\NUL`, `C:\nul.mov`, `C:\a\Con.mov`, `C:\COM1.mov`, `C:\com¹.mov`, `C:\lpt9`, `C:\AUX .mov`, `C:\prn.a.b`, `C:\CONIN$`,
		`C:\a.mov.`, `C:\a.mov `, `C:\a \b.mov`, `C:\a.\b.mov`, `C:\a*.mov`, `C:\a?.mov`, `C:\a|b.mov`, `C:\<a>.mov`, "C:\\a\nb.mov", "C:\\a\tb.mov",
	} {
		if err := (Path{Rel: bad}).Validate(); err == nil {
			t.Errorf("%q was accepted", bad)
		} else if strings.ContainsFunc(err.Error(), func(r rune) bool { return !Shows(r) }) {
			t.Errorf("%q: not fit for a terminal: %q", bad, err)
		}
	}
}

// Footage that was shot on a Mac may bear a colon. Windows machines leave such clips to others,
// which costs nobody a try.
func TestWhatANameMeansToWindowsIsForWindowsToRefuse(t *testing.T) {
	r, onWindows := Roots{"footage": "/mnt/footage"}, Roots{"footage": `R:\`}
	for _, name := range []string{"a:b.mov", "NUL.mov", "day./a.mov", "a .mov/b ", `a\..\..\b.mov`, "a.mov:stream", "com1/a.mov", "a?.mov", "a\nb.mov"} {
		p := Path{"footage", name}
		if got, err := r.locate(p, "linux"); err != nil || got != "/mnt/footage/"+name {
			t.Errorf("%q: %q, %v", name, got, err)
		}
		var f *Fault
		if got, err := onWindows.locate(p, "windows"); !errors.As(err, &f) || f.Kind != FaultMachine || !strings.Contains(f.Next, "rename the file") {
			t.Errorf("%q on Windows: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"a.mov", "DAY 1/a b.mov", "PROGRA~1/a.mov", "übergröße.mov", ".a", "nullable.mov"} {
		if _, err := onWindows.locate(Path{"footage", name}, "windows"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A root's place of the wrong kind would be one below the daemon's own folder.
func TestARootLiesWhereItsSystemHasPlaces(t *testing.T) {
	for _, c := range []struct {
		where, path string
		ok          bool
	}{
		{"linux", "/mnt/x", true},
		{"darwin", "/Volumes/x", true},
		{"windows", `R:\`, true},
		{"windows", `\\nas\x`, true},
		{"host:a", "/x", true},
		{"host:a", `D:\x`, true},
		{"linux", `R:\x`, false},
		{"darwin", `\\nas\x`, false},
		{"windows", "/mnt/x", false},
		{"linux", "mnt/x", false},
		{"host:a", "x", false},
		{"windows", "R:x", false},
		{"linux", "", false},
	} {
		f := NewFarm()
		f.Roots = map[string]map[string]string{"footage": {c.where: c.path}}
		if err := f.Validate(); (err == nil) != c.ok {
			t.Errorf("%s: %s: %v", c.where, c.path, err)
		}
	}
	var f *Fault
	if got, err := (Roots{"footage": "not/absolute"}).Locate(Path{"footage", "a.mov"}); !errors.As(err, &f) || f.Kind != FaultMachine {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFoldersAreMadeBelowTheOutputsBaseOnly(t *testing.T) {
	dir := t.TempDir()
	base := filepath.Join(dir, "base")
	if err := os.Mkdir(base, 0o755); err != nil {
		t.Fatal(err)
	}
	k := Ticket{Unit: UnitStitch, Attempt: 1, Worker: "w-1"}
	const id = "49_20260304-050607_A001_abcde"
	if err := PrepareOutput(base, filepath.Join(base, "a", "b", "x.mov"), id, k); err != nil {
		t.Error(err)
	}
	if err := PrepareOutput(base, filepath.Join(dir, "elsewhere", "x.mov"), id, k); err == nil {
		t.Error("prepared outside of its base")
	}
	if _, err := os.Stat(filepath.Join(dir, "elsewhere")); err == nil {
		t.Error("a folder was made outside of the output's base")
	}
	if err := PrepareOutput(base, filepath.Join(dir, "x.mov"), id, k); err != nil {
		t.Errorf("a folder that is there does as it is: %v", err)
	}
}

// What ffmpeg wrote is opened by its path: somebody may put a link there meanwhile.
func TestALinkDoesNotBecomeTheOutput(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	dir := t.TempDir()
	secret, tmp := filepath.Join(dir, "secret"), filepath.Join(dir, ".tmp")
	if err := errors.Join(os.WriteFile(secret, nil, 0o600), os.Symlink(secret, tmp)); err != nil {
		t.Fatal(err)
	}
	for _, replace := range []bool{false, true} {
		if err := Place(tmp, filepath.Join(dir, "out.mov"), replace); err == nil {
			t.Errorf("replace %v: a link was given the output's name", replace)
		}
	}
}
