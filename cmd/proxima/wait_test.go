package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// damage overwrites bytes in the middle of a file with noise, as a bad copy does.
func damage(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	mid := len(data) / 2
	for i := range 8 << 10 {
		data[mid+i] = byte(rnd.Uint32())
	}
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Whoever waits learns what was made and what was not, and scripts by the exit code.
func TestWaitTellsWhichClipFailedAndWhy(t *testing.T) {
	r := newRoom(t)
	good, bad := r.clip("good.mov", 4), r.clip("bad.mov", 4)
	damage(t, bad)
	r.worker("w")
	out, code, errs := r.try("queue", bad, good, "--wait")
	if code != exitJobFailed {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
	for _, want := range []string{"made " + filepath.Join(r.dir, "Proxy", "good.mov"), "failed " + bad, "the source is damaged", "made     1 clip"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
	if !strings.Contains(errs, "FAILED.yaml") {
		t.Errorf("where the reason stands is not said:\n%s", errs)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "Proxy", "bad.mov")); err == nil {
		t.Error("a proxy of a damaged source has its final name")
	}
}
