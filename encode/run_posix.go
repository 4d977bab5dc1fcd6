//go:build unix && !linux

package encode

import "os/exec"

// start puts a guard between us and the program: these systems have no way to end a child
// with its parent. low lets others go first.
func start(cmd *exec.Cmd, low bool) error {
	if err := startGuarded(cmd); err != nil {
		return err
	}
	if low {
		lower(cmd.Process.Pid)
	}
	return nil
}

func release(cmd *exec.Cmd) { releaseGuard(cmd) }
