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
	const free, held, untried = 'f', 'h', ' '
	for what, c := range map[string]struct {
		beats string // each look's beat of one worker; - is none
		locks string // what a try behind that look shows
		lies  int    // the look at which locks are seen to prove nothing, from 0; -1: never
	}{
		"a lock that stays free under beats":              {"12345", "fffff", 2},
		"it does not matter how often it is tried":        {"112233", "ffffff", 4},
		"a lock that came late":                           {"123456", "fhhhhh", -1},
		"one that came late and was tried twice before":   {"122345", "ffhhhh", -1},
		"one that came late, and is free again":           {"123456", "fhffff", 4},
		"a worker that stands still":                      {"111111", "ffffff", -1},
		"one whose last beat is seen after its lock":      {"122222", "ffffff", -1},
		"one that leaves":                                 {"12-", "ff ", -1},
		"one whose beat was taken away, and who beats on": {"12-345", "ff ff ", 5},
		"who is not tried for a while is not forgotten":   {"123456", "f  f  ", 4},
		"who is held once is, however free it was before": {"123456", "ffhhhh", 2},
		"who is never found free":                         {"123456", "hhhhhh", -1},
		"who is not asked":                                {"123456", "      ", -1},
	} {
		t0 := time.Now()
		r := NewRoll(180 * time.Second)
		lies := -1
		for i := range c.beats {
			beat := int64(c.beats[i] - '0')
			if c.beats[i] == '-' {
				beat = -1
			}
			if r.Observe(t0.Add(time.Duration(i)*time.Second), map[string]int64{"w": beat}) && lies < 0 {
				lies = i
			}
			switch c.locks[i] {
			case free:
				if i%2 == 0 {
					r.LockFree("w", t0)
				} else {
					r.LockOpen("w")
				}
			case held:
				r.LockHeld("w")
				if r.Odd("w") {
					t.Errorf("%s: odd although it holds its lock", what)
				}
			case untried:
			}
		}
		if lies != c.lies {
			t.Errorf("%s: at look %d instead of %d", what, lies, c.lies)
		}
	}
}

// Nobody is dead the sooner for a lock that was found free before it showed that locks lie.
func TestWhatLocksToldBeforeTheyLiedIsForgotten(t *testing.T) {
	t0 := time.Now()
	r := NewRoll(180 * time.Second)
	for s := range int64(40) {
		now := t0.Add(time.Duration(s) * time.Second)
		lies := r.Observe(now, map[string]int64{"liar": s / 10, "slow": 1})
		if lies != (s == 20) {
			t.Errorf("after %d s: %v", s, lies)
		}
		if s <= 20 && s%10 == 5 {
			r.LockFree("liar", now)
			if s == 15 {
				r.LockFree("slow", now)
			}
		}
		if r.Liveness("slow", now) == Dead {
			t.Fatalf("dead after %d s", s)
		}
	}
}

func TestWhoBeatsUnderAFreeLockIsAskedAgain(t *testing.T) {
	t0 := time.Now()
	r := NewRoll(180 * time.Second)
	r.Observe(t0, map[string]int64{"w": 1})
	r.LockOpen("w")
	if r.Odd("w") {
		t.Error("it has not beaten since")
	}
	r.Observe(t0.Add(time.Second), map[string]int64{"w": 2})
	if !r.Odd("w") {
		t.Error("a beat under a free lock is odd")
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
