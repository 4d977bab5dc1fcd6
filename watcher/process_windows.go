package watcher

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// processExists opens the process: an id that nobody has is an invalid parameter, one that
// may not be opened exists.
func processExists(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return !errors.Is(err, windows.ERROR_INVALID_PARAMETER)
	}
	_ = p.Release()
	return true
}
