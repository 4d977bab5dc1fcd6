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
// that is left over is worth some of their sound, but not to list the whole queue for it.
func Scans(i int, room bool, unfit int) bool { return i < minScan || room && unfit < minScan }

// HasRoom reports whether a unit of this cost can start beside n units that take used cores: what
// runs together stays within the cores, and within the slots where they were given. A machine
// without work always has room for one unit.
func HasRoom(n, used, cost, slots, cores int) bool {
	if slots > 0 && n >= slots {
		return false
	}
	return used == 0 || used+cost <= cores
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

// Note remembers a calm job, and who works on it.
func (c Calm) Note(job string, now time.Time, holders []string) { c[job] = calm{now, holders} }

// Skips reports whether a look may pass over the i-th job, counted from 0. A worker that has room for
// a unit more always looks at the head of the queue, one that has none at little else; a job with a
// dead holder is never passed over. Of many that are due some are seen anew, by chance, from 0 to 1.
func (c Calm) Skips(i int, job string, now time.Time, room, idle bool, chance float64, lease time.Duration, liveness func(string) jobfile.Liveness) bool {
	j, ok := c[job]
	if !ok || room && i < minScan {
		return false
	}
	long := lease
	if idle || !room {
		long = lease / 12
	}
	return (now.Sub(j.since) < long || chance*float64(len(c)) >= minScan) && !slices.ContainsFunc(j.holders, func(w string) bool { return liveness(w) == jobfile.Dead })
}

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
// 10,000 jobs it is due after 18 s, and always if the look before found nothing to claim.
func ListDue(jobs int, since time.Duration, found bool, lease time.Duration) bool {
	return !found || since >= min(time.Duration(max(0, jobs-1000))*(2*time.Millisecond), lease)
}
