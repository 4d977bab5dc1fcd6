//go:build unix

package resolve

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// killGroup ends fuscript and whatever it started.
func killGroup(cmd *exec.Cmd) error {
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
