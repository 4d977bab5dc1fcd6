package jobfile

import "slices"

// Listing is what one look at a job folder showed, as names. The folders were listed in the
// direction in which units travel (todo, doing, failed, done), so that one in motion is seen
// twice rather than never.
type Listing struct {
	Todo, Doing, Failed, Results []Ticket
	Done, FailedMark, Cancelled  bool         // the markers
	Settled                      []Settlement // recipes, what counts first

	parts, log bool // the folders of these names are folders
	lock       bool // claim.lock is a file
}

// State is what one unit is, by rule P5.
type State int

const (
	Missing State = iota // in no folder
	Todo
	Doing
	Failed
	Done
	Cancelled // of jobs only
)

func (s State) String() string {
	return [...]string{"missing", "todo", "doing", "failed", "done", "cancelled"}[s]
}

// UnitView is one unit as a look shows it.
type UnitView struct {
	ID      UnitID
	State   State
	Attempt int      // the current one; 0 where missing
	Ticket  Ticket   // the file that counts: of todo, failed or the result; the first holder's of doing
	Holders []Ticket // all files in doing/ at the current attempt; more than one where two were told that they won
	Litter  []Placed // files that count for nothing any more
}

// Placed is a ticket with the folder it lies in.
type Placed struct {
	State  State
	Ticket Ticket
}

// View is a job as a look shows it, units in the plan's order.
type View struct {
	Units     []UnitView
	Done      bool // DONE.yaml stands
	FailMark  bool // FAILED.yaml stands
	Cancelled bool
	Foreign   []Placed // tickets of units that the plan does not know
}

// Fold turns a listing into states. It is total: whatever names a folder holds, every
// planned unit gets exactly one state.
func Fold(units []Planned, l Listing) View {
	v := View{Done: l.Done, FailMark: l.FailedMark, Cancelled: l.Cancelled, Units: make([]UnitView, len(units))}
	place := make(map[UnitID][]Placed, len(units))
	known := make(map[UnitID]bool, len(units))
	for _, u := range units {
		known[u.ID] = true
	}
	for _, in := range []struct {
		state State
		list  []Ticket
	}{{Todo, l.Todo}, {Doing, l.Doing}, {Failed, l.Failed}, {Done, l.Results}} {
		for _, t := range in.list {
			p := Placed{in.state, t}
			if known[t.Unit] {
				place[t.Unit] = append(place[t.Unit], p)
			} else {
				v.Foreign = append(v.Foreign, p)
			}
		}
	}
	for i, u := range units {
		v.Units[i] = foldUnit(u.ID, place[u.ID])
	}
	return v
}

func foldUnit(id UnitID, files []Placed) UnitView {
	u := UnitView{ID: id}
	if len(files) == 0 {
		return u
	}
	// Results first, then the highest attempt, then the highest state, then the smallest name.
	slices.SortFunc(files, func(a, b Placed) int {
		switch {
		case (a.State == Done) != (b.State == Done):
			return int(b.State) - int(a.State)
		case a.State != Done && a.Ticket.Attempt != b.Ticket.Attempt:
			return b.Ticket.Attempt - a.Ticket.Attempt
		case a.State != b.State:
			return int(b.State) - int(a.State)
		case a.Ticket.String() < b.Ticket.String():
			return -1
		}
		return 1
	})
	made := 0 // the highest attempt that has a result
	for _, f := range files {
		if f.State == Done {
			made = max(made, f.Ticket.Attempt)
		}
	}
	top := files[0]
	u.State, u.Attempt, u.Ticket = top.State, top.Ticket.Attempt, top.Ticket
	for _, f := range files {
		switch {
		case f.State == Doing && u.State == Doing && f.Ticket.Attempt == u.Attempt:
			u.Holders = append(u.Holders, f.Ticket)
		case f.State == Done || f == top:
		case f.State == Todo && u.State == Done && f.Ticket.Attempt > made:
			// It is being made again, and the result is about to go: a sweep would leave a hole.
		default:
			u.Litter = append(u.Litter, f)
		}
	}
	return u
}

// Counts sums a view up.
func (v View) Counts() (todo, doing, failed, done int) {
	for _, u := range v.Units {
		switch u.State {
		case Todo, Missing:
			todo++
		case Doing:
			doing++
		case Failed:
			failed++
		case Done:
			done++
		}
	}
	return
}

// Stage is how far a job without a marker is, in a word: failed, stitching, encoding or queued.
func (v View) Stage() string {
	_, doing, failed, done := v.Counts()
	switch {
	case failed > 0:
		return "failed"
	case v.Unit(UnitStitch).State == Doing:
		return "stitching"
	case doing+done > 0:
		return "encoding"
	}
	return "queued"
}

// Unit returns the view of one unit.
func (v View) Unit(id UnitID) UnitView {
	for _, u := range v.Units {
		if u.ID == id {
			return u
		}
	}
	return UnitView{ID: id}
}

// Results returns the result that counts for each unit that has one.
func (v View) Results() []Ticket {
	var ts []Ticket
	for _, u := range v.Units {
		if u.State == Done {
			ts = append(ts, u.Ticket)
		}
	}
	return ts
}
