package sim

import (
	"slices"
	"time"

	"proxima/jobfile"
	"proxima/watcher"
)

// plan is the units of a clip and what each takes. Clips of one kind share it.
type plan struct {
	units []jobfile.Planned
	work  []time.Duration // core time at speed 1
	index map[jobfile.UnitID]int
	first jobfile.Listing // at birth
}

type kindOfClip struct {
	length, target time.Duration
	cost           float64
}

// planned plans a clip as queue does, where keyframes are a second apart.
func (s *sim) planned(c Clip, waiting int) *plan {
	policy := s.Policy
	policy.Slots, policy.Waiting = s.places, waiting
	k := kindOfClip{length: c.Length, cost: c.Cost}
	if policy.Worth(c.Length) {
		k.target = policy.Target(c.Length)
	}
	if p := s.plans[k]; p != nil {
		return p
	}
	const second = 25 // ticks
	total := int64(c.Length.Seconds() * second)
	var cuts []int64
	if k.target > 0 {
		target := max(1, int64(k.target.Seconds()+0.5)) * second
		for at := target; at <= total-target/2; at += target {
			cuts = append(cuts, at)
		}
	}
	p := &plan{units: jobfile.PlanUnits(&media, &recipe, 0, cuts, total), index: map[jobfile.UnitID]int{}}
	for i, u := range p.units {
		long := c.Length.Seconds()
		var work time.Duration
		switch {
		case u.ID == jobfile.UnitStitch:
			work = time.Second + time.Duration(long*float64(stitchWork))
		case u.ID == jobfile.UnitSound:
			work = startWork + time.Duration(long*float64(soundWork))
		default:
			work = startWork + time.Duration(float64(u.Frames)/second*c.Cost*float64(time.Second))
		}
		p.work = append(p.work, work)
		p.index[u.ID] = i
		p.first.Todo = append(p.first.Todo, jobfile.Ticket{Unit: u.ID, Attempt: 1})
	}
	s.plans[k] = p
	return p
}

// job is one job's folder.
type job struct {
	*plan
	id         string
	l          jobfile.Listing
	prev, next *job // by urgency, then age
	gone       bool
	inWork     []*run
	bereaved   bool // somebody who is dead holds a unit

	fresh bool // view and calls are of l
	view  jobfile.View
	calls bool // a worker that looks may find something to do
	calm  bool // as watcher.IsCalm has it
	holds []string
}

func (j *job) look() jobfile.View {
	if !j.fresh {
		j.view, j.fresh, j.calls = jobfile.Fold(j.units, j.l), true, j.l.Done
		j.holds, j.calm = watcher.IsCalm(j.view, jobfile.Decision{})
		open := 0
		for _, u := range j.view.Units {
			if u.State != jobfile.Done && u.ID != jobfile.UnitStitch {
				open++
			}
		}
		for _, u := range j.view.Units {
			j.calls = j.calls || len(u.Litter) > 0 || u.State == jobfile.Missing || u.State == jobfile.Todo && (u.ID != jobfile.UnitStitch || open == 0)
		}
	}
	return j.view
}

// callsFor reports whether there may be something to do.
func (j *job) callsFor() bool {
	j.look()
	return j.calls || j.bereaved
}

func remove(list *[]jobfile.Ticket, t jobfile.Ticket) bool {
	i := slices.Index(*list, t)
	if i >= 0 {
		*list = slices.Delete(slices.Clone(*list), i, i+1)
	}
	return i >= 0
}

// claim is the rename of Store.Claim.
func (j *job) claim(t jobfile.Ticket, worker string) (jobfile.Ticket, bool) {
	mine := jobfile.Ticket{Unit: t.Unit, Attempt: t.Attempt, Worker: worker}
	if j.gone || !remove(&j.l.Todo, t) {
		return mine, false
	}
	j.l.Doing = append(slices.Clip(j.l.Doing), mine)
	j.fresh = false
	return mine, j.l.Holds(mine) == nil
}

// release is Store.Release.
func (j *job) release(t jobfile.Ticket) {
	if remove(&j.l.Doing, t) {
		j.l.Todo = append(slices.Clip(j.l.Todo), t.Next())
		j.fresh = false
	}
}

// commit is Store.Commit, or Store.Finish and Retire.
func (j *job) commit(t jobfile.Ticket) bool {
	if j.gone || j.l.Holds(t) != nil {
		return false
	}
	if t.Unit == jobfile.UnitStitch {
		j.l.Done = true
	} else {
		j.l.Results = append(slices.Clip(j.l.Results), t)
		remove(&j.l.Doing, t)
	}
	j.fresh = false
	return true
}

func (j *job) sweep(p jobfile.Placed) {
	switch p.State {
	case jobfile.Todo:
		remove(&j.l.Todo, p.Ticket)
	case jobfile.Doing:
		remove(&j.l.Doing, p.Ticket)
	}
	j.fresh = false
}
