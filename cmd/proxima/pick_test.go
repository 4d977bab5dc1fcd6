package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"proxima/gather"
	"proxima/jobfile"
)

var (
	fps24   = jobfile.Rational{Num: 24000, Den: 1001}
	fps25   = jobfile.Rational{Num: 25, Den: 1}
	fps2997 = jobfile.Rational{Num: 30000, Den: 1001}
)

// hostileNames are what a timeline's file may hold where a name belongs.
var hostileNames = []string{
	"\x1b[31mred\x1b[2J\x1b]0;title\x07",
	"two\nlines\r\tand a tab\x00",
	"\u202Egnp.elif\u202C and \u2066more\u2069",
	strings.Repeat("very long ", 300),
	"日本語のタイムライン名前がとても長い場合はどうなりますか 第十二話 完全版 ディレクターズカット",
	"👨‍👩‍👧‍👦 family 👩🏽‍🚀 🇯🇵",
	"e\u0301\u0301\u0301\u0301 marks",
	"\xff\xfe broken",
	"",
}

func someChoices() []timelineChoice {
	return []timelineChoice{
		{Name: "Trailer  10", Rate: fps24, Frames: 1440, Clips: 12, ToMake: 3},
		{Name: "trailer  2", Rate: fps25, Frames: 90000, Clips: 120, ToMake: 0},
		{Name: "Master", Rate: fps2997, DropFrame: true, Frames: 107892, Clips: 1, ToMake: 1, Active: true},
		{Name: "Extras", Clips: 0},
	}
}

func TestTimelinesAreSortedAsPeopleCountAndTheOpenOneIsFirst(t *testing.T) {
	choices := append(someChoices(), timelineChoice{Name: "Trailer  2"}, timelineChoice{Name: "Trailer  9"})
	var got []string
	for _, r := range pickRows(choices) {
		got = append(got, r.name)
	}
	want := []string{"Master (open)", "Extras", "Trailer  2", "trailer  2", "Trailer  9", "Trailer  10"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRowsTellRateLengthAndClips(t *testing.T) {
	for _, c := range []struct {
		choice                    timelineChoice
		rate, length, work, brief string
	}{
		{timelineChoice{Rate: fps24, Frames: 1440, Clips: 12, ToMake: 3}, "23.976", "00:01:00:00", "12 clips, 3 to make", "3 of 12 to make"},
		{timelineChoice{Rate: fps24, Frames: 1440, Clips: 12, Missing: 2}, "23.976", "00:01:00:00", "12 clips, 0 to make, 2 missing", "0 of 12 to make, 2 missing"},
		{timelineChoice{Rate: fps24, Frames: 1440, Clips: 12, ToMake: 3, Missing: 2, Refused: 1}, "23.976", "00:01:00:00", "12 clips, 3 to make, 2 missing, 1 refused", "3 of 12 to make, 2 missing, 1 refused"},
		{timelineChoice{Rate: fps2997, DropFrame: true, Frames: 107892, Clips: 1, ToMake: 1}, "29.97", "01:00:00;00", "1 clip, 1 to make", "1 of 1 to make"},
		{timelineChoice{Rate: fps25, DropFrame: true, Frames: 25, Clips: 2}, "25", "00:00:01:00", "2 clips, all made", "all 2 made"},
		{timelineChoice{Rate: fps25}, "25", "-", "no clips", "no clips"},
		{timelineChoice{Frames: 1000, Clips: -1}, "?", "-", "no clips", "no clips"},
	} {
		r := c.choice.row(0)
		if r.rate != c.rate || r.length != c.length || r.work != c.work || r.brief != c.brief {
			t.Errorf("%+v: %q %q %q %q", c.choice, r.rate, r.length, r.work, r.brief)
		}
	}
}

func TestFilterIsCaseBlindAndTakesWords(t *testing.T) {
	rows := pickRows(someChoices())
	for filter, want := range map[string]int{"": 4, "TRAIL": 2, "10 tr": 1, "trailer 2": 1, "open": 1, "zz": 0, "  ": 4} {
		if got := filterRows(rows, filter); len(got) != want {
			t.Errorf("%q matches %d of the rows", filter, len(got))
		}
	}
}

func TestNumbersAreRead(t *testing.T) {
	for _, c := range []struct {
		in    string
		want  []int
		wrong bool
		ok    bool
	}{
		{"2", []int{1}, false, true},
		{"3 1, 1", []int{0, 2}, false, true},
		{"1-2 4-4", []int{0, 1, 3}, false, true},
		{"0", nil, true, true},
		{"5", nil, true, true},
		{"3-1", nil, true, true},
		{"-", nil, true, true},
		{"1-99999999999999999999", nil, true, true},
		{"trailer 2", nil, false, false},
		{"", nil, false, false},
	} {
		got, wrong, ok := parseNumbers(c.in, 4)
		if ok != c.ok || (wrong != "") != c.wrong || (!c.wrong && !slices.Equal(got, c.want)) {
			t.Errorf("%q: %v %q %v", c.in, got, wrong, ok)
		}
	}
}

// Whatever a name holds and however wide the terminal is: no line is broken, and nothing but
// letters reaches the terminal.
func TestNoNameBreaksTheScreen(t *testing.T) {
	choices := someChoices()
	for i, n := range hostileNames {
		choices = append(choices, timelineChoice{Name: n, Rate: fps2997, Frames: 1 << 40, Clips: 123456, ToMake: 12345, Active: i == 3})
	}
	p := newPicker(pickRows(choices))
	p.typed("\x1b[5m\u202E" + strings.Repeat("日", 80))
	p.filter = p.filter[:0]
	widths := []int{1, 2, 7, 79, 80, 81, 200}
	for w := 20; w < 60; w++ {
		widths = append(widths, w)
	}
	for _, width := range widths {
		for _, height := range []int{1, 5, 40} {
			for _, filter := range []string{"", "nothing has this", strings.Repeat("日本\x1b\u202E", 40)} {
				p.filter = []rune(filter)
				p.narrow()
				p.Update(tea.WindowSizeMsg{Width: width, Height: height})
				p.Update(tea.KeyPressMsg{Code: tea.KeyEnd})
				lines := strings.Split(p.View().Content, "\n")
				if len(lines) > height {
					t.Fatalf("%d lines on %d", len(lines), height)
				}
				for _, l := range lines {
					plain := strings.NewReplacer("\x1b[1m", "", "\x1b[22m", "").Replace(l)
					if got := columnsOf(plain); got > max(width-1, 1) {
						t.Fatalf("%d columns on %d: %q", got, width, plain)
					}
					for _, r := range plain {
						if !jobfile.Shows(r) || r == utf8.RuneError {
							t.Fatalf("%q shows %q", plain, r)
						}
					}
				}
			}
		}
	}
}

func TestPickByNumber(t *testing.T) {
	const numbers = "Which ones? Numbers such as 1 3-5, or all, or a part of the name to list fewer; q leaves.\n> "
	list := `1  Master (open), 29.97 fps, 01:00:00;00, 1 clip, 1 to make
2  Extras, no clips
3  trailer  2, 25 fps, 01:00:00:00, 120 clips, all made
4  Trailer  10, 23.976 fps, 00:01:00:00, 12 clips, 3 to make
`
	for _, c := range []struct {
		name, in, out string
		want          []int
		err           string
	}{
		{"numbers", "4 1\n", list + numbers + "2 timelines: Master (open), Trailer  10\n", []int{0, 2}, ""},
		{"no end of line", "2", list + numbers + "1 timeline: Extras\n", []int{3}, ""},
		{"all", "ALL\r\n", list + numbers + "4 timelines: Master (open), Extras, trailer  2, Trailer  10\n", []int{0, 1, 2, 3}, ""},
		{
			"fewer, then all of those", "trailer\nall\n",
			list + numbers + strings.Join(strings.SplitAfter(list, "\n")[2:], "") + numbers + "2 timelines: trailer  2, Trailer  10\n",
			[]int{0, 1},
			"",
		},
		{
			"mistakes are told and asked again", "\n9\nzz\x1b[2J\n2\n",
			list + numbers + "Nothing was picked.\n" + numbers + "9 is not from 1 to 4.\n" + numbers +
				"No timeline has \"zz\\x1b[2J\" in its name.\n" + numbers + "1 timeline: Extras\n",
			[]int{3},
			"",
		},
		{"leave", "q\n2\n", list + numbers, nil, "interrupted"},
		{"the input ends", "", list + numbers + "\n", nil, "no timeline was picked"},
		{"an endless line", strings.Repeat("1 ", maxAnswer), list + numbers, nil, "the line is too long"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			got, err := pickTimelines(context.Background(), strings.NewReader(c.in), &out, false, someChoices())
			if !slices.Equal(got, c.want) || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("picked %v, %v", got, err)
			}
			if out.String() != c.out {
				t.Errorf("said:\n%s\nwant:\n%s", out.String(), c.out)
			}
		})
	}
}

