package jobfile

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// The model's folder: one job's files as a sorted set of names, each with what a program
// could read in it. Folders never change; a step makes another one. Equal folders are the
// same number, so a world is a few numbers and everything that follows from a folder alone
// is worked out once.

// kind says where a file lies. What comes from kindReason on lies nowhere: it is what the
// checker must remember of the history to judge a folder.
type kind uint8

const (
	kindTodo kind = iota + 1
	kindDoing
	kindFailed
	kindResult
	kindLog    // the highest attempt of a unit that began
	kindStaged // parts/.NAME.partial
	kindPart
	kindTemp    // beside the output; what it holds, or half
	kindOutput  // named by the attempt and worker that placed it, to tell two files apart
	kindDone    // DONE.yaml
	kindMark    // FAILED.yaml
	kindCancel  // CANCELLED.yaml
	kindRetired // the folder lies in FARM/done, or nowhere
	kindJob     // job.yaml; how often its recipe was edited
	kindSettled // recipe.R.WORKER.yaml, R as its attempt; the recipe

	kindReason    // a failure was injected, or a person wanted one
	kindEverFail  // a unit has been in failed/
	kindForgotten // a server forgot the output's name
	kindLostPart  // a server lost this part
	kindStranger  // a stitch found the file of one that read other results
	kindUndone    // DONE.yaml was removed while the output stood
	kindHole      // somebody deleted a file, or a server forgot one: a unit may be missing
	kindPurged    // the folder was removed
	kindTakenBack // a result was removed, and its unit is made again
)

// file is a name and, in its low 16 bits, what it holds.
type file uint64

func named(k kind, unit, attempt, worker int) file {
	return file(k)<<48 | file(unit)<<40 | file(attempt)<<32 | file(worker)<<16
}

func (f file) kind() kind     { return kind(f >> 48) }
func (f file) unit() int      { return int(f>>40) & 0xff }
func (f file) attempt() int   { return int(f>>32) & 0xff }
func (f file) worker() int    { return int(f>>16) & 0xff }
func (f file) holds() uint16  { return uint16(f) }
func (f file) name() file     { return f &^ 0xffff }
func (f file) as(k kind) file { return f&(1<<48-1) | file(k)<<48 }

// What a temporary output, the output and DONE.yaml hold: the number of a list of results, or
// one of these.
const (
	half    = 0xfffe
	foreign = 0xffff
	final   = 1 // in failed/: not for the number of its failures
)

// Failures in a unit's document: up to three names of workers, two bits each, after their
// number.
func charge(doc uint16, slot int) uint16 {
	n := doc & 3
	if n == 3 {
		return doc
	}
	return doc&^3 | uint16(slot)<<(2+2*n) | (n + 1)
}

func charged(doc uint16) (names []string) {
	for i := range doc & 3 {
		names = append(names, workerName(int(doc>>(2+2*i))&3))
	}
	return names
}

// A worker's number is its slot and, above that, how often it was started again.
func workerSlot(worker int) int { return worker & 3 }

func workerName(slot int) string { return "abcz"[slot : slot+1] }

func workerID(worker int) string { return workerIDs[worker] }

var workerIDs = func() (ids [32]string) {
	for w := range ids {
		ids[w] = fmt.Sprintf("%s-%d", workerName(w&3), w>>2+1)
	}
	return ids
}()

func workerNumber(id string) int { return slices.Index(workerIDs[:], id) }

// edit is a folder that is being changed.
type edit struct{ files []file }

func (e *edit) find(name file) (file, bool) {
	i, ok := e.search(name)
	if !ok {
		return 0, false
	}
	return e.files[i], true
}

func (e *edit) search(name file) (int, bool) {
	name = name.name()
	for i, f := range e.files {
		if f.name() >= name {
			return i, f.name() == name
		}
	}
	return len(e.files), false
}

func (e *edit) has(k kind) bool {
	_, ok := e.first(k)
	return ok
}

