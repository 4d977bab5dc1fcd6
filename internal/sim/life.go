package sim

import (
	"fmt"
	"slices"
	"time"

	"proxima/jobfile"
	"proxima/watcher"
)

// join starts a daemon.
func (s *sim) join(w *worker, in time.Duration) {
	w.life++
	w.lives++
	w.id = fmt.Sprintf("%s-%05d", w.name, w.lives)
	w.awake, w.joined = true, s.now
	w.busy, w.ended, w.looking, w.claims = nil, nil, false, nil
	w.owed, w.copied = map[*job]bool{}, map[jobfile.Ticket]bool{}
	w.calm, w.crowd, w.scanned = watcher.Calm{}, watcher.Crowd{}, -s.Lease
	w.listed, w.found = -s.Lease, false
	s.byID[w.id] = w
	s.powers(w, 1)
	s.share.stream(s.now, s.own())
	s.timer(w, s.now+in)
	s.fates(w)
}

// fates draws when a machine dies and sleeps next.
func (s *sim) fates(w *worker) {
	if s.Dies > 0 {
		s.at(s.now+s.after(s.Dies), event{what: dies, w: w})
	}
	if s.Sleeps > 0 {
		s.at(s.now+s.after(s.Sleeps), event{what: sleeps, w: w})
	}
}

func (s *sim) powers(w *worker, sign float64) {
	s.report.power(s.now, s.power)
	s.power += sign * float64(w.Cores) * w.Speed
}

func (s *sim) die(w *worker) {
	s.report.Deaths++
	for _, r := range slices.Clone(w.busy) {
		if !r.over {
			s.end(r, false)
			w.lost = append(w.lost, r)
		}
	}
	w.lost = slices.DeleteFunc(w.lost, func(r *run) bool { return r.job.gone || !slices.Contains(r.job.l.Doing, r.ticket) })
	s.fall(w)
	w.busy = nil
	s.at(s.now+s.away(), event{what: comesBack, w: w})
}

// sleep stops a machine with all it does.
func (s *sim) sleep(w *worker) {
	s.report.Naps++
	for _, r := range w.busy {
		if !r.over {
			r.turn++
			r.done += max(0, min(s.now, r.ends)-r.resumed)
			r.resumed = r.ends // nothing more is worked on it
		}
	}
	s.fall(w)
	w.fellAt = s.now
	s.at(s.now+s.away(), event{what: comesBack, w: w})
}

func (s *sim) fall(w *worker) {
	s.powers(w, -1)
	s.share.stream(s.now, -s.own())
	w.awake, w.looking = false, false
	w.life++
}

// comeBack is a machine that was switched on again, or woke.
func (s *sim) comeBack(w *worker) {
	if w.fellAt == 0 {
		s.join(w, 2*time.Second)
		return
	}
	slept := s.now - w.fellAt
	w.fellAt, w.awake = 0, true
	w.life++
	s.powers(w, 1)
	s.share.stream(s.now, s.own())
	for _, r := range slices.Clone(w.busy) {
		switch {
		case r.over:
		case r.job.gone || r.job.l.Holds(r.ticket) != nil:
			s.lose(r)
		default:
			r.ends = max(r.ends+slept, s.now)
			r.resumed = s.now
			s.at(r.ends, event{what: ends, w: w, r: r})
		}
	}
	s.timer(w, s.now)
	s.fates(w)
}

// own is what a worker asks of the share whatever it does: beats, and a sweep in each lease.
func (s *sim) own() float64 {
	return 1/jobfile.BeatEvery(s.Lease).Seconds() + opsSweep/s.Lease.Seconds()
}
