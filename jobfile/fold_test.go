package jobfile

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func ticket(t *testing.T, s string) Ticket {
	t.Helper()
	k, ok := ParseTicket(s + ".yaml")
	if !ok {
		t.Fatalf("%q is no ticket", s)
	}
	return k
}

func tickets(t *testing.T, names ...string) (ts []Ticket) {
	t.Helper()
	for _, n := range names {
		ts = append(ts, ticket(t, n))
	}
	return ts
}

func TestFoldRanksByAttemptThenState(t *testing.T) {
	units := []Planned{{ID: "0000"}}
	for _, c := range []struct {
		name string
		l    Listing
		want State
		top  string
		junk int
	}{
		{"nothing is missing", Listing{}, Missing, "", 0},
		{"todo", Listing{Todo: tickets(t, "0000.a1")}, Todo, "0000.a1", 0},
		{"doing beats todo of its attempt", Listing{Todo: tickets(t, "0000.a1"), Doing: tickets(t, "0000.a1.w-1")}, Doing, "0000.a1.w-1", 1},
		{"a higher todo beats a lower doing", Listing{Todo: tickets(t, "0000.a2"), Doing: tickets(t, "0000.a1.w-1")}, Todo, "0000.a2", 1},
		{"failed beats doing of its attempt", Listing{Failed: tickets(t, "0000.a2"), Doing: tickets(t, "0000.a2.w-1")}, Failed, "0000.a2", 1},
		{"dragged from failed to todo", Listing{Todo: tickets(t, "0000.a3")}, Todo, "0000.a3", 0},
		{"a result beats everything", Listing{Todo: tickets(t, "0000.a1"), Doing: tickets(t, "0000.a9.w-2"), Failed: tickets(t, "0000.a8"), Results: tickets(t, "0000.a1.w-1")}, Done, "0000.a1.w-1", 3},
		{"what is made again is no litter while its bad result stands", Listing{Todo: tickets(t, "0000.a9"), Results: tickets(t, "0000.a1.w-1")}, Done, "0000.a1.w-1", 0},
		{"a leftover of before the last result is", Listing{Todo: tickets(t, "0000.a2"), Results: tickets(t, "0000.a1.w-1", "0000.a2.w-1")}, Done, "0000.a1.w-1", 1},
		{"of two results the smallest name counts and none is litter", Listing{Results: tickets(t, "0000.a2.b", "0000.a1.z")}, Done, "0000.a1.z", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			u := Fold(units, c.l).Units[0]
			if u.State != c.want || len(u.Litter) != c.junk {
				t.Fatalf("got %v with %d litter, want %v with %d", u.State, len(u.Litter), c.want, c.junk)
			}
			if c.top != "" && u.Ticket.String() != c.top {
				t.Fatalf("counts %s, want %s", u.Ticket, c.top)
			}
		})
	}
}

func TestFoldSeesTwoWinnersOfOneClaim(t *testing.T) {
	v := Fold([]Planned{{ID: "0000"}}, Listing{Doing: tickets(t, "0000.a2.w-1", "0000.a2.w-2", "0000.a1.w-3")})
	if u := v.Units[0]; len(u.Holders) != 2 || len(u.Litter) != 1 {
		t.Fatalf("%d holders, %d litter", len(u.Holders), len(u.Litter))
	}
}

// Whatever a folder holds, in whatever order it is listed, each unit has one state and the
// same one.
func TestFoldIsTotalAndDoesNotDependOnOrder(t *testing.T) {
	units := []Planned{{ID: "0000"}, {ID: "0001"}, {ID: UnitSound}, {ID: UnitStitch}}
	rnd := rand.New(rand.NewPCG(1, 2))
	ids := []UnitID{"0000", "0001", UnitSound, UnitStitch, "0077"}
	for range 2000 {
		var l Listing
		for range rnd.IntN(12) {
			k := Ticket{Unit: ids[rnd.IntN(len(ids))], Attempt: 1 + rnd.IntN(3)}
			w := k
			w.Worker = []string{"a", "b"}[rnd.IntN(2)]
			switch rnd.IntN(4) {
			case 0:
				l.Todo = append(l.Todo, k)
			case 1:
				l.Doing = append(l.Doing, w)
			case 2:
				l.Failed = append(l.Failed, k)
			case 3:
				l.Results = append(l.Results, w)
			}
		}
		dedupe := func(ts []Ticket) []Ticket {
			slices.SortFunc(ts, func(a, b Ticket) int {
				if a.String() < b.String() {
					return -1
				}
				return 1
			})
			return slices.Compact(ts)
		}
		l = Listing{Todo: dedupe(l.Todo), Doing: dedupe(l.Doing), Failed: dedupe(l.Failed), Results: dedupe(l.Results)}
		a := Fold(units, l)
		for _, s := range [][]Ticket{l.Todo, l.Doing, l.Failed, l.Results} {
			slices.Reverse(s)
		}
		b := Fold(units, l)
		if len(a.Units) != len(units) {
			t.Fatal("a unit was lost")
		}
		for i := range a.Units {
			if a.Units[i].State != b.Units[i].State || a.Units[i].Ticket != b.Units[i].Ticket {
				t.Fatalf("order matters: %+v and %+v", a.Units[i], b.Units[i])
			}
		}
	}
}

func situation(tried map[string][]string, dead ...string) Situation {
	return Situation{
		Worker: "me-1", Name: "me", Names: []string{"me"},
		Liveness: func(id string) Liveness {
			if slices.Contains(dead, id) {
				return Dead
			}
			return Alive
		},
		Tried:  func(t Ticket) []string { return tried[t.String()] },
		Absent: func(UnitID) bool { return true },
		Mine:   func(t Ticket) bool { return t.Worker == "me-1" },
	}
}