func (e *edit) first(k kind) (file, bool) {
	for _, f := range e.files {
		if f.kind() == k {
			return f, true
		}
	}
	return 0, false
}

func (e *edit) put(name file, holds uint16) {
	f := name.name() | file(holds)
	i, ok := e.search(f.name())
	if ok {
		e.files[i] = f
		return
	}
	e.files = slices.Insert(e.files, i, f)
	switch f.kind() {
	case kindFailed:
		e.put(named(kindEverFail, 0, 0, 0), 0)
	case kindOutput:
		e.remove(named(kindForgotten, 0, 0, 0))
	}
}

func (e *edit) remove(name file) bool {
	i, ok := e.search(name.name())
	if ok {
		e.files = slices.Delete(e.files, i, i+1)
	}
	return ok
}

func (e *edit) removeAll(ks ...kind) {
	e.files = slices.DeleteFunc(e.files, func(f file) bool { return slices.Contains(ks, f.kind()) })
}

// rename reports whether from was there.
func (e *edit) rename(from, to file) bool {
	f, ok := e.find(from.name())
	if ok {
		e.remove(from)
		e.put(to, f.holds())
	}
	return ok
}

// folders gives every folder that was met its number. Number 0 is none.
type folders struct {
	ids   map[string]uint32
	files [][]file
	looks []uint32 // each one's listing
	ok    []error  // whether it keeps the promises
	end   []int8   // whether a worker that comes now brings it to a good end
	buf   []byte

	states [][4]state // what Fold makes of each
}

func newFolders() *folders {
	return &folders{ids: map[string]uint32{}, files: make([][]file, 1), looks: make([]uint32, 1), ok: make([]error, 1), end: make([]int8, 1), states: make([][4]state, 1)}
}

func (fs *folders) number(files []file) (id uint32, isNew bool) {
	fs.buf = fs.buf[:0]
	for _, f := range files {
		fs.buf = binary.LittleEndian.AppendUint64(fs.buf, uint64(f))
	}
	if id, ok := fs.ids[string(fs.buf)]; ok {
		return id, false
	}
	id = uint32(len(fs.files))
	fs.ids[string(fs.buf)] = id
	fs.files = append(fs.files, slices.Clone(files))
	fs.looks = append(fs.looks, 0)
	fs.ok = append(fs.ok, nil)
	fs.end = append(fs.end, 0)
	return id, true
}

// numbers does the same for anything that can be compared.
type numbers[T comparable] struct {
	ids  map[T]uint32
	vals []T
}

func newNumbers[T comparable]() *numbers[T] {
	return &numbers[T]{ids: map[T]uint32{}, vals: make([]T, 1)}
}

func (n *numbers[T]) number(v T) uint32 {
	id, ok := n.ids[v]
	if !ok {
		id = uint32(len(n.vals))
		n.ids[v] = id
		n.vals = append(n.vals, v)
	}
	return id
}

// seen is what a look returns: the real Listing, or that the job is in jobs/ no more.
type seen struct {
	gone  bool
	l     Listing
	files []file
}

// show lists a folder as Store.Look does.
func (m *model) show(files []file) seen {
	s := seen{files: files}
	for _, f := range files {
		t := m.ticket(f)
		switch f.kind() {
		case kindTodo:
			s.l.Todo = append(s.l.Todo, t)
		case kindDoing:
			s.l.Doing = append(s.l.Doing, t)
		case kindFailed:
			s.l.Failed = append(s.l.Failed, t)
		case kindResult:
			s.l.Results = append(s.l.Results, t)
		case kindDone:
			s.l.Done = true
		case kindMark:
			s.l.FailedMark = true
		case kindCancel:
			s.l.Cancelled = true
		case kindRetired:
			return seen{gone: true}
		case kindSettled:
			n, _ := parseSettlement(Settlement{f.attempt(), workerID(f.worker())}.File())
			s.l.Settled = append(s.l.Settled, n)
		}
	}
	sortSettlements(s.l.Settled)
	return s
}

