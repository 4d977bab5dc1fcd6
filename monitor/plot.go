package monitor

import (
	"math"
	"slices"
	"time"
)

// made is a stretch of time in which a worker made frames.
type made struct {
	worker   string // its name
	from, to time.Time
	frames   int64
}

// spans are how much time a plot may show; the shortest is taken that has all of it.
var spans = []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}

// longest is how long results count.
var longest = spans[len(spans)-1]

// steps is how many points a plot has.
const steps = 60

// within is the part of a stretch's frames that was made between two times.
func (m made) within(from, to time.Time) float64 {
	if !m.to.After(m.from) { // a clock that was set back meanwhile
		m.from = m.to.Add(-time.Second)
	}
	a, b := m.from, m.to
	if from.After(a) {
		a = from
	}
	if to.Before(b) {
		b = to
	}
	if !b.After(a) {
		return 0
	}
	return float64(m.frames) * b.Sub(a).Seconds() / m.to.Sub(m.from).Seconds()
}

// plotOf draws what was made up to now, by worker. Steps begin at whole multiples, so that what is
// drawn stands still while time goes on.
func plotOf(list []made, now time.Time) (from time.Time, step time.Duration, names []string, rows [][]float64) {
	first := now
	for _, m := range list {
		if m.from.Before(first) && m.to.After(now.Add(-longest)) {
			first = m.from
		}
	}
	span := longest
	for _, s := range spans {
		if now.Sub(first) < s*9/10 {
			span = s
			break
		}
	}
	step = span / steps
	from = now.Truncate(step).Add(step - span)
	at := map[string]int{}
	for _, m := range list {
		if m.to.Before(from) {
			continue
		}
		i, ok := at[m.worker]
		if !ok {
			i = len(names)
			at[m.worker] = i
			names = append(names, m.worker)
			rows = append(rows, make([]float64, steps))
		}
		for k := max(0, int(m.from.Sub(from)/step)); k < steps; k++ {
			a := from.Add(time.Duration(k) * step)
			if a.After(m.to) {
				break
			}
			b := a.Add(step)
			if b.After(now) {
				b = now
			}
			if lasts := b.Sub(a); lasts > 0 {
				rows[i][k] += m.within(a, b) / max(lasts, step/4).Seconds()
			}
		}
	}
	for _, r := range rows {
		for k := range r {
			r[k] = math.Round(r[k]*10) / 10
		}
	}
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if names[a] < names[b] {
			return -1
		}
		return 1
	})
	sorted, sortedRows := make([]string, len(names)), make([][]float64, len(names))
	for i, o := range order {
		sorted[i], sortedRows[i] = names[o], rows[o]
	}
	return from, step, sorted, sortedRows
}

// speed is how many frames a second the room made in the last five minutes, while anybody made some.
// 0 where that is too short a time to tell.
func speed(list []made, now time.Time) float64 {
	from := now.Add(-5 * time.Minute)
	var lately []made
	sum := 0.0
	for _, m := range list {
		if n := m.within(from, now); n > 0 {
			if m.from.Before(from) {
				m.from = from
			}
			lately, sum = append(lately, m), sum+n
		}
	}
	slices.SortFunc(lately, func(a, b made) int { return a.from.Compare(b.from) })
	took, end := time.Duration(0), from
	for _, m := range lately { // the union of all stretches
		if m.from.After(end) {
			end = m.from
		}
		if m.to.After(end) {
			took += m.to.Sub(end)
			end = m.to
		}
	}
	if took < 5*time.Second {
		return 0
	}
	return sum / took.Seconds()
}
