package jobfile

import (
	"errors"
	"slices"
)

// pc is where a worker stands in the unit that it holds.
type pc uint8

const (
	pcNone       pc = iota
	pcLog           // Stage
	pcSettleLook    // begin, from here
	pcSettle
	pcAgreeLook
	pcAgreeRead
	pcWork
	pcCommitLook // agreed
	pcCommitRead
	pcLook // Commit, from here
	pcPart
	pcResult
	pcClear
	pcDiscard   // lost: Unstage
	pcUnstage   // failed: Unstage, then Fail
	pcAbandon   // the machine's fault: Unstage, then Release
	pcFailRead  // Fail
	pcFailFinal // Fail, final
	pcFailTell
	pcFailTellFinal
	pcFailClear
	pcRelease
	pcDropLook  // of a copy: Drop
	pcDropSweep // its file goes
	pcDropCopy  // Unstage, then Drop

	pcGather // the stitch, from here: look
	pcRead
	pcRemakeLook
	pcRemakeLast
	pcRemakeTell
	pcRemakeClear
	pcPrepare
	pcAdopt
	pcAdoptLate
	pcJoin
	pcVerify
	pcPlaceLook
	pcPlace
	pcPlaceBare
	pcUnlink
	pcDropLost // remove the temporary output, then one of the ends above
	pcDropFail
	pcDropBack
	pcDropAdopt
	pcStands
	pcFinishLook
	pcFinish
	pcTidyParts
	pcTidyMove
	pcTidyRest
)

// work does one step of a worker's unit, as watcher.work, Store.Commit and Store.Fail do it.
func (r *run) work() {
	p := r.p
	at := func(k kind) file { return named(k, int(p.unit), int(p.attempt), int(p.worker)) }
	switch p.pc {
	case pcLog:
		err := r.change(r.what("begins", at(kindDoing)), func(e *edit) error {
			if e.has(kindRetired) {
				return errModel
			}
			// Only the highest attempt is ever asked for.
			log := slices.IndexFunc(e.files, func(f file) bool { return f.kind() == kindLog && f.unit() == int(p.unit) })
			if log < 0 || e.files[log].attempt() < int(p.attempt) {
				if log >= 0 {
					e.remove(e.files[log])
				}
				e.put(named(kindLog, int(p.unit), int(p.attempt), 0), 0)
			}
			return nil
		})
		switch {
		case err != nil:
			p.pc = pcAbandon
		default:
			p.pc = r.begins()
		}
	case pcWork:
		r.works = true
		if r.how == fails || r.how == unable {
			r.used = true
			r.say("cannot make %v: %s", r.mine(), howNames[r.how])
			p.pc = pcUnstage
			switch {
			case p.copy || r.m.flaw == everybodyDrops:
				p.pc = pcDropCopy // nothing is charged
			case r.how == unable:
				p.pc = pcAbandon
			default:
				r.remember(kindReason)
			}
			return
		}
		if p.pc = r.commits(); r.change(r.what("writes", at(kindStaged)), func(e *edit) error {
			if e.has(kindRetired) {
				return errModel
			}
			e.put(at(kindStaged), 0)
			return nil
		}) != nil {
			p.pc = pcAbandon
		}
		r.w.before = 0 // what was flushed is not forgotten, names may be
	case pcLook:
		switch _, err := r.holding(r.mine()); {
		case r.m.flaw == commitWithoutLook, err == nil:
			p.pc = pcPart
			if r.m.flaw == resultBeforePart {
				p.pc = pcResult
			}
		case errors.Is(err, ErrCancelled) && r.m.flaw != cancelledWaits:
			p.pc = pcAbandon
		case err != errModel:
			p.pc = pcDiscard
		default:
			p.pc = r.commits()
		}
	case pcPart:
		r.place(at(kindStaged), at(kindPart))
	case pcResult:
		switch {
		case r.publish(at(kindResult), uint16(p.recipe)) != nil:
			p.pc = r.commits()
		case r.m.flaw == resultBeforePart && !r.has(kindPart):
			p.pc = pcPart
		default:
			p.pc = pcClear
		}
	case pcClear:
		_ = r.remove(at(kindDoing))
		p.rest()
	case pcDiscard, pcUnstage, pcAbandon, pcDropCopy:
		_ = r.remove(at(kindStaged))
		if p.copy || r.m.flaw == everybodyDrops {
			p.pc = pcDropLook
			return
		}
		switch p.pc {
		case pcDiscard:
			p.rest()
		case pcUnstage:
			p.pc = pcFailRead
		case pcAbandon:
			p.pc = pcRelease
		}
	case pcRelease:
		_ = r.release(r.mine())
		p.rest()
	case pcDropLook:
		switch e, err := r.without(r.mine()); {
		case err != nil, e == stays:
			p.rest()
		case e == goes:
			p.pc = pcDropSweep
		default:
			p.pc = pcRelease
		}
	case pcDropSweep:
		_ = r.remove(at(kindDoing))
		p.rest()
	case pcFailRead, pcFailFinal, pcFailTell, pcFailTellFinal, pcFailClear:
		r.fail(at(kindDoing))
	case pcSettleLook, pcSettle, pcAgreeLook, pcAgreeRead, pcCommitLook, pcCommitRead:
		r.agree()
	default:
		r.stitch()
	}
}

// place gives a part its name. A second try finds it named already.
func (r *run) place(staged, part file) {
	p := r.p
	if _, ok := r.find(staged); !ok || r.isRetired() {
		_, stands := r.find(part)
		r.look = true
		r.say("%s", r.what("finds no", staged))
		switch {
		case stands && !r.isRetired():
			p.pc = pcResult
		case p.again:
			p.pc = pcAbandon // after two leases
		default:
			p.pc, p.again = r.commits(), true
		}
		return
	}
	if p.pc = pcResult; r.rename(staged, part) == errModel {
		p.pc = r.commits()
	}
}

// fail is Store.Fail, and what watcher.conclude does when that fails.
func (r *run) fail(doing file) {
	p := r.p
	next := r.m.path(kindTodo, r.mine().Next())
	switch p.pc {
	case pcFailRead, pcFailFinal:
		r.look = true
		f, ok := r.find(doing)
		if !ok || r.isRetired() {
			p.pc = pcRelease
			return
		}
		r.say("%s", r.what("reads", doing))
		p.doc = f.holds()
		if p.pc == pcFailRead {
			p.pc = pcFailTell
		} else {
			p.pc = pcFailTellFinal
		}
		if r.m.flaw == doingGoesFirst {
			_ = r.remove(doing)
		}
	case pcFailTell:
		p.doc = charge(p.doc, workerSlot(int(p.worker)))
		if p.pc = pcFailClear; r.publish(next, p.doc) != nil {
			p.pc = pcRelease
		}
	case pcFailTellFinal:
		if p.pc = pcFailClear; r.publish(next.as(kindFailed), final) != nil {
			p.pc = pcRelease
		}
	case pcFailClear:
		_ = r.remove(doing)
		p.rest()
	}
}

// remember notes something of the history in the folder.
func (r *run) remember(k kind) {
	e := edit{slices.Clone(r.files())}
	e.put(named(k, 0, 0, 0), 0)
	before := r.w.before
	r.w.replace(r.m, e.files)
	r.w.before = before
}
