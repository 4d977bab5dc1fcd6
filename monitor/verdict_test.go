package monitor

import (
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		f                  facts
		state, words, next string
	}{
		"at work":                 {facts{waiting: 3, doing: 2, here: 4, busy: 2}, "working", "2 of 4 machines at work.", ""},
		"failures do not hide it": {facts{waiting: 3, doing: 2, here: 1, busy: 1, failed: 5}, "working", "1 of 1 machine at work.", ""},
		"nobody is here":          {facts{waiting: 3, still: "nothing moves: no worker is here. Start one on any machine: proxima work"}, "stuck", "Nothing moves: no worker is here. Start one on any machine: proxima work", ""},
		"all hold":                {facts{waiting: 1, here: 2, still: "nothing is begun: a: off hours", hint: "proxima resume --all"}, "stuck", "Nothing is begun: a: off hours", "proxima resume --all"},
		"all hold, one finishes":  {facts{waiting: 1, here: 2, busy: 1, still: "nothing is begun: a: off hours"}, "working", "1 of 2 machines at work.", ""},
		"paused":                  {facts{waiting: 1, here: 2, paused: true, still: "nothing is begun: the farm is paused by me", hint: "proxima resume"}, "paused", "Nothing is begun: the farm is paused by me", "proxima resume"},
		"paused, in work":         {facts{waiting: 1, here: 2, busy: 1, paused: true, still: "x", hint: "proxima resume"}, "paused", "The room is paused. What is in work is being finished: 1 of 2 machines at work.", "proxima resume"},
		"paused, empty":           {facts{paused: true}, "paused", "The room is paused.", ""},
		"a moment":                {facts{waiting: 2, here: 1}, "waiting", "Clips wait; 1 machine here, and none has begun yet.", ""},
		"held by the dead":        {facts{waiting: 2, doing: 1, here: 1}, "waiting", "Pieces are held by machines that are not heard of; the others take over after a while.", ""},
		"only failures":           {facts{failed: 1, here: 1}, "stuck", "All that could be made is made; these need somebody.", ""},
		"idle":                    {facts{here: 2}, "idle", "Nothing to do. 2 machines ready.", ""},
		"empty room":              {facts{}, "idle", "Nothing to do, and no machine is here.", ""},
	} {
		if state, words, next := judge(c.f); state != c.state || words != c.words || next != c.next {
			t.Errorf("%s: %s, %q, %q", name, state, words, next)
		}
	}
}

func TestStrip(t *testing.T) {
	t.Parallel()
	colour := func(w string) byte { return w[0] }
	unit := func(s jobfile.State, w string) jobfile.UnitView {
		return jobfile.UnitView{State: s, Ticket: jobfile.Ticket{Worker: w}}
	}
	v := jobfile.View{Units: []jobfile.UnitView{unit(jobfile.Done, "1"), unit(jobfile.Doing, "2"), unit(jobfile.Todo, ""), unit(jobfile.Failed, ""), unit(jobfile.Missing, "")}}
	if cells, whose := strip(v, colour); cells != "dwtft" || whose != "12---" {
		t.Errorf("%s %s", cells, whose)
	}
	if cells, _ := strip(jobfile.View{}, colour); cells != "" {
		t.Error(cells)
	}
	// Thousands of chunks share cells, and one that failed among them is seen.
	big := jobfile.View{}
	for range 5000 {
		big.Units = append(big.Units, unit(jobfile.Done, "1"))
	}
	big.Units[3333].State = jobfile.Failed
	big.Units[10].State = jobfile.Doing
	cells, whose := strip(big, colour)
	if len(cells) != maxCells || len(whose) != maxCells || strings.Count(cells, "f") != 1 || cells[3333*maxCells/5000] != 'f' || cells[0] != 'w' {
		t.Errorf("%s\n%s", cells, whose)
	}
}

func TestSpeedCountsWorkAndNotPauses(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for name, c := range map[string]struct {
		list []made
		want float64
	}{
		"nothing":          {nil, 0},
		"too short":        {[]made{{"a", ago(2 * time.Second), now, 100}}, 0},
		"one":              {[]made{{"a", ago(100 * time.Second), now, 1000}}, 10},
		"two at once":      {[]made{{"a", ago(100 * time.Second), now, 1000}, {"b", ago(100 * time.Second), now, 500}}, 15},
		"with a pause":     {[]made{{"a", ago(250 * time.Second), ago(200 * time.Second), 500}, {"a", ago(50 * time.Second), now, 500}}, 10},
		"long ago":         {[]made{{"a", ago(time.Hour), ago(50 * time.Minute), 5000}}, 0},
		"began before":     {[]made{{"a", ago(10 * time.Minute), now, 6000}}, 10},
		"clock set back":   {[]made{{"a", now, ago(time.Minute), 5}}, 0},
		"end before begin": {[]made{{"a", ago(10 * time.Second), ago(20 * time.Second), 5}, {"b", ago(100 * time.Second), now, 1000}}, 10.05},
	} {
		if got := speed(c.list, now); got < c.want-0.001 || got > c.want+0.001 {
			t.Errorf("%s: %v, not %v", name, got, c.want)
		}
	}
}

// What is drawn has all frames that were made, each where it was made.
func TestPlot(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 0, 10, 0, time.UTC)
	list := []made{
		{"b", now.Add(-20 * time.Minute), now.Add(-10 * time.Minute), 6000},
		{"a", now.Add(-5 * time.Minute), now, 3000},
		{"old", now.Add(-20 * time.Hour), now.Add(-19 * time.Hour), 9},
	}
	from, step, names, rows := plotOf(list, now)
	if step != 30*time.Second || strings.Join(names, " ") != "a b" || len(rows[0]) != steps || now.Sub(from) > 30*time.Minute {
		t.Fatalf("%v %v %v", from, step, names)
	}
	sum := 0.0
	for _, v := range rows[1] {
		sum += v * step.Seconds()
	}
	if sum < 5900 || sum > 6100 {
		t.Errorf("b made %v", sum)
	}
	if last := rows[0][steps-1]; last < 9 || last > 11 {
		t.Errorf("now %v", last)
	}
	if _, step, _, _ := plotOf(append(list, made{"c", now.Add(-3 * time.Hour), now.Add(-2 * time.Hour), 5}), now); step != 4*time.Minute {
		t.Errorf("%v", step)
	}
	if _, _, names, rows := plotOf(nil, now); len(names) > 0 || len(rows) > 0 {
		t.Error("something out of nothing")
	}
}

func TestETA(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 0, 1, 0, time.UTC)
	if at := eta(now, 6000, 10); at != now.Truncate(time.Minute).Add(10*time.Minute) {
		t.Error(at)
	}
	for _, c := range []struct {
		left int64
		fps  float64
	}{{0, 10}, {10, 0}, {-5, 3}, {1 << 60, 1}} {
		if at := eta(now, c.left, c.fps); !at.IsZero() {
			t.Errorf("%v: %v", c, at)
		}
	}
}
