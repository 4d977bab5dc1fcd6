package monitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"proxima/jobfile"
)

// state is what the page is told, in pieces that change on their own: "head", "workers", "asked",
// "plot", "order" and "job:ID".
type state map[string]json.RawMessage

// pieces takes what a look showed apart.
func pieces(f *farm) (state, error) {
	order := make([]string, 0, len(f.jobs))
	s := state{}
	var errs []error
	put := func(key string, v any) {
		b, err := json.Marshal(v)
		s[key] = b
		errs = append(errs, err)
	}
	for _, d := range f.jobs {
		order = append(order, d.ID)
		put("job:"+d.ID, d)
	}
	put("head", f.head)
	put("workers", append([]Worker{}, f.workers...))
	put("asked", append([]string{}, f.asked...))
	put("plot", f.plot)
	put("order", order)
	return s, errors.Join(errs...)
}

// changes are the pieces of a state that differ from an older one; those that are gone are null.
func changes(old, now state) state {
	d := state{}
	for k, v := range now {
		if !bytes.Equal(old[k], v) {
			d[k] = v
		}
	}
	for k := range old {
		if _, still := now[k]; !still {
			d[k] = json.RawMessage("null")
		}
	}
	return d
}

// hub has the farm read while somebody wants to know, and tells all of them.
type hub struct {
	look  func(time.Time) (*farm, error)
	every time.Duration
	dir   string

	wake chan struct{} // somebody came

	mu     sync.Mutex
	now    state
	last   *farm
	at     time.Time // of the last look that worked
	took   time.Duration
	err    error
	subs   map[*sub]bool
	asking int           // that wait for one look
	news   chan struct{} // closed when a look ends
}

// sub is one browser.
type sub struct {
	ch     chan message
	behind bool // it missed something, and is sent all
}

// message is all there is to tell, or what changed.
type message struct {
	all bool
	of  state
}

func newHub(look func(time.Time) (*farm, error), every time.Duration, dir string) *hub {
	return &hub{look: look, every: every, dir: dir, wake: make(chan struct{}, 1), subs: map[*sub]bool{}, news: make(chan struct{})}
}

// unanswered is after how long a look that does not end is told as what it is.
const unanswered = 15 * time.Second

// run reads until ctx ends. A call into a share that does not answer cannot be ended: such a look is
// left behind then, and is the only thing that is.
func (h *hub) run(ctx context.Context) {
	type seen struct {
		f     *farm
		err   error
		start time.Time
	}
	result := make(chan seen, 1)
	looking := false
	var start time.Time
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
			if !looking && time.Since(start) > h.every/2 {
				t.Reset(0)
			}
		case s := <-result:
			looking = false
			h.tell(s.f, s.err, time.Since(s.start))
			// A slow share is asked less often: a quarter of the time at most.
			t.Reset(max(h.every, 3*time.Since(s.start)))
		case <-t.C:
			switch {
			case looking:
				h.tell(nil, errStill, time.Since(start))
			case h.wanted():
				looking, start = true, time.Now()
				go func(at time.Time) {
					f, err := h.look(at)
					result <- seen{f, err, at}
				}(start)
				t.Reset(unanswered)
			}
		}
	}
}

var errStill = errors.New("the share does not answer")

func (h *hub) wanted() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs) > 0 || h.asking > 0
}

// tell takes a look in, and sends everybody what changed.
func (h *hub) tell(f *farm, err error, took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err, h.took = err, took
	var next state
	if err == nil {
		var perr error
		next, perr = pieces(f)
		if perr != nil {
			h.err = perr // plain values; it cannot be
			return
		}
		h.last, h.at = f, time.Now()
	} else {
		next = away(h.now, h.dir, err)
	}
	d := changes(h.now, next)
	h.now = next
	if err == nil || !errors.Is(err, errStill) {
		close(h.news)
		h.news = make(chan struct{})
	}
	if len(d) == 0 {
		return
	}
	for s := range h.subs {
		h.send(s, d)
	}
}

// send never waits: who does not keep up is sent all of it, once there is room.
func (h *hub) send(s *sub, d state) {
	m := message{of: d}
	if s.behind {
		m = message{true, h.now}
	}
	select {
	case s.ch <- m:
		s.behind = false
	default:
		s.behind = true
	}
}

// catchUp sends all to somebody who missed something, where nothing new has come since.
func (h *hub) catchUp(s *sub) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.behind {
		h.send(s, h.now)
	}
}

// away is a state while the farm cannot be seen: what was known stays, and is said to be old.
func away(now state, dir string, err error) state {
	next := state{}
	for k, v := range now {
		next[k] = v
	}
	h := Head{}
	_ = json.Unmarshal(now["head"], &h) // ours, or none
	why := jobfile.OneLine(err.Error())
	h.Farm, h.State, h.Words, h.Next, h.ETA, h.FPS = jobfile.Printable(dir), "away", "The farm cannot be seen: "+why+".", "check that the share is mounted; this page goes on by itself", 0, 0
	var u *jobfile.Unusable
	if errors.As(err, &u) && u.Next != "" {
		h.Next = jobfile.OneLine(u.Next)
	}
	next["head"], _ = json.Marshal(h)
	return next
}

// subscribe has somebody told from now on. The first state is what is known.
func (h *hub) subscribe() (s *sub, first state, leave func()) {
	s = &sub{ch: make(chan message, 8)}
	h.mu.Lock()
	h.subs[s] = true
	first = h.now
	h.mu.Unlock()
	h.poke()
	return s, first, func() {
		h.mu.Lock()
		delete(h.subs, s)
		h.mu.Unlock()
	}
}

func (h *hub) poke() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// watchers is how many are told.
func (h *hub) watchers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subs)
}

// fresh returns a look that is not older than so long, or the error that there is none.
func (h *hub) fresh(ctx context.Context, age time.Duration) (f *farm, took time.Duration, err error) {
	h.mu.Lock()
	if h.last != nil && h.err == nil && time.Since(h.at) <= age {
		defer h.mu.Unlock()
		return h.last, h.took, nil
	}
	h.asking++
	news := h.news
	h.mu.Unlock()
	h.poke()
	defer func() {
		h.mu.Lock()
		h.asking--
		h.mu.Unlock()
	}()
	select {
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	case <-news:
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last, h.took, h.err
}
