package jobfile

import (
	"fmt"
	"slices"
	"strings"
)

// forEver is an attempt that no unit comes to, for all that may go wrong in one history.
const forEver = 15

// check judges one folder: what must hold at every instant, whoever does what in between.
func (m *model) check(files []file) error {
	e := edit{files}
	done, isDone := e.first(kindDone)
	out, placed := e.first(kindOutput)
	forgotten := e.has(kindForgotten)
	retired := e.has(kindRetired)
	// Whoever found the output gone and then stalled for a minute may remove the DONE.yaml of
	// the next stitch, while another tidies up after that. The file is whole then.
	undone := e.has(kindUndone)
	whole := placed && m.whole(out.holds())
	if placed && out.holds() != foreign && !whole {
		return fmt.Errorf("the output's name is given to %s", m.describe(out))
	}
	// A server that forgets the output's name leaves DONE.yaml without one, until somebody
	// looks. Where there is a minute for that the job does not retire so.
	if isDone && !whole && (!forgotten || retired && m.settles) {
		return fmt.Errorf("DONE.yaml stands, and the output is not whole")
	}
	if isDone && whole && done.holds() != out.holds() && !m.overwrite {
		return fmt.Errorf("DONE.yaml is about another file than the one that stands")
	}
	if whole {
		if parts := m.unlist(uint32(out.holds())); slices.ContainsFunc(parts, func(f file) bool { return f.holds() != parts[0].holds() }) {
			return fmt.Errorf("the file is joined of parts of different recipes: %s", m.names(parts))
		}
	}
	cancelled := e.has(kindCancel)
	if retired && !isDone && !undone && !cancelled && !e.has(kindPurged) {
		return fmt.Errorf("the job retired without DONE.yaml")
	}
	for _, f := range files {
		if k := f.kind(); (k == kindTodo || k == kindDoing) && f.attempt() > forEver {
			return fmt.Errorf("unit %s is made for ever: %s", m.units[f.unit()].ID, m.describe(f))
		}
		switch f.kind() {
		case kindResult:
			_, stands := e.find(f.as(kindPart))
			_, lost := e.find(f.as(kindLostPart))
			if !stands && !lost && !isDone && !(undone && whole) && !cancelled {
				return fmt.Errorf("%s stands, and its part is gone", m.describe(f))
			}
		case kindFailed:
			if !isDone && !m.excused(e, f) {
				return fmt.Errorf("%s stands, and nothing was wrong with it", m.describe(f))
			}
		}
	}
	if v := Fold(m.units, m.show(files).l); len(v.Units) != len(m.units) {
		return fmt.Errorf("of %d units %d have a state", len(m.units), len(v.Units))
	}
	// For people only, so a stale look may cost it, and a server that forgets.
	if isDone && !m.lags && !e.has(kindHole) && !cancelled && !e.has(kindTakenBack) {
		for i := range len(m.units) - 1 {
			// A result whose part a server lost may have been taken back before somebody finished.
			if !slices.ContainsFunc(files, func(f file) bool {
				return f.unit() == i && (f.kind() == kindResult || f.kind() == kindLostPart)
			}) {
				return fmt.Errorf("DONE.yaml stands, and the result of %s is gone", m.units[i].ID)
			}
		}
	}
	if e.has(kindMark) && !e.has(kindEverFail) {
		return fmt.Errorf("FAILED.yaml stands, and no unit was ever given up")
	}
	return nil
}

// excused reports whether a unit may be given up: something was really wrong. One lost part
// costs a stitch two of its three failures at most; a stale look may add one, and a server that
// forgets that the result was taken back, and so may parts that went with another's DONE.yaml.
func (m *model) excused(e edit, failed file) bool {
	lost := 0
	for _, f := range e.files {
		switch f.kind() {
		case kindLostPart:
			lost++
		case kindJob:
			lost += int(f.holds()) // a person's edit has parts made again, too
		}
	}
	switch {
	case e.has(kindReason), e.has(kindCancel): // a holder may find that its parts went with the job
		return true
	case failed.holds() == final:
		return e.has(kindStranger) && (!m.sameBytes || m.recipes() && m.scenario.faults+m.scenario.moves > 0)
	}
	return lost > 1 || lost == 1 && (m.lags || e.has(kindHole) || e.has(kindUndone))
}

