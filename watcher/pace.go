package watcher

import (
	"slices"
	"time"

	"proxima/jobfile"
)

// What a worker claims and when it looks, apart from how: values in, values out. The simulator of
// large rooms (internal/sim) asks the same functions.

// minScan is how many jobs a look covers even when every slot is taken, so that chores (a
// dead worker's unit, a finished job's folder) near the head of the queue never wait for a
// free slot.
const minScan = 8

// Scans reports whether a look goes on to the i-th job, counted from 0, by whether there is room
// for a unit more, however small, and how many jobs had only units for which there was not: a core
// that is left over is not worth to list the whole queue for a unit that is content with it.
func Scans(i int, room bool, unfit int) bool { return i < minScan || room && unfit < minScan }

// Taken is what the units in work take of a machine. Those that make pictures take the cores that their encoder makes use of;
// sound and stitches are light: they take one, and mostly wait for the share.
type Taken struct{ Units, Light, Cores int }

// Take adds a unit of this cost, 0 for a light one.
func (t *Taken) Take(cost int) {
	t.Units++
	t.Cores += cost
	if cost == 0 {
		t.Light++
	}
}

// HasRoom reports whether a unit of this cost can start besides: pictures stay within the cores, and all
// within the slots where they were given. Light units run beside them, one for each four cores: pictures would wait for their
// end otherwise. A machine without pictures in work has room for any.
func (t Taken) HasRoom(cost, slots, cores int) bool {
	switch {
	case slots > 0 && t.Units >= slots:
		return false
	case cost == 0:
		return t.Light < max(1, cores/4)
	}
	return t.Cores == 0 || t.Cores+cost <= cores
}

// PollEvery is the time between looks when nothing hints at a change.
func PollEvery(lease time.Duration) time.Duration {
	return min(5*time.Second, max(lease/12, 100*time.Millisecond))
}

// NextLook is when to look again if nothing hints at a change; jitter, from 0 to 1, is by chance.
func NextLook(poll time.Duration, left bool, jitter float64) time.Duration {
	next := poll + time.Duration(jitter*float64(poll/5))
	if !left {
		next *= 2 // an idle room leaves the server alone; events and ticks still come
	}
	return next
}

// Calm remembers in which jobs there was nothing to do for anybody: all of their units are in work
// or done. In a large room hundreds of them stand before the first job that has a unit left, and
// to list them all at each look would keep the share busier than the work. What may happen to such
// a job meanwhile is rare, and others look, too: a unit is given back or taken over. Whoever
// makes its last unit looks at it by then, and stitches it.
type Calm map[string]calm

type calm struct {
	since   time.Time
	holders []string
	todo    []jobfile.Ticket
}

// IsCalm reports whether nothing of a job is for anybody to do, and who works on it.
func IsCalm(v jobfile.View, d jobfile.Decision) (holders []string, ok bool) {
	if len(d.Chores)+len(d.Claims) > 0 || v.Done || v.FailMark || v.Cancelled {
		return nil, false
	}
	for _, u := range v.Units {
		switch {
		case u.State == jobfile.Doing:
			for _, h := range u.Holders {
				holders = append(holders, h.Worker)
			}
		case u.State != jobfile.Done && u.ID != jobfile.UnitStitch:
			return nil, false
		}
	}
	return holders, len(holders) > 0
}

// Note remembers a calm job, who works on it, and what lies in its todo/: its stitch, at most.
func (c Calm) Note(job string, now time.Time, holders []string, todo []jobfile.Ticket) {
	c[job] = calm{now, holders, todo}
}

// ReportEvery is how often a worker at work renews its document, for those who watch, in a room of so many: at each
// beat at least.
func ReportEvery(workers int, beat time.Duration) time.Duration {
	return min(max(3*time.Second, time.Duration(workers)*100*time.Millisecond), beat)
}

// Glimpse is how closely a look is at a job.
type Glimpse int

