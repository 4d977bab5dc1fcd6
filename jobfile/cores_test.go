package jobfile

import "testing"

func TestUnitsStayWithinTheCores(t *testing.T) {
	for _, c := range []struct {
		encoder               string
		threads, slots, cores int
		each, places          int
	}{
		{"dnxhd", 2, 0, 16, 2, 8},
		{"dnxhd", 2, 0, 1, 1, 1},
		{"dnxhd", 2, 0, 3, 2, 1},
		{"dnxhd", 0, 0, 16, 4, 4},
		{"libx264", 0, 0, 16, 16, 1},
		{"libx264", 0, 0, 64, 16, 4},
		{"libx264", 0, 2, 16, 8, 2},
		{"libx264", 0, 4, 2, 1, 2}, // more slots than cores: the cores decide
		{"dnxhd", 8, 2, 8, 4, 2},
		{"dnxhd", 2, 1, 16, 2, 1},
		{"h264_nvenc", 0, 0, 16, 4, 4},
		{"libx265", 100, 0, 8, 8, 1},
	} {
		r := &Recipe{Threads: c.threads, Video: VideoRecipe{Encoder: c.encoder}}
		if got := r.UnitThreads(c.slots, c.cores); got != c.each {
			t.Errorf("%+v: %d threads", c, got)
		}
		w := &Worker{Slots: c.slots, AutoSlots: c.slots == 0, Cores: c.cores}
		if got := w.Places(r); got != c.places || got*c.each > max(c.cores, c.each) {
			t.Errorf("%+v: %d places", c, got)
		}
	}
}
