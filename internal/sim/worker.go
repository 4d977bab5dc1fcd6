package sim

import (
	"slices"
	"time"

	"proxima/jobfile"
	"proxima/watcher"
)

// worker is one machine and its daemon.
type worker struct {
	Machine
	name, id string
	threads  int
	places   int
	life     int // grows when it dies, sleeps or wakes: what was to happen is void
	lives    int
	turn     int // of its timer
	awake    bool
	joined   time.Duration
	busy     []*run
	runs     map[*job]int // how many of those go on, by job
	ended    []*run       // that the loop has not taken notice of
	lost     []*run       // what it held when it died
	fellAt   time.Duration

	looking   bool
	left      bool
	place     *job // to look at
	passed    int
	claims    []jobfile.Ticket
	asked     bool // the job has something to claim
	fits      bool // for which there was room
	unfit     int  // jobs of this look where there was not
	found     bool
	full      bool
	foundLast bool
	listed    time.Duration
	owed      map[*job]bool
	inRow     int
	stride    int
	strode    bool
	copied    map[jobfile.Ticket]bool
	leave     int
	scanned   time.Duration
	crowd     watcher.Crowd
	calm      watcher.Calm
}

// run is one unit in work.
type run struct {
	w       *worker
	job     *job
	ticket  jobfile.Ticket
	cost    int
	began   time.Duration
	ends    time.Duration
	turn    int
	over    bool
	done    time.Duration // for how long it was worked on before the machine slept
	resumed time.Duration
}

func (s *sim) timer(w *worker, at time.Duration) {
	w.turn++
	s.count++
	e := event{what: wakesToLook, w: w, turn: w.turn}
	s.at(at, e)
}

// look begins a look: watcher.loop takes in one unit that ended, then looks.
func (s *sim) look(w *worker) {
	if len(w.ended) > 0 {
		r := w.ended[0]
		w.ended = w.ended[1:]
		w.busy = slices.DeleteFunc(w.busy, func(o *run) bool { return o == r })
		delete(w.calm, r.job.id)
		w.owed[r.job] = true
	}
	w.looking = true
	s.report.Looks++
	if !watcher.ScanDue(s.room(w, 1), s.now-w.scanned, s.Lease) {
		w.left = true
		s.rest(w, opsLook-1)
		return
	}
	w.foundLast = w.found || w.full
	w.scanned, w.found, w.full, w.leave = s.now, false, !s.room(w, 1), w.crowd.Leave(s.rnd.Float64())
	w.inRow, w.stride, w.strode = 0, 0, false
	w.looking, w.left, w.place, w.passed, w.claims, w.unfit, w.asked = true, false, s.head.next, 0, nil, 0, false
	ops := opsLook
	if watcher.ListDue(s.open, s.now-w.listed, w.foundLast, s.Lease) {
		ops, w.listed = ops+s.open/lineEvery, s.now
	} else {
		ops--
	}
	s.at(s.share.ask(s.now, "looks", ops), event{what: steps, w: w})
}

