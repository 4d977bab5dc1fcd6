package encode

import (
	"os/exec"
	"syscall"
)

// start has the kernel end the program when the thread that starts it ends, which is what a
// kill -9 of this process does.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return killGroup(cmd) }
	return cmd.Start()
}

func release(*exec.Cmd) {}
