//go:build unix

package main

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"

	"proxima/jobfile"
)

// A person at a terminal is asked once before what an edit uses is queued, and --yes answers.
func TestAPersonIsAskedBeforeAnEditIsQueued(t *testing.T) {
	t.Parallel() // it mostly waits
	if testing.Short() {
		t.Skip("one process after the other: run without the race detector")
	}
	r := newRoom(t)
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=0.4", "-c:v", "mjpeg", filepath.Join(r.dir, "a.mov"))
	list := filepath.Join(r.dir, "edit.txt")
	if err := os.WriteFile(list, []byte("a.mov\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	jobs := func() int {
		store, _, err := jobfile.Open(r.farm)
		if err != nil {
			t.Fatal(err)
		}
		ids, _, err := store.JobIDs()
		if err != nil {
			t.Fatal(err)
		}
		return len(ids)
	}
	const question = "Queue 1 proxy? [Y/n] "
	for _, c := range []struct {
		keys  string
		args  []string
		code  int
		jobs  int
		asked bool
	}{
		{"n\n", []string{"edit.txt"}, exitFailed, 0, true},
		{"\x04", []string{"edit.txt"}, exitInterrupted, 0, true}, // the end of the input
		{"\x03", []string{"edit.txt"}, exitInterrupted, 0, true},
		{"\n", []string{"edit.txt", "--dry-run"}, exitOK, 0, false},
		{"\n", []string{"edit.txt"}, exitOK, 1, true},
		{"\n", []string{"edit.txt", "--yes", "--output", "other", "--existing", "keep-both"}, exitOK, 2, false},
		{"\n", []string{"a.mov", "--output", "third", "--existing", "keep-both"}, exitOK, 3, false}, // no timeline, one clip
	} {
		said, code := atTerminal(t, r, question, c.keys, append([]string{"queue", "--preset", "mjpeg_proxy"}, c.args...)...)
		if code != c.code || jobs() != c.jobs || strings.Contains(said, question) != c.asked {
			t.Errorf("%q: exit code %d, %d jobs\n%s", c.args, code, jobs(), said)
		}
	}
}

// atTerminal runs the program with a terminal for a person who presses keys when asked.
func atTerminal(t *testing.T, r *room, question, keys string, args ...string) (said string, code int) {
	t.Helper()
	c := r.command(args...)
	master, err := pty.Start(c)
	if err != nil {
		t.Skip("no pseudo-terminal:", err)
	}
	defer master.Close()
	var text strings.Builder
	for in := bufio.NewReader(master); ; {
		b, err := in.ReadByte()
		if err != nil { // Linux: EIO, when the program has ended
			break
		}
		text.WriteByte(b)
		if strings.HasSuffix(text.String(), question) {
			if _, err := master.WriteString(keys); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = c.Wait()
	return text.String(), c.ProcessState.ExitCode()
}
