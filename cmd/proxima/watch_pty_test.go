//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxima/jobfile"
)

// The live screen on a terminal: it sees the farm, asks before it cancels, and what it is told
// takes effect in the farm's folder.
func TestWatchOnATerminal(t *testing.T) {
	dir := crowd(t, 3, 2)
	store, _, err := jobfile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := sitBefore(t, 100, 24, func(s *sitting, tty *os.File) {
		a := &app{stdin: tty, stdout: tty, stderr: tty, getenv: os.Getenv}
		s.err = a.watchFarm(ctx, store, nil)
		_, _ = tty.WriteString("left it\r\n")
	})
	s.sees("Nobody works: 1 in work, 3 queued; no worker is here", "Jobs: 4", "> encoding  edit_proxy first.mov", "Units of first.mov (edit_proxy): 0 of 6 done, 1 in work", ">.....", "q leaves")
	s.press("\x1b[B", "c") // down, cancel
	s.sees("> queued    edit_proxy first.mov", "and remove what was encoded of it?")
	s.press("n")
	s.sees("Nothing was done.")
	s.press("P")
	s.sees("paused the farm", "no worker is here; whoever comes heeds it", "the farm is paused by")
	if _, err := os.Stat(filepath.Join(dir, "control", "pause.yaml")); err != nil {
		t.Error(err)
	}
	s.press("P")
	s.sees("taken back: the farm is paused")
	s.press("c")
	s.sees("and remove what was encoded of it?")
	s.press("y")
	s.sees("cancelled 49_20260305", "Jobs: 3")
	s.press("?")
	s.sees("Keys:", "Any key goes back.")
	s.press("x", "/", "queued")
	s.sees("filter: queued_", "Jobs: 2 of 3")
	s.press("\r", "q")
	if _, err := s.rises(); err != nil {
		t.Error(err)
	}
	s.sees("left it")
	if strings.Contains(s.text(), "Jobs:") {
		t.Errorf("the screen is left behind:\n%s", s.text())
	}
}
