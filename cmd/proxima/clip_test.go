package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A share that is unmounted while clips are probed must not get folders under its mount point:
// workers would take them for the share and put proxies there.
func TestOutputFoldersAreNotMadeWhereTheShareIsAway(t *testing.T) {
	share := t.TempDir()
	base := filepath.Join(share, "proxies")
	if err := makeBelow(base, filepath.Join(base, "day 1")); err == nil {
		t.Error("a folder was made")
	}
	if es, err := os.ReadDir(share); err != nil || len(es) > 0 {
		t.Errorf("under the mount point: %v, %v", es, err)
	}
	if err := os.Mkdir(base, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := makeBelow(base, filepath.Join(base, "day 1", "card 2")); err != nil {
		t.Error(err)
	}
}

// Two clips whose names one file system of the room takes for the same must not get proxies
// that overwrite each other there.
func TestOutputNamesAreComparedAsTheMostForgivingFileSystemDoes(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"/m/Proxy/A001.mov", "/m/proxy/a001.MOV", true},
		{"/m/caf\u00e9.mov", "/m/cafe\u0301.mov", true}, // one letter, or e and an accent
		{"/m/\u00c9T\u00c9.mov", "/m/e\u0301te\u0301.mov", true},
		{"/m/stra\u00dfe.mov", "/m/STRASSE.mov", true},
		{"/m/cafe.mov", "/m/caf\u00e9.mov", false},
		{"/m/A001.mov", "/m/A002.mov", false},
	} {
		if got := fold(c.a) == fold(c.b); got != c.same {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
}
