package jobfile

import (
	"errors"
	"io/fs"
	"slices"
)

// The loop of a worker, as watcher.look and watcher.chore do it: one look, then everything
// that Decide makes of it, one operation after the other, however old the look has become.

// errand is a chore or, as kind claim, a claim.
type errand struct {
	kind   ActionKind
	state  State
	unit   uint8
	number uint8 // attempt
	worker uint8
}

const (
	actClaim ActionKind = 100 + iota
	actTakeBack
	actCopy
)

func (m *model) errands(list []errand) uint32 {
	if len(list) == 0 {
		return 0
	}
	key := make([]byte, 0, 5*len(list))
	for _, e := range list {
		key = append(key, byte(e.kind), byte(e.state), e.unit, e.number, e.worker)
	}
	return m.plans.number(string(key))
}

func (m *model) errand(chores uint32) errand {
	k := m.plans.vals[chores]
	return errand{ActionKind(k[0]), State(k[1]), k[2], k[3], k[4]}
}

// advance goes on to the next errand.
func (r *run) advance() {
	r.p.sub, r.p.arg = 0, 0
	rest := r.m.plans.vals[r.p.chores][5:]
	r.p.chores = 0
	if rest != "" {
		r.p.chores = r.m.plans.number(rest)
	} else if r.p.pc == pcNone {
		r.p.rest() // what it would make a job with goes with the look
	}
}

// question is all that Decide's answer depends on.
type question struct {
	listing uint32
	docs    uint32 // the folder, where documents are read
	worker  uint8
	unit    uint8
	attempt uint8
	pc      bool
	choice  chosen
	others  [3]uint8 // who lives and is believed to
	names   [3]uint8 // whom it waits for that has not failed yet
}

// decide asks the real Fold and Decide.
func (r *run) decide(s seen, listing uint32) uint32 {
	p := r.p
	q := question{listing: listing, docs: r.w.folder, worker: p.worker, pc: p.pc != pcNone}
	if q.pc {
		q.unit, q.attempt = p.unit, p.attempt
	}
	q.choice, q.names = r.choose(s), r.names(s)
	if !slices.ContainsFunc(s.l.Todo, func(t Ticket) bool { return t.Attempt > 1 }) {
		q.docs = 0
	}
	for i, o := range r.w.procs {
		if o.lives {
			if int(r.blind) != i+1 {
				q.others[i] = o.worker + 1
			}
		}
	}
	if id, ok := r.m.decided[q]; ok {
		return id
	}
	id := r.m.errands(r.ask(s, q))
	r.m.decided[q] = id
	return id
}

func (r *run) ask(s seen, q question) (list []errand) {
	names := []string{workerName(workerSlot(int(q.worker)))}
	for _, o := range q.names {
		if o != 0 {
			names = append(names, workerName(workerSlot(int(o-1))))
		}
	}
	d := Decide(Fold(r.m.units, s.l), Situation{
		Worker: workerID(int(q.worker)), Name: names[0], Names: names,
		Liveness: func(id string) Liveness {
			if slices.Contains(q.others[:], uint8(workerNumber(id))+1) {
				return Alive
			}
			return Dead
		},
		Tried: func(t Ticket) []string {
			if t.Attempt == 1 {
				return nil
			}
			f, _ := r.find(r.m.path(kindTodo, t))
			return charged(f.holds())
		},
		Absent: func(UnitID) bool { return true }, // all looks but the last are in the past
		Mine:   func(t Ticket) bool { return q.pc && t == r.mine() },
	})
	for _, a := range d.Chores {
		if a.Kind == ActTakeOver && s.l.Cancelled && r.m.flaw == cancelledWaits {
			continue
		}
		t := a.File.Ticket
		if a.Kind == ActSweep && t == (Ticket{t.Unit, t.Attempt, workerID(int(q.worker))}) && r.m.flaw == holdersWait &&
			slices.Contains(Fold(r.m.units, s.l).Unit(t.Unit).Holders, t) {
			continue
		}
		e := errand{kind: a.Kind, state: a.File.State, number: uint8(t.Attempt)}
		if t.Unit != "" {
			e.unit = uint8(slices.IndexFunc(r.m.units, func(p Planned) bool { return p.ID == t.Unit }))
		}
		if t.Worker != "" {
			e.worker = uint8(workerNumber(t.Worker))
		}
		list = append(list, e)
	}
	if r.m.flaw == remadeIsLitter {
		list = append(list, r.remadeAsLitter(s)...)
	}
	if q.choice == strandedJob {
		for _, t := range s.l.Results {
			f := r.m.path(kindResult, t)
			list = append(list, errand{kind: actTakeBack, unit: uint8(f.unit()), number: uint8(t.Attempt), worker: uint8(f.worker())})
		}
	}
	if !q.pc && q.choice == able { // there is room for one unit
		for _, t := range d.Claims {
			f := r.m.path(kindTodo, t)
			list = append(list, errand{kind: actClaim, unit: uint8(f.unit()), number: uint8(t.Attempt)})
		}
		for _, t := range d.Copies {
			if f := r.m.path(kindDoing, t); r.m.copies {
				list = append(list, errand{kind: actCopy, unit: uint8(f.unit()), number: uint8(t.Attempt), worker: uint8(f.worker())})
			}
		}
	}
	return list
}

