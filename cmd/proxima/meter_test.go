package main

import (
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	t.Parallel()
	var m meter
	at := time.Unix(0, 0)
	step := func(s int, jobs ...jobStatus) float64 {
		at = at.Add(time.Duration(s) * time.Second)
		m.see(at, jobs)
		return m.fps()
	}
	job := func(id, state string, done int64) jobStatus { return jobStatus{ID: id, State: state, FramesDone: done} }
	for i, c := range []struct {
		got, want float64
	}{
		{step(0, job("a", "encoding", 5000), job("b", "queued", 0)), 0}, // what was done before is not this room's speed now
		{step(4, job("a", "encoding", 5400), job("b", "queued", 0)), 0}, // too soon
		{step(4, job("a", "encoding", 5800), job("b", "queued", 0)), 100},
		{step(2, job("a", "encoding", 5500), job("b", "encoding", 200)), 100}, // a unit that was given back takes nothing off
		{step(10, job("b", "encoding", 1200), job("c", "failed", 900)), 100},
		{step(70, job("b", "encoding", 1200)), 0}, // nothing for longer than it looks back
	} {
		if c.got != c.want {
			t.Errorf("step %d: %v, want %v", i, c.got, c.want)
		}
	}
}
