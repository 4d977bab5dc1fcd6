package sharefs

import (
	"errors"

	"golang.org/x/sys/windows"
)

const nonblock = 0

// passing reports a file that another program has open for a moment: access denied (5),
// sharing violation (32), lock violation (33).
func passing(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) ||
		errors.Is(err, windows.ERROR_SHARING_VIOLATION) ||
		errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
