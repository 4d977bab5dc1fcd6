package watcher

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"proxima/jobfile"
)

func inHours(t *testing.T, words ...string) func(*Config) {
	h, err := jobfile.ParseHours(words)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *Config) { c.Hours = h }
}

// A bubble's clock begins at midnight. A unit that runs over the end of the hours is finished, or given
// back; and nothing is begun until they begin again.
func TestAWorkerKeepsItsHours(t *testing.T) {
	for _, giveBack := range []bool{false, true} {
		t.Run(fmt.Sprint(giveBack), func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				midnight := time.Now().Local()
				midnight = time.Date(midnight.Year(), midnight.Month(), midnight.Day()+1, 0, 0, 0, 0, time.Local)
				time.Sleep(time.Until(midnight))
				r.queue("A001.mov", 2)
				p := r.worker("w", staying, inHours(t, "00:00-00:30", "02:00-03:00"), func(c *Config) { c.GiveBack = giveBack })
				p.fake.take(40 * time.Minute)
				b := r.start(p)
				time.Sleep(29 * time.Minute)
				if len(p.fake.tries()) != 1 {
					t.Fatal("it does not work in its hours")
				}
				time.Sleep(2 * time.Minute)
				if busy := p.running() > 0; busy == giveBack {
					t.Errorf("give back %v: in work %v\n%s", giveBack, busy, p.said)
				}
				time.Sleep(10 * time.Minute)
				r.until("it says so", func() bool {
					d, err := r.store.Worker(p.ID())
					return err == nil && d.State == "off-hours" && strings.HasSuffix(d.Holds, "02:00")
				})
				time.Sleep(time.Until(midnight.Add(119 * time.Minute)))
				if n := len(p.fake.tries()); n != 1 || p.said.charges() > 0 {
					t.Errorf("%d units were begun\n%s", n, p.said)
				}
				time.Sleep(2 * time.Minute)
				if n := len(p.fake.tries()); n != 2 {
					t.Errorf("it does not begin again\n%s", p.said)
				}
				b.stop()
				<-b.ended
			})
		})
	}
}

// Somebody comes to the machine: its unit is given back at once, and it works again when nobody has
// touched it for a while. A system that does not tell is no reason not to work.
func TestAWorkerGivesWayToWhoeverSitsThere(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		var touched atomic.Pointer[time.Time]
		var broken atomic.Bool
		touch := func() { now := time.Now(); touched.Store(&now) }
		p := r.worker("w", func(c *Config) {
			c.Desk = func(context.Context) (time.Duration, error) {
				switch at := touched.Load(); {
				case broken.Load():
					return 0, errors.New("no logind")
				case at == nil:
					return 24 * time.Hour, nil
				default:
					return time.Since(*at), nil
				}
			}
			c.DeskIdle, c.DeskGiveBack = 10*time.Minute, true
		})
		p.fake.take(time.Hour)
		b := r.start(p)
		r.until("it encodes", func() bool { return len(p.fake.tries()) == 1 })
		touch()
		if took := r.until("it gives way", func() bool { return p.running() == 0 }); took > soon {
			t.Errorf("after %v", took)
		}
		r.until("it says so", r.says(p, "at-desk", jobfile.Control{}))
		if u := r.view(j).Unit(jobfile.UnitWhole); u.State != jobfile.Todo || p.said.charges() > 0 {
			t.Errorf("%+v\n%s", u, p.said)
		}
		if took := r.until("it works again", func() bool { return len(p.fake.tries()) == 2 }); took < 9*time.Minute || took > 11*time.Minute {
			t.Errorf("after %v", took)
		}
		p.fake.take(time.Minute)
		broken.Store(true)
		touch()
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
		r.finished(j)
		if p.said.times("no logind") != 1 {
			t.Errorf("%s", p.said)
		}
	})
}
