package watcher

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

func TestHasRoom(t *testing.T) {
	for _, c := range []struct {
		busy               []int // what each unit costs
		cost, slots, cores int
		want               bool
	}{
		{nil, 8, 0, 4, true}, // a machine without work has room for anything
		{[]int{2}, 2, 0, 4, true},
		{[]int{2}, 3, 0, 4, false},
		{[]int{2, 2}, 1, 0, 4, false},
		{[]int{1}, 1, 1, 8, false},
		{[]int{1}, 1, 2, 8, true},
		{nil, 1, 1, 1, true},
		{[]int{0, 0}, 8, 0, 8, true}, // no picture waits for sound
		{[]int{0, 8}, 1, 0, 8, false},
		{[]int{8}, 0, 0, 8, true}, // nor sound for a picture
		{[]int{8, 0}, 0, 0, 8, true},
		{[]int{8, 0, 0}, 0, 0, 8, false},
		{[]int{0, 0}, 0, 0, 8, false},
		{[]int{1}, 0, 0, 1, true},
		{[]int{0}, 0, 0, 1, false},
		{[]int{0}, 8, 1, 8, false},
		{[]int{8}, 0, 1, 8, false},
	} {
		var taken Taken
		for _, cost := range c.busy {
			taken.Take(cost)
		}
		if got := taken.HasRoom(c.cost, c.slots, c.cores); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestALookGoesOnWhileThereIsRoomForSomething(t *testing.T) {
	for _, c := range []struct {
		i     int
		room  bool
		unfit int
		want  bool
	}{{0, false, 0, true}, {minScan - 1, false, minScan, true}, {minScan, false, 0, false}, {minScan, true, 0, true}, {500, true, minScan - 1, true}, {500, true, minScan, false}} {
		if got := Scans(c.i, c.room, c.unfit); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if !ScanDue(true, 0, lease) || ScanDue(false, lease/12-1, lease) || !ScanDue(false, lease/12, lease) {
		t.Error("when a look is at the queue")
	}
	if !ListDue(1000, 0, true, lease) || ListDue(10_000, 17*time.Second, true, lease) || !ListDue(10_000, 18*time.Second, true, lease) || !ListDue(10_000, 0, false, lease) || !ListDue(1_000_000, lease, true, lease) {
		t.Error("when the queue is listed")
	}
	ids := strings.Split(strings.Repeat("j", 11), "")
	seen := 0
	for next, i := 0, 0; i < 2; i++ {
		var in []string
		in, next = stretch(ids, next)
		seen += len(in) - sweepJobs
	}
	if in, _ := stretch(ids[:2*sweepJobs], 0); seen != len(ids)-sweepJobs || len(in) != 2*sweepJobs {
		t.Errorf("%d jobs behind the head are swept in two stretches", seen)
	}
}

func ticket(u jobfile.UnitID, worker string) jobfile.Ticket {
	return jobfile.Ticket{Unit: u, Attempt: 1, Worker: worker}
}

func TestWhatIsCalm(t *testing.T) {
	units := []jobfile.Planned{{ID: "0000"}, {ID: "0001"}, {ID: jobfile.UnitStitch}}
	stitch := ticket(jobfile.UnitStitch, "")
	for what, c := range map[string]struct {
		l    jobfile.Listing
		d    jobfile.Decision
		want bool
	}{
		"all in work or done":  {l: jobfile.Listing{Todo: []jobfile.Ticket{stitch}, Doing: []jobfile.Ticket{ticket("0000", "a")}, Results: []jobfile.Ticket{ticket("0001", "b")}}, want: true},
		"being stitched":       {l: jobfile.Listing{Doing: []jobfile.Ticket{ticket(jobfile.UnitStitch, "a")}, Results: []jobfile.Ticket{ticket("0000", "a"), ticket("0001", "b")}}, want: true},
		"a unit left":          {l: jobfile.Listing{Todo: []jobfile.Ticket{stitch, ticket("0001", "")}, Doing: []jobfile.Ticket{ticket("0000", "a")}}},
		"a unit in no folder":  {l: jobfile.Listing{Todo: []jobfile.Ticket{stitch}, Doing: []jobfile.Ticket{ticket("0000", "a")}}},
		"to be stitched":       {l: jobfile.Listing{Todo: []jobfile.Ticket{stitch}, Results: []jobfile.Ticket{ticket("0000", "a"), ticket("0001", "b")}}},
		"cancelled":            {l: jobfile.Listing{Cancelled: true, Todo: []jobfile.Ticket{stitch}, Doing: []jobfile.Ticket{ticket("0000", "a")}, Results: []jobfile.Ticket{ticket("0001", "b")}}},
		"finished":             {l: jobfile.Listing{Done: true, Doing: []jobfile.Ticket{ticket(jobfile.UnitStitch, "a")}, Results: []jobfile.Ticket{ticket("0000", "a"), ticket("0001", "b")}}},
		"given up":             {l: jobfile.Listing{FailedMark: true, Failed: []jobfile.Ticket{ticket("0000", "")}, Todo: []jobfile.Ticket{stitch}, Doing: []jobfile.Ticket{ticket("0001", "a")}}},
		"with something to do": {l: jobfile.Listing{Todo: []jobfile.Ticket{stitch}, Doing: []jobfile.Ticket{ticket("0000", "a"), ticket("0001", "b")}}, d: jobfile.Decision{Chores: make([]jobfile.Action, 1)}},
	} {
		holders, got := IsCalm(jobfile.Fold(units, c.l), c.d)
		if got != c.want || got && len(holders) == 0 {
			t.Errorf("%s: %v, held by %v", what, got, holders)
		}
	}
}

func TestWhatALookPassesOver(t *testing.T) {
	now := time.Now()
	alive := func(string) jobfile.Liveness { return jobfile.Alive }
	dead := func(string) jobfile.Liveness { return jobfile.Dead }
	c := Calm{}
	stitch := []jobfile.Ticket{{Unit: jobfile.UnitStitch, Attempt: 1}}
	c.Note("j", now, []string{"a"}, stitch)
	for what, x := range map[string]struct {
		i          int
		job        string
		after      time.Duration
		room, idle bool
		liveness   func(string) jobfile.Liveness
		want       Glimpse
	}{
		"far behind":                      {50, "j", time.Second, true, false, alive, Over},
		"never seen":                      {50, "k", time.Second, true, false, alive, Closely},
		"the head, with nothing to do":    {minScan - 1, "j", 0, true, true, alive, Closely},
		"the head, with room":             {minScan - 1, "j", 0, true, false, alive, AtTodo},
		"the head, after a time":          {minScan - 1, "j", lease / 12, true, false, alive, Closely},
		"the head, a dead holder":         {0, "j", time.Second, true, false, dead, Closely},
		"the head, without":               {0, "j", time.Second, false, false, alive, Over},
		"the head, without, after a time": {0, "j", lease / 12, false, false, alive, Closely},
		"a dead holder":                   {50, "j", time.Second, true, false, dead, Closely},
		"a dead holder, without room":     {0, "j", time.Second, false, false, dead, Closely},
		"at work, after a time":           {50, "j", lease - 1, true, false, alive, Over},
		"at work, after a lease":          {50, "j", lease, true, false, alive, Closely},
		"idle, after a time":              {50, "j", lease / 12, true, true, alive, Closely},
	} {
		if got := c.Glimpse(x.i, x.job, now.Add(x.after), x.room, x.idle, 0.99, lease, x.liveness); got != x.want {
			t.Errorf("%s: %v", what, got)
		}
	}
	if back := (jobfile.Ticket{Unit: "0003", Attempt: 2}); !c.Stays("j", stitch) || c.Stays("j", append(stitch, back)) || c.Stays("j", nil) {
		t.Error("what has come to todo/")
	}
	for i := range 100 * minScan {
		c.Note(fmt.Sprint(i), now, []string{"a"}, nil)
	}
	again := 0
	for i := range 100 {
		if c.Glimpse(50, "j", now.Add(2*lease), true, true, float64(i)/100, lease, alive) == Closely {
			again++
		}
	}
	if again != 1 {
		t.Errorf("%d of 100 are seen anew where %d in %d should be", again, minScan, len(c))
	}
}

func TestTheCrowdSpreadsAndClosesUpAgain(t *testing.T) {
	var c Crowd
	if c.Leave(0.99) != 0 {
		t.Error("nobody was in the way, and jobs are left")
	}
	for range 4 {
		c.Lost()
	}
	if c.Leave(0) != 0 || c.Leave(0.99) != 8 {
		t.Errorf("after four lost claims %d to %d are left", c.Leave(0), c.Leave(0.99))
	}
	c.Won()
	if c.Leave(0.99) != 4 {
		t.Errorf("after a claim that was won %d are left", c.Leave(0.99))
	}
	c.Found(true)
	c.Found(false)
	if c.Leave(0.99) != 0 {
		t.Error("nothing was found, and jobs are left")
	}
	for range 100 {
		c.Lost()
	}
	if c.Leave(0.9999) > maxFar {
		t.Errorf("%d are left", c.Leave(0.9999))
	}
	if Stride(2*minScan-1, 0.99) != 0 || Stride(100, 0.5) != 50 || !Passes(minScan, 1, false) || Passes(minScan-1, 1, false) || Passes(minScan, 1, true) || Passes(minScan, 0, false) {
		t.Error("strides")
	}
}

func TestWhoLooksTogetherTakesTurns(t *testing.T) {
	for _, c := range []struct {
		before         int
		listing, waits time.Duration
	}{
		{0, time.Second, 0},
		{1, 0, 2 * time.Millisecond},
		{7, 3 * time.Millisecond, 210 * time.Millisecond},
		{999, 3 * time.Millisecond, 2 * time.Second},
	} {
		if got := Turn(c.before, c.listing); got != c.waits {
			t.Errorf("behind %d, where a listing takes %v: %v, not %v", c.before, c.listing, got, c.waits)
		}
	}
}

func TestInALargeRoomDocumentsAreRenewedLessOften(t *testing.T) {
	for _, c := range []struct {
		workers     int
		beat, every time.Duration
	}{
		{1, 10 * time.Second, 3 * time.Second},
		{30, 10 * time.Second, 3 * time.Second},
		{60, 10 * time.Second, 6 * time.Second},
		{300, 10 * time.Second, 10 * time.Second},
		{1, time.Second, time.Second},
	} {
		if got := ReportEvery(c.workers, c.beat); got != c.every {
			t.Errorf("%d workers, a beat of %v: %v, not %v", c.workers, c.beat, got, c.every)
		}
	}
}
