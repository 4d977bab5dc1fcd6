package jobfile

import (
	"slices"
	"strings"
)

// With what a job is made (P13), as watcher/recipe.go has it.

// A recipe is the edit of job.yaml that it was made from, and a variant: 0 as job.yaml says, 1
// otherwise. Its number is its fingerprint.
func recipe(edit, variant uint8) uint8 { return edit<<1 | variant }

func recipeName(r uint8) string {
	return [...]string{"as the job says", "otherwise"}[r&1] + []string{"", ", edited"}[min(r>>1, 1)] + strings.Repeat(" again", max(int(r>>1), 1)-1)
}

// maker is what a machine would make a job with.
type maker struct {
	wants []uint8 // variants, what it likes best first: its overrides, or job.yaml's and its others
	lacks uint8   // bits of variants whose encoder it has not
}

func (k maker) can(r uint8) bool { return k.lacks>>(r&1)&1 == 0 }

func (m *model) recipes() bool { return m.makers != nil }

func (m *model) maker(worker uint8) maker {
	if s := workerSlot(int(worker)); s < len(m.makers) {
		return m.makers[s]
	}
	return m.makers[m.ender]
}

// counts is P13, said in another way than in the program: with what a job is made.
func (m *model) counts(files []file) uint8 {
	e := edit{files}
	job, _ := e.first(kindJob)
	best := file(0)
	for _, f := range files {
		if f.kind() != kindSettled || f.holds()>>1 != job.holds() {
			continue
		}
		if best == 0 || f.attempt() > best.attempt() || f.attempt() == best.attempt() && workerID(f.worker()) < workerID(best.worker()) {
			best = f
		}
	}
	if best == 0 {
		return recipe(uint8(job.holds()), 0)
	}
	return uint8(best.holds())
}

// note has everybody who looked whether its recipe counts remember what counts since.
func (w *world) note(m *model) {
	for i := range w.procs {
		if p := &w.procs[i]; p.since != 0 {
			p.since |= 1 << m.counts(m.folders.files[w.folder])
		}
	}
}

// chosen is what watcher.choose answers.
type chosen uint8

const (
	able chosen = iota
	unfit
	strandedJob
)

// settlements is the number of what a listing shows to be settled.
func (m *model) settlements(ss []Settlement) uint8 {
	var names []string
	for _, s := range ss {
		names = append(names, s.File())
	}
	return uint8(m.settled.number(strings.Join(names, " ")))
}

// settledRecipe is Store.SettledRecipe. A document that is gone since is an error.
func (r *run) settledRecipe(edit uint8, settlements uint8) (counts uint8, isSettled bool, err error) {
	for _, name := range strings.Fields(r.m.settled.vals[settlements]) {
		s, _ := parseSettlement(name)
		f, ok := r.find(named(kindSettled, 0, s.Round, workerNumber(s.Worker)))
		if !ok {
			return 0, false, errModel
		}
		if f.holds()>>1 == uint16(edit) || r.m.flaw == settledForGood {
			return uint8(f.holds()), true, nil
		}
	}
	return recipe(edit, 0), false, nil
}

// choose is watcher.choose.
func (r *run) choose(s seen) chosen {
	if !r.m.recipes() {
		return able
	}
	p := r.p
	if p.known == 0 {
		job, _ := (&edit{r.files()}).first(kindJob)
		p.known = 1 + uint8(job.holds())
	}
	if p.pc != pcNone || s.l.Cancelled || s.l.Done || len(s.l.Failed) > 0 {
		return unfit // there is nothing to be claimed
	}
	me, version := r.m.maker(p.worker), p.known-1
	p.seen = r.m.settlements(s.l.Settled)
	settled, isSettled, err := r.settledRecipe(version, p.seen)
	if err != nil {
		p.rest()
		return unfit
	}
	if s.l.MaySettle() && !(isSettled && me.can(settled) && r.m.flaw != settledByTheLast) {
		for _, v := range me.wants {
			if mine := recipe(version, v); me.can(mine) {
				p.recipe, p.must = mine, mine != settled
				return able
			}
		}
	}
	if p.recipe = settled; me.can(settled) {
		return able
	}
	if alone := r.alone(s, settled); alone && r.m.flaw != stitchNeedsEncoder && r.allMade(s) {
		return able // to join, which takes no encoder
	} else if r.reread(); alone && slices.ContainsFunc(me.wants, me.can) {
		return strandedJob
	}
	return unfit
}

