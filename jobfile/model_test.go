package jobfile

import (
	"fmt"
	"hash/maphash"
	"strings"
	"testing"
)

// The model is a check of the protocol by all its histories. What decides is the real code:
// Fold, Decide, Listing.Holds, Ticket and its next attempt. What is modelled is the folder
// (model_folder_test.go), the workers' programs, one operation of the file system a step, in
// the order in which Store and watcher do them (model_loop_test.go, model_unit_test.go,
// model_stitch_test.go; model_recipe_test.go for P13), and what servers, machines and people do to
// them (model_faults_test.go). Who changes the order of operations in Store or watcher changes it
// there too.
//
// Where machines would make the job otherwise each (scenario.makers), a file in the folder holds
// with what: a result that of its part, recipe.R.WORKER.yaml what was settled, job.yaml how often a
// person edited it. The promises then are that whatever has its name is joined of parts of one
// recipe; that a part is published only, and a job finished, as it was to be made at some time since
// its holder looked; that nobody waits for one who waits or cannot; and that no unit is made for
// ever, which the end of each exploration and a bound on attempts show.
//
// Not in it: clocks and leases (whoever is dead is known to be at once, and a live one may be
// taken for dead at any look), what is in parts, the two parts of unit whole (one here), builds of
// one encoder whose parts do not join, broken documents, what a machine cannot do for a while, who
// is slow to tell what it lacks, temporary documents and orphans, and more than one job. Requests in control/ change no job's
// folder: who obeys one claims nothing, or gives back uncharged, as one that is unable does.

// scenario is one question to the model: who is there, what is to be made, and what goes
// wrong at most.
type scenario struct {
	name      string
	units     []UnitID // but for the stitch, which comes last
	workers   int
	faults    uint8   // in one history
	fails     uint8   // attempts that fail and are charged, besides
	moves     uint8   // of people, besides
	hows      []how   // what may happen of all that
	settles   bool    // the share is one on which a minute passes before the parts go
	sameBytes bool    // whoever encodes a unit makes the same bytes
	overwrite bool    // --existing overwrite
	noLinks   bool    // the output's file system knows no hard links
	beside    bool    // workers look and do chores while they encode
	copies    bool    // workers begin what others have in work a second time
	makers    []maker // what each would make the job with; none: all the same, and nobody asks
	flaw      flaw
	limit     int // of worlds
}

type model struct {
	scenario
	units    []Planned
	hows     uint64
	lags     bool // looks may be stale
	folders  *folders
	listings *numbers[string]
	seen     []seen
	plans    *numbers[string]
	lists    *numbers[string]
	settled  *numbers[string]
	ender    int // the maker that ends has come
	decided  map[question]uint32
	judged   uint32
	scratch  []file
	tell     func(format string, args ...any)
}

func newModel(s scenario) *model {
	m := &model{
		scenario: s, folders: newFolders(), listings: newNumbers[string](), seen: make([]seen, 1),
		plans: newNumbers[string](), lists: newNumbers[string](), settled: newNumbers[string](), decided: map[question]uint32{}, judged: 1,
	}
	for _, u := range append(s.units, UnitStitch) {
		m.units = append(m.units, Planned{ID: u})
	}
	for _, h := range s.hows {
		m.hows |= 1 << h
	}
	m.lags = m.may(remembers)
	return m
}

// birth is a job that was queued, and workers that have not looked yet.
func (m *model) birth() world {
	w := world{faults: m.faults, fails: m.fails, moves: m.moves}
	e := edit{}
	for i := range m.units {
		e.put(named(kindTodo, i, 1, 0), 0)
	}
	if m.recipes() {
		e.put(named(kindJob, 0, 0, 0), 0)
	}
	w.folder, _ = m.folders.number(e.files)
	for i := range w.procs {
		w.procs[i] = proc{worker: 0xff}
		if i < m.workers {
			w.procs[i] = proc{worker: uint8(i), lives: true}
		}
	}
	return w
}

// broken is a history that ends in a promise that was not kept.
type broken struct {
	err     error
	history []step
}

// explored is what an exploration found.
type explored struct {
	worlds, folders int
	steps           int
	depth           int
	broken          *broken
	cut             bool // the limit came first
}

// explore goes through every world that can be, breadth first, so that the first promise
// found broken comes with a shortest history. Worlds are told apart by 64 bits of a hash:
// among ten million, the chance that two are taken for one is one in 300,000.
func (m *model) explore() (x explored) {
	type node struct {
		w      world
		parent int32
		by     step
	}
	type origin struct {
		parent int32
		by     step
	}
	seed := maphash.MakeSeed()
	met := map[uint64]struct{}{}
	var origins []origin
	var frontier, coming []node
	first := m.birth()
	met[maphash.Comparable(seed, first)] = struct{}{}
	frontier = append(frontier, node{first, -1, step{}})
	back := func(at int32) (h []step) {
		for ; at > 0; at = origins[at].parent {
			h = append([]step{origins[at].by}, h...)
		}
		return h
	}
	for len(frontier) > 0 {
		for _, n := range frontier {
			at := int32(len(origins))
			origins = append(origins, origin{n.parent, n.by})
			moves := false
			m.next(&n.w, func(s step, after world) {
				x.steps++
				moves = moves || s.how == plainly
				if x.broken != nil {
					return
				}
				h := maphash.Comparable(seed, after)
				err := m.checkStep(&n.w, s, &after)
				if _, ok := met[h]; ok && err == nil {
					return
				}
				met[h] = struct{}{}
				if err == nil {
					err = m.checked(after.folder)
				}
				if err == nil {
					err = m.ends(after.folder)
				}
				if err != nil {
					x.broken = &broken{err, append(back(at), s)}
					return
				}
				coming = append(coming, node{after, at, s})
			})
			if !moves && x.broken == nil && n.w.anybody() {
				if err := m.ended(m.folders.files[n.w.folder]); err != nil {
					x.broken = &broken{fmt.Errorf("everybody waits for another: %w", err), back(at)}
				}
			}
			if x.broken != nil || m.limit > 0 && len(met) > m.limit {
				x.cut = x.broken == nil
				x.worlds, x.folders = len(met), len(m.folders.files)
				return x
			}
		}
		frontier, coming = coming, frontier[:0]
		x.depth++
	}
	x.worlds, x.folders = len(met), len(m.folders.files)
	return x
}

func (s scenario) run(t *testing.T) {
	t.Helper()
	m := newModel(s)
	x := m.explore()
	t.Logf("%d worlds, %d folders, %d steps, longest history %d", x.worlds, x.folders, x.steps, x.depth)
	if x.cut {
		t.Fatalf("more than %d worlds", s.limit)
	}
	if b := x.broken; b != nil {
		t.Fatal(m.report(b))
	}
}

func (m *model) report(b *broken) string {
	var words []string
	for i, s := range b.history {
		word, n := m.write(s), 1
		for ; i+n < len(b.history) && b.history[i+n] == s; n++ {
		}
		switch {
		case i > 0 && b.history[i-1] == s:
		case n > 1:
			words = append(words, fmt.Sprintf("%s*%d", word, n))
		default:
			words = append(words, word)
		}
	}
	return fmt.Sprintf("%v\n%s\nas a line of a table: %s", b.err, strings.Join(m.retell(b.history), "\n"), strings.Join(words, " "))
}