// looked is the number of what a look at a folder shows.
func (m *model) looked(folder uint32) uint32 {
	if id := m.folders.looks[folder]; id != 0 {
		return id
	}
	var visible []file
	for _, f := range m.folders.files[folder] {
		switch f.kind() {
		case kindTodo, kindDoing, kindFailed, kindResult, kindDone, kindMark, kindCancel, kindRetired, kindSettled:
			visible = append(visible, f.name())
		}
	}
	id := m.listing(visible)
	m.folders.looks[folder] = id
	return id
}

func (m *model) listing(visible []file) uint32 {
	var key []byte
	for _, f := range visible {
		key = binary.LittleEndian.AppendUint64(key, uint64(f))
	}
	id := m.listings.number(string(key))
	if int(id) == len(m.seen) {
		m.seen = append(m.seen, m.show(visible))
	}
	return id
}

// torn is a look whose first folders were read at an earlier time than the rest.
func (m *model) torn(before, now uint32, folders int) uint32 {
	var visible []file
	order := []kind{kindTodo, kindDoing, kindFailed, kindResult}
	for i, id := range []uint32{before, now} {
		for _, f := range m.seen[id].files {
			if early := slices.Contains(order[:folders], f.kind()); early == (i == 0) {
				visible = append(visible, f)
			}
		}
	}
	slices.Sort(visible)
	return m.listing(visible)
}

func (m *model) ticket(f file) Ticket {
	t := Ticket{Unit: m.units[f.unit()].ID, Attempt: f.attempt()}
	if k := f.kind(); k == kindDoing || k == kindResult {
		t.Worker = workerID(f.worker())
	}
	return t
}

// path is where a ticket lies.
func (m *model) path(k kind, t Ticket) file {
	unit := slices.IndexFunc(m.units, func(p Planned) bool { return p.ID == t.Unit })
	if t.Worker == "" {
		return named(k, unit, t.Attempt, 0)
	}
	return named(k, unit, t.Attempt, workerNumber(t.Worker))
}

func (m *model) describe(f file) string {
	if f.kind() == kindSettled {
		return fmt.Sprintf("%s (%s)", Settlement{f.attempt(), workerID(f.worker())}.File(), recipeName(uint8(f.holds())))
	}
	t := Ticket{Unit: m.units[f.unit()].ID, Attempt: f.attempt(), Worker: workerID(f.worker())}
	todo := Ticket{Unit: t.Unit, Attempt: t.Attempt}
	holds := func() string {
		switch f.holds() {
		case half:
			return "half a file"
		case foreign:
			return "somebody's file"
		}
		return "of " + m.names(m.unlist(uint32(f.holds())))
	}
	switch f.kind() {
	case kindTodo:
		return "todo/" + todo.String()
	case kindDoing:
		return "doing/" + t.String()
	case kindFailed:
		return "failed/" + todo.String()
	case kindResult:
		if m.recipes() {
			return "done/" + t.String() + " (" + recipeName(uint8(f.holds())) + ")"
		}
		return "done/" + t.String()
	case kindLog:
		return "log/" + todo.String()
	case kindStaged:
		return "parts/." + t.String() + ".partial"
	case kindPart:
		return "parts/" + t.String()
	case kindTemp:
		return "the temporary output of " + t.String() + " (" + holds() + ")"
	case kindOutput:
		return "the output (" + holds() + ")"
	case kindDone:
		return "DONE.yaml"
	case kindMark:
		return "FAILED.yaml"
	case kindCancel:
		return "CANCELLED.yaml"
	case kindRetired:
		return "(moved to FARM/done)"
	case kindJob:
		return fmt.Sprintf("job.yaml (edited %d times)", f.holds())
	}
	return fmt.Sprintf("(remembered: %d %v)", f.kind(), t)
}
