package main

import (
	"testing"
	"time"

	"proxima/jobfile"
)

func TestTheSameOfASourceIsKnownWhateverReadTheRecipe(t *testing.T) {
	now := time.Now()
	r := jobfile.Recipe{Preset: "p", Video: jobfile.VideoRecipe{Encoder: "mjpeg", Args: []string{}}}
	read := r // as a document gives it back
	read.Video.Args = nil
	one := madeOf("/m/a.mov", 10, now, &r)
	if two := madeOf("/m/a.mov", 10, now.UTC().Truncate(time.Second), &read); two != one {
		t.Error("a recipe that was read is another")
	}
	other := r
	other.Video.MaxHeight = 720
	for name, got := range map[string]string{
		"another recipe": madeOf("/m/a.mov", 10, now, &other),
		"another file":   madeOf("/m/b.mov", 10, now, &r),
		"a replaced one": madeOf("/m/a.mov", 11, now, &r),
		"a newer one":    madeOf("/m/a.mov", 10, now.Add(2*time.Second), &r),
	} {
		if got == one {
			t.Errorf("%s is the same", name)
		}
	}
	taken := takenBy{made: map[string][]underWay{one: {{"j1", "/out/x/a.mov"}, {"j2", "/third/a.mov"}}}}
	for output, want := range map[string]string{"/out": "j1", "/third": "j2", "/ou": "", "": "", "/out/y": ""} {
		if u, ok := taken.below(output, one); u.job != want || ok != (want != "") {
			t.Errorf("below %q is %+v", output, u)
		}
	}
}
