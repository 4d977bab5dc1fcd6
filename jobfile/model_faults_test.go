package jobfile

import (
	"fmt"
	"slices"
)

// step is one entry of a history.
type step struct {
	slot uint8
	unit bool // it is the unit's step, not the loop's
	how  how
	what file  // what a person or server does it to
	whom uint8 // 1 + the slot that is misjudged
}

func (m *model) may(h how) bool { return m.hows>>h&1 == 1 }

// next gives every step that could come after w, with the world it makes.
func (m *model) next(w *world, yield func(step, world)) {
	for i := range w.procs {
		p := &w.procs[i]
		slot := uint8(i)
		if !p.lives {
			if p.worker != 0xff && m.may(returns) && p.worker>>2 < 2 {
				n := *w
				n.procs[i] = proc{worker: p.worker + 4, lives: true}
				yield(step{slot: slot, how: returns}, n)
			}
			continue
		}
		if p.pc != pcNone {
			m.variants(w, slot, true, yield)
		}
		if p.pc == pcNone || m.beside {
			m.variants(w, slot, false, yield)
		}
		if w.faults == 0 {
			continue
		}
		if m.may(crashes) {
			n := *w
			n.faults--
			n.procs[i] = proc{worker: p.worker}
			yield(step{slot: slot, how: crashes}, n)
		}
		if m.may(remembers) && p.old == 0 && !(&edit{m.folders.files[w.folder]}).has(kindRetired) {
			n := *w
			n.faults--
			n.procs[i].old = m.looked(w.folder)
			yield(step{slot: slot, how: remembers}, n)
		}
	}
	m.others(w, yield)
}

// variants are a worker's next step, and what may become of it.
func (m *model) variants(w *world, slot uint8, unit bool, yield func(step, world)) {
	n := *w
	r := m.perform(&n, step{slot: slot, unit: unit})
	if n != *w {
		yield(step{slot: slot, unit: unit}, n)
	}
	try := func(s step, cost uint8) {
		if !m.may(s.how) || w.faults < cost {
			return
		}
		n := *w
		n.faults -= cost
		if v := m.perform(&n, s); v.used {
			yield(s, n)
		}
	}
	if r.op {
		for _, h := range []how{refused, unheard, denied} {
			try(step{slot: slot, unit: unit, how: h}, 1)
		}
	} else if r.look {
		try(step{slot: slot, unit: unit, how: refused}, 1)
		if w.procs[slot].old != 0 { // it was paid for when it was kept
			for _, h := range []how{stale, torn1, torn2, torn3, torn4} {
				try(step{slot: slot, unit: unit, how: h}, 0)
			}
		}
	}
	if r.judges {
		for i, o := range w.procs {
			if o.lives && i != int(slot) && o.pc != pcNone {
				try(step{slot: slot, how: misjudges, whom: uint8(i) + 1}, 1)
			}
		}
	}
	if r.claims {
		try(step{slot: slot, how: twin}, 1)
		try(step{slot: slot, how: snatch}, 1)
	}
	if r.works {
		try(step{slot: slot, unit: true, how: unable}, 1)
		if w.fails > 0 && m.may(fails) {
			n := *w
			n.fails--
			m.perform(&n, step{slot: slot, unit: true, how: fails})
			yield(step{slot: slot, unit: true, how: fails}, n)
		}
	}
}

// perform does a worker's step to w.
func (m *model) perform(w *world, s step) run {
	r := run{m: m, w: w, p: &w.procs[s.slot], how: s.how, blind: s.whom}
	if s.how == misjudges {
		r.how, r.used = plainly, true
	}
	if s.unit {
		r.work()
	} else {
		r.loop()
	}
	if w.faults == 0 {
		w.before = 0 // nothing can be forgotten any more
	}
	return r
}

