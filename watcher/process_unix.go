//go:build unix

package watcher

import (
	"errors"
	"syscall"
)

// processExists asks by signal 0, which is delivered to nobody. A process of another user
// answers EPERM and exists.
func processExists(pid int) bool {
	return pid > 0 && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