// names are the others that live and, as far as is known, can go on with a job as it is made.
func (r *run) names(s seen) (names [3]uint8) {
	p := r.p
	whoever := true
	var settled uint8
	if r.m.recipes() {
		var err error
		settled, _, err = r.settledRecipe(max(p.known, 1)-1, r.m.settlements(s.l.Settled))
		whoever = err != nil || s.l.MaySettle() || r.m.flaw == waitsForAnyone
	}
	for i, o := range r.w.procs {
		switch {
		case !o.lives || o.worker == p.worker:
		case !r.m.recipes(), r.m.maker(o.worker).can(settled), whoever && r.m.maker(o.worker).lacks != 3:
			names[i] = o.worker + 1
		}
	}
	return names
}

func (r *run) allMade(s seen) bool {
	return !slices.ContainsFunc(Fold(r.m.units, s.l).Units, func(u UnitView) bool { return u.State != Done && u.ID != UnitStitch })
}

// reread has a worker that begins nothing see what people did to job.yaml.
func (r *run) reread() {
	r.p.rest()
	if job, _ := (&edit{r.files()}).first(kindJob); r.m.flaw != unableRemember {
		r.p.known = 1 + uint8(job.holds())
	}
}

// remadeAsLitter is what Fold counted as litter once.
func (r *run) remadeAsLitter(s seen) (list []errand) {
	for _, t := range s.l.Todo {
		if slices.ContainsFunc(s.l.Results, func(made Ticket) bool { return made.Unit == t.Unit && made.Attempt < t.Attempt }) {
			f := r.m.path(kindTodo, t)
			list = append(list, errand{kind: ActSweep, state: Todo, unit: uint8(f.unit()), number: uint8(t.Attempt)})
		}
	}
	return list
}

// alone is watcher.stranded.
func (r *run) alone(s seen, settled uint8) bool {
	if len(s.l.Doing) > 0 || len(s.l.Results) == 0 {
		return false
	}
	for i, o := range r.w.procs {
		if o.lives && o.worker != r.p.worker && int(r.blind) != i+1 && r.m.maker(o.worker).can(settled) && r.m.flaw != strandedAmongOthers {
			return false
		}
	}
	return true
}

// takeBackAll is one unit's part of watcher.takeBackAll: Store.Remake.
func (r *run) takeBackAll(unit int) {
	p := r.p
	switch p.sub {
	case 0:
		s, err := r.lookAt()
		var all []file
		for _, t := range s.l.Results {
			if t.Unit == r.m.units[unit].ID {
				all = append(all, r.m.path(kindResult, t))
			}
		}
		switch {
		case err != nil || s.gone:
			p.chores, p.sub = 0, 0 // the next look goes on
		case len(all) == 0 || s.l.Cancelled || s.l.Done:
			r.advance()
		default:
			p.bad, p.sub = r.m.list(all), 1
		}
	case 1:
		p.arg, p.sub = uint8(r.lastAttempt(unit)), 2
		r.say("reads that the last attempt was %d", p.arg)
	case 2:
		next := Ticket{Unit: r.m.units[unit].ID, Attempt: int(p.arg)}.Next()
		if p.arg, p.sub = 0, 3; r.publish(r.m.path(kindTodo, next), 0) != nil {
			p.chores, p.sub, p.bad = 0, 0, 0
		}
	case 3:
		bad := r.m.unlist(p.bad)
		if r.withdraw(bad[0]) != nil {
			p.arg = 1
		}
		switch failed := p.arg == 1; {
		case len(bad) > 1:
			p.bad = r.m.list(bad[1:])
		case failed:
			p.chores, p.sub, p.arg, p.bad = 0, 0, 0, 0
		default:
			p.bad = 0
			r.advance()
		}
	}
}

// begins is where a unit goes on after Stage, watcher.begin or what comes after that.
func (r *run) begins() pc {
	switch {
	case !r.m.recipes():
		return r.afterBegin()
	case r.p.must:
		return pcSettleLook
	case r.p.copy || r.m.flaw == agreedUnseen:
		return pcAgreeLook
	}
	return pcAgreeRead // the look that confirmed the claim is the one
}

func (r *run) afterBegin() pc {
	if r.m.units[r.p.unit].ID == UnitStitch {
		return pcGather
	}
	return pcWork
}

