// Command plots plays rooms in the simulator and draws what came of it, for docs/performance.md.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"proxima/internal/sim"
)

func main() {
	out := flag.String("out", "docs/performance", "folder for the plots")
	most := flag.Int("workers", 1000, "the largest room")
	seed := flag.Uint64("seed", 1, "of all chance")
	million := flag.Bool("million", false, "play a million units on a hundred machines instead, which draws nothing")
	flag.Parse()
	if *million {
		room := day(100, *seed, 68*time.Hour)
		room.Until = 200 * time.Hour
		fmt.Println(sim.Run(room))
		return
	}
	if err := run(*out, *most, *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// shift is how long the work takes a room of n machines if nothing goes wrong: a day's, and of large rooms
// a morning's, or it would take an hour to play them.
func shift(n int) time.Duration {
	switch {
	case n > 300:
		return 30 * time.Minute
	case n > 100:
		return 2 * time.Hour
	}
	return 8 * time.Hour
}

// day is a room of n machines with work for so long.
func day(n int, seed uint64, long time.Duration) sim.Room {
	ms := sim.Mixed(n, seed)
	power := 0.0
	for _, m := range ms {
		power += float64(m.Cores) * m.Speed
	}
	kind := sim.Rushes(12) // a dozen is 3110 seconds of source
	for i := range kind {
		kind[i].Cost = 8
	}
	dozens := int(power * long.Seconds() / (3110 * 8))
	var cs []sim.Clip
	for range max(1, dozens) {
		cs = append(cs, kind...)
	}
	room := sim.NewRoom(seed, ms, cs)
	room.Dies, room.Sleeps = 0.1, 0.1
	return room
}

func run(out string, most int, seed uint64) error {
	sizes := []int{10, 30, 100, 300, 1000}
	shares := []struct {
		name  string
		share sim.Share
	}{
		{"1 ms, 10,000 op/s", sim.Share{Latency: time.Millisecond, Rate: 10_000}},
		{"5 ms, 2,000 op/s", sim.Share{Latency: 5 * time.Millisecond, Rate: 2_000}},
	}
	over := plot{title: "Makespan above the lower bound; one in ten machines dies, and one sleeps, a day", x: "machines", y: "%", logX: true}
	ops := plot{title: "Operations on the share", x: "machines", y: "a second", logX: true}
	for _, s := range shares {
		a, b := line{name: s.name}, line{name: s.name}
		for _, n := range sizes {
			if n > most || n > 300 && s.share.Rate < 5000 { // it does not carry 300
				break
			}
			room := day(n, seed, shift(n))
			room.Share = s.share
			room.Until = 3 * shift(n)
			began := time.Now()
			r := sim.Run(room)
			fmt.Printf("%d machines, %s: %v\n  played in %v\n", n, s.name, r, time.Since(began).Round(time.Millisecond))
			if !r.Cut { // else it was above three times the bound, and not at its end
				a.add(float64(n), 100*r.Over())
			}
			b.add(float64(n), r.OpsPerSecond)
		}
		over.lines, ops.lines = append(over.lines, a), append(ops.lines, b)
	}
	busy := plot{title: "Part of the room that works, from the first minute to the last", x: "% of the time", y: "%"}
	for _, c := range []struct {
		name  string
		clips int
		n     int
	}{{"100 machines, 12 clips", 12, 100}, {"100 machines, 1200 clips", 1200, 100}, {"10 machines, 1200 clips", 1200, 10}} {
		r := sim.Run(sim.NewRoom(seed, sim.Mixed(c.n, seed), sim.Rushes(c.clips)))
		fmt.Printf("%s at once: %v\n", c.name, r)
		l := line{name: c.name}
		for i, b := range r.Busy {
			l.add(float64(i), 100*b)
		}
		busy.lines = append(busy.lines, l)
	}
	if err := os.MkdirAll(out, 0o775); err != nil {
		return err
	}
	for name, p := range map[string]plot{"above-bound.svg": over, "operations.svg": ops, "busy.svg": busy} {
		if err := os.WriteFile(filepath.Join(out, name), p.svg(), 0o664); err != nil {
			return err
		}
	}
	return nil
}