// whole reports whether a file holds exactly one part of every unit, each proven before.
func (m *model) whole(holds uint16) bool {
	if holds == half || holds == foreign {
		return false
	}
	parts := m.unlist(uint32(holds))
	if len(parts) != len(m.units)-1 {
		return false
	}
	for i, f := range parts {
		if f.unit() != i {
			return false
		}
	}
	return true
}

// checkStep judges what one step changed, and what a worker believed when it made it.
func (m *model) checkStep(was *world, s step, now *world) error {
	a, b := edit{m.folders.files[was.folder]}, edit{m.folders.files[now.folder]}
	if s.how <= unable || s.how == misjudges {
		if err := m.checkBelief(&was.procs[s.slot], s, &now.procs[s.slot], now); err != nil {
			return err
		}
	}
	if was.folder == now.folder || s.how >= crashes && s.how != misjudges {
		return nil
	}
	if s.how <= unable && s.unit {
		if err := m.checkRecipe(&was.procs[s.slot], a, b); err != nil {
			return err
		}
	}
	x, had := a.first(kindOutput)
	y, has := b.first(kindOutput)
	if had && has && x.holds() != y.holds() && !m.overwrite {
		return fmt.Errorf("the output was %s and became %s", m.describe(x), m.describe(y))
	}
	before := m.seen[m.looked(was.folder)]
	for _, f := range a.files {
		if f.kind() != kindTemp {
			continue
		}
		if _, stands := b.find(f.name()); stands || f.worker() == int(was.procs[s.slot].worker) {
			continue
		}
		if holder := m.ticket(f.as(kindDoing)); was.living(f.worker()) && !before.gone && before.l.Holds(holder) == nil {
			return fmt.Errorf("what %v writes is removed, and it holds the stitch", holder)
		}
	}
	v, n := m.states(was.folder), m.states(now.folder)
	for i := range m.units {
		switch o, u := v[i], n[i]; {
		case v[0].gone || n[0].gone:
		case o.state == Doing && u.state == Todo && u.attempt <= o.attempt && !b.has(kindHole):
			return fmt.Errorf("unit %s goes back to todo at attempt %d", m.units[i].ID, u.attempt)
		case u.state == Missing && o.state != Missing && !b.has(kindHole):
			return fmt.Errorf("unit %s is in no folder", m.units[i].ID)
		}
	}
	return nil
}

// state is what Fold makes of a unit.
type state struct {
	state   State
	attempt int
	gone    bool
}

func (m *model) states(folder uint32) [4]state {
	for int(folder) >= len(m.folders.states) {
		id := uint32(len(m.folders.states))
		var all [4]state
		if s := m.seen[m.looked(id)]; s.gone {
			all[0].gone = true
		} else {
			for i, u := range Fold(m.units, s.l).Units {
				all[i] = state{u.State, u.Attempt, false}
			}
		}
		m.folders.states = append(m.folders.states, all)
	}
	return m.folders.states[folder]
}

// checkBelief judges what a worker takes for true after a look: that its claim stands, or the
// output. Unless the look was stale, it does, at that instant.
func (m *model) checkBelief(was *proc, s step, now *proc, w *world) error {
	if s.how >= stale && s.how <= torn4 {
		return nil
	}
	switch {
	case was.sub == 0 && now.sub == 1 && m.errand(was.chores).kind == ActRestore:
		for _, f := range m.folders.files[w.folder] {
			if f.kind() == kindLog && f.unit() == int(m.errand(was.chores).unit) && f.attempt() > int(now.arg) && !m.states(w.folder)[0].gone {
				return fmt.Errorf("attempt %d is taken for the last, and %d has begun", now.arg, f.attempt())
			}
		}
		return nil
	case was.pc == pcNone && now.pc == pcLog:
	case was.pc == pcLook && now.pc == pcPart:
	case was.pc == pcPlaceLook && now.pc == pcPlace:
	case was.pc == pcFinishLook && now.pc == pcFinish:
	case was.pc == pcStands && now.pc == pcFinishLook:
		if out, ok := (&edit{m.folders.files[w.folder]}).first(kindOutput); !ok || out.holds() != m.content(now.list) {
			return fmt.Errorf("%v believes that the output stands", m.mine(now))
		}
		return nil
	default:
		return nil
	}
	files := m.folders.files[w.folder]
	if now.pc == pcFinish { // it is too late to cancel
		files = slices.DeleteFunc(slices.Clone(files), func(f file) bool { return f.kind() == kindCancel })
	}
	if !m.held(files, now, now.pc == pcPlace || now.pc == pcFinish) {
		return fmt.Errorf("%v believes that its claim stands", m.mine(now))
	}
	return nil
}

