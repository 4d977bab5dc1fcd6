package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is what a play came to. Work is in core seconds of a core of speed 1.
type Report struct {
	Jobs, Units   int
	Work          float64
	Makespan      time.Duration // until the last job was finished
	Bound         time.Duration // no room with these machines, when they were there, could be faster
	Cut           bool          // it was ended before the work was
	Ops           float64       // of the share
	ByKind        map[string]float64
	OpsPerSecond  float64 // on average
	BusiestMinute float64 // operations per second
	Looks         int
	Tries, Claims int // renames of claims, and those that won
	Deaths, Naps  int
	TakenOver     int
	Copies        int           // units that were begun a second time
	Wasted        float64       // work that was done for nothing
	Late          time.Duration // by how much the jobs were finished later than in strict order, at one place: 95 of 100 by less
	Latest        time.Duration
	Busy          []float64 // part of the room's power that worked, for each hundredth of the makespan

	late    []lateness
	changes []level // of power
	loads   []level // of what works
	load    float64
}

// level is how much there was of something: of power up to an instant, of load since.
type level struct {
	at   time.Duration
	much float64
}

type lateness struct {
	at   time.Duration
	work float64 // of all jobs up to this one
}

func (r *Report) power(now time.Duration, before float64) {
	r.changes = append(r.changes, level{now, before})
}

func (r *Report) busy(now time.Duration, by float64) {
	r.load += by
	if n := len(r.loads); n > 0 && r.loads[n-1].at == now {
		r.loads[n-1].much = r.load
		return
	}
	r.loads = append(r.loads, level{now, r.load})
}

func (r *Report) finished(j *job, now time.Duration) {
	total := 0.0
	for _, w := range j.work {
		total += w.Seconds()
	}
	r.late = append(r.late, lateness{now, total})
	r.Makespan = now
}

// when tells when machines of this power have done so much.
func (s *sim) when(work float64) time.Duration {
	at, done := time.Duration(0), 0.0
	for _, c := range append(slices.Clone(s.report.changes), level{1 << 62, s.power}) {
		if gain := (c.at - at).Seconds() * c.much; done+gain >= work && c.much > 0 {
			return at + time.Duration((work-done)/c.much*float64(time.Second))
		} else {
			done += gain
		}
		at = c.at
	}
	return at
}

func (s *sim) conclude() *Report {
	r := &s.report
	s.share.stream(s.now, 0)
	if r.Cut {
		r.Makespan = s.now
	}
	r.Bound = max(s.when(r.Work), s.longest())
	r.Ops, r.ByKind = s.share.ops, s.share.byKind
	r.OpsPerSecond = r.Ops / max(1, r.Makespan.Seconds())
	if len(s.share.byMinute) > 0 {
		r.BusiestMinute = slices.Max(s.share.byMinute) / 60
	}
	// In strict order, at one place: the n-th job to be finished there is after the work of n jobs.
	var lates []time.Duration
	done := 0.0
	for _, l := range r.late {
		done += l.work
		lates = append(lates, l.at-s.when(done))
	}
	if len(lates) > 0 {
		slices.Sort(lates)
		r.Late, r.Latest = lates[len(lates)*95/100], lates[len(lates)-1]
	}
	r.Busy = s.shares(100)
	return r
}

// longest is what the longest unit takes on the fastest machine, and then its stitch.
func (s *sim) longest() (most time.Duration) {
	for _, p := range s.plans {
		for i, u := range p.units {
			long := time.Duration(1 << 62)
			for _, w := range s.workers {
				long = min(long, (&run{w: w, cost: w.cost(u.ID)}).takes(p.work[i]))
			}
			most = max(most, long)
		}
	}
	return most
}

// shares is which part of the power worked in each of n stretches.
func (s *sim) shares(n int) []float64 {
	power, load := make([]float64, n), make([]float64, n)
	spread := func(to []float64, from, until time.Duration, much float64) {
		step := max(1, s.report.Makespan/time.Duration(n))
		for from < until {
			i := int(from / step)
			if i >= n {
				return
			}
			end := min(until, step*time.Duration(i+1))
			to[i] += much * (end - from).Seconds()
			from = end
		}
	}
	at := time.Duration(0)
	for _, c := range s.report.changes {
		spread(power, at, c.at, c.much)
		at = c.at
	}
	spread(power, at, s.report.Makespan, s.power)
	for i, l := range s.report.loads {
		end := s.report.Makespan
		if i+1 < len(s.report.loads) {
			end = s.report.loads[i+1].at
		}
		spread(load, l.at, end, l.much)
	}
	for i := range load {
		if power[i] > 0 {
			load[i] /= power[i]
		}
	}
	return load
}

// Over is by which part the makespan is above the bound.
func (r *Report) Over() float64 { return float64(r.Makespan)/float64(max(1, r.Bound)) - 1 }

func (r *Report) String() string {
	return fmt.Sprintf("%d units of %d jobs in %v, bound %v (%+.1f %%); %.0f op/s, busiest minute %.0f op/s, %.1f op/unit; %.2f tries/claim; %d died, %d slept, %d taken over, %d copies, wasted %.2f %%; late %v, at most %v; of 100 op: %s",
		r.Units, r.Jobs, r.Makespan.Round(time.Second), r.Bound.Round(time.Second), 100*r.Over(), r.OpsPerSecond, r.BusiestMinute,
		r.Ops/float64(max(1, r.Units)), float64(r.Tries)/float64(max(1, r.Claims)), r.Deaths, r.Naps, r.TakenOver, r.Copies, 100*r.Wasted/max(1, r.Work),
		r.Late.Round(time.Second), r.Latest.Round(time.Second), r.kinds())
}

// Mixed is a room of n machines: laptops, workstations and a few large ones, by chance.
func Mixed(n int, seed uint64) (ms []Machine) {
	kinds := []Machine{{4, 0.6}, {8, 0.8}, {8, 1}, {12, 1}, {16, 1.2}, {32, 1}}
	for i := range n {
		h := (uint64(i)*2654435761 + seed*40503) >> 7
		ms = append(ms, kinds[h%uint64(len(kinds))])
	}
	return ms
}

// Rushes are n clips of one day's shoot, long ones among short ones, that are queued at once.
func Rushes(n int) (cs []Clip) {
	for i := range n {
		long := []int{12, 38, 95, 20, 210, 61, 33, 640, 17, 140, 44, 1800}[i%12]
		cs = append(cs, Clip{Length: time.Duration(long) * time.Second, Cost: 4, Priority: 50})
	}
	return cs
}

func (r *Report) kinds() (s string) {
	for _, k := range slices.Sorted(maps.Keys(r.ByKind)) {
		s += fmt.Sprintf("%.0f %s, ", 100*r.ByKind[k]/max(1, r.Ops), k)
	}
	return strings.TrimSuffix(s, ", ")
}
