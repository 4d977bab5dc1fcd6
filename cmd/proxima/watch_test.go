package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"proxima/jobfile"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// someRoom is a room at work, with names that would rather have the screen to themselves.
func someRoom() statusDocument {
	load := 0.934
	doc := statusDocument{Format: 1, Finished: 7, Jobs: []jobStatus{
		{ID: "40_20260304-050607_A001_aaaaa", Name: "A001 🎬 クリップ.mov", State: "encoding", Preset: "edit_proxy", Frames: 40000, FramesDone: 16400, Units: 42, UnitsDone: 16, Priority: 59, FPS: 210.4, doing: 2},
		{ID: "49_20260304-050608_esc_bbbbb", Name: "esc\x1b[31mred\x07\u202e.mov", State: "failed", Preset: "edit_proxy", Frames: 5000, Units: 3, Priority: 50, Error: "unit 0001: the source is damaged\x1b[2J near 12 s (edit9)", Next: "copy it again from the card"},
		{ID: "49_20260304-050609_long_ccccc", Name: "a_name_that_goes_on_" + strings.Repeat("and_on_", 20) + ".mov", State: "queued", Preset: "h264_nvenc", Frames: 9000, Units: 10, Priority: 50, Waits: "a worker that can encode with h264_nvenc (edit7: no GPU; edit9: no GPU)"},
		{ID: "49_20260304-050610_b_ddddd", Name: "b.mov", State: "queued", Preset: "edit_proxy", Frames: 1000, Units: 2, Priority: 50, Paused: "job b.mov is paused by ana@edit7 on 4 Mar 11:00: the grade is not done"},
	}, Workers: []workerStatus{
		{ID: "edit7-k3f9a", Host: "edit7", State: "working", Slots: 2, Busy: 2, Version: "v0.3.1", Load: &load, FPS: 210.4, LastChange: 2, Work: []workStatus{
			{Job: "40_20260304-050607_A001_aaaaa", Clip: "A001", Unit: "0016", Attempt: 1, Frames: 400, Of: 1000, FPS: 210.4},
			{Job: "40_20260304-050607_A001_aaaaa", Clip: "A001", Unit: "audio", Attempt: 1},
		}},
		{ID: "edit9-q2m4x", Host: "edit9", State: "paused", Slots: 4, Version: "v0.3.0", LastChange: 5, Holds: "edit9 is paused by ana@edit7"},
		{ID: "gone-zzzzz", Host: "gone", State: "working", Slots: 1, Busy: 1, Load: &load, LastChange: 400, Silent: true, Work: []workStatus{{Job: "40_20260304-050607_A001_aaaaa", Clip: "A001", Unit: "0017", Attempt: 1}}},
	}}
	for i := range 40 {
		st := "todo"
		switch {
		case i < 16:
			st = "done"
		case i < 18:
			st = "doing"
		case i == 30:
			st = "failed"
		}
		doc.Jobs[0].UnitsList = append(doc.Jobs[0].UnitsList, unitStatus{Unit: fmt.Sprintf("%04d", i), State: st, Attempt: 1})
	}
	doc.Room = sumUp(&doc, 3*time.Minute)
	return doc
}

func someScreen(columns, lines int) *watchScreen {
	nothing := func(...string) tea.Cmd { return nil }
	s := &watchScreen{
		farm: "/mnt/share/farm", width: columns, height: lines, doc: someRoom(), at: noon.Add(-3 * time.Second), now: noon,
		look: func(string) tea.Cmd { return nil }, act: nothing, tick: func(time.Duration, any) tea.Cmd { return nil },
	}
	s.arrange()
	s.log = jobLog{job: s.selected, title: "unit 0016, attempt 1, on edit7-k3f9a", lines: []string{"# unit 0016.a1.edit7-k3f9a", "$ ffmpeg -i A001.mov " + strings.Repeat("-x ", 80), "[mov @ 0x1] a word"}}
	return s
}

var ours = regexp.MustCompile("\x1b\\[(1|22|0|3[0-9])m")

