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
}

func TestLocksThatBeatingWorkersDoNotHoldProveNothing(t *testing.T) {
	t0 := time.Now()
	r := NewRoll(180 * time.Second)
	beat := func(n int64) {
		r.Observe(t0.Add(time.Duration(n)*time.Second), map[string]int64{"late": n, "liar": n, "dying": 1})
	}
	beat(1)
	for _, id := range []string{"late", "liar", "dying"} {
		if r.LockOpen(id) || r.Odd(id) {
			t.Errorf("%s has not beaten since its lock was found free", id)
		}
	}
	beat(2)
	if !r.Odd("late") || !r.Odd("liar") || r.Odd("dying") {
		t.Error("a beat under a free lock is odd")
	}
	r.LockHeld("late") // it got it late
	beat(3)
	if r.Odd("late") || r.LockOpen("late") {
		t.Error("a lock that came late was taken for a lie")
	}
	if r.LockOpen("dying") {
		t.Error("a lock that stayed free under a beat that stands still is none")
	}
	if !r.LockOpen("liar") {
		t.Error("a lock that is free again after a beat lies")
	}
	if !r.LockFree("liar", t0) {
		t.Error("and so where locks were believed")
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
