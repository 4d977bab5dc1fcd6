package main

import (
	"path/filepath"
	"strings"
	"testing"

	"proxima/gather"
	"proxima/timeline"
)

// A medium that is packed into a bundle is there, and yet nothing reads it: to mount a volume would not
// help.
func TestMediaInsideOfABundleAreSaidToBeThere(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "..", "timeline", "testdata", "synthetic", "bundle.otioz")
	p, err := timeline.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	q := &queuing{finder: &gather.Finder{}}
	f, err := q.find(t.Context(), newProject("cut.otioz", p), 0)
	if err != nil || f.Status != gather.Missing || f.Reason != `it lies inside of "cut.otioz"` || !strings.Contains(f.Next, ".otiod") {
		t.Errorf("%+v, %v", f, err)
	}
}