// What follows the answer may answer the next question.
func TestPickReadsNoFurtherThanItsLine(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("1\ny\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if got, err := pickTimelines(t.Context(), r, io.Discard, true, someChoices()); err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if rest, _ := io.ReadAll(r); string(rest) != "y\n" {
		t.Errorf("left is %q", rest)
	}
}

func TestPickEndsWithItsContext(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // nothing is ever written
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := pickTimelines(ctx, r, io.Discard, true, someChoices()); !errors.Is(err, errInterrupted) {
		t.Error(err)
	}
}

func TestPlainPrompts(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm-256color"}, false},
		{map[string]string{"TERM": "dumb"}, true},
		{map[string]string{"ACCESSIBLE": "1"}, true},
		{map[string]string{"ACCESSIBLE": "0"}, false},
		{map[string]string{"PROXIMA_ACCESSIBLE": "yes"}, true},
		{map[string]string{"PROXIMA_ACCESSIBLE": "no", "ACCESSIBLE": ""}, false},
	} {
		if got := plainPrompts(func(k string) string { return c.env[k] }); got != c.want {
			t.Errorf("%v: %v", c.env, got)
		}
	}
}

// Whose source is not there needs no proxy that could be made.
func TestMissingMediaAreNotToMake(t *testing.T) {
	t.Parallel()
	file := func(s gather.Status, path string) candidate {
		return candidate{File: gather.File{Status: s, Path: path}}
	}
	var c timelineChoice
	for _, files := range [][]candidate{
		{file("", "new")},
		{file("", "made")},
		{file(gather.Missing, "")},
		{file(gather.Refused, "a.braw")},
		{file(gather.Skipped, "a.txt"), file("", "made")},
		{file(gather.Refused, "a.braw"), file("", "new")},
		nil,
	} {
		c.count(files, func(c candidate) bool { return c.Path == "new" })
	}
	if want := (timelineChoice{ToMake: 2, Missing: 1, Refused: 1}); c != want {
		t.Errorf("%+v, not %+v", c, want)
	}
}
