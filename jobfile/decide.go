package jobfile

import (
	"hash/fnv"
	"slices"
)

// Liveness is what an observer believes of a worker.
type Liveness int

const (
	Alive Liveness = iota // or not yet known to be dead
	Dead
)

// Situation is what a worker knows beyond one job's folder when it decides.
type Situation struct {
	Worker   string                   // own id
	Name     string                   // own name, the same after a restart
	Liveness func(id string) Liveness // of holders
	Tried    func(t Ticket) []string  // names of the workers whose failures a todo unit bears, one entry each
	Names    []string                 // names of all living workers, own included
	Absent   func(u UnitID) bool      // the unit was in no folder for long enough (P11)
	Mine     func(t Ticket) bool      // this process is working on t right now
}

// ActionKind is one of the few things a worker may do to a job.
type ActionKind int

const (
	ActFinish   ActionKind = iota // DONE.yaml stands: clean up, move the folder away
	ActMark                       // write FAILED.yaml: given up, and nobody works on it
	ActUnmark                     // remove FAILED.yaml: someone put the failed unit back
	ActTakeOver                   // raise a dead worker's unit to the next attempt, in todo
	ActRestore                    // make a unit that went missing anew
	ActGiveUp                     // todo -> failed: nobody is left who could try
	ActClear                      // CANCELLED.yaml stands and nobody works on it: move the folder away
	ActSweep                      // remove a file that counts for nothing
)

func (k ActionKind) String() string {
	return [...]string{"finish", "mark failed", "unmark", "take over", "restore", "give up", "clear", "sweep"}[k]
}

// Action is a chore: a change that any worker may make, any number of times, with the same
// end.
type Action struct {
	Kind ActionKind
	File Placed // what it is about
}

// Decision is what a look at a job calls for.
type Decision struct {
	Chores []Action
	Claims []Ticket // todo units that this worker may claim, the one to try first first
	Copies []Ticket // units of others in work, of which this worker may begin a copy if nothing is to be claimed anywhere
}

// MaxFailures is how many different workers must fail on a unit before it is given up. A
// room with fewer of them lets the ones it has try again until there were as many attempts.
const MaxFailures = 3

// Decide looks at one job. It is pure, total and deterministic: the same view and situation
// give the same decision, and two workers that decide the same get in each other's way only
// in the claim, which settles it.
func Decide(v View, s Situation) Decision {
	var d Decision
	chore := func(k ActionKind, p Placed) { d.Chores = append(d.Chores, Action{k, p}) }
	if v.Done {
		chore(ActFinish, Placed{})
		return d
	}
	if v.Cancelled {
		// Holders end when they see it, and give back; what the dead held goes along. A file of our own
		// that we do not work on keeps the others waiting.
		held := false
		for _, u := range v.Units {
			if u.State == Doing {
				dead := deadHolders(u, s)
				for _, h := range dead {
					chore(ActTakeOver, Placed{Doing, h})
				}
				held = held || len(dead) < len(u.Holders)
			}
		}
		if !held {
			d.Chores = nil
			chore(ActClear, Placed{})
		}
		return d
	}
	failed, busy, open := false, false, 0
	for _, u := range v.Units {
		for _, l := range u.Litter {
			if l.State == Doing && s.Mine(l.Ticket) {
				continue // ours to end: it may commit before its guard sees that it lost, and what it made counts
			}
			chore(ActSweep, l)
		}
		switch u.State {
		case Failed:
			failed = true
		case Doing:
			dead := deadHolders(u, s)
			if len(dead) == len(u.Holders) {
				chore(ActTakeOver, Placed{Doing, dead[0]})
				dead = nil
			} else {
				busy = true
			}
			// Two who were told that they won, and do not work on it any more, would wait for each
			// other: all but the first step back.
			for _, h := range dead {
				if h.Worker == s.Worker && h != u.Holders[0] {
					chore(ActSweep, Placed{Doing, h})
				}
			}
		case Missing:
			if s.Absent(u.ID) {
				chore(ActRestore, Placed{Missing, Ticket{Unit: u.ID}})
			}
		}
		if u.State != Done && u.ID != UnitStitch {
			open++
		}
	}
	if failed {
		if !busy && !v.FailMark {
			chore(ActMark, Placed{})
		}
		return d // what is left of a doomed job would be encoded for nothing
	}
	if v.FailMark {
		chore(ActUnmark, Placed{})
	}
	for _, u := range v.Units {
		if u.State != Todo || u.ID == UnitStitch && open > 0 {
			continue
		}
		switch verdict(s.Tried(u.Ticket), s) {
		case mayTry:
			d.Claims = append(d.Claims, u.Ticket)
		case exhausted:
			chore(ActGiveUp, Placed{Todo, u.Ticket})
		}
	}
	if len(d.Claims) == 0 {
		for _, u := range v.Units {
			if u.State == Doing && u.ID != UnitStitch && len(u.Holders) == 1 && u.Ticket.Worker != s.Worker && s.Liveness(u.Ticket.Worker) != Dead {
				d.Copies = append(d.Copies, u.Ticket)
			}
		}
	}
	rotate(d.Claims, s.Worker)
	longestFirst(d.Claims)
	return d
}

// longestFirst puts the sound before the picture. It cannot be divided, and to make it the whole of a
// source is read: begun last, the room would wait for it.
func longestFirst(ts []Ticket) {
	slices.SortStableFunc(ts, func(a, b Ticket) int {
		switch {
		case a.Unit == UnitSound && b.Unit != UnitSound:
			return -1
		case b.Unit == UnitSound && a.Unit != UnitSound:
			return 1
		}
		return 0
	})
}

func deadHolders(u UnitView, s Situation) []Ticket {
	var dead []Ticket
	for _, h := range u.Holders {
		if h.Worker == s.Worker && s.Mine(h) {
			continue
		}
		// A file with our own id that we do not work on is a claim that we were told had
		// failed, or that we gave up without being able to say so.
		if h.Worker == s.Worker || s.Liveness(h.Worker) == Dead {
			dead = append(dead, h)
		}
	}
	return dead
}

type tryVerdict int

const (
	mayTry    tryVerdict = iota
	others               // someone who hasn't tried should
	exhausted            // given up
)

// verdict applies the failure rule: three different workers, or three attempts where there
// are not three workers. Those who have not failed on the unit go first.
func verdict(tried []string, s Situation) tryVerdict {
	if len(tried) == 0 {
		return mayTry
	}
	distinct := map[string]bool{}
	for _, n := range tried {
		distinct[n] = true
	}
	if len(distinct) >= MaxFailures {
		return exhausted
	}
	if !distinct[s.Name] {
		return mayTry
	}
	for _, n := range s.Names {
		if !distinct[n] {
			return others
		}
	}
	if len(tried) >= MaxFailures {
		return exhausted
	}
	return mayTry
}

// rotate lets each worker begin at a place of its own, so that fifty of them don't race for
// one file.
func rotate(ts []Ticket, worker string) {
	if len(ts) < 2 {
		return
	}
	h := fnv.New32a()
	h.Write([]byte(worker))
	k := int(h.Sum32() % uint32(len(ts)))
	turned := append(append([]Ticket{}, ts[k:]...), ts[:k]...)
	copy(ts, turned)
}