// commits is where publishing a part begins, each time that it is tried.
func (r *run) commits() pc {
	if r.m.recipes() {
		return pcCommitLook
	}
	return pcLook
}

// agree is watcher.settle and watcher.agreed.
func (r *run) agree() {
	p := r.p
	committing := p.pc == pcCommitLook || p.pc == pcCommitRead
	switch p.pc {
	case pcSettleLook:
		s, err := r.lookAt()
		switch {
		case err != nil || s.gone:
			p.pc = pcAbandon
		case s.l.Holds(r.mine()) != nil:
			if p.pc = pcDiscard; s.l.Cancelled {
				p.pc = pcAbandon
			}
		case len(s.l.Results) > 0 || r.m.settlements(s.l.Settled) != p.seen:
			p.pc = pcAgreeLook
		default:
			p.pc, p.doc = pcSettle, 1
			if len(s.l.Settled) > 0 {
				p.doc = uint16(s.l.Settled[0].Round) + 1
			}
		}
		p.must, p.seen = false, 0
	case pcSettle:
		round := int(p.doc)
		if p.pc, p.doc = pcAgreeLook, 0; r.publish(named(kindSettled, 0, round, int(p.worker)), uint16(p.recipe)) != nil {
			p.pc = pcAbandon
		}
	case pcAgreeLook, pcCommitLook:
		p.since = 1 << r.m.counts(r.files())
		if r.m.flaw == agreedUnseen {
			if p.pc = pcLook; !committing {
				p.pc = r.afterBegin()
			}
			return
		}
		s, err := r.lookAt()
		switch {
		case err != nil && committing:
		case committing && s.gone: // the guard ends it
			p.pc = pcDiscard
		case err != nil || s.gone:
			p.pc = pcAbandon
		case committing && s.inWork().Holds(r.mine()) != nil:
			if p.pc = pcDiscard; s.l.Cancelled {
				p.pc = pcAbandon
			}
		default:
			p.seen = r.m.settlements(s.l.Settled)
			p.pc++
		}
	case pcAgreeRead, pcCommitRead:
		r.look = true
		job, _ := (&edit{r.files()}).first(kindJob)
		now, _, err := r.settledRecipe(uint8(job.holds()), p.seen)
		p.known, p.seen = 1+uint8(job.holds()), 0
		r.say("reads that the job is made %s", recipeName(now))
		switch {
		case err != nil && committing:
			p.pc = pcCommitLook
		case err != nil || now != p.recipe:
			p.pc = pcAbandon
		case committing:
			p.pc = pcPart // the look before is Commit's
		default:
			p.pc = r.afterBegin()
		}
	}
}

// together is watcher.together: what was made with another recipe than the stitch's is made again.
func (r *run) together() {
	p := r.p
	var all []file
	explained := true
	for _, f := range r.m.unlist(p.list) {
		f, _ = r.find(f)
		all = append(all, f)
		if uint8(f.holds()) == p.recipe || r.m.flaw == joinsAnything {
			continue
		}
		p.odd |= 1 << f.unit()
		explained = explained && (uint8(f.holds()) == recipe(p.known-1, 0) ||
			slices.ContainsFunc(r.files(), func(s file) bool { return s.kind() == kindSettled && s.holds() == f.holds() }))
	}
	if p.odd != 0 && explained {
		p.odd |= uncharged
	}
	if p.list = r.m.list(all); p.odd != 0 {
		r.say("finds those of another recipe")
		r.remadeOne()
	}
}

// uncharged is among the units that a stitch takes back: they were made with what counted once,
// or would have.
const uncharged = 1 << 7

// withdraw removes a result that is made again.
func (r *run) withdraw(result file) error {
	err := r.remove(result)
	if r.m.recipes() {
		e := edit{slices.Clone(r.files())}
		e.put(named(kindTakenBack, result.unit(), result.attempt(), 0), 0)
		r.w.replace(r.m, e.files)
	}
	return err
}

// remadeOne goes on to the next unit that is to be taken back, or charges the stitch.
func (r *run) remadeOne() {
	p := r.p
	for i := range r.m.units {
		if p.odd>>i&1 == 1 {
			p.odd &^= 1 << i
			p.pc, p.list = pcRemakeLook, r.m.list([]file{named(kindResult, i, 0, 0)})
			return
		}
	}
	if p.pc, p.list = pcFailRead, 0; p.odd&uncharged != 0 {
		p.pc = pcRelease
	}
	p.odd = 0
}
