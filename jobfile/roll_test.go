package jobfile

import (
	"testing"
	"time"
)

func TestAWorkerIsDeadOnlyAfterItsBeatStoodStillForTheLeaseUnderOurEyes(t *testing.T) {
	t0 := time.Now()
	r := NewRoll(180 * time.Second)
	at := func(s int) time.Time { return t0.Add(time.Duration(s) * time.Second) }
	for s := 0; s <= 170; s += 10 {
		r.Observe(at(s), map[string]int64{"w": 7})
		if r.Liveness("w", at(s)) == Dead {
			t.Fatalf("dead after %d s", s)
		}
	}
	r.Observe(at(180), map[string]int64{"w": 7})
	if r.Liveness("w", at(180)) != Dead {
		t.Fatal("not dead after the lease")
	}
	r.Observe(at(190), map[string]int64{"w": 8})
	if r.Liveness("w", at(190)) == Dead {
		t.Fatal("dead although it beat again")
	}
}

func TestAnObserverThatSleptOrStalledStartsOver(t *testing.T) {
	t0 := time.Now()
	r := NewRoll(180 * time.Second)
	r.Observe(t0, map[string]int64{"w": 7})
	r.Observe(t0.Add(time.Hour), map[string]int64{"w": 7}) // we slept
	if r.Liveness("w", t0.Add(time.Hour)) == Dead {
		t.Fatal("a sleep of the observer killed a worker")
	}
	for s := 0; s < 170; s += 10 {
		r.Observe(t0.Add(time.Hour+time.Duration(s)*time.Second), map[string]int64{"w": 7})
	}
	r.Doubt(t0.Add(time.Hour + 170*time.Second))
	now := t0.Add(time.Hour + 185*time.Second)
	r.Observe(now, map[string]int64{"w": 7})
	if r.Liveness("w", now) == Dead {
		t.Fatal("a stall of the observer killed a worker")
	}
}

func TestAFreeLockShortensTheWaitUnlessTheBeatMoves(t *testing.T) {
	t0 := time.Now()
	r := NewRoll(180 * time.Second)
	r.Observe(t0, map[string]int64{"w": 7})
	r.LockFree("w", t0)
	now := t0.Add(21 * time.Second)
	r.Observe(t0.Add(10*time.Second), map[string]int64{"w": 7})
	r.Observe(now, map[string]int64{"w": 7})
	if r.Liveness("w", now) != Dead {
		t.Fatal("alive although its lock is free and two beats passed")
	}
	r.Observe(t0, map[string]int64{"v": 1})
	r.LockFree("v", t0)
	if !r.Beating("v", 2) {
		t.Fatal("a beat under a free lock proves that locks do not hold here")
	}
}

func TestAHolderWithoutAFileInWorkersGetsTheWholeLease(t *testing.T) {
	t0 := time.Now()
	r := NewRoll(60 * time.Second)
	for s := 0; s <= 70; s += 5 {
		now := t0.Add(time.Duration(s) * time.Second)
		r.Observe(now, nil)
		dead := r.Judge("ghost", now) == Dead
		if dead != (s >= 60) {
			t.Fatalf("after %d s: dead is %v", s, dead)
		}
	}
}
