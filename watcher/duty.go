package watcher

import (
	"context"
	"fmt"
	"time"
)

// offDuty holds this worker outside of its hours, and while somebody is at the machine.
func (w *Watcher) offDuty() hold {
	now := time.Now()
	if !w.Hours.Open(now) {
		why := "outside of its hours"
		if next := w.Hours.Next(now); !next.IsZero() {
			why += "; it works again from " + next.Format("Mon 15:04")
		}
		return hold{"off-hours", why, w.GiveBack}
	}
	if w.atDesk {
		return hold{"at-desk", fmt.Sprintf("somebody is at the machine; it works again %s after the last touch", w.DeskIdle), w.DeskGiveBack}
	}
	return hold{}
}

// touch asks the system whether somebody is at the machine. Where it does not tell, the machine works:
// one that can never be sure would never.
func (w *Watcher) touch() {
	if w.Desk == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	idle, err := w.Desk(ctx)
	if err != nil {
		w.bad.say("desk", "cannot see whether somebody is at this machine; it works all the same", err)
		w.atDesk = false
		return
	}
	w.bad.clear("desk")
	w.atDesk = idle < w.DeskIdle
}