// others are what servers and people do.
func (m *model) others(w *world, yield func(step, world)) {
	files := m.folders.files[w.folder]
	was := edit{files}
	retired := was.has(kindRetired)
	make := func(s step, change func(e *edit)) {
		n := *w
		if s.how >= drags {
			n.moves--
		} else {
			n.faults--
		}
		e := edit{slices.Clone(files)}
		change(&e)
		n.replace(m, e.files)
		n.before = 0
		yield(s, n)
	}
	if w.faults > 0 && w.before != 0 && m.may(forgets) && !(was.has(kindDone) && !retired && m.beyondTheMinute(w)) {
		make(step{how: forgets}, func(e *edit) { e.undo(m.folders.files[w.before]) })
	}
	if w.faults > 0 && m.may(losesPart) && !was.has(kindDone) {
		for _, f := range files {
			if f.kind() == kindPart {
				make(step{how: losesPart, what: f}, func(e *edit) {
					e.remove(f)
					e.put(f.as(kindLostPart), 0)
				})
			}
		}
	}
	if w.faults > 0 && m.may(losesOutput) && was.has(kindOutput) && !retired && !m.beyondTheMinute(w) {
		make(step{how: losesOutput}, func(e *edit) {
			e.removeAll(kindOutput)
			e.put(named(kindForgotten, 0, 0, 0), 0)
		})
	}
	if w.moves == 0 {
		return
	}
	if m.may(purges) && !was.has(kindPurged) && (retired || was.has(kindMark) && !was.has(kindDoing)) {
		make(step{how: purges}, func(e *edit) {
			e.removeAll(kindTodo, kindDoing, kindFailed, kindResult, kindLog, kindStaged, kindPart, kindDone, kindMark, kindCancel, kindSettled)
			e.put(named(kindRetired, 0, 0, 0), 0)
			e.put(named(kindPurged, 0, 0, 0), 0)
		})
	}
	if retired {
		return
	}
	if m.may(edits) {
		make(step{how: edits}, func(e *edit) {
			f, _ := e.first(kindJob)
			e.put(f, f.holds()+1)
		})
	}
	if m.may(cancels) && !was.has(kindCancel) {
		make(step{how: cancels}, func(e *edit) { e.put(named(kindCancel, 0, 0, 0), 0) })
	}
	if m.may(unmarks) && was.has(kindMark) {
		make(step{how: unmarks}, func(e *edit) { e.remove(named(kindMark, 0, 0, 0)) })
	}
	for _, f := range files {
		switch f.kind() {
		case kindFailed:
			if m.may(retries) {
				make(step{how: retries, what: f.name()}, func(e *edit) {
					e.remove(f)
					e.put(m.path(kindTodo, m.ticket(f).Next()), 0)
				})
			}
			if m.may(drags) {
				make(step{how: drags, what: f.name()}, func(e *edit) {
					// Somebody may be about to sweep a leftover of that name.
					if _, twin := e.find(f.as(kindTodo).name()); twin || m.sweeping(w, f.as(kindTodo)) {
						e.put(named(kindHole, 0, 0, 0), 0)
					}
					e.rename(f, f.as(kindTodo))
					e.put(f.as(kindTodo), 0)
				})
			}
		case kindTodo:
			if m.may(condemns) {
				make(step{how: condemns, what: f.name()}, func(e *edit) {
					// The same, once it is dragged back; and a unit that is being made again is litter there.
					again := slices.ContainsFunc(e.files, func(r file) bool { return r.kind() == kindResult && r.unit() == f.unit() })
					if _, twin := e.find(f.as(kindFailed).name()); twin || again {
						e.put(named(kindHole, 0, 0, 0), 0)
					}
					e.rename(f, f.as(kindFailed))
					e.put(named(kindReason, 0, 0, 0), 0)
				})
			}
		}
		if m.may(deletes) && (f.kind() == kindTodo || f.kind() == kindFailed) {
			make(step{how: deletes, what: f.name()}, func(e *edit) {
				e.remove(f)
				e.put(named(kindHole, 0, 0, 0), 0)
			})
		}
	}
	if m.may(occupies) && !was.has(kindOutput) {
		make(step{how: occupies}, func(e *edit) {
			e.put(named(kindOutput, 0, 0, 0), foreign)
			e.put(named(kindReason, 0, 0, 0), 0)
		})
	}
}

