package encode

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
)

// command is one run of a program.
type command struct {
	prog string
	args []string
	log  io.Writer // the command line, stderr and exit status go there; may be nil

	awaited bool // it is quick and somebody waits for it: ffmpeg, too, has normal priority

	// stdout gets each line without its end and reports whether the program got any
	// further. Nil throws stdout away.
	stdout func(line []byte) bool
	stderr func(line []byte) // gets each line, too; may be nil
	// stall is how long the program may go without getting further; 0 is for ever.
	stall time.Duration
}

// maxLog is how much of one program's stderr goes to the log, bytes. A damaged source can
// make ffmpeg print several lines per frame.
const maxLog = 4 << 20

// waitDelay is how long to wait for the pipes of a program that has ended.
const waitDelay = 10 * time.Second

var errStalled = errors.New("no progress")

// exitError is a program that ran and did not succeed.
type exitError struct {
	prog    string // base name
	code    int    // exit status; -1 after a signal
	signal  string // in words, if that ended it
	stalled time.Duration
	tail    []string // last lines of stderr
}

func (e *exitError) Error() string {
	switch last := lastMeaningful(e.tail); {
	case e.stalled > 0:
		return fmt.Sprintf("%s stopped making progress for %s and was ended", e.prog, e.stalled)
	case e.crashed():
		return fmt.Sprintf("%s crashed (%s)", e.prog, cmp.Or(e.signal, fmt.Sprintf("exit status %#x", uint32(e.code))))
	case e.signal != "":
		return fmt.Sprintf("%s was ended from outside (%s)", e.prog, e.signal)
	case last == "":
		return fmt.Sprintf("%s failed with exit status %d", e.prog, e.code)
	default:
		return fmt.Sprintf("%s failed with exit status %d: %s", e.prog, e.code, last)
	}
}

// crashed tells a program that fell over its own feet from one that somebody ended: by the
// signals of signal(7) that a fault of the program raises, which a guarding shell shows as 128
// plus the signal (SIGBUS is 10 on macOS), or by Windows' NTSTATUS errors.
func (e *exitError) crashed() bool {
	for _, s := range []string{"segmentation fault", "aborted", "abort trap", "bus error", "illegal instruction", "floating point exception"} {
		if strings.Contains(e.signal, s) {
			return true
		}
	}
	return slices.Contains([]int{128 + 4, 128 + 6, 128 + 7, 128 + 8, 128 + 10, 128 + 11}, e.code) || uint32(e.code) >= 0xC0000000 && e.code > 0
}

// run starts a program, waits for it and returns what its stderr said. The program has no
// stdin, a process group of its own (a Ctrl-C in the terminal is for us to handle) and ends
// with ctx and with this process, however that ends. Errors: ctx.Err(), *exitError, or that
// it could not be started.
func (t *Tools) run(ctx context.Context, c command) (*messages, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	runCtx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	cmd := exec.CommandContext(runCtx, c.prog, c.args...)
	cmd.WaitDelay = waitDelay
	// Messages are parsed; some of them come from the C library.
	// SVT-AV1 prints its settings unless it is told to print errors alone.
	cmd.Env = append(os.Environ(), "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1", "SVT_LOG=1")
	log := &capped{w: c.log, left: maxLog}
	msgs := &messages{log: log}
	cmd.Stderr = &lineWriter{line: func(l []byte) {
		msgs.add(l)
		if c.stderr != nil {
			c.stderr(l)
		}
	}}

	var watch *time.Timer
	if c.stall > 0 {
		watch = time.AfterFunc(c.stall, func() { cancel(errStalled) })
		defer watch.Stop()
	}
	out := &lineWriter{line: func(l []byte) {
		if c.stdout != nil && c.stdout(l) && watch != nil {
			watch.Reset(c.stall)
		}
	}}
	cmd.Stdout = out

	// The kernel's "end with your parent" is tied to the thread that forked, not to the
	// process: that thread has to live as long as the program.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	started := time.Now()
	log.printf("%s $ %s\n", started.Format(time.RFC3339), shellLine(c.prog, c.args))
	// ffprobe is quick, and somebody waits for what it tells.
	err := start(cmd, c.prog == t.ffmpeg && !c.awaited && t.Priority != PriorityNormal)
	if err != nil {
		log.printf("could not be started: %s\n", jobfile.OneLine(err.Error()))
		return nil, fmt.Errorf("start %s: %w", baseName(c.prog), err)
	}
	err = cmd.Wait()
	release(cmd)
	out.flush()
	cmd.Stderr.(*lineWriter).flush()
	log.final("%s ended after %s: %s\n", baseName(c.prog), time.Since(started).Round(time.Millisecond), exitWords(cmd, err))

	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil && !msgs.unwritten():
		return msgs, nil
	}
	e := &exitError{prog: baseName(c.prog), code: cmd.ProcessState.ExitCode(), tail: msgs.tail()}
	if errors.Is(context.Cause(runCtx), errStalled) {
		e.stalled = c.stall
	} else if e.code < 0 {
		e.signal = cmd.ProcessState.String()
	}
	return msgs, e
}

func exitWords(cmd *exec.Cmd, err error) string {
	if cmd.ProcessState == nil {
		return fmt.Sprint(err)
	}
	return cmd.ProcessState.String()
}

// inputOptions are the options that every opening of a source shares. A clip is one file: no
// protocol but file, and no demuxer that goes on to open what the file names, so that a
// playlist dropped into a folder reaches neither the network nor other files.
func inputOptions() []string {
	return []string{"-protocol_whitelist", "file", "-format_whitelist", sourceFormats}
}
