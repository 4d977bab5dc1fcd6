package resolve

import (
	"os/exec"
	"syscall"
)

// start gives fuscript a process group of its own, which ends with the context, and has the
// kernel end it with this program.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.Cancel = func() error { return killGroup(cmd) }
	return cmd.Start()
}