// loop does one step of a worker's loop.
func (r *run) loop() {
	p := r.p
	if p.chores == 0 {
		r.judges = true
		s, err := r.lookAt()
		if err == nil && !s.gone {
			if p.chores = r.decide(s, r.m.listing(s.files)); p.chores == 0 && p.pc == pcNone {
				p.rest()
			}
		}
		return
	}
	e := r.m.errand(p.chores)
	at := func(k kind) file { return named(k, int(e.unit), int(e.number), int(e.worker)) }
	switch e.kind {
	case ActSweep:
		r.sweep(at([...]kind{0, kindTodo, kindDoing, kindFailed, kindResult}[e.state]))
		r.advance()
	case ActMark:
		_ = r.publish(named(kindMark, 0, 0, 0), 0)
		r.advance()
	case ActUnmark:
		_ = r.remove(named(kindMark, 0, 0, 0))
		r.advance()
	case ActClear:
		if p.sub++; !r.tidy(p.sub) || p.sub == 3 {
			r.advance()
		}
	case ActTakeOver:
		if p.sub == 0 && r.release(r.m.ticket(at(kindDoing))) == nil {
			p.sub = 1
			return
		}
		if p.sub == 1 {
			_ = r.remove(at(kindStaged))
		}
		r.advance()
	case ActRestore:
		r.restore(e)
	case ActGiveUp:
		r.giveUp(at(kindTodo))
	case ActFinish:
		r.retire()
	case actClaim:
		r.claim(at(kindTodo))
	case actTakeBack:
		r.takeBackAll(int(e.unit))
	case actCopy:
		r.copy(at(kindDoing))
	}
}

// sweep removes litter. A unit that is made again may get the number of an attempt that left no
// trace. Whoever saw that one as litter then removes what counts, and leaves a hole, which
// Restore fills.
func (r *run) sweep(litter file) {
	again := slices.ContainsFunc(r.files(), func(f file) bool {
		return (f.kind() == kindLostPart || f.kind() == kindTakenBack) && f.unit() == litter.unit() && f.attempt() < litter.attempt()
	})
	now := r.m.states(r.w.folder)[litter.unit()]
	counts := now.attempt == litter.attempt() && now.state == [...]State{kindTodo: Todo, kindDoing: Doing, kindFailed: Failed, kindResult: Done}[litter.kind()]
	if _ = r.remove(litter); again && (counts || r.m.flaw == remadeIsLitter) && r.how != refused {
		r.remember(kindHole)
	}
}

func (r *run) restore(e errand) {
	p := r.p
	if p.sub == 0 {
		p.sub, p.arg = 1, uint8(r.lastAttempt(int(e.unit)))
		r.say("reads that the last attempt was %d", p.arg)
		return
	}
	next := Ticket{Unit: r.m.units[e.unit].ID, Attempt: int(p.arg)}.Next()
	_ = r.publish(r.m.path(kindTodo, next), 0)
	r.advance()
}

