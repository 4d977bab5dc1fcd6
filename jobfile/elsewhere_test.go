package jobfile

import (
	"slices"
	"testing"
)

func TestAPathOfAnotherMachineLeadsThroughItsRootToHere(t *testing.T) {
	f := NewFarm()
	f.Roots = map[string]map[string]string{
		"footage": {"linux": "/mnt/footage", "darwin": "/Volumes/Footage", "windows": `R:\Footage`, "host:edit7": "/Volumes/Footage-1"},
		"cards":   {"linux": "/mnt/footage/cards", "windows": `\\nas\cards`},
		"mac":     {"darwin": "/Volumes/Mac only"},
		"linux":   {"linux": "/Volumes/Footage/odd"},
	}
	for _, c := range []struct {
		path, goos string
		want       []string
	}{
		{"/Volumes/Footage/a/b.mov", "linux", []string{"/mnt/footage/a/b.mov"}},
		{"/volumes/footage/a/b.mov", "linux", []string{"/mnt/footage/a/b.mov"}},
		{"/Volumes/Footage-1/a/b.mov", "linux", []string{"/mnt/footage/a/b.mov"}},
		{"R:/Footage/a/b.mov", "linux", []string{"/mnt/footage/a/b.mov"}},
		{`r:\FOOTAGE\a\b.mov`, "linux", []string{"/mnt/footage/a/b.mov"}},
		{"//nas/cards/1/b.mov", "linux", []string{"/mnt/footage/cards/1/b.mov"}},
		{`\\NAS\cards\1\b.mov`, "linux", []string{"/mnt/footage/cards/1/b.mov"}},
		{"/mnt/footage/cards/1/b.mov", "windows", []string{`\\nas\cards\1\b.mov`, `R:\Footage\cards\1\b.mov`}},
		{"/mnt/footage/1/b.mov", "darwin", []string{"/Volumes/Footage/1/b.mov"}},
		{"/Volumes/Footage/odd/b.mov", "linux", []string{"/Volumes/Footage/odd/b.mov", "/mnt/footage/odd/b.mov"}},
		{"/Volumes/Footage/../x/b.mov", "linux", nil},
		{"/Volumes/Mac only/b.mov", "linux", nil},
		{"/mnt/footage", "linux", nil},
		{"//mnt/footage/a.mov", "linux", nil},
		{"footage/a.mov", "linux", nil},
		{"S:/Footage/a.mov", "linux", nil},
		{"", "linux", nil},
	} {
		if got := f.Here(c.path, c.goos, "here"); !slices.Equal(got, c.want) {
			t.Errorf("%s on %s lies at %q, want %q", c.path, c.goos, got, c.want)
		}
	}
}
