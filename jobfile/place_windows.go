package jobfile

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// placeNew names tmp final unless something is there: MoveFileEx without REPLACE_EXISTING
// refuses by itself.
func placeNew(tmp, final string) error { return move(tmp, final, windows.MOVEFILE_WRITE_THROUGH) }

func replaceFile(tmp, final string) error {
	return move(tmp, final, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
}

// move retries while another program has the file open without sharing it (codes 5 and 32).
func move(from, to string, flags uint32) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		err = windows.MoveFileEx(f, t, flags)
		if err == nil || i == 10 || !errors.Is(err, windows.ERROR_ACCESS_DENIED) && !errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err != nil {
		return &os.LinkError{Op: "move", Old: from, New: to, Err: err}
	}
	return nil
}
