//go:build unix && !linux

package resolve

import (
	"os/exec"
	"syscall"
)

// start gives fuscript a process group of its own, which ends with the context.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd) }
	return cmd.Start()
}
