//go:build unix && !linux

package encode

import "os/exec"

// start puts a guard between us and the program: these systems have no way to end a child
// with its parent.
func start(cmd *exec.Cmd) error { return startGuarded(cmd) }

func release(cmd *exec.Cmd) { releaseGuard(cmd) }
