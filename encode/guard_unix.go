//go:build unix

package encode

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// guardScript runs its arguments and ends them when descriptor 3 reaches its end. The other
// end of that pipe is open in this process alone, so the kernel closes it however we die.
// Shell and program share a process group, which is what a context's end kills.
const guardScript = `"$@" 3<&- &
child=$!
{ read -r _ <&3; kill -9 "$child"; } >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$child"
status=$?
kill -9 "$watch" 2>/dev/null
exit "$status"`

// startGuarded starts cmd below the guard. Programs ended by a signal then show as exit
// status 128 plus the signal, which exit statuses of ffmpeg's own never are.
func startGuarded(cmd *exec.Cmd) error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	cmd.Args = append([]string{"/bin/sh", "-c", guardScript, "sh", cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	cmd.ExtraFiles = []*os.File{r} // descriptor 3
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd) }
	if err := cmd.Start(); err != nil {
		w.Close()
		return err
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, w) // our end, until releaseGuard
	return nil
}

// releaseGuard closes our end of the pipe, once the program has ended.
func releaseGuard(cmd *exec.Cmd) {
	if n := len(cmd.ExtraFiles); n > 0 {
		cmd.ExtraFiles[n-1].Close()
	}
}

// killGroup ends the program and whatever it started.
func killGroup(cmd *exec.Cmd) error {
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// nice is what low priority is: a busy machine gives such a program about a tenth of what it
// gives others.
const nice = 10

// lower lowers the priority of a process group, all threads of it: on Linux a process' own
// number stands for its first thread alone. Failing is no reason not to work.
func lower(pgid int) { _ = syscall.Setpriority(syscall.PRIO_PGRP, pgid, nice) }
