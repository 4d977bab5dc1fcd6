//go:build chaos && unix

package main

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// deed is one thing that somebody does to the room.
type deed struct {
	at   time.Duration // from the beginning
	what string
	long time.Duration // what it takes, where that is part of it: how long a daemon is frozen
	dice uint64        // decides what the room of the moment decides: which file, which process
}

// lane is what one hand does, one after the other. Lanes go on beside each other.
type lane struct {
	name  string
	deeds []deed
}

// odds is how often a lane does what, and how long that takes.
type odds struct {
	what        string
	weight      int
	least, most time.Duration
}

const daemonsInRoom = 4

// schedule is all that is done in a run. It hangs on nothing but its arguments; what it meets
// hangs on the machine.
func schedule(seed uint64, length time.Duration) []lane {
	var lanes []lane
	add := func(name string, least, most time.Duration, of []odds) {
		// A generator of its own, so that a change to one lane leaves the others as they are.
		r := rand.New(rand.NewPCG(seed, uint64(len(lanes))))
		lanes = append(lanes, lane{name, fill(r, length, least, most, of)})
	}
	for i := range daemonsInRoom {
		add(fmt.Sprintf("daemon %d", i), 3*time.Second, 12*time.Second, []odds{
			{"kill", 4, 0, 4 * time.Second},
			{"freeze", 4, 2 * time.Second, 14 * time.Second},
			{"terminate", 2, 0, 3 * time.Second},
			{"ctrl-c", 2, 0, 3 * time.Second},
			{"ctrl-c twice", 2, 0, 3 * time.Second},
		})
	}
	add("queuer", time.Second, 4*time.Second, []odds{
		{"queue long", 6, 0, 0},
		{"queue tiny", 5, 0, 0},
		{"queue long, killed", 2, 50 * time.Millisecond, 1500 * time.Millisecond},
		{"queue tiny, killed", 2, 50 * time.Millisecond, 1500 * time.Millisecond},
		{"queue tiny, killed at a birth", 4, 0, 150 * time.Millisecond},
		{"queue a source that changes", 2, 0, 0},
		{"queue where a file appears", 2, 0, 0},
	})
	add("encoders", time.Second, 5*time.Second, []odds{
		{"kill", 3, 0, 0},
		{"terminate", 2, 0, 0},
		{"freeze", 2, 200 * time.Millisecond, 5 * time.Second},
	})
	add("volume", 5*time.Second, 15*time.Second, []odds{
		{"farm renamed away", 3, 100 * time.Millisecond, 9 * time.Second},
		{"unmounted", 4, 100 * time.Millisecond, 9 * time.Second},
		{"read-only", 3, 100 * time.Millisecond, 6 * time.Second},
		{"full", 3, 500 * time.Millisecond, 6 * time.Second},
	})
	add("person", 500*time.Millisecond, 3*time.Second, []odds{
		{"retry", 4, 0, 0},
		{"delete a todo file", 3, 0, 0},
		{"leave a stray file", 3, 0, 0},
		{"delete a job", 1, 0, 0},
	})
	return lanes
}

func fill(r *rand.Rand, length, least, most time.Duration, of []odds) []deed {
	sum := 0
	for _, o := range of {
		sum += o.weight
	}
	var ds []deed
	for at := between(r, 0, most); at < length; {
		n := r.IntN(sum)
		o := of[slices.IndexFunc(of, func(o odds) bool { n -= o.weight; return n < 0 })]
		d := deed{at: at, what: o.what, long: between(r, o.least, o.most), dice: r.Uint64()}
		ds = append(ds, d)
		at += d.long + between(r, least, most)
	}
	return ds
}

func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return (least + time.Duration(r.Int64N(int64(most-least)+1))).Round(time.Millisecond)
}

// pick takes one of a list by a deed's dice.
func pick[T any](d deed, of []T) T { return of[d.dice%uint64(len(of))] }

func describe(lanes []lane) string {
	type line struct {
		deed
		who string
	}
	var ls []line
	for _, l := range lanes {
		for _, d := range l.deeds {
			ls = append(ls, line{d, l.name})
		}
	}
	slices.SortStableFunc(ls, func(a, b line) int { return int(a.at - b.at) })
	var b strings.Builder
	for _, l := range ls {
		fmt.Fprintf(&b, "%8.3fs %-9s %s", l.at.Seconds(), l.who, l.what)
		if l.long > 0 {
			fmt.Fprintf(&b, " (%s)", l.long)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestTheSameSeedIsTheSameSchedule(t *testing.T) {
	a, b := schedule(7, time.Minute), schedule(7, time.Minute)
	if !reflect.DeepEqual(a, b) {
		t.Error("two schedules of one seed differ")
	}
	if reflect.DeepEqual(a, schedule(8, time.Minute)) {
		t.Error("two seeds give one schedule")
	}
	for _, l := range a {
		if len(l.deeds) == 0 {
			t.Errorf("%s does nothing", l.name)
		}
	}
}
