package jobfile

import (
	"errors"
	"slices"
)

// stitch does one step of a stitch, as watcher.stitch does it.
func (r *run) stitch() {
	p := r.p
	temp := named(kindTemp, int(p.unit), int(p.attempt), int(p.worker))
	output := temp.as(kindOutput)
	switch p.pc {
	case pcGather:
		r.gather()
	case pcRead:
		r.read()
	case pcRemakeLook, pcRemakeLast, pcRemakeTell, pcRemakeClear:
		r.remake()
	case pcPrepare:
		_ = r.change("removes the temporary outputs of earlier stitches", func(e *edit) error {
			e.files = slices.DeleteFunc(e.files, func(f file) bool {
				return f.kind() == kindTemp && (f.attempt() < int(p.attempt) || r.m.flaw == tempsOfOthersGo)
			})
			return nil
		})
		p.pc = pcAdopt
	case pcAdopt:
		r.adopt(pcJoin)
	case pcAdoptLate:
		r.adopt(pcRelease)
	case pcJoin:
		whole := r.partsStand()
		err := r.change(r.what("begins to write", temp|half), func(e *edit) error {
			if whole {
				e.put(temp, half)
			}
			return nil
		})
		if p.pc = pcVerify; r.m.flaw == placeBeforeVerify {
			p.pc = pcPlaceLook
		}
		if err != nil || !whole {
			r.joinFailed(err)
		}
	case pcVerify:
		whole := r.partsStand()
		// On most systems the bytes go on into a file that was removed; the check finds no name.
		err := r.change(r.what("has written and verified", temp|file(r.m.content(p.list))), func(e *edit) error {
			if _, ok := e.find(temp); !ok || !whole {
				return errModel
			}
			e.put(temp, r.m.content(p.list))
			return nil
		})
		r.w.before = 0 // what was flushed is not forgotten, names may be
		if p.pc = pcPlaceLook; err != nil {
			r.joinFailed(err)
		}
	case pcPlaceLook:
		switch err := r.holds(r.mine()); {
		case r.m.flaw == placeWithoutLook, err == nil:
			p.pc = pcPlace
		case errors.Is(err, ErrCancelled) && r.m.flaw != cancelledWaits:
			p.pc = pcDropBack
		case err != errModel:
			p.pc = pcDropLost
		}
	case pcPlace, pcPlaceBare:
		r.placeOutput(temp, output)
	case pcUnlink:
		// If this fails the next try finds one file under both names.
		if p.pc = pcStands; r.change(r.what("removes", temp), func(e *edit) error {
			e.remove(temp)
			return nil
		}) != nil {
			p.pc = pcPlaceLook
		}
	case pcDropLost, pcDropFail, pcDropBack, pcDropAdopt:
		_ = r.change(r.what("removes", temp), func(e *edit) error {
			e.remove(temp)
			return nil
		})
		switch p.pc {
		case pcDropLost:
			p.rest()
		case pcDropFail:
			p.pc = pcFailRead
		case pcDropAdopt: // by another stitcher of this job, perhaps
			if p.pc = pcAdoptLate; r.m.flaw == occupiedIsFinal {
				p.pc = pcFailFinal
			}
		case pcDropBack:
			p.pc = pcRelease
		}
	default:
		r.finish()
	}
}

// joinFailed is a failure that is charged. If the disk failed, it is a true one.
func (r *run) joinFailed(err error) {
	r.p.pc = pcDropFail
	if r.used && err != nil {
		r.remember(kindReason)
	}
}

// gather is the look of watcher.results.
func (r *run) gather() {
	p := r.p
	s, err := r.lookAt()
	if err != nil || s.gone {
		p.pc = pcRelease
		return
	}
	var results []file
	for _, v := range Fold(r.m.units, s.l).Units {
		switch {
		case v.ID == UnitStitch:
		case v.State != Done:
			p.rest()
			return
		default:
			results = append(results, r.m.path(kindResult, v.Ticket))
		}
	}
	p.list, p.pc = r.m.list(results), pcRead
}

// read is the rest of it: the results, and whether their parts stand. The first bad one is
// made again.
func (r *run) read() {
	p := r.p
	r.look = true
	for _, f := range r.m.unlist(p.list) {
		_, result := r.find(f)
		_, part := r.find(f.as(kindPart))
		if !result || !part || r.isRetired() {
			r.say("%s", r.what("finds unusable:", f))
			p.pc, p.list = pcRemakeLook, r.m.list([]file{f})
			return
		}
	}
	r.say("%s", r.what("reads", r.m.unlist(p.list)...))
	p.pc = pcPrepare
	if r.m.recipes() {
		r.together()
	}
}

func (r *run) partsStand() bool {
	return !slices.ContainsFunc(r.m.unlist(r.p.list), func(f file) bool {
		_, ok := r.find(f.as(kindPart))
		return !ok || r.isRetired()
	})
}

