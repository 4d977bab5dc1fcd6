//go:build chaos && unix

package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var (
	chaosSeed = flag.Uint64("seed", 0, "of the chaos; 0 is a random one")
	chaosTime = flag.Duration("for", time.Minute, "how long there are faults")
)

// chaos is a room in which things go wrong.
type chaos struct {
	*room
	seed   uint64
	length time.Duration
	begun  time.Time
	vol    volume
	hosts  bool          // daemons may have hosts of their own
	over   chan struct{} // closed when the faults end

	daemons   []*daemon
	media     []medium
	reference map[string]string // what a calm farm made of a medium with a preset
	sources   map[string]string // hashes, before

	mu       sync.Mutex
	happened []string
	calls    []*call
	stopped  map[string]bool // jobs that a person deleted
	strays   []string        // files in the farm that are not ours
	occupied map[string]bool // outputs at which a file of somebody else was put
	changed  map[string]bool // sources that were changed after they were queued
}

// Everything that may go wrong in a room goes wrong, at random instants. When it is over every
// clip is made, once and right, and nothing lies about.
func TestChaos(t *testing.T) {
	c := newChaos(t)
	lanes := schedule(c.seed, c.length)
	t.Logf("to repeat this schedule: make chaos SEED=%d TIME=%s\n%s", c.seed, c.length, describe(lanes))
	t.Cleanup(func() { // before the volume goes
		if t.Failed() {
			c.explain()
		}
	})
	c.begun = time.Now()
	hands := map[string]func([]deed){
		"queuer": c.queueAll, "encoders": c.disturb, "volume": c.shake, "person": c.meddle,
	}
	for i := range daemonsInRoom {
		d := c.newDaemon(fmt.Sprintf("ws%d", i), time.Duration(3+i)*time.Second, "--slots", itoa(1+i%2))
		if i%2 == 1 && c.hosts {
			d.host = "host-" + d.name
		}
		hands[fmt.Sprintf("daemon %d", i)] = d.live
	}
	var wg sync.WaitGroup
	for _, l := range lanes {
		wg.Go(func() { hands[l.name](l.deeds) })
	}
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	select {
	case <-interrupt: // a person had enough; what was begun is judged all the same
	case <-time.After(c.length):
	}
	signal.Stop(interrupt)
	close(c.over)
	wg.Wait()
	c.note("the faults are over")
	c.calmDown()
	c.note("healthy daemons found nothing left")
	c.judge()
	c.note("judged")
	c.t.Log(c.summary())
}

func newChaos(t *testing.T) *chaos {
	seed := *chaosSeed
	if seed == 0 {
		seed = uint64(rand.Uint32())
	}
	dir, err := os.MkdirTemp("", "proxima-chaos-")
	if err != nil {
		t.Fatal(err)
	}
	c := &chaos{
		room: &room{t: t, dir: dir}, seed: seed, length: *chaosTime, over: make(chan struct{}),
		reference: map[string]string{}, sources: map[string]string{},
		stopped: map[string]bool{}, occupied: map[string]bool{}, changed: map[string]bool{},
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("farm, media and logs are kept in %s", dir)
		} else if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	for _, d := range []string{"log", "media", "calm"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := hosts(); err != nil {
		t.Logf("all daemons share this host: %v", err)
	} else {
		c.hosts = true
	}
	c.makeMedia()
	c.calmReference()
	c.mountVolume()
	c.farm = filepath.Join(c.vol.dir, "farm")
	c.run("init", c.farm)
	c.givePresets()
	t.Cleanup(func() {
		for _, d := range c.daemons {
			if d.cmd != nil {
				_ = d.cmd.Process.Kill()
				<-d.ended
			}
		}
	})
	return c
}

func (c *chaos) timeTo(at time.Duration) time.Duration { return time.Until(c.begun.Add(at)) }

// wait waits for a time of the schedule. Reports whether the faults go on.
func (c *chaos) wait(at time.Duration) bool { return c.sleep(c.timeTo(at)) }

// sleep waits, for as long as there are faults at most. Reports whether they go on.
func (c *chaos) sleep(d time.Duration) bool {
	select {
	case <-c.over:
		return false
	case <-time.After(d):
		return true
	}
}

func (c *chaos) clock() string {
	return fmt.Sprintf("%8.3fs (%s)", time.Since(c.begun).Seconds(), time.Now().Format("15:04:05"))
}

// note keeps what happened, for the story of a failure.
func (c *chaos) note(format string, args ...any) {
	line := c.clock() + " " + fmt.Sprintf(format, args...)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.happened = append(c.happened, line)
}

// fault says that something is wrong. The run goes on: what comes of it tells more.
func (c *chaos) fault(format string, args ...any) {
	c.t.Helper()
	c.note("WRONG: "+format, args...)
	c.t.Errorf(c.clock()+" "+format, args...)
}

// calmDown lets the daemons leave and new ones, whom nothing disturbs, do what is left.
func (c *chaos) calmDown() {
	for i, d := range c.daemons {
		if i%2 == 0 {
			d.signal(syscall.SIGTERM)
			d.leave("SIGTERM at the end", exitInterrupted, patience)
		} else {
			d.signal(syscall.SIGINT)
			d.leave("Ctrl-C at the end", exitInterrupted, patience)
		}
	}
	if n := c.encoders(); n != 0 {
		c.fault("%d ffmpeg are left when all daemons have left", n)
	}
	c.note("healthy daemons begin")
	left := time.Duration(c.unitsLeft())
	heirs := []*daemon{
		c.newDaemon("heir0", 3*time.Second, "--until-idle", "--slots", "2"),
		c.newDaemon("heir1", 3*time.Second, "--until-idle", "--slots", "1"),
	}
	for _, d := range heirs {
		d.start()
	}
	for _, d := range heirs {
		d.leave("nothing was left", exitOK, 2*time.Minute+left*4*time.Second)
	}
	c.tidy()
}

// tidy gives the rule for orphans its time: twenty leases, which are short for this one.
func (c *chaos) tidy() {
	if len(c.litter()) == 0 {
		return
	}
	janitor := c.newDaemon("janitor", time.Second)
	janitor.start()
	for deadline := time.Now().Add(40 * time.Second); len(c.litter()) > 0 && time.Now().Before(deadline); {
		time.Sleep(200 * time.Millisecond)
	}
	janitor.signal(syscall.SIGTERM)
	janitor.leave("SIGTERM at the end", exitInterrupted, patience)
}

// explain tells what happened, what the farm looks like and what the daemons said.
func (c *chaos) explain() {
	c.mu.Lock()
	story := strings.Join(c.happened, "\n")
	c.mu.Unlock()
	c.t.Logf("seed %d\n--- what happened\n%s\n--- the farm\n%s", c.seed, story, c.tree())
	for _, d := range c.daemons {
		c.t.Logf("--- %s\n%s", d.name, tail(d.log.String(), 64<<10))
	}
}

func tail(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return "[...]" + s[len(s)-n:]
}
