//go:build unix

package sharefs

import (
	"errors"
	"syscall"
)

// nonblock keeps the open of a named pipe from waiting for a writer.
const nonblock = syscall.O_NONBLOCK

// passing reports errors that go away by themselves: cifs mounts are soft by default and
// answer EAGAIN while they reconnect, with nothing done.
func passing(err error) bool {
	return errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR)
}