// remake is Store.Remake of one unit after the other, then the stitch is charged.
func (r *run) remake() {
	p := r.p
	bad := r.m.unlist(p.list)
	switch p.pc {
	case pcRemakeLook:
		s, err := r.lookAt()
		var all []file
		for _, t := range s.l.Results {
			if t.Unit == r.m.units[bad[0].unit()].ID {
				all = append(all, r.m.path(kindResult, t))
			}
		}
		switch {
		case err != nil || s.gone:
			p.list, p.odd = 0, 0
			if p.pc = pcRelease; r.m.flaw == chargedForTheShare { // it is not the stitch's fault
				p.pc = pcFailRead
			}
			return
		case len(all) == 0 || s.l.Cancelled || s.l.Done && r.m.flaw != remakeWhenDone:
			r.remadeOne()
			return
		}
		p.list, p.pc = r.m.list(all), pcRemakeLast
		if r.m.flaw == resultsGoFirst {
			p.pc = pcRemakeClear
		}
	case pcRemakeLast:
		p.doc, p.pc = uint16(r.lastAttempt(bad[0].unit())), pcRemakeTell
		r.say("reads that the last attempt was %d", p.doc)
	case pcRemakeTell:
		next := Ticket{Unit: r.m.units[bad[0].unit()].ID, Attempt: int(p.doc)}.Next()
		p.doc = 0
		if p.pc = pcRemakeClear; r.publish(r.m.path(kindTodo, next), 0) != nil {
			p.pc, p.list, p.odd = pcRelease, 0, 0
		} else if r.m.flaw == resultsGoFirst {
			p.pc, p.list = pcFailRead, 0
		}
	case pcRemakeClear:
		p.again = r.withdraw(bad[0]) != nil || p.again
		switch {
		case len(bad) > 1 && r.m.flaw != resultsGoFirst:
			p.list = r.m.list(bad[1:])
		case r.m.flaw == resultsGoFirst:
			p.pc = pcRemakeLast
		case p.again:
			p.pc, p.list, p.again, p.odd = pcRelease, 0, false, 0
		default:
			r.remadeOne()
		}
	}
}

// adopt compares what stands at the output with what a stitch would make. Where nothing
// stands it goes on with next.
func (r *run) adopt(next pc) {
	p := r.p
	r.look = true
	out, ok := (&edit{r.files()}).first(kindOutput)
	switch {
	case !ok:
		p.pc = next
	case out.holds() == r.m.content(p.list):
		r.say("%s", r.what("adopts", out))
		p.pc = pcStands
	case r.m.overwrite:
		p.pc = next
	default:
		r.say("%s", r.what("finds the output occupied:", out))
		if p.pc = pcFailFinal; r.m.whole(out.holds()) {
			r.remember(kindStranger)
		}
	}
}

// placeOutput is jobfile.Place.
func (r *run) placeOutput(temp, output file) {
	p := r.p
	_, there := r.find(temp)
	out, taken := (&edit{r.files()}).first(kindOutput)
	switch {
	case !there:
		r.look = true
		r.say("finds no temporary output")
		if p.pc = pcPlaceLook; p.again {
			p.pc = pcDropBack // after two leases
		}
		p.again = true
		return
	case taken && out.name() == output && !r.m.noLinks:
		r.look = true
		p.pc = pcUnlink // one file under both names: the answer was lost
		return
	case taken && !r.m.overwrite && p.pc != pcPlaceBare && r.m.flaw != placeOverOthers:
		r.look = true
		r.say("%s", r.what("finds the output occupied:", out))
		p.pc = pcDropAdopt
		return
	case r.m.noLinks && p.pc == pcPlace:
		r.look = true
		p.pc = pcPlaceBare // it looked, and will rename
		return
	}
	rename := r.m.overwrite || r.m.noLinks
	err := r.change("gives it its name", func(e *edit) error {
		f, _ := e.find(temp)
		e.removeAll(kindOutput)
		e.put(output, f.holds())
		if rename {
			e.remove(temp)
		}
		return nil
	})
	switch {
	case err != nil:
		p.pc = pcPlaceLook
	case rename:
		p.pc = pcStands
	default:
		p.pc = pcUnlink
	}
}

// finish is the end of watcher.stitch: DONE.yaml, and where there is no minute to wait, tidying.
func (r *run) finish() {
	p := r.p
	switch p.pc {
	case pcStands:
		r.look = true
		if !r.stands(r.m.content(p.list)) && r.m.flaw != finishWithoutOutput {
			r.say("finds that the output does not stand")
			p.pc = pcRelease
			return
		}
		r.say("sees that the output stands")
		p.pc = pcFinishLook
	case pcFinishLook:
		s, err := r.lookAt()
		switch {
		case errors.Is(err, errModel):
		case err != nil || s.gone:
			p.pc = pcRelease
		case s.l.Done:
			p.pc = pcTidyParts
		case s.l.holds(r.mine()) != nil: // too late to cancel
			p.rest()
		default:
			if p.pc = pcFinish; r.m.flaw == retireBeforeDone {
				p.pc = pcTidyParts
			}
		}
	case pcFinish:
		if p.pc = pcTidyParts; r.publish(named(kindDone, 0, 0, 0), r.m.content(p.list)) != nil {
			p.pc = pcFinishLook
		}
		if r.m.flaw == retireBeforeDone {
			p.pc = pcTidyMove
		}
	case pcTidyParts:
		if !r.tidy(1) {
			p.rest()
		} else if p.pc = pcTidyMove; r.m.flaw == retireBeforeDone && !r.has(kindDone) {
			p.pc = pcFinish
		}
	case pcTidyMove:
		if p.pc = pcTidyRest; !r.tidy(2) {
			p.rest()
		}
	case pcTidyRest:
		r.tidy(3)
		p.rest()
	}
	if p.pc == pcTidyParts && r.m.settles {
		p.rest() // whoever sees it stand for a minute tidies up
	}
}