// step goes on with a look, up to where something may be done.
func (s *sim) step(w *worker) {
	for len(w.claims) > 0 {
		t := w.claims[0]
		if !s.room(w, w.cost(t.Unit)) {
			w.claims = w.claims[1:]
			continue
		}
		w.fits, w.found = true, true
		s.at(s.share.ask(s.now, "claims", opsTry), event{what: claims, w: w})
		return
	}
	if w.asked && !w.fits {
		w.unfit++
	}
	w.asked = false
	if w.passed > 0 {
		w.place = w.place.next
	}
	n := 0
	for {
		for w.place.gone {
			w.place = w.place.next
		}
		if w.place == &s.head {
			if s.Copies && !w.found && !w.full && !w.strode && w.leave == 0 && w.unfit == 0 {
				s.backUp(w)
			}
			w.crowd.Found(w.found)
			s.rest(w, n)
			return
		}
		if !watcher.Scans(w.passed, s.room(w, 1), w.unfit) {
			w.left = true
			w.crowd.Found(w.found)
			s.rest(w, n)
			return
		}
		w.passed++
		w.left = true
		if watcher.Passes(w.passed-1, w.stride, w.owed[w.place]) {
			w.stride--
			w.strode = true
			w.place = w.place.next
			continue
		}
		idle := len(w.busy) == 0 && !w.foundLast
		glimpse := w.calm.Glimpse(w.passed-1, w.place.id, s.clock(), s.room(w, 1), idle, s.rnd.Float64(), s.Lease, s.liveness)
		if glimpse == watcher.AtTodo {
			n++
			if w.calm.Stays(w.place.id, w.place.l.Todo) {
				glimpse = watcher.Over
			}
		}
		if glimpse == watcher.Over {
			w.place = w.place.next
			continue
		}
		n += opsVisit
		delete(w.owed, w.place)
		if w.place.callsFor() {
			w.inRow = 0
			s.at(s.share.ask(s.now, "visits of jobs", n), event{what: visits, w: w})
			return
		}
		if w.place.calm {
			w.inRow++
			w.stride = watcher.Stride(w.inRow, s.rnd.Float64())
			w.calm.Note(w.place.id, s.clock(), w.place.holds, w.place.l.Todo)
		}
		w.place = w.place.next
	}
}

// rest ends a look.
func (s *sim) rest(w *worker, ops int) {
	w.looking = false
	end := s.now
	if ops > 0 {
		end = s.share.ask(s.now, "visits of jobs", ops)
	}
	if len(w.ended) > 0 {
		s.timer(w, end)
		return
	}
	s.timer(w, end+watcher.NextLook(s.poll(), w.left || len(w.busy) > 0, s.rnd.Float64()))
}

// visit decides for one job.
func (s *sim) visit(w *worker) {
	j := w.place
	if j.gone {
		s.step(w)
		return
	}
	d := jobfile.Decide(j.look(), jobfile.Situation{
		Worker: w.id, Name: w.name, Names: []string{w.name},
		Liveness: s.liveness,
		Mine:     func(t jobfile.Ticket) bool { return s.holder(j, t) != nil },
		Absent:   func(jobfile.UnitID) bool { return true },
		Tried:    func(jobfile.Ticket) []string { return nil }, // no unit is charged here
	})
	ops := 0
	for _, a := range d.Chores {
		ops++
		t := a.File.Ticket
		switch a.Kind {
		case jobfile.ActTakeOver:
			ops++
			r := s.holder(j, t)
			j.release(t)
			s.report.TakenOver++
			if r != nil {
				s.notice(r)
			}
		case jobfile.ActSweep:
			j.sweep(a.File)
		case jobfile.ActFinish:
			ops += opsRetire
			s.retire(j)
		default:
			panic("nothing here calls for " + a.Kind.String())
		}
	}
	if len(d.Chores) > 0 {
		j.bereaved = slices.ContainsFunc(j.l.Doing, func(t jobfile.Ticket) bool { return s.liveness(t.Worker) == jobfile.Dead })
	}
	w.claims, w.asked, w.fits = d.Claims, len(d.Claims) > 0, false
	if w.asked && w.leave > 0 && d.Claims[0].Unit != jobfile.UnitStitch {
		w.claims, w.asked = nil, false
		w.leave--
	}
	at := s.now
	if ops > 0 {
		at = s.share.ask(s.now, "visits of jobs", ops)
	}
	s.at(at, event{what: steps, w: w})
}

