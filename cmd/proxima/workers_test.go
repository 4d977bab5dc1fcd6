package main

import (
	"testing"
	"time"

	"proxima/jobfile"
)

// What a dead worker could do is no reason to say nothing: its document outlives it by an hour.
func TestTheDeadAreNotAskedWhatTheyCan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ws := []*jobfile.Worker{
		{ID: "dead", Updated: now.Add(-silentAfter - time.Second), Can: []string{"h264_nvenc"}},
		{ID: "here", Updated: now.Add(-time.Minute), Can: []string{"libx264"}},
		{ID: "fast-clock", Updated: now.Add(time.Hour), Can: []string{"libx265"}},
	}
	got := heard(ws, now)
	if len(got) != 2 || got[0].ID != "here" || got[1].ID != "fast-clock" || ws[0].ID != "dead" {
		t.Errorf("heard of %v", got)
	}
}
