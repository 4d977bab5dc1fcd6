package jobfile

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
)

// world is everything at one instant: the folder, and where each worker's program stands.
type world struct {
	folder uint32
	before uint32 // the folder before its last change, which a server may forget
	procs  [3]proc
	faults uint8 // that may still be injected
	fails  uint8 // attempts that may still fail for real
	moves  uint8 // that a person may still make
}

// proc is one worker: a loop that looks and does chores, and a unit in work.
type proc struct {
	worker uint8
	lives  bool

	chores uint32 // what is left to do of the last look, the first one in the making
	sub    uint8  // how far it is
	arg    uint8

	pc      pc
	unit    uint8
	attempt uint8
	doc     uint16 // failures it read
	list    uint32 // results it read
	again   bool   // it tried once already
	copy    bool   // another holds the unit, too
	old     uint32 // a listing it saw earlier and may be shown again

	known  uint8  // 1 + the edit of job.yaml that it remembers
	recipe uint8  // with what it makes its unit, or would
	must   bool   // that has to be settled first
	seen   uint8  // what was settled when it looked
	since  uint8  // every recipe that counted since it looked whether its own does
	odd    uint8  // units that a stitch has yet to take back
	bad    uint32 // results that the loop takes back
}

func (p *proc) rest() {
	p.pc, p.unit, p.attempt, p.doc, p.list, p.again, p.copy = pcNone, 0, 0, 0, 0, false, false
	p.recipe, p.must, p.seen, p.since, p.odd = 0, false, 0, 0, 0
}

// how is what becomes of one step.
type how uint8

const (
	plainly how = iota
	refused     // the operation fails, nothing is done
	unheard     // it is done, the answer is an error
	denied      // it is done, the answer is "no such file", as NFS says after a server's restart
	stale       // a look shows an older listing
	torn1       // a look shows todo/ of an older listing and the rest afresh
	torn2       // todo/ and doing/
	torn3       // todo/, doing/ and failed/
	torn4       // all but the markers
	twin        // a claim succeeds besides another one, and both files stand (SMB)
	snatch      // a claim succeeds by moving another claim's file (SMB)
	fails       // the attempt fails, and it is the unit's fault
	unable      // it fails, and it is the machine's fault

	// These are nobody's program.
	crashes
	returns   // the machine starts the worker again
	remembers // keeps a listing that may be shown to it again
	misjudges // looks, and believes another worker dead that lives
	forgets   // the server undoes the last change
	losesPart
	losesOutput
	drags   // a person: failed/ to todo/
	deletes // a person: a file in todo/ or failed/
	condemns
	occupies
	cancels
	retries // proxima retry: failed/ to todo/ at the next attempt
	unmarks // and FAILED.yaml goes
	purges  // a job that is over, or that failed and nobody works on
	edits   // the recipe in job.yaml
)

var howNames = [...]string{
	"", "refused", "unheard", "denied", "stale", "torn1", "torn2", "torn3", "torn4", "twin", "snatch", "fails", "unable",
	"crashes", "returns", "remembers", "misjudges", "forgets", "losesPart", "losesOutput", "drags", "deletes", "condemns", "occupies", "cancels", "retries", "unmarks", "purges", "edits",
}

var errModel = errors.New("input/output error")

// run is one step of one worker.
type run struct {
	m     *model
	w     *world
	p     *proc
	how   how
	blind uint8 // 1 + the slot that is misjudged

	used   bool // the step came to where how matters
	op     bool // it changes the folder
	look   bool // it looks
	judges bool // it is the loop's look
	claims bool
	works  bool // it may fail for real
}

func (r *run) files() []file { return r.m.folders.files[r.w.folder] }

func (r *run) find(name file) (file, bool) { return (&edit{r.files()}).find(name) }

func (r *run) has(k kind) bool { return (&edit{r.files()}).has(k) }

func (r *run) isRetired() bool { return r.has(kindRetired) }

func (r *run) say(format string, args ...any) {
	if r.m.tell != nil {
		r.m.tell(format, args...)
	}
}

// what is an operation in words, where anybody listens.
func (r *run) what(verb string, on ...file) string {
	if r.m.tell == nil {
		return ""
	}
	for i, f := range on {
		if i > 0 {
			verb += " to"
		}
		verb += " " + r.m.describe(f)
	}
	return verb
}

// change does one operation on the folder. do answers as the file system would.
func (r *run) change(what string, do func(e *edit) error) error {
	r.op = true
	switch r.how {
	case refused:
		r.used = true
		r.say("%s: refused", what)
		return errModel
	}
	e := edit{append(r.m.scratch[:0], r.files()...)}
	err := do(&e)
	r.m.scratch = e.files[:0]
	if err != nil {
		r.say("%s: %v", what, err)
		return err
	}
	r.w.replace(r.m, e.files)
	switch r.how {
	case unheard:
		r.used = true
		r.say("%s: done, but the answer is an error", what)
		return errModel
	case denied:
		r.used = true
		r.say("%s: done, but the answer is that it does not exist", what)
		return fs.ErrNotExist
	}
	r.say("%s", what)
	return nil
}

