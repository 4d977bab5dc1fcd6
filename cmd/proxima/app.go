package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"

	"github.com/spf13/cobra"

	"proxima/jobfile"
)

// Exit codes. Scripts rely on them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitFarm        = 3 // farm unusable
	exitRefused     = 4 // input refused
	exitJobFailed   = 5
	exitInterrupted = 130
)

// version is set by the build; builds from a checkout without it say what Go knows.
var version = ""

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// app is the program with its surroundings, so that tests can give it others.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	signals        chan os.Signal // interrupt and terminate

	notify func(title, text string) error // on the desktop; nil for nowhere

	farmFlag    string
	interrupted atomic.Bool
}

// hinted is an error with the next step in words. The exit code is 1 unless set.
type hinted struct {
	what string
	next string
	code int
	err  error
}

func (h *hinted) Error() string {
	if h.err != nil {
		return h.what + ": " + h.err.Error()
	}
	return h.what
}

func (h *hinted) Unwrap() error { return h.err }

// main runs one command line and returns its exit code. cancel ends ctx: at the first
// interrupt, unless a command takes the signals over (work does).
func (a *app) main(ctx context.Context, cancel context.CancelFunc, args []string) int {
	root := a.root()
	root.SetArgs(args)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetIn(a.stdin)
	done := make(chan struct{})
	defer close(done)
	root.PersistentPreRun = func(cmd *cobra.Command, _ []string) {
		if cmd.Annotations["signals"] == "own" {
			return
		}
		go func() {
			select {
			case <-a.signals:
				a.interrupted.Store(true)
				cancel()
			case <-done:
			}
		}()
	}
	err := root.ExecuteContext(ctx)
	return a.report(err)
}

// report prints an error as two lines, what is wrong and what to do next, and maps it to an
// exit code.
func (a *app) report(err error) int {
	if err == nil {
		return exitOK
	}
	if a.interrupted.Load() || errors.Is(err, errInterrupted) {
		if !errors.Is(err, errInterrupted) && !errors.Is(err, context.Canceled) {
			fmt.Fprintf(a.stderr, "proxima: %s\n", oneLine(err))
		}
		return exitInterrupted
	}
	var (
		hint  *hinted
		farm  *jobfile.Unusable
		fault *jobfile.Fault
		usage *usageError
	)
	code, next := exitFailed, ""
	switch {
	case errors.As(err, &usage):
		code, next = exitUsage, usage.next
	case errors.As(err, &farm):
		code, next = exitFarm, farm.Next
	case errors.As(err, &hint):
		code, next = hint.code, hint.next
	case errors.As(err, &fault):
		next = fault.Next
	case strings.HasPrefix(err.Error(), "unknown command"):
		code, next = exitUsage, "proxima --help lists the commands"
	}
	if code == 0 {
		code = exitFailed
	}
	if msg := oneLine(err); msg != "" {
		fmt.Fprintf(a.stderr, "proxima: %s\n", msg)
	}
	if next != "" {
		fmt.Fprintf(a.stderr, "  next: %s\n", jobfile.OneLine(next))
	}
	return code
}

// oneLine is the last gate to the terminal: errors of the system have the names of files in
// them as they are.
func oneLine(err error) string {
	return jobfile.OneLine(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", " "))
}

// usageError is a command line that can't be meant.
type usageError struct {
	what string
	next string
}

func (u *usageError) Error() string { return u.what }

var errInterrupted = errors.New("interrupted")

func isInterrupt(s os.Signal) bool { return s == os.Interrupt || s == syscall.SIGINT }

// moreCommands are those of builds for a purpose.
var moreCommands []func(*app) *cobra.Command

// root builds the command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "proxima",
		Short: "Makes proxies on all workstations of a room at once",
		Long: `Proxima makes proxies: light, all-intra copies of camera files, for editing. All
workstations of the room work together through one shared folder, the farm. There is no
server, no broker and no database.

  proxima init /mnt/share/farm                    make the farm folder, once
  proxima work --farm /mnt/share/farm             on each workstation
  proxima queue --farm /mnt/share/farm DAY_01/    ask for proxies
  proxima status --farm /mnt/share/farm           look

Instead of --farm, set PROXIMA_FARM or write "farm: /mnt/share/farm" into the user's
config.yaml.

Exit codes: 0 ok, 1 failed, 2 usage, 3 farm unusable, 4 input refused, 5 a job failed,
130 interrupted.`,
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Example:       "  proxima init /mnt/share/farm\n  proxima status --watch\n  proxima queue DAY_01/ --wait",
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&a.farmFlag, "farm", "", "the farm `folder` (or PROXIMA_FARM, or farm: in the user's config)")
	root.AddCommand(a.initCommand(), a.queueCommand(), a.workCommand(), a.statusCommand(), a.monitorCommand(), a.linkCommand(),
		a.pauseCommand(), a.resumeCommand(), a.drainCommand(), a.slotsCommand(), a.priorityCommand(), a.retryCommand(), a.cancelCommand(), a.purgeCommand(), a.logsCommand(),
		a.presetsCommand(), a.configCommand(), a.doctorCommand(), a.serviceCommand())
	for _, more := range moreCommands {
		root.AddCommand(more(a))
	}
	explain(root)
	a.complete(root)
	return root
}
