package encode

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// start has the kernel end the program when the thread that starts it ends, which is what a
// kill -9 of this process does. low lets others go first.
func start(cmd *exec.Cmd, low bool) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return killGroup(cmd) }
	if err := cmd.Start(); err != nil {
		return err
	}
	if low {
		lower(cmd.Process.Pid)
		// Its group reads and writes when nobody else does: ioprio_set(2), IOPRIO_WHO_PGRP,
		// IOPRIO_CLASS_IDLE. A kernel or container that forbids it costs courtesy alone.
		_, _, _ = unix.Syscall(unix.SYS_IOPRIO_SET, 2, uintptr(cmd.Process.Pid), 3<<13)
	}
	return nil
}

func release(*exec.Cmd) {}
