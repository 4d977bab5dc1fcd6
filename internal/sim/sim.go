package sim

import (
	"cmp"
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"proxima/jobfile"
)

// sim is a room at one instant.
type sim struct {
	Room
	rnd     *rand.Rand
	now     time.Duration
	events  events
	count   uint64
	share   server
	workers []*worker
	byID    map[string]*worker
	beats   map[string]int64 // the last one of each
	roll    *jobfile.Roll
	plans   map[kindOfClip]*plan
	places  int
	head    job // of a ring
	open    int
	coming  int
	names   int
	report  Report
	power   float64 // core seconds per second of those who are awake
}

// what an event is.
type what uint8

const (
	wakesToLook what = iota
	steps
	visits
	claims
	ends
	commits
	notices
	dies
	sleeps
	comesBack
	observes
	queues
)

type event struct {
	at   time.Duration
	n    uint64 // in the order in which they were made
	what what
	w    *worker
	life int // of the worker, or it is void
	r    *run
	turn int // of the run, or of the worker's timer
	c    int // clip
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(e[i].at, e[j].at), cmp.Compare(e[i].n, e[j].n)) < 0
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	x := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return x
}

func (s *sim) at(t time.Duration, e event) {
	s.count++
	e.at, e.n = t, s.count
	if e.w != nil {
		e.life = e.w.life
	}
	if e.r != nil {
		e.turn = e.r.turn
	}
	heap.Push(&s.events, e)
}

// zero is when it begins; what time it is decides nothing.
var zero = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

func (s *sim) clock() time.Time { return zero.Add(s.now) }

// Run plays a room to the end of its work.
func Run(room Room) *Report {
	s := &sim{
		Room: room, rnd: rand.New(rand.NewPCG(room.Seed, 1)), share: server{Share: room.Share, byKind: map[string]float64{}},
		byID: map[string]*worker{}, beats: map[string]int64{}, roll: jobfile.NewRoll(room.Lease), plans: map[kindOfClip]*plan{},
	}
	s.head.next, s.head.prev = &s.head, &s.head
	s.Until = cmp.Or(s.Until, 90*24*time.Hour)
	for i, m := range room.Machines {
		w := &worker{Machine: m, name: fmt.Sprintf("m%04d", i), runs: map[*job]int{}}
		w.places = (&jobfile.Worker{AutoSlots: true, Cores: m.Cores}).Places(&recipe)
		w.threads = recipe.UnitThreads(0, m.Cores)
		s.places += w.places
		s.workers = append(s.workers, w)
	}
	s.arrive()
	for _, w := range s.workers {
		s.join(w, time.Duration(s.rnd.Float64()*float64(s.poll())))
	}
	s.at(0, event{what: observes})
	for len(s.events) > 0 && (s.open > 0 || s.coming > 0) {
		e := heap.Pop(&s.events).(event)
		if e.at > s.Until {
			s.report.Cut = true
			break
		}
		s.now = e.at
		s.happens(e)
	}
	return s.conclude()
}

// arrive queues the clips, those that come at one time in one go.
func (s *sim) arrive() {
	s.coming = len(s.Clips)
	for i, c := range s.Clips {
		s.at(c.Queued, event{what: queues, c: i})
	}
}

func (s *sim) happens(e event) {
	if e.w != nil && e.life != e.w.life || e.r != nil && e.turn != e.r.turn {
		return
	}
	switch e.what {
	case wakesToLook:
		if e.turn == e.w.turn && !e.w.looking {
			s.look(e.w)
		}
	case steps:
		s.step(e.w)
	case visits:
		s.visit(e.w)
	case claims:
		s.claim(e.w)
	case ends:
		if s.now < e.r.ends { // put off
			s.at(e.r.ends, e)
			return
		}
		s.at(s.share.ask(s.now, "units", opsCommit), event{what: commits, w: e.w, r: e.r})
	case commits:
		s.commit(e.w, e.r)
	case notices:
		if e.r.job.gone || e.r.job.l.Holds(e.r.ticket) != nil {
			s.lose(e.r)
		}
	case dies:
		s.die(e.w)
	case sleeps:
		s.sleep(e.w)
	case comesBack:
		s.comeBack(e.w)
	case observes:
		s.observe()
	case queues:
		s.queue(e.c)
	}
}

// queue makes a clip a job.
func (s *sim) queue(i int) {
	c := s.Clips[i]
	s.names++
	waiting := s.open // jobs, as queue counts them
	for k := i + 1; k < len(s.Clips) && s.Clips[k].Queued == c.Queued; k++ {
		waiting++
	}
	j := &job{plan: s.planned(c, waiting)}
	j.id = fmt.Sprintf("%02d_%s_clip_%08d", 99-c.Priority, s.clock().Format("20060102-150405"), s.names)
	j.l.Todo = j.first.Todo
	total := 0.0
	for _, w := range j.work {
		total += w.Seconds()
	}
	s.report.Jobs++
	s.report.Units += len(j.units)
	s.report.Work += total
	after := s.head.prev
	for after != &s.head && after.id > j.id {
		after = after.prev
	}
	j.prev, j.next = after, after.next
	after.next.prev, after.next = j, j
	s.open++
	s.coming--
}

// retire moves a job to done/. Who stands at it goes on from there.
func (s *sim) retire(j *job) {
	if j.gone {
		return
	}
	j.gone = true
	j.prev.next, j.next.prev = j.next, j.prev
	for _, r := range slices.Clone(j.inWork) {
		s.notice(r)
	}
	s.open--
	s.report.finished(j, s.now)
}

// observe is what the workers see of each other's beats.
func (s *sim) observe() {
	beats := make(map[string]int64, len(s.byID))
	beat := jobfile.BeatEvery(s.Lease)
	for id, w := range s.byID {
		if w.id == id && w.awake {
			s.beats[id] = int64((s.now - w.joined) / beat)
		}
		beats[id] = s.beats[id]
	}
	s.roll.Observe(s.clock(), beats)
	for id := range beats {
		w := s.byID[id]
		if w.id == id && w.awake {
			continue
		}
		if s.roll.Liveness(id, s.clock()) == jobfile.Dead {
			s.bereave(w, id)
		}
	}
	s.at(s.now+s.poll(), event{what: observes})
}

// bereave lets those who look at a dead worker's jobs do more than count operations.
func (s *sim) bereave(w *worker, id string) {
	held := false
	for _, r := range w.lost {
		if r.ticket.Worker == id && !r.job.gone && slices.Contains(r.job.l.Doing, r.ticket) {
			r.job.bereaved, held = true, true
		}
	}
	for _, r := range w.busy {
		if r.ticket.Worker == id && !r.job.gone {
			r.job.bereaved, held = true, true
		}
	}
	if !held && w.id != id {
		delete(s.byID, id)
		delete(s.beats, id)
	}
}

func (s *sim) liveness(id string) jobfile.Liveness { return s.roll.Liveness(id, s.clock()) }

// after draws a time until something that happens to a machine with this chance within a day.
func (s *sim) after(daily float64) time.Duration {
	return time.Duration(-math.Log(1-s.rnd.Float64()) / -math.Log(1-daily) * float64(24*time.Hour))
}

// away draws for how long a machine is away: half of the times less than 15 minutes, at most three hours.
func (s *sim) away() time.Duration {
	return min(3*time.Hour, time.Minute+time.Duration(-math.Log(1-s.rnd.Float64())*float64(20*time.Minute)))
}

func (s *sim) room(w *worker, cost int) bool {
	return w.taken().HasRoom(cost, 0, w.Cores)
}
