package encode

import (
	"testing"
	"time"

	"proxima/jobfile"
)

func TestPatienceFitsTheEncoderAndTheWayToItsFirstFrame(t *testing.T) {
	tools := &Tools{StallAfter: time.Minute}
	job := func(encoder, speed string, intra bool) *jobfile.Job {
		return &jobfile.Job{
			Recipe: jobfile.Recipe{Video: jobfile.VideoRecipe{Encoder: encoder, Speed: speed, IntraOnly: intra}},
			Media:  jobfile.Media{Video: jobfile.VideoStream{TimeBase: jobfile.Rational{Num: 1, Den: 25}}},
		}
	}
	at := func(start int64) jobfile.Planned {
		return jobfile.Planned{ID: "0001", Range: &jobfile.Range{Start: start}}
	}
	for _, c := range []struct {
		job  *jobfile.Job
		unit jobfile.Planned
		seek seek
		want time.Duration
	}{
		{job("dnxhd", "", true), at(0), seek{}, time.Minute},
		{job("dnxhd", "", true), at(2500), seek{}, time.Minute + 100*time.Second},
		{job("dnxhd", "", true), at(2500), seek{true, 99_000_000}, time.Minute + time.Second},
		{job("libx264", "medium", false), at(0), seek{}, 2 * time.Minute},
		{job("libx265", "veryslow", false), at(0), seek{}, 6 * time.Minute},
		{job("libsvtav1", "3", false), at(0), seek{}, 6 * time.Minute},
		{job("libx264", "veryslow", true), at(0), seek{}, time.Minute},
		{job("libx265", "veryslow", false), jobfile.Planned{ID: "audio"}, seek{}, time.Minute},
	} {
		if got := tools.patience(Task{Job: c.job, Unit: c.unit}, c.seek); got != c.want {
			t.Errorf("%s %s from %+v: %s, not %s", c.job.Recipe.Video.Encoder, c.job.Recipe.Video.Speed, c.seek, got, c.want)
		}
	}
}
