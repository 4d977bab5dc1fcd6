package encode

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestTidyRemovesOnlyWhatTheDeadLeft(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	t.Setenv("TMP", tmp) // Windows
	old := time.Now().Add(-3 * 24 * time.Hour)
	for name, age := range map[string]time.Time{"proxima-try-1": old, "proxima-stitch-2": old, "proxima-dress-3": time.Now(), "proxima-config-4": old, "holiday": old} {
		dir := filepath.Join(tmp, name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, age, age); err != nil {
			t.Fatal(err)
		}
	}
	mine, err := scratchFor("try")
	if err != nil {
		t.Fatal(err)
	}
	Tidy()
	var left []string
	es, err := os.ReadDir(tmp)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range es {
		left = append(left, e.Name())
	}
	want := []string{"holiday", filepath.Base(mine), "proxima-config-4", "proxima-dress-3"}
	slices.Sort(want)
	if !slices.Equal(left, want) {
		t.Errorf("left are %v, not %v", left, want)
	}
}
