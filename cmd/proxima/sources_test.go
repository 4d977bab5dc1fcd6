package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

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

func TestManyMediaAreToldWhoUsesThem(t *testing.T) {
	t.Parallel()
	const n = 100_000
	p := newProject("x", &timeline.Project{Media: make([]timeline.Media, n), Timelines: make([]timeline.Timeline, 3)})
	for i := range p.Timelines {
		p.Timelines[i].Display = string(rune('A' + i))
		for m := range n {
			p.Timelines[i].Uses = append(p.Timelines[i].Uses, timeline.Use{Media: m, Video: m != 7 || i != 2}, timeline.Use{Media: m, Video: m != 7 || i != 2})
		}
	}
	if got := p.users(7); got != nil {
		t.Errorf("nothing is chosen yet, and %q use it", got)
	}
	p.chosen = []int{2, 1}
	began := time.Now()
	for m := range n {
		want := "C B"
		if m == 7 {
			want = "B"
		}
		if got := strings.Join(p.users(m), " "); got != want {
			t.Fatalf("%d: %s, not %s", m, got, want)
		}
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %s", took)
	}
}
