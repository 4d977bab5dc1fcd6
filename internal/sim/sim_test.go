package sim

import (
	"slices"
	"testing"
	"time"
)

// hard is a room of 100 small machines, the fastest twice as fast as the slowest, with work for half
// a day; one in ten dies within a day, and as many sleep.
func hard(seed uint64) Room {
	ms := make([]Machine, 100)
	for i := range ms {
		ms[i] = Machine{Cores: 2, Speed: 0.6 + 0.6*float64(i%7)/6}
	}
	clips := Rushes(720)
	for i := range clips {
		clips[i].Cost = 20
	}
	room := NewRoom(seed, ms, clips)
	room.Dies, room.Sleeps = 0.1, 0.1
	return room
}

func TestARoomOfAHundredEndsNearTheBoundThoughMachinesDie(t *testing.T) {
	r := Run(hard(1))
	t.Log(r)
	if r.Deaths == 0 || r.Naps == 0 || r.TakenOver == 0 {
		t.Error("nothing went wrong: the test shows nothing")
	}
	if r.Cut || r.Over() > 0.05 {
		t.Errorf("%.1f %% above the bound", 100*r.Over())
	}
	if n := float64(r.Tries) / float64(r.Claims); n > 1.2 {
		t.Errorf("%.2f tries a claim", n)
	}
	if r.BusiestMinute > 1500 {
		t.Errorf("%.0f operations per second", r.BusiestMinute)
	}
}

// What ruled before: with a core to spare a look listed the whole queue.
func TestARoomOfAHundredLeavesTheShareAlone(t *testing.T) {
	room := NewRoom(1, Mixed(100, 1), Rushes(200))
	r := Run(room)
	t.Log(r)
	if per := r.Ops / float64(r.Units); per > 400 {
		t.Errorf("%.0f operations a unit", per)
	}
	if n := float64(r.Tries) / float64(r.Claims); n > 1.2 {
		t.Errorf("%.2f tries a claim", n)
	}
}

func TestTheSameSeedGivesTheSameHistory(t *testing.T) {
	play := func(seed uint64) *Report {
		room := NewRoom(seed, Mixed(10, 1), Rushes(36))
		room.Dies, room.Sleeps = 0.9, 0.9
		return Run(room)
	}
	a, b, c := play(1), play(1), play(2)
	if a.String() != b.String() || !slices.Equal(a.Busy, b.Busy) {
		t.Errorf("%v\n%v", a, b)
	}
	if a.String() == c.String() {
		t.Error("another seed changes nothing")
	}
}

// One machine with one place has nobody to wait for: what it takes is known.
func TestARoomOfOneTakesWhatTheWorkTakes(t *testing.T) {
	room := NewRoom(1, []Machine{{Cores: 2, Speed: 1}}, []Clip{{Length: 40 * time.Second, Cost: 4, Priority: 50}})
	r := Run(room)
	// One unit of 160 core seconds and a quarter on two cores, then a stitch of 1.4 s on one.
	want := 81525 * time.Millisecond
	if r.Units != 2 || r.Claims != 2 || r.Makespan < want || r.Makespan > want+6*time.Second {
		t.Errorf("%v, and the work takes %v", r, want)
	}
	if r.Wasted != 0 {
		t.Error("wasted:", r.Wasted)
	}
}

// A machine that dies with its unit is found dead after the lease, and another makes it.
func TestTheDeadAreTakenOverAfterTheLease(t *testing.T) {
	clips := make([]Clip, 24)
	for i := range clips {
		clips[i] = Clip{Length: 40 * time.Second, Cost: 100, Priority: 50}
	}
	room := NewRoom(4, []Machine{{2, 1}, {2, 1}}, clips)
	room.Dies = 0.9999
	r := Run(room)
	if r.Cut || r.Deaths == 0 || r.TakenOver == 0 || r.Wasted == 0 {
		t.Errorf("%v", r)
	}
}
