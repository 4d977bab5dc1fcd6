package watcher

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"

	"proxima/jobfile"
)

// errHeld gives a unit back, uncharged: this worker is not to go on now.
var errHeld = errors.New("not going on")

// knowsControls is what this program understands of control/, for its document.
const knowsControls = 1

// obedience is what people want of this worker just now. The loop heeds; units, the heartbeat and the
// screen read.
type obedience struct {
	mu    sync.Mutex
	asks  jobfile.Controls
	id    string
	name  string
	hold  hold // why nothing is begun, if something says so
	busy  bool // units were in work at the last look
	seen  map[jobfile.Control]string
	extra func() hold // hours, a person at the desk; nil for none
	news  chan struct{}
}

// hold keeps a worker from beginning anything.
type hold struct {
	state string // of the worker's document; "" for no hold
	why   string
	now   bool // what is in work is given back
}

// asked is what control/ held at the last look.
func (o *obedience) asked() jobfile.Controls {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asks
}

// slots is how many units may run at once, where own is what the worker was started with.
func (o *obedience) slots(own int) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	if k, ok := o.asks.Of(jobfile.AskSlots, o.id); ok {
		return k.N
	}
	return own
}

func (w *Watcher) slots() int { return w.obey.slots(w.Slots) }

// holds reports whether nothing of a job is to be begun here.
func (o *obedience) holds(job string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, paused := o.asks.Paused(job)
	return paused || o.hold.state != ""
}

// describe tells it in the worker's document, by which those who asked see that it was heard.
func (o *obedience) describe(d *jobfile.Worker) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d.Controls = knowsControls
	for _, k := range o.asks.All {
		if o.concerns(k) {
			d.Obeys = append(d.Obeys, k.File())
		}
	}
	d.Holds = o.hold.why
	switch {
	case o.hold.state == "":
	case o.hold.state == "drained" && len(d.Busy) > 0:
		d.State = "draining"
	case len(d.Busy) == 0:
		d.State = o.hold.state
	}
}

// concerns tells whether a request is about this worker, or about a job, which all workers heed.
func (o *obedience) concerns(k jobfile.Control) bool {
	return k.Whom == "" || k.Whom == o.id || k.Whom == o.name || k.OfJob()
}

// decide finds what holds, the gravest first.
func (o *obedience) decide() hold {
	_, drained := o.asks.Of(jobfile.AskDrain, o.id)
	pause, paused := o.asks.Paused(o.name)
	switch {
	case paused && pause.Ask == jobfile.AskPauseNow:
		return hold{"paused", o.seen[pause], true}
	case drained:
		k := jobfile.Control{Ask: jobfile.AskDrain, Whom: o.id}
		return hold{"drained", o.seen[k], false}
	case paused:
		return hold{"paused", o.seen[pause], false}
	case o.extra != nil:
		return o.extra()
	}
	return hold{}
}

// heed looks what is asked, and ends what is not to go on. What could not be read stands as it did.
func (w *Watcher) heed() {
	asks, err := w.Store.Controls()
	if err != nil {
		w.noteAwayIf(err)
		w.bad.say("control", "cannot see what is asked of this worker", err)
		asks = w.obey.asked()
	} else {
		w.bad.clear("control")
		for _, name := range asks.Strange {
			w.bad.say("strange "+name, "something in control/ is no request; nobody heeds it", errors.New(jobfile.Quote(name)))
		}
	}
	if w.obey.extra != nil {
		w.touch()
	}
	before, after := w.obey.take(asks, w.why, w.running() > 0)
	if before.state != after.state {
		if after.state == "" {
			w.Log.Info("beginning again")
		} else {
			w.Log.Info("beginning nothing more", "state", after.state, "why", after.why, "in_work", w.running())
		}
	}
	if after.now {
		w.interrupt(fmt.Errorf("%w: %s", errHeld, after.why), func(*unit) bool { return true })
	}
	w.interrupt(fmt.Errorf("%w: its job is paused", errHeld), func(u *unit) bool {
		k, paused := asks.Paused(u.key.job)
		return paused && k.Ask == jobfile.AskPauseNow
	})
}

// take notes what is asked. Where that changes anything the document is renewed at once, since
// somebody waits for it.
func (o *obedience) take(asks jobfile.Controls, why func(jobfile.Control) string, busy bool) (before, after hold) {
	old := o.asked()
	words := map[jobfile.Control]string{}
	for _, k := range asks.All {
		if o.concerns(k) && !k.OfJob() {
			words[k] = cmp.Or(o.seen[k], why(k)) // read outside of the lock: it asks the share
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	before, o.asks, o.seen = o.hold, asks, words
	o.hold = o.decide()
	if before != o.hold || !slices.Equal(old.All, asks.All) || o.busy != busy {
		select {
		case o.news <- struct{}{}:
		default:
		}
	}
	o.busy = busy
	return before, o.hold
}

// why tells a request in words.
func (w *Watcher) why(k jobfile.Control) string {
	s := map[jobfile.Ask]string{
		jobfile.AskPause: "paused", jobfile.AskPauseNow: "paused", jobfile.AskDrain: "drained", jobfile.AskSlots: "slots were set",
	}[k.Ask]
	if k.Whom == "" {
		s = "the farm is paused"
	}
	r, err := w.Store.Request(k)
	if err != nil {
		w.bad.say("request "+k.File(), "a request counts by its name, and what it says cannot be read", err)
		return s
	}
	return r.Words(s)
}

// interrupt ends units that run, with the reason.
func (w *Watcher) interrupt(why error, which func(*unit) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range w.busy {
		if which(u) {
			u.disown(why)
		}
	}
}