// held is Listing.Holds, said in another way: of a look at all folders, or of a holder's. What todo/ and failed/ show besides
// may as well appear after the look: then others work on the unit, too, or it is made again.
func (m *model) held(files []file, p *proc, all bool) bool {
	held := false
	for _, f := range files {
		same := f.unit() == int(p.unit)
		switch f.kind() {
		case kindDoing, kindTodo, kindFailed:
			doing := f.kind() == kindDoing
			if same && f.attempt() > int(p.attempt) && (all || doing) {
				return false
			}
			held = held || same && doing && f.attempt() == int(p.attempt) && f.worker() == int(p.worker)
		case kindResult:
			if same {
				return false
			}
		case kindDone, kindRetired, kindCancel:
			return false
		}
	}
	return held
}

// ends reports whether a worker that comes now, with everybody else dead, brings a folder to
// a good end: retired with its file, or given up for a reason. Every folder on its way is
// answered at once.
func (m *model) ends(folder uint32) error {
	for m.ender = range max(len(m.makers), 1) {
		if err := m.endsWith(folder, 1<<m.ender); err != nil {
			return err
		}
	}
	return nil
}

func (m *model) endsWith(folder uint32, good int8) error {
	var way []uint32
	w := world{folder: folder}
	w.procs[0] = proc{worker: 3, lives: true}
	hows := m.hows
	m.hows = 0
	defer func() { m.hows = hows }()
	for steps := 0; ; steps++ {
		p := &w.procs[0]
		if p.pc == pcNone && p.chores == 0 {
			if m.folders.end[w.folder]&good != 0 {
				break
			}
			way = append(way, w.folder)
		}
		was := w
		r := m.perform(&w, step{unit: p.pc != pcNone})
		if err := m.checked(w.folder); err != nil {
			return fmt.Errorf("a worker that comes then: %w", err)
		}
		if w == was && !r.op {
			if err := m.ended(m.folders.files[w.folder]); err != nil {
				return fmt.Errorf("%w: %s", err, m.names(m.folders.files[w.folder]))
			}
			break
		}
		if steps > 500 {
			return fmt.Errorf("a worker that comes then finds no end: %s", m.names(m.folders.files[w.folder]))
		}
	}
	for _, f := range way {
		m.folders.end[f] |= good
	}
	return nil
}

func (m *model) ended(files []file) error {
	e := edit{files}
	if e.has(kindPurged) || e.has(kindRetired) && e.has(kindCancel) && !e.has(kindDone) {
		return nil
	}
	if e.has(kindRetired) {
		if !e.has(kindDone) && !e.has(kindUndone) || !e.has(kindOutput) && !e.has(kindForgotten) {
			return fmt.Errorf("the job retired without its file")
		}
		return nil
	}
	v := Fold(m.units, m.show(files).l)
	i := slices.IndexFunc(v.Units, func(u UnitView) bool { return u.State == Failed })
	switch {
	case i < 0:
		return fmt.Errorf("a worker that comes then finds nothing to do, and the job is not finished")
	case !v.FailMark:
		return fmt.Errorf("the job is given up, and FAILED.yaml does not say so")
	}
	return nil
}

func (m *model) checked(folder uint32) error {
	if folder < m.judged {
		return m.folders.ok[folder]
	}
	for ; m.judged <= folder; m.judged++ {
		m.folders.ok[m.judged] = m.check(m.folders.files[m.judged])
	}
	return m.folders.ok[folder]
}

// names writes a folder down.
func (m *model) names(files []file) string {
	var s []string
	for _, f := range files {
		if f.kind() < kindReason {
			s = append(s, m.describe(f))
		}
	}
	return strings.Join(s, ", ")
}
