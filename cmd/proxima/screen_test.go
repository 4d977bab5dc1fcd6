package main

import (
	"strings"
	"testing"
	"time"

	"proxima/jobfile"
	"proxima/watcher"
)

// A worker's slots, on terminals of several widths.
func TestSlotLines(t *testing.T) {
	t.Parallel()
	now := []watcher.InWork{
		{Busy: jobfile.Busy{Unit: "0003", Frames: 412, Of: 1500, FPS: 213.4}, Clip: "A001 🎬 クリップ.mov", UnitsDone: 12, Units: 42, Rate: 25},
		{Busy: jobfile.Busy{Unit: "audio"}, Clip: "esc\x1b[31mred\x07.mov", UnitsDone: 0, Units: 7},
		{Busy: jobfile.Busy{Unit: "stitch", Frames: 1500, Of: 1500}, Clip: strings.Repeat("long_", 30) + ".mov", UnitsDone: 6, Units: 7},
	}
	var b strings.Builder
	for _, columns := range []int{40, 79, 119, 199} {
		lines := append(slotLines(now, 4, columns, 10), slotLines(now, 0, columns, 2)...)
		for _, l := range lines {
			if columnsOf(l) > columns || strings.ContainsAny(l, "\x1b\x07") {
				t.Errorf("%d columns: %q", columns, l)
			}
			b.WriteString(strings.TrimRight(l, " ") + "\n")
		}
	}
	b.WriteString(strings.Join(slotLines(nil, 0, 79, 10), "\n") + "\n")
	golden(t, "slots.golden", b.String())
}

func someWait(clips int) *waiter {
	w := &waiter{fps: 412, now: func() time.Time { return noon }}
	doc := someRoom()
	for i := range clips {
		j := &awaited{id: doc.Jobs[i%4].ID, name: jobfile.Printable(doc.Jobs[i%4].Name), source: "/media/" + doc.Jobs[i%4].Name, output: "/media/Proxy/" + doc.Jobs[i%4].Name, frames: doc.Jobs[i%4].Frames, seconds: 1600}
		j.job = doc.Jobs[i%4]
		w.jobs = append(w.jobs, j)
	}
	w.jobs[1].over, w.jobs[1].result, w.jobs[1].why = true, "failed", doc.Jobs[1].Error
	w.doc = doc
	return w
}

// What stands on a terminal while somebody waits, for few clips and for many, and how it ends.
func TestWaitScreens(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, c := range []struct{ clips, columns, height int }{{4, 79, 24}, {4, 139, 40}, {200, 79, 24}, {4, 39, 9}} {
		w := someWait(c.clips)
		lines := w.lines(c.columns, c.height)
		if len(lines) > c.height {
			t.Errorf("%d lines on a terminal of %d", len(lines), c.height)
		}
		for _, l := range lines {
			if l = fit(l, c.columns); strings.ContainsAny(l, "\x1b\x07") {
				t.Errorf("a terminal would obey %q", l)
			}
			b.WriteString(strings.TrimRight(l, " ") + "\n")
		}
		b.WriteString("\n")
	}
	golden(t, "wait.golden", b.String())
	for columns := 30; columns < 200; columns++ { // nothing of the sum is cut off, however the numbers stand
		w := someWait(4)
		w.fps = float64(columns * 3)
		for _, j := range w.jobs {
			j.job.FramesDone = j.frames / int64(columns)
		}
		if l := w.lines(columns, 24)[0]; columnsOf(l) > columns {
			t.Errorf("%d columns: %q", columns, l)
		}
	}
	// When it is done nobody knows while nothing is begun.
	paused := someWait(4)
	if s := paused.total(noon, 0); !strings.Contains(s, "done in about") {
		t.Error(s)
	}
	paused.doc.Still = "nothing is begun: the farm is paused by ana@edit7"
	if s := paused.total(noon, 0); strings.Contains(s, "done in") || strings.Contains(s, "fps") {
		t.Error(s)
	}
	w := someWait(4)
	for _, j := range w.jobs {
		if !j.over {
			j.over, j.result = true, "done"
		}
	}
	w.shares.see([]workerStatus{{Host: "a", FPS: 100}, {Host: "b", FPS: 50}})
	w.shares.see([]workerStatus{{Host: "a", FPS: 100}, {Host: "b", FPS: 60}, {Host: "b", FPS: 40}})
	b.Reset()
	e := ending{jobs: w.jobs, skipped: 2, took: 10 * time.Minute, gain: w.shares.gain(), size: func(string) (int64, error) { return 5 << 20, nil }}
	e.print(&b)
	golden(t, "wait-end.golden", b.String())
}

// The desktop is told how many were made and failed, and no name.
func TestNotifyEnd(t *testing.T) {
	t.Parallel()
	var said []string
	a := &app{notify: func(title, text string) error { said = append(said, title+": "+text); return nil }}
	e := &ending{took: 90 * time.Second, jobs: []*awaited{{name: "<b>a", result: "done"}, {name: "b", result: "done"}}}
	a.notifyEnd(e)
	e.jobs[0].result = "failed"
	a.notifyEnd(e)
	want := []string{"Proxies are made: 2 made, 0 failed in 1m30s", "1 proxy failed: 1 made, 1 failed in 1m30s"}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("said %q", said)
	}
}

// Whoever waits for a lease is told for how long.
func TestHowLongALeaseLasts(t *testing.T) {
	t.Parallel()
	work := []workStatus{{Job: "a", Unit: "0000", FPS: 30}}
	doc := statusDocument{Jobs: []jobStatus{{ID: "a", State: "encoding"}}, Workers: []workerStatus{{ID: "gone-zzzzz", Busy: 1, Work: work, LastChange: 155, Silent: true}}}
	for lease, want := range map[time.Duration]string{
		3 * time.Minute: "others take over what it held in about 25 s, by the lease of 3 min", time.Minute: "others take over what it held", 0: "others take over what it held",
	} {
		if r := sumUp(&doc, lease); len(r.Wrong) != 1 || r.Wrong[0].What != "gone-zzzzz is silent for 2:35 min, with 1 unit in work" || !strings.HasSuffix(r.Wrong[0].Next, want) {
			t.Errorf("%v: %+v", lease, r.Wrong)
		}
	}
	// What it held was made by others: its last word is no work, and nothing to wait for.
	doc.Jobs[0].State = "done"
	if r := sumUp(&doc, 0); len(r.Wrong) > 0 || r.State != "idle" {
		t.Errorf("%+v", r)
	}
	doc.Workers[0].Silent, doc.Workers[0].FPS = false, 30
	if r := sumUp(&doc, 0); r.State != "idle" || r.Working > 0 || r.FPS > 0 {
		t.Errorf("%+v", r)
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "1 s", 1400 * time.Millisecond: "1 s", 59400 * time.Millisecond: "59 s", 59600 * time.Millisecond: "1 min", 89 * time.Second: "1 min",
		59*time.Minute + 29*time.Second: "59 min", 59*time.Minute + 40*time.Second: "1 h 00 min", 61 * time.Minute: "1 h 01 min",
	} {
		if got := about(d); got != want {
			t.Errorf("%v is %q, not %q", d, got, want)
		}
	}
}
