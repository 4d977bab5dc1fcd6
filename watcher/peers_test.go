package watcher

import (
	"slices"
	"testing"

	"proxima/jobfile"
)

// A unit that failed is left to those who have not tried it, for as long as they are there. Whose lock
// was never asked, since locks were known to hold, is not there for ever.
func TestWhoLeftIsNotWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T, r *room) {
		j := r.queue("A001.mov", 1)
		m, err := r.store.Join(&jobfile.Worker{ID: jobfile.NewWorkerID("ghost"), Name: "ghost", Host: "another machine"})
		r.must(err)
		p := newPeers(r.store, "me-aaaaa", lease)
		p.proven = true
		look := func() []string {
			r.must(p.observe(t.Context()))
			return p.living("me", j)
		}
		if got := look(); !slices.Contains(got, "ghost") {
			t.Errorf("there are %q", got)
		}
		r.must(m.Leave())
		if got := look(); !slices.Equal(got, []string{"me"}) {
			t.Errorf("there are still %q", got)
		}
	})
}
