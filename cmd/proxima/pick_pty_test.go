//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// sitting is a person at a terminal with the list on it: a pseudo-terminal, and an emulator that
// draws what is written to it and answers what it is asked.
type sitting struct {
	t      *testing.T
	master *os.File
	mu     sync.Mutex
	screen *vt.Emulator
	raw    strings.Builder
	picked []int
	err    error
	over   chan struct{}
}

func sitDown(t *testing.T, ctx context.Context, columns, lines int, choices []timelineChoice) *sitting {
	t.Helper()
	return sitBefore(t, columns, lines, func(s *sitting, tty *os.File) {
		s.picked, s.err = pickTimelines(ctx, tty, tty, false, choices)
	})
}

// sitBefore runs something on a terminal of that size.
func sitBefore(t *testing.T, columns, lines int, run func(*sitting, *os.File)) *sitting {
	t.Helper()
	t.Setenv("TERM", "xterm-256color")
	t.Setenv("NO_COLOR", "1")
	master, tty, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo-terminal:", err)
	}
	if err := pty.Setsize(tty, &pty.Winsize{Rows: uint16(lines), Cols: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	s := &sitting{t: t, master: master, screen: vt.NewEmulator(columns, lines), over: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			s.mu.Lock()
			s.raw.Write(buf[:n])
			_, _ = s.screen.Write(buf[:n])
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	wg.Go(func() { _, _ = io.Copy(master, s.screen) })
	go func() {
		defer close(s.over)
		run(s, tty)
	}()
	t.Cleanup(func() {
		s.press("\x03")
		<-s.over
		tty.Close()
		master.Close()
		s.screen.InputPipe().(io.Closer).Close()
		wg.Wait()
	})
	return s
}

func (s *sitting) press(keys ...string) {
	s.t.Helper()
	for _, k := range keys {
		if _, err := s.master.WriteString(k); err != nil {
			s.t.Error(err)
		}
	}
}

func (s *sitting) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// sees waits until all of it is on the screen.
func (s *sitting) sees(want ...string) {
	s.t.Helper()
	var missing string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		missing = ""
		for _, w := range want {
			if !strings.Contains(s.text(), w) {
				missing = w
			}
		}
		if missing == "" {
			return
		}
	}
	s.t.Fatalf("%q is not on the screen:\n%s", missing, s.text())
}

func (s *sitting) rises() ([]int, error) {
	s.t.Helper()
	select {
	case <-s.over:
	case <-time.After(20 * time.Second):
		s.t.Fatalf("the list is still there:\n%s", s.text())
	}
	return s.picked, s.err
}

func TestPickOnATerminal(t *testing.T) {
	s := sitDown(t, t.Context(), 100, 20, someChoices())
	s.sees("> [ ] Master (open)  ", "  29.97 fps  01:00:00;00  1 clip, 1 to make", "trailer  2", "type to filter", "0 of 4 marked")
	s.press("TRAI")
	s.sees("filter: TRAI_", "> [ ] trailer  2", "  [ ] Trailer  10")
	if strings.Contains(s.text(), "Master") {
		t.Errorf("the filter hides nothing:\n%s", s.text())
	}
	s.press("\x1b[B", "\t") // down, mark
	s.sees("> [x] Trailer  10", "1 of 4 marked")
	s.press("\x15") // the filter goes, the mark stays
	s.sees("filter: _", "> [ ] Master", "[x] Trailer  10")
	s.press(" ") // marks, where there is no filter
	s.sees("> [x] Master", "2 of 4 marked")
	s.press("x", "y", "\x7f", "\x7f", "ext")
	s.sees("filter: ext_", "> [ ] Extras", "2 of 4 marked, 2 not shown")
	s.press("\r")
	picked, err := s.rises()
	if err != nil || !slices.Equal(picked, []int{0, 2}) {
		t.Errorf("picked %v, %v", picked, err)
	}
	s.sees("2 timelines: Master (open), Trailer  10")
	if strings.Contains(s.text(), "type to filter") {
		t.Errorf("the list is left on the screen:\n%s", s.text())
	}
}

func TestPickMarksAllThatAreShown(t *testing.T) {
	s := sitDown(t, t.Context(), 100, 20, someChoices())
	s.sees("Master")
	s.press("trailer", "\x01")
	s.sees("2 of 4 marked")
	s.press("\r")
	if picked, err := s.rises(); err != nil || !slices.Equal(picked, []int{0, 1}) {
		t.Errorf("picked %v, %v", picked, err)
	}
}

func TestPickSaysThatNothingIsMarkedAndLeaves(t *testing.T) {
	for name, key := range map[string]string{"ctrl-c": "\x03", "escape": "\x1b"} {
		t.Run(name, func(t *testing.T) {
			s := sitDown(t, t.Context(), 80, 12, someChoices())
			s.sees("Master")
			s.press("\r")
			s.sees("Nothing is marked yet: tab marks, esc leaves.")
			s.press(key)
			if picked, err := s.rises(); !errors.Is(err, errInterrupted) || picked != nil {
				t.Errorf("picked %v, %v", picked, err)
			}
		})
	}
}

func TestPickLeavesWhenTheProgramIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := sitDown(t, ctx, 80, 12, someChoices())
	s.sees("Master")
	cancel()
	if _, err := s.rises(); !errors.Is(err, errInterrupted) {
		t.Error(err)
	}
}

// The screen of a small window, with names that would rather have it to themselves; and then it
// is made wider.
func TestPickKeepsHostileNamesInTheirLines(t *testing.T) {
	var choices []timelineChoice
	for _, n := range hostileNames {
		choices = append(choices, timelineChoice{Name: n, Rate: fps24, Frames: 86400, Clips: 120, ToMake: 35})
	}
	s := sitDown(t, t.Context(), 40, 26, choices)
	s.sees("type to filter", "(no name)", `\x1b[31mred`, `two\nlines`, `\u202egnp.elif`)
	for _, line := range strings.Split(s.text(), "\n") {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "23.976" && line != "  23.976 01:00:00:00 35 of 120 to make" {
			t.Errorf("a broken line: %q", line)
		}
	}
	if n := strings.Count(s.text(), "35 of 120 to make"); n != len(hostileNames) {
		t.Errorf("%d of %d timelines:\n%s", n, len(hostileNames), s.text())
	}
	s.mu.Lock()
	s.screen.Resize(120, 26)
	raw := s.raw.String()
	s.mu.Unlock()
	for _, m := range regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllStringSubmatch(raw, -1) {
		if !slices.Contains([]string{"", "0", "1", "22"}, m[1]) { // bold, and no more
			t.Errorf("a colour: %q", m[0])
		}
	}
	if err := pty.Setsize(s.master, &pty.Winsize{Rows: 26, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	// The kernel tells only the programs of that terminal, and this test has another one.
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	s.press("red")
	s.sees(`> [ ] \x1b[31mred`, "23.976 fps  01:00:00:00  120 clips, 35 to make")
}