func TestDecide(t *testing.T) {
	units := []Planned{{ID: "0000"}, {ID: "0001"}, {ID: UnitStitch}}
	all := func(l Listing) Listing {
		if len(l.Todo) == 0 {
			l.Todo = tickets(t, "stitch.a1")
		}
		return l
	}
	for _, c := range []struct {
		name   string
		l      Listing
		s      Situation
		chores []string
		claims []string
	}{
		{
			"chunks first, the stitch waits",
			Listing{Todo: tickets(t, "0000.a1", "0001.a1", "stitch.a1")},
			situation(nil), nil,
			[]string{"0000.a1", "0001.a1"},
		},
		{
			"all done: the stitch", all(Listing{Results: tickets(t, "0000.a1.x", "0001.a1.x")}),
			situation(nil), nil,
			[]string{"stitch.a1"},
		},
		{
			"a living holder is left alone", all(Listing{Results: tickets(t, "0000.a1.x"), Doing: tickets(t, "0001.a1.x")}),
			situation(nil), nil, nil,
		},
		{
			"a dead holder's unit is taken over", all(Listing{Results: tickets(t, "0000.a1.x"), Doing: tickets(t, "0001.a1.x")}),
			situation(nil, "x"),
			[]string{"take over 0001.a1.x"},
			nil,
		},
		{
			"of two holders one lives", all(Listing{Results: tickets(t, "0000.a1.x"), Doing: tickets(t, "0001.a1.x", "0001.a1.y")}),
			situation(nil, "x"), nil, nil,
		},
		{
			"a unit nobody has is made anew", all(Listing{Results: tickets(t, "0000.a1.x")}),
			situation(nil),
			[]string{"restore 0001.a0"},
			nil,
		},
		{
			"given up: nothing is claimed, the job is marked",
			Listing{Todo: tickets(t, "0000.a1", "stitch.a1"), Failed: tickets(t, "0001.a3")},
			situation(nil),
			[]string{"mark failed"},
			nil,
		},
		{
			"given up, but someone still works",
			Listing{Doing: tickets(t, "0000.a1.x"), Todo: tickets(t, "stitch.a1"), Failed: tickets(t, "0001.a3")},
			situation(nil), nil, nil,
		},
		{
			"put back by hand: the mark goes",
			Listing{Todo: tickets(t, "0000.a3", "0001.a1", "stitch.a1"), FailedMark: true},
			situation(nil),
			[]string{"unmark"},
			[]string{"0000.a3", "0001.a1"},
		},
		{
			"DONE stands: only tidying up",
			Listing{Done: true, Todo: tickets(t, "0000.a1")},
			situation(nil),
			[]string{"finish"},
			nil,
		},
		{
			"cancelled: it is cleared away, and nothing else",
			Listing{Cancelled: true, Todo: tickets(t, "0000.a1")},
			situation(nil),
			[]string{"clear"},
			nil,
		},
		{
			"a file of this worker that it does not work on goes back",
			all(Listing{Results: tickets(t, "0000.a1.x"), Doing: tickets(t, "0001.a1.me-2")}),
			func() Situation {
				s := situation(nil)
				s.Worker = "me-2"
				return s
			}(),
			[]string{"take over 0001.a1.me-2"},
			nil,
		},
		{
			"of two that both do not work on it the second steps back",
			all(Listing{Results: tickets(t, "0000.a1.x"), Doing: tickets(t, "0001.a1.a-1", "0001.a1.me-2")}),
			func() Situation {
				s := situation(nil)
				s.Worker = "me-2"
				return s
			}(),
			[]string{"sweep 0001.a1.me-2"},
			nil,
		},
		{
			"and the first waits for that",
			all(Listing{Results: tickets(t, "0000.a1.x"), Doing: tickets(t, "0001.a1.me-2", "0001.a1.z-1")}),
			func() Situation {
				s := situation(nil)
				s.Worker = "me-2"
				return s
			}(),
			nil,
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Decide(Fold(units, c.l), c.s)
			var chores, claims []string
			for _, a := range d.Chores {
				s := a.Kind.String()
				if a.File.Ticket.Unit != "" {
					s += " " + a.File.Ticket.String()
				}
				chores = append(chores, s)
			}
			for _, k := range d.Claims {
				claims = append(claims, k.String())
			}
			slices.Sort(claims)
			if !slices.Equal(chores, c.chores) || !slices.Equal(claims, c.claims) {
				t.Fatalf("chores %q claims %q\nwant   %q        %q", chores, claims, c.chores, c.claims)
			}
		})
	}
}

func TestAUnitFailsForGoodAfterThreeDifferentWorkers(t *testing.T) {
	for _, c := range []struct {
		name  string
		tried []string
		here  []string
		want  tryVerdict
	}{
		{"untried", nil, []string{"me"}, mayTry},
		{"another failed", []string{"a"}, []string{"me", "a"}, mayTry},
		{"I failed, another has not tried", []string{"me"}, []string{"me", "a"}, others},
		{"I failed, nobody else is here", []string{"me"}, []string{"me"}, mayTry},
		{"both of two failed", []string{"me", "a"}, []string{"me", "a"}, mayTry},
		{"three attempts in a room of two", []string{"me", "a", "me"}, []string{"me", "a"}, exhausted},
		{"three attempts alone", []string{"me", "me", "me"}, []string{"me"}, exhausted},
		{"three attempts alone, then another came", []string{"me", "me", "me"}, []string{"me", "b"}, others},
		{"three different ones", []string{"a", "b", "c"}, []string{"me", "a"}, exhausted},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := verdict(c.tried, Situation{Name: "me", Names: c.here}); got != c.want {
				t.Fatalf("got %v, want %v", got, c.want)
			}
		})
	}
}
