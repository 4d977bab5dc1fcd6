package jobfile

import "slices"

// copy is Store.Copy. The look and the reads are one step, since what the first shows but for a part
// that is written, and that stays, decides nothing.
func (r *run) copy(of file) {
	p := r.p
	mine := named(kindDoing, of.unit(), of.attempt(), int(p.worker))
	switch p.sub {
	case 0:
		s, err := r.lookAt()
		if err != nil || s.gone || !s.l.MayCopy(r.m.ticket(of), workerID(int(p.worker))) || !r.isWritten(of) {
			r.advance()
			return
		}
		f, ok := r.find(of)
		if !ok || r.isRetired() {
			r.advance()
			return
		}
		p.sub, p.arg = 1, uint8(f.holds())
	case 1:
		if p.sub = 2; r.publish(mine, uint16(p.arg)) != nil {
			p.sub = 3
		}
	case 2:
		s, err := r.lookAt()
		switch {
		case err != nil || s.gone:
			p.sub = 3
		case s.inWork().Holds(r.m.ticket(mine)) != nil || s.l.crowded(r.m.ticket(mine)):
			p.sub = 3
		default:
			r.won(mine, nil)
			p.copy = true
		}
	case 3: // Drop
		switch e, err := r.without(r.m.ticket(mine)); {
		case err != nil, e == stays:
			r.advance()
		case e == goes:
			p.sub = 5
		default:
			p.sub = 4
		}
	case 4:
		_ = r.release(r.m.ticket(mine))
		r.advance()
	case 5:
		_ = r.remove(mine)
		r.advance()
	}
}

// isWritten is Store.isWritten: a part has a name from the moment in which an encoder begins.
func (r *run) isWritten(of file) bool {
	if _, ok := r.find(of.as(kindStaged)); ok || r.m.flaw == copyBeforeSettled {
		return true
	}
	return slices.ContainsFunc(r.w.procs[:], func(o proc) bool {
		return o.pc == pcWork && o.worker == uint8(of.worker()) && o.unit == uint8(of.unit()) && o.attempt == uint8(of.attempt())
	})
}

// without is the look of Store.Drop.
func (r *run) without(mine Ticket) (ending, error) {
	s, err := r.lookAt()
	switch {
	case err != nil:
		return 0, err
	case s.gone:
		return 0, errModel
	}
	e := s.l.without(mine)
	if e == stays && (r.m.flaw == firstDrops || r.m.flaw == everybodyDrops) {
		e = goes
	}
	return e, nil
}