// Nothing on the screen is as wide as the terminal or higher, and nothing but our own colours
// reaches it.
func checkScreen(t *testing.T, s *watchScreen) string {
	t.Helper()
	lines := s.lines()
	if len(lines) > s.height {
		t.Errorf("%d lines on a screen of %d", len(lines), s.height)
	}
	for i, l := range lines {
		plain := ours.ReplaceAllString(l, "")
		if n := columnsOf(plain); n >= max(s.width, 2) {
			t.Errorf("%d by %d: a line of %d columns: %q", s.width, s.height, n, plain)
		}
		if strings.ContainsAny(plain, "\x1b\x07\n\r\u202e") {
			t.Errorf("a terminal would obey %q", plain)
		}
		lines[i] = strings.TrimRight(plain, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestWatchScreens(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}, {40, 12}} {
		s := someScreen(size[0], size[1])
		golden(t, fmt.Sprintf("watch-%dx%d.golden", size[0], size[1]), checkScreen(t, s))
	}
	press := func(s *watchScreen, keys ...string) {
		for _, k := range keys {
			s.key(tea.KeyPressMsg{Text: k, Code: []rune(k)[0]})
		}
	}
	s := someScreen(80, 24)
	press(s, "?")
	golden(t, "watch-help.golden", checkScreen(t, s))
	press(s, "x", "/", "b", ".")
	golden(t, "watch-filter.golden", checkScreen(t, s))
	s = someScreen(80, 24)
	press(s, "j", "c")
	s.err = fmt.Errorf("input/output error\x1b")
	golden(t, "watch-asks.golden", checkScreen(t, s))
	golden(t, "watch-empty.golden", checkScreen(t, func() *watchScreen {
		s := someScreen(80, 12)
		s.doc = statusDocument{Room: roomStatus{State: "idle"}}
		s.arrange()
		return s
	}()))
	for columns := 1; columns < 130; columns += 3 {
		for lines := 1; lines < 40; lines += 5 {
			s := someScreen(columns, lines)
			s.colours = columns%2 == 0
			checkScreen(t, s)
		}
	}
}

// What a key asks for is about the job that was selected then, and a cancel asks first.
func TestWatchKeys(t *testing.T) {
	t.Parallel()
	var asked []string
	s := someScreen(80, 24)
	s.act = func(words ...string) tea.Cmd { asked = append(asked, strings.Join(words, " ")); return nil }
	press := func(text string) { s.key(tea.KeyPressMsg{Text: text, Code: []rune(text)[0]}) }
	for _, k := range []string{"+", "-", "p", "j", "r", "c", "n", "c"} {
		press(k)
	}
	s.doc.Jobs = slices.Clone(s.doc.Jobs[2:]) // it is over meanwhile
	s.arrange()
	for _, k := range []string{"y", "j", "p", "P"} {
		press(k)
	}
	s.key(tea.KeyPressMsg{Code: tea.KeyTab})
	for _, k := range []string{"d", "j", "p"} {
		press(k)
	}
	a, esc := "40_20260304-050607_A001_aaaaa", "49_20260304-050608_esc_bbbbb"
	want := []string{
		"priority " + a + " 69", "priority " + a + " 49", "pause " + a, "retry " + esc, "cancel " + esc,
		"resume 49_20260304-050610_b_ddddd", "pause", "drain edit7-k3f9a", "resume-worker edit9-q2m4x",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(asked, "\n"), strings.Join(want, "\n"))
	}
}

func TestCells(t *testing.T) {
	t.Parallel()
	list := func(states string) (us []unitStatus) {
		for _, r := range states {
			us = append(us, unitStatus{State: map[rune]string{'#': "done", '>': "doing", '.': "todo", '!': "failed"}[r]})
		}
		return us
	}
	for _, c := range []struct {
		units         string
		columns, rows int
		want          string
		per           int
	}{
		{"##>.!", 10, 1, "##>.!", 1},
		{"##>.!.", 3, 2, "##>.!.", 1},
		{"####>.!..#", 5, 1, "##>!.", 2}, // what matters most in each
		{"", 5, 1, "", 1},
	} {
		states, per := cells(list(c.units), c.columns, c.rows)
		got := ""
		for _, s := range states {
			got += cellMark[s]
		}
		if got != c.want || per != c.per {
			t.Errorf("%s in %d by %d: %s, %d in one; want %s, %d", c.units, c.columns, c.rows, got, per, c.want, c.per)
		}
	}
}

func TestRestBetweenLooks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		took  time.Duration
		state string
		want  time.Duration
	}{
		{10 * time.Millisecond, "working", 2 * time.Second},
		{10 * time.Millisecond, "idle", 5 * time.Second},
		{2 * time.Second, "working", 10 * time.Second},
		{time.Minute, "working", 30 * time.Second},
	} {
		if got := restBetween(c.took, &roomStatus{State: c.state}); got != c.want {
			t.Errorf("%v of a room that is %s: %v, want %v", c.took, c.state, got, c.want)
		}
	}
}