// sweeping reports whether somebody has seen a file as litter and not removed it yet.
func (m *model) sweeping(w *world, litter file) bool {
	for i := range w.procs {
		for rest := m.plans.vals[w.procs[i].chores]; rest != ""; rest = rest[5:] {
			e := errand{ActionKind(rest[0]), State(rest[1]), rest[2], rest[3], rest[4]}
			if e.kind == ActSweep && (e.state == Todo || e.state == Doing) && int(e.unit) == litter.unit() && int(e.number) == litter.attempt() {
				return true
			}
		}
	}
	return false
}

// undo makes the folder what it was before, but for what the checker remembers.
func (e *edit) undo(before []file) {
	was := edit{before}
	now := edit{slices.Clone(e.files)}
	e.files = slices.Clone(before)
	for _, f := range now.files {
		_, stood := was.find(f.name())
		switch {
		case f.kind() >= kindReason:
			e.put(f, f.holds())
		case f.kind() == kindOutput && !was.has(kindOutput):
			e.put(named(kindForgotten, 0, 0, 0), 0)
		case f.kind() == kindPart && !stood:
			e.put(f.as(kindLostPart), 0)
		}
	}
	e.put(named(kindHole, 0, 0, 0), 0)
}

// beyondTheMinute reports whether somebody has seen the output stand for the last time.
func (m *model) beyondTheMinute(w *world) bool {
	for i := range w.procs {
		p := &w.procs[i]
		if p.chores != 0 && m.errand(p.chores).kind == ActFinish && p.sub >= 1 && p.sub <= 3 {
			return true
		}
		if p.pc >= pcTidyParts {
			return true
		}
	}
	done, parts := false, false
	for _, f := range m.folders.files[w.folder] {
		done = done || f.kind() == kindDone
		parts = parts || f.kind() == kindPart
	}
	return done && !parts
}

// tell writes a history down, for people.
func (m *model) retell(history []step) (lines []string) {
	w := m.birth()
	for i, s := range history {
		line := ""
		m.tell = func(format string, args ...any) { line += " " + fmt.Sprintf(format, args...) }
		n, ok := m.take(w, s)
		m.tell = nil
		if !ok {
			return append(lines, fmt.Sprintf("%2d %s: this step cannot be made", i+1, m.write(s)))
		}
		w = n
		lines = append(lines, fmt.Sprintf("%2d %-12s%s", i+1, m.write(s), line))
	}
	return append(lines, "   then: "+m.names(m.folders.files[w.folder]))
}

// take makes one step of a history.
func (m *model) take(w world, s step) (after world, ok bool) {
	if s.how <= unable || s.how == misjudges {
		if s.slot >= uint8(len(w.procs)) || !w.procs[s.slot].lives {
			return w, false
		}
		after = w
		switch {
		case s.how == fails:
			after.fails--
		case s.how != plainly && (s.how < stale || s.how > torn4):
			after.faults--
		}
		r := m.perform(&after, s)
		return after, r.used || s.how == plainly || s.how == fails
	}
	tell := m.tell
	m.tell = nil
	defer func() { m.tell = tell }()
	m.next(&w, func(t step, n world) {
		if t == s {
			after, ok = n, true
		}
	})
	return after, ok
}

// write is a step as the table of histories has it: "a", "b.refused", "a.misjudges.b",
// "deletes.todo/0000.a1". Capitals are the unit's steps.
func (m *model) write(s step) string {
	switch {
	case s.how == forgets || s.how == losesOutput || s.how >= occupies && s.how != retries:
		return howNames[s.how]
	case s.what != 0:
		return howNames[s.how] + ":" + m.describe(s.what)
	}
	t := workerName(int(s.slot))
	if s.unit {
		t = string(t[0] - 'a' + 'A')
	}
	if s.how != plainly {
		t += "." + howNames[s.how]
	}
	if s.whom != 0 {
		t += "." + workerName(int(s.whom-1))
	}
	return t
}
