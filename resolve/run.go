package resolve

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// waitDelay is how long to wait for the pipes of a fuscript that has ended.
const waitDelay = 5 * time.Second

// run has fuscript run a script and returns the records that it printed. input, if any, is
// written into a file whose path the script gets as its argument. Script and input lie in a
// folder of this run alone, and nothing of them reaches a command line but paths of ours.
func (b *Bridge) run(ctx context.Context, name, script string, input []byte) ([]record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "proxima-resolve-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for Resolve's scripts: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, name)
	args := []string{"-q", "-l", "lua", file}
	if input != nil {
		args = append(args, filepath.Join(dir, "requests.txt"))
		err = os.WriteFile(args[len(args)-1], input, 0o600)
	}
	if err == nil {
		err = os.WriteFile(file, []byte(script), 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("write a script for Resolve: %w", err)
	}
	return b.ask(ctx, args)
}

var errStalled = errors.New("no answer")

// ask runs fuscript until it has ended, said nothing for too long, or ctx ends.
func (b *Bridge) ask(ctx context.Context, args []string) ([]record, error) {
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(b.Stall, func() { cancel(errStalled) })
	defer watch.Stop()

	out := &reader{}
	said := &tail{}
	cmd := exec.CommandContext(runCtx, b.Fuscript, args...)
	cmd.WaitDelay = waitDelay
	cmd.Stdout = writerFunc(func(p []byte) (int, error) {
		watch.Reset(b.Stall)
		n, err := out.Write(p)
		if out.err != nil {
			cancel(out.err)
		}
		return n, err
	})
	cmd.Stderr = said
	// The kernel's "end with your parent" is tied to the thread that forked.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := start(cmd); err != nil {
		switch {
		case errors.Is(err, fs.ErrPermission):
			return nil, forbidden(err)
		case errors.Is(err, fs.ErrNotExist):
			return nil, wrongPath(b.Fuscript, err)
		}
		return nil, &Problem{Kind: Forbidden, What: "DaVinci Resolve's fuscript does not run", Err: err, Next: "try to run it by hand: " + b.Fuscript}
	}
	// Its exit status says nothing: it is 0 without a Resolve, and after an error in a script.
	exit := cmd.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	records, err := out.answer()
	switch {
	case err == nil:
		return records, nil
	case errors.Is(context.Cause(runCtx), errStalled):
		return records, hung(b.Stall, lastTried(records))
	case errors.Is(err, errCut):
		var ended *exec.ExitError
		if !errors.As(exit, &ended) {
			exit = nil
		}
		return records, cut(append(out.noise, said.lines()...), exit)
	}
	return records, garbled(err)
}

// lastTried is the clip that was being linked when an answer broke off.
func lastTried(records []record) string {
	if n := len(records); n > 0 && records[n-1].kind == "try" {
		return records[n-1].fields["name"]
	}
	return ""
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// tail keeps the end of what a program said.
type tail struct{ buf []byte }

const maxTail = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - maxTail; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) lines() []string {
	text := strings.TrimSpace(string(t.buf))
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	return lines[max(0, len(lines)-5):]
}
