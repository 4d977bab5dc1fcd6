package load

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var getSystemTimes = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetSystemTimes")

func reader() func() (float64, error) {
	return since(func() (busy, all time.Duration, err error) {
		var idle, kernel, user windows.Filetime
		r, _, err := getSystemTimes.Call(uintptr(unsafe.Pointer(&idle)), uintptr(unsafe.Pointer(&kernel)), uintptr(unsafe.Pointer(&user)))
		if r == 0 {
			return 0, 0, fmt.Errorf("GetSystemTimes: %w", err)
		}
		all = span(kernel) + span(user) // the kernel's has idle in it
		return all - span(idle), all, nil
	})
}

// span is a length of time: Filetime's own method takes it for a date.
func span(t windows.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}