// giveUp is Store.GiveUp.
func (r *run) giveUp(todo file) {
	p := r.p
	switch p.sub {
	case 0:
		r.look = true
		if _, ok := r.find(todo); !ok || r.isRetired() {
			r.advance()
			return
		}
		r.say("%s", r.what("reads", todo))
		p.sub = 1
	case 1:
		if p.sub = 2; r.publish(todo.as(kindFailed), 0) != nil { // given_up: it charges no more
			r.advance()
		}
	case 2:
		_ = r.remove(todo)
		r.advance()
	}
}

// claim is Store.Claim.
func (r *run) claim(todo file) {
	p := r.p
	mine := named(kindDoing, todo.unit(), todo.attempt(), int(p.worker))
	switch p.sub {
	case 0:
		r.claims = true
		err := r.take(todo, mine)
		if p.sub = 1; r.m.flaw == claimWithoutLook && err != errModel {
			r.won(mine, nil)
		}
	case 1:
		counts := uint8(0)
		if r.m.recipes() {
			counts = r.m.counts(r.files())
		}
		s, err := r.holding(r.m.ticket(mine))
		if r.won(mine, err); err == nil && r.m.recipes() && !p.must {
			p.seen, p.since = r.m.settlements(s.l.Settled), 1<<counts
		}
	}
}

func (r *run) won(mine file, err error) {
	p := r.p
	if err != nil {
		r.advance()
		return
	}
	p.chores, p.sub = 0, 0
	p.unit, p.attempt, p.pc = uint8(mine.unit()), uint8(mine.attempt()), pcLog
}

// take is the rename of a claim, and what SMB may make of two.
func (r *run) take(todo, mine file) error {
	if r.how != twin && r.how != snatch {
		return r.rename(todo, mine)
	}
	e := edit{r.files()}
	if _, ok := e.find(todo); ok || e.has(kindRetired) {
		return fs.ErrNotExist
	}
	for _, f := range e.files {
		if f.kind() == kindDoing && f.unit() == mine.unit() && f.attempt() == mine.attempt() && f.worker() != mine.worker() {
			r.used = true
			return r.change(r.what("claims besides another", f, mine), func(e *edit) error {
				if r.how == snatch {
					e.remove(f)
				}
				e.put(mine, f.holds())
				return nil
			})
		}
	}
	return fs.ErrNotExist
}

// retire is watcher.retire and Store.Retire.
func (r *run) retire() {
	p := r.p
	switch p.sub {
	case 0:
		r.look = true
		done, ok := (&edit{r.files()}).first(kindDone)
		switch {
		case !ok:
			r.say("cannot read DONE.yaml")
			r.advance()
		case r.m.flaw != tidyWithoutLook && !r.stands(done.holds()):
			r.say("finds that the output is not there")
			p.sub = 4
		default:
			r.say("sees that the output stands")
			p.sub = 1
		}
	case 1, 2, 3:
		if p.sub++; !r.tidy(p.sub-1) || p.sub > 3 {
			r.advance()
		}
	case 4:
		done, _ := (&edit{r.files()}).first(kindDone)
		late := done != 0 && r.stands(done.holds())
		if err := r.remove(named(kindDone, 0, 0, 0)); late && (err == nil || r.how != refused) {
			r.remember(kindUndone)
		}
		r.advance()
	}
}

func (r *run) stands(holds uint16) bool {
	out, ok := (&edit{r.files()}).first(kindOutput)
	return ok && out.holds() == holds
}

// tidy is a step of Store.Retire: 1 removes the parts, 2 moves the folder, 3 empties it.
func (r *run) tidy(sub uint8) (ok bool) {
	switch sub {
	case 1:
		err := r.change("removes the parts", func(e *edit) error {
			if !e.has(kindRetired) {
				e.removeAll(kindPart, kindStaged)
			}
			return nil
		})
		return err == nil || errors.Is(err, fs.ErrNotExist)
	case 2:
		err := r.change("moves the job to FARM/done", func(e *edit) error {
			if e.has(kindRetired) {
				return fs.ErrNotExist
			}
			e.put(named(kindRetired, 0, 0, 0), 0)
			return nil
		})
		return err == nil || r.isRetired() && (r.has(kindDone) || r.has(kindCancel))
	}
	_ = r.change("empties the finished job", func(e *edit) error {
		if e.has(kindRetired) {
			e.removeAll(kindTodo, kindDoing, kindFailed)
		}
		return nil
	})
	return true
}