const (
	Closely Glimpse = iota // all of its folders
	AtTodo                 // what has come to its todo/ since: somebody gave a unit back
	Over                   // not at all
)

// Glimpse tells how closely a look is at the i-th job, counted from 0. One with room for
// a unit more always is at the head of the queue, one without at little else; a job with a
// dead holder is never passed over. Of many that are due some are seen anew, by chance, from 0 to 1.
func (c Calm) Glimpse(i int, job string, now time.Time, room, idle bool, chance float64, lease time.Duration, liveness func(string) jobfile.Liveness) Glimpse {
	j, ok := c[job]
	head := room && i < minScan
	if !ok || head && idle || slices.ContainsFunc(j.holders, func(w string) bool { return liveness(w) == jobfile.Dead }) {
		return Closely
	}
	long := lease
	if idle || head || !room {
		long = lease / 12
	}
	switch young := now.Sub(j.since) < long; {
	case head && young:
		return AtTodo
	case !head && (young || chance*float64(len(c)) >= minScan):
		return Over
	}
	return Closely
}

// Stays reports whether a calm job is as it was, by its todo/.
func (c Calm) Stays(job string, todo []jobfile.Ticket) bool { return slices.Equal(c[job].todo, todo) }

// ScanDue reports whether a look lists the queue. A worker that has no room for anything does so
// seldom: then it is for the chores alone, and the first unit of its own that ends makes room.
func ScanDue(room bool, since, lease time.Duration) bool { return room || since >= lease/12 }

// Crowd keeps workers out of each other's way: jobs are begun in order, but whoever loses a claim to a
// faster one leaves some jobs to the others, twice as many each time. The zero Crowd leaves none.
type Crowd struct{ far int }

// maxFar bounds how far ahead of the order a worker goes, jobs.
const maxFar = 512

// Lost is to be told of a claim that somebody else won.
func (c *Crowd) Lost() { c.far = min(max(1, 2*c.far), maxFar) }

// Won is to be told of a claim that was won: the crowd thins out.
func (c *Crowd) Won() { c.far /= 2 }

// Found is to be told at the end of a look whether there was anything to claim; where there was not, because it
// was left to others, the next look leaves nothing.
func (c *Crowd) Found(any bool) {
	if !any {
		c.far = 0
	}
}

// Leave is how many jobs with units to claim are left to the others now; chance is from 0 to 1.
func (c *Crowd) Leave(chance float64) int { return int(chance * float64(c.far+1)) }

// Turn is how long a worker waits for so many that look with it, by what one listing takes: each lists the jobs and the
// folders of the first, reads it, and renames what it claims. Later nothing is gained: a try that is lost costs less.
func Turn(before int, listing time.Duration) time.Duration {
	return min(time.Duration(before)*max(10*listing, 2*time.Millisecond), 2*time.Second)
}

// Passes reports whether a look passes over the i-th job, counted from 0, in a stride; one of which a
// unit has just ended here is looked at all the same.
func Passes(i, stride int, owed bool) bool { return stride > 0 && i >= minScan && !owed }

// Stride is how many jobs a look passes over after it saw so many calm ones in a row: in a large room
// the first job with a unit left stands far behind, and whoever looks for it one by one is late.
// What is passed over is seen by others, whose strides are other ones; chance is from 0 to 1.
func Stride(calm int, chance float64) int {
	if calm < 2*minScan {
		return 0
	}
	return int(chance * float64(calm))
}

// ListDue reports whether a look lists the names of all jobs again, where it lists the queue at all:
// of thousands a listing is dozens of answers of the server, and each unit that ends causes a look. Of
// 10,000 jobs it is due after 18 s, and always if the look before found nothing to claim though there was room.
func ListDue(jobs int, since time.Duration, found bool, lease time.Duration) bool {
	return !found || since >= min(time.Duration(max(0, jobs-1000))*(2*time.Millisecond), lease)
}