// replace makes files the folder.
func (w *world) replace(m *model, files []file) {
	id, _ := m.folders.number(files)
	if id == w.folder {
		return
	}
	if m.may(forgets) {
		w.before = w.folder
	}
	w.folder = id
	if m.recipes() {
		w.note(m)
	}
}

func (r *run) rename(from, to file) error {
	return r.change(r.what("renames", from, to), func(e *edit) error {
		if e.has(kindRetired) || !e.rename(from, to) {
			return fs.ErrNotExist
		}
		return nil
	})
}

// remove is Sweep and its like: what is gone already is as good.
func (r *run) remove(name file) error {
	err := r.change(r.what("removes", name), func(e *edit) error {
		if e.has(kindRetired) || !e.remove(name) {
			return fs.ErrNotExist
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// publish makes a document appear. Where the answer is an error, it looks what stands there.
func (r *run) publish(name file, holds uint16) error {
	err := r.change(r.what("publishes", name|file(holds)), func(e *edit) error {
		if e.has(kindRetired) {
			return fs.ErrNotExist // the job's folder is elsewhere
		}
		e.put(name, holds)
		return nil
	})
	if err != nil && (r.how == unheard || r.how == denied) && r.used {
		return nil
	}
	return err
}

// lookAt lists the job.
func (r *run) lookAt() (seen, error) {
	r.look = true
	now := r.m.looked(r.w.folder)
	id := now
	switch r.how {
	case refused:
		r.used = true
		r.say("looks: refused")
		return seen{}, errModel
	case stale, torn1, torn2, torn3, torn4:
		if r.p.old == 0 {
			return r.m.seen[now], nil
		}
		if r.how == stale {
			id = r.p.old
		} else if !r.m.seen[now].gone {
			id = r.m.torn(r.p.old, now, int(r.how-torn1)+1)
		}
		r.used = id != now
		r.p.old = 0
	}
	if r.m.tell != nil {
		r.m.tell("looks and sees %s", r.m.names(r.m.seen[id].files))
	}
	return r.m.seen[id], nil
}

// holds is Store.Holds.
func (r *run) holds(mine Ticket) error {
	s, err := r.lookAt()
	switch {
	case err != nil:
		return err
	case s.gone:
		return ErrLost
	}
	return s.l.Holds(mine)
}

// holding is Store.LookHolding.
func (r *run) holding(mine Ticket) (seen, error) {
	s, err := r.lookAt()
	if err != nil {
		return s, err
	}
	if s.gone {
		return s, ErrLost
	}
	return s, s.inWork().Holds(mine)
}

// inWork is what of a look a holder's shows.
func (s seen) inWork() Listing {
	l := s.l
	l.Todo, l.Failed = nil, nil
	return l
}

func (r *run) mine() Ticket { return r.m.mine(r.p) }

func (m *model) mine(p *proc) Ticket {
	return Ticket{Unit: m.units[p.unit].ID, Attempt: int(p.attempt), Worker: workerID(int(p.worker))}
}

// release is Store.Release.
func (r *run) release(t Ticket) error {
	n := t.Next()
	if r.m.flaw == takeoverKeepsAttempt {
		n.Attempt = t.Attempt
	}
	err := r.rename(r.m.path(kindDoing, t), r.m.path(kindTodo, n))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lastAttempt is Store.lastAttempt.
func (r *run) lastAttempt(unit int) (last int) {
	if r.m.flaw == restoreAtOne || r.isRetired() {
		return 0
	}
	for _, f := range r.files() {
		switch f.kind() {
		case kindTodo, kindDoing, kindFailed, kindResult, kindLog:
			if f.unit() == unit {
				last = max(last, f.attempt())
			}
		}
	}
	r.look = true
	return last
}

// content is what a stitch of these results makes. Encoders that are deterministic make the
// same file of any of them.
func (m *model) content(list uint32) uint16 {
	if !m.sameBytes {
		return uint16(list)
	}
	var same []file
	for _, f := range m.unlist(list) {
		same = append(same, named(kindResult, f.unit(), 0, 0)|file(f.holds()))
	}
	return uint16(m.list(same))
}

func (m *model) list(files []file) uint32 {
	var key []byte
	for _, f := range files {
		key = binary.LittleEndian.AppendUint64(key, uint64(f))
	}
	return m.lists.number(string(key))
}

func (m *model) unlist(id uint32) (files []file) {
	key := m.lists.vals[id]
	for i := 0; i < len(key); i += 8 {
		files = append(files, file(binary.LittleEndian.Uint64([]byte(key[i:]))))
	}
	return files
}

func (w *world) anybody() bool {
	return slices.ContainsFunc(w.procs[:], func(p proc) bool { return p.lives })
}

// slot is who runs as worker, if it lives.
func (w *world) living(worker int) bool {
	return slices.ContainsFunc(w.procs[:], func(p proc) bool { return p.lives && int(p.worker) == worker })
}