// claim is watcher.claim.
func (s *sim) claim(w *worker) {
	j, t := w.place, w.claims[0]
	w.claims = w.claims[1:]
	s.report.Tries++
	mine, ok := j.claim(t, w.id)
	if !ok {
		w.crowd.Lost()
		w.leave, w.claims = w.crowd.Leave(s.rnd.Float64()), nil
		s.at(s.share.ask(s.now, "claims", opsVisit), event{what: steps, w: w})
		return
	}
	s.report.Claims++
	w.crowd.Won()
	w.claims = j.l.Untaken(w.claims)
	looked := s.share.ask(s.now, "claims", opsWon)
	s.begin(w, j, mine, looked)
	s.at(looked, event{what: steps, w: w})
}

// begin starts a unit that is a worker's.
func (s *sim) begin(w *worker, j *job, mine jobfile.Ticket, at time.Duration) {
	r := &run{w: w, job: j, ticket: mine, cost: w.cost(mine.Unit)}
	j.inWork = append(j.inWork, r)
	w.busy = append(w.busy, r)
	r.began = s.share.ask(at, "units", opsBegin)
	r.resumed = r.began
	r.ends = r.began + r.takes(j.work[j.index[mine.Unit]])
	s.crowds(r)
	s.report.busy(s.now, r.power())
	s.streams(r, 1)
	s.at(r.ends, event{what: ends, w: w, r: r})
}

// streams changes what a worker asks of the share by itself, for a run that begins or ends: looks of its guard,
// one for all its units of a job, and its document.
func (s *sim) streams(r *run, by int) {
	w, before, runs := r.w, r.w.runs[r.job], 0
	for _, n := range w.runs {
		runs += n
	}
	if w.runs[r.job] = before + by; w.runs[r.job] == 0 {
		delete(w.runs, r.job)
	}
	per := 0.0
	if before == 0 || before+by == 0 {
		per += opsGuard / jobfile.BeatEvery(s.Lease).Seconds()
	}
	if runs == 0 || runs+by == 0 {
		per += opsReport / watcher.ReportEvery(len(s.Machines), jobfile.BeatEvery(s.Lease)).Seconds()
	}
	s.share.stream(s.now, float64(by)*per)
}

// holder is who works on a ticket.
func (s *sim) holder(j *job, t jobfile.Ticket) *run {
	for _, r := range j.inWork {
		if r.ticket == t {
			return r
		}
	}
	return nil
}

// end takes a run out of the books; made tells whether its work counts.
func (s *sim) end(r *run, made bool) {
	r.over = true
	r.turn++
	r.job.inWork = slices.DeleteFunc(r.job.inWork, func(o *run) bool { return o == r })
	s.report.busy(s.now, -r.power())
	s.streams(r, -1)
	if !made {
		s.report.Wasted += max(0, (r.done+min(s.now, r.ends)-min(r.resumed, s.now)).Seconds()) * r.power()
	}
}

// commit publishes a unit that is made.
func (s *sim) commit(w *worker, r *run) {
	j := r.job
	if !j.commit(r.ticket) {
		s.lose(r)
		return
	}
	s.end(r, true)
	for _, o := range slices.Clone(j.inWork) {
		if o.ticket.Unit == r.ticket.Unit {
			s.notice(o)
		}
	}
	if j.l.Done {
		s.retire(j)
	}
	s.told(w, r)
}

// told lets the loop take notice of a unit that ended.
func (s *sim) told(w *worker, r *run) {
	w.ended = append(w.ended, r)
	if !w.looking {
		s.timer(w, s.now)
	}
}

// notice lets a holder's guard see at its next beat that it lost.
func (s *sim) notice(r *run) {
	if r.w.awake {
		s.at(s.now+time.Duration(s.rnd.Float64()*float64(jobfile.BeatEvery(s.Lease))), event{what: notices, w: r.w, r: r})
	}
}

// lose ends a run whose unit is somebody else's.
func (s *sim) lose(r *run) {
	if r.over {
		return
	}
	if r.job.l.Holds(r.ticket) != nil {
		remove(&r.job.l.Doing, r.ticket) // litter
		r.job.fresh = false
	}
	s.end(r, false)
	s.told(r.w, r)
}