// Where there is no terminal the room is followed in lines.
func TestChangesInLines(t *testing.T) {
	t.Parallel()
	first, second := someRoom(), someRoom()
	second.Jobs[0].FramesDone = 30000
	second.Jobs = append(second.Jobs[:1:1], second.Jobs[2:]...)
	second.Jobs[2].State, second.Jobs[2].Paused = "encoding", ""
	second.Workers = append(second.Workers[1:], workerStatus{ID: "new-12345"})
	second.Workers[1].Silent = false
	second.Still = "nothing is begun: the farm is paused\n  next: proxima resume"
	second.Room = sumUp(&second, 0)
	ended := func(id string) jobStatus {
		return jobStatus{Name: "esc\x1b.mov", Preset: "edit_proxy", State: "cancelled", Error: "cancelled by ana"}
	}
	var b bytes.Buffer
	writeLines(&b, noon, changes(nil, &first, noon, ended))
	writeLines(&b, noon.Add(time.Minute), changes(&first, &second, noon.Add(time.Minute), ended))
	writeLines(&b, noon.Add(2*time.Minute), changes(&second, &second, noon.Add(2*time.Minute), ended))
	golden(t, "watch-lines.golden", b.String())
}

// The first look does not know which job's units are wanted; the next one comes at once, and no others.
func TestWhatIsSelectedIsLookedAtAtOnce(t *testing.T) {
	t.Parallel()
	s := someScreen(80, 24)
	s.selected = ""
	s.seen(seenMsg{doc: someRoom(), at: noon})
	if s.selected == "" || !s.again {
		t.Errorf("%q is selected, and nobody looks at it", s.selected)
	}
	s.again = false
	if s.seen(seenMsg{doc: someRoom(), at: noon}); s.again {
		t.Error("it looks again though it saw it")
	}
}

// Of a log, however long, the screen has the last lines, and they move on as it grows.
func TestTheEndOfALongLog(t *testing.T) {
	t.Parallel()
	dir := crowd(t, 0, 0)
	store, _, err := jobfile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := crowdJob().ID
	file := filepath.Join(dir, "jobs", id, "log", "0000.a1.w-abcde.log")
	var tail logTail
	for _, c := range []struct{ more, first, last string }{
		{"# unit 0000.a1.w-abcde\n", "# unit 0000.a1.w-abcde", "# unit 0000.a1.w-abcde"},
		{strings.Repeat("a word of the decoder \x1b[31m\n", 60_000) + "the last word\n", `a word of the decoder \x1b[31m`, "the last word"},
		{"half a", `a word of the decoder \x1b[31m`, "half a"},
		{" line\n", `a word of the decoder \x1b[31m`, "half a line"},
		{strings.Repeat("x", 2*tailBytes), strings.Repeat("x", tailBytes), strings.Repeat("x", tailBytes)},
		{"\nover\n", "over", "over"},
	} {
		f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(c.more); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		l := tail.read(store, id, nil)
		if n := len(l.lines); n == 0 || n > tailLines || l.lines[0] != c.first || l.lines[n-1] != c.last {
			t.Errorf("%d lines after %.40q: %.200q", n, c.more, l.lines)
		}
	}
}

// The farm at a glance.
func TestStatusForPeople(t *testing.T) {
	t.Parallel()
	doc := someRoom()
	for i := range 25 {
		doc.Jobs = append(doc.Jobs, jobStatus{ID: fmt.Sprintf("49_20260304-05%02d00_more_eeeee", i), Name: fmt.Sprintf("more%02d.mov", i), State: "queued", Preset: "edit_proxy", Frames: 100, Units: 2, Priority: 50})
	}
	for _, u := range doc.Workers[0].Work {
		doc.Workers[0].Does = append(doc.Workers[0].Does, u.words())
	}
	doc.Asked = []askedStatus{{"pause.edit9.yaml", "edit9 is paused by ana@edit7"}}
	doc.Room = sumUp(&doc, 3*time.Minute)
	var b bytes.Buffer
	printStatus(&b, &doc, false, false, noon)
	golden(t, "status.golden", b.String())
	b.Reset()
	printStatus(&b, &statusDocument{Jobs: doc.Jobs[:1]}, true, false, noon)
	golden(t, "status-job.golden", b.String())
}

// A clip that is made with two presets is two jobs of one name.
func TestJobsOfOneNameAreToldApart(t *testing.T) {
	for _, columns := range []int{80, 120} {
		s := someScreen(columns, 24)
		twin := s.doc.Jobs[3]
		twin.ID, twin.Preset = "49_20260304-050611_b_eeeee", "h265_portable"
		s.doc.Jobs = append(s.doc.Jobs, twin)
		s.arrange()
		s.selected = twin.ID
		shown := ours.ReplaceAllString(s.View().Content, "")
		for _, want := range []string{"edit_proxy", "h265_portable", "Units of b.mov (h265_portable): 0 of 2 done"} {
			if !strings.Contains(shown, want) {
				t.Errorf("%d columns: no %q in\n%s", columns, want, shown)
			}
		}
	}
}
