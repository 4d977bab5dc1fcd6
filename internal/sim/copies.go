package sim

import (
	"slices"
	"time"

	"proxima/jobfile"
	"proxima/watcher"
)

// opsCopy is what it takes to begin a unit a second time, before it is encoded.
const opsCopy = 13

// backUp is watcher.backUp: who found nothing to claim in the whole queue begins the unit that would
// be ready last a second time, if that is worth it. Both sides are guessed as well as by workers'
// documents, to a tenth.
func (s *sim) backUp(w *worker) {
	var last *run
	var latest time.Duration
	for j := s.head.next; j != &s.head; j = j.next {
		for _, r := range j.inWork {
			if r.w == w || !j.l.MayCopy(r.ticket, w.id) || !s.room(w, w.cost(r.ticket.Unit)) || r.ticket.Unit == jobfile.UnitSound {
				continue
			}
			theirs := s.guess(r.ends - s.now)
			if !r.w.awake {
				theirs = s.Lease
			}
			mine := s.guess((&run{w: w, cost: w.cost(r.ticket.Unit)}).takes(j.work[j.index[r.ticket.Unit]]))
			if theirs > latest && watcher.WorthCopy(mine, theirs) && !w.copied[r.ticket] {
				last, latest = r, theirs
			}
		}
	}
	if last == nil {
		return
	}
	j, of := last.job, last.ticket
	w.copied[of] = true
	mine := jobfile.Ticket{Unit: of.Unit, Attempt: of.Attempt, Worker: w.id}
	j.l.Doing = append(slices.Clip(j.l.Doing), mine)
	j.fresh = false
	s.report.Copies++
	s.begin(w, j, mine, s.share.ask(s.now, "claims", opsCopy))
}

func (s *sim) guess(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*s.rnd.Float64()))
}
