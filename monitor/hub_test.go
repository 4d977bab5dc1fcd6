package monitor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// room is what a test's look shows.
func room(n int) *farm {
	return &farm{head: Head{State: "working", InWork: n}, jobs: []*Job{{ID: "a", Name: "a.mov"}, {ID: fmt.Sprint("b", n)}}}
}

func TestChangesAreWhatDiffers(t *testing.T) {
	t.Parallel()
	old, err := pieces(room(1))
	if err != nil {
		t.Fatal(err)
	}
	now, err := pieces(room(2))
	if err != nil {
		t.Fatal(err)
	}
	d := changes(old, now)
	if string(d["job:b1"]) != "null" || d["job:b2"] == nil || d["head"] == nil || d["order"] == nil || len(d) != 4 {
		t.Errorf("%s", d)
	}
	if d := changes(now, now); len(d) != 0 {
		t.Errorf("%s", d)
	}
}

// Nobody watches: nothing is read. Many watch: one reads.
func TestTheFarmIsReadOnceForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		h := newHub(func(time.Time) (*farm, error) { return room(int(n.Add(1))), nil }, 2*time.Second, "farm")
		ctx, cancel := context.WithCancel(t.Context())
		go h.run(ctx)
		time.Sleep(time.Hour)
		if looks := n.Load(); looks != 0 {
			t.Errorf("%d looks for nobody", looks)
		}
		var leave []func()
		subs := []*sub{}
		for range 30 {
			s, _, l := h.subscribe()
			subs, leave = append(subs, s), append(leave, l)
		}
		synctest.Wait()
		if looks := n.Load(); looks != 1 {
			t.Errorf("%d looks as they come", looks)
		}
		for range 5 { // they keep up
			time.Sleep(2 * time.Second)
			synctest.Wait()
			for _, s := range subs[1:] {
				for len(s.ch) > 0 {
					<-s.ch
				}
			}
		}
		if looks := n.Load(); looks != 6 {
			t.Errorf("%d looks in ten seconds", looks)
		}
		time.Sleep(time.Minute) // the first reads nothing all the while
		synctest.Wait()
		for len(subs[0].ch) > 0 {
			<-subs[0].ch
		}
		h.catchUp(subs[0])
		if m := <-subs[0].ch; !m.all || len(m.of) == 0 {
			t.Error("who fell behind is not told all")
		}
		for _, l := range leave {
			l()
		}
		time.Sleep(3 * time.Second)
		before := n.Load()
		time.Sleep(time.Hour)
		if looks := n.Load(); looks != before {
			t.Errorf("%d looks for nobody", looks-before)
		}
		if f, _, err := h.fresh(ctx, time.Second); err != nil || f.head.InWork != int(before)+1 {
			t.Errorf("%v", err)
		}
		if _, _, err := h.fresh(ctx, time.Second); err != nil || n.Load() != before+1 {
			t.Errorf("a fresh look is taken anew: %v", err)
		}
		cancel()
	})
}

// none is no error, in an atomic value.
var none = new(error)

func headOf(t *testing.T, s state) (h Head) {
	t.Helper()
	if err := json.Unmarshal(s["head"], &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// A farm that cannot be seen, or whose share does not answer, is said to be away; what was known stays.
func TestAFarmThatGoesAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var err atomic.Value // of error
		err.Store(none)
		hang := make(chan struct{}, 1) // full: looks hang
		h := newHub(func(time.Time) (*farm, error) {
			hang <- struct{}{}
			defer func() { <-hang }()
			if err := err.Load().(*error); err != none {
				return nil, *err
			}
			return room(1), nil
		}, 2*time.Second, "farm")
		ctx, cancel := context.WithCancel(t.Context())
		go h.run(ctx)
		s, _, _ := h.subscribe()
		if m := <-s.ch; headOf(t, m.of).State != "working" {
			t.Errorf("%s", m.of)
		}
		broken := errors.New("no route\x1b[31m to host")
		err.Store(&broken)
		m := <-s.ch
		if got := headOf(t, m.of); got.State != "away" || got.Words != `The farm cannot be seen: no route\x1b[31m to host.` || len(m.of) != 1 {
			t.Errorf("%+v", got)
		}
		err.Store(none)
		if m := <-s.ch; headOf(t, m.of).State != "working" {
			t.Errorf("%s", m.of)
		}
		hang <- struct{}{}
		start := time.Now()
		if m := <-s.ch; headOf(t, m.of).Words != "The farm cannot be seen: the share does not answer." || time.Since(start) < unanswered {
			t.Errorf("%s", m.of)
		}
		<-hang
		if m := <-s.ch; headOf(t, m.of).State != "working" {
			t.Errorf("%s", m.of)
		}
		cancel()
	})
}

func TestThumbsAreMadeOnceAndBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls, at, most := 0, 0, 0
		th := newThumbs(func(_ context.Context, job string) ([]byte, error) {
			calls++
			at++
			most = max(most, at)
			time.Sleep(time.Second)
			at--
			switch job {
			case "bad":
				return nil, errors.New("no film")
			case "huge":
				return make([]byte, maxThumb+1), nil
			}
			return make([]byte, maxThumb), nil
		})
		for range 10 {
			go func() { _, _ = th.get(t.Context(), "a") }()
		}
		time.Sleep(time.Minute)
		for range 3 {
			if _, err := th.get(t.Context(), "bad"); err == nil {
				t.Error("made")
			}
		}
		if _, err := th.get(t.Context(), "huge"); err == nil {
			t.Error("kept")
		}
		if calls != 3 || most != 1 {
			t.Errorf("%d made, %d at once", calls, most)
		}
		time.Sleep(notAgain)
		if _, _ = th.get(t.Context(), "bad"); calls != 4 {
			t.Error("never tried again")
		}
		for i := range 200 {
			if _, err := th.get(t.Context(), fmt.Sprint(i)); err != nil {
				t.Fatal(err)
			}
		}
		if th.bytes > maxThumbBytes || len(th.kept) != len(th.order) || th.kept["199"] == nil || th.kept["a"] != nil {
			t.Errorf("%d bytes, %d kept", th.bytes, len(th.kept))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := th.get(ctx, "later"); !errors.Is(err, context.Canceled) || th.kept["later"] != nil {
			t.Errorf("who left is remembered: %v", err)
		}
	})
}
