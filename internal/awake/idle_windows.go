package awake

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	getLastInputInfo = windows.NewLazySystemDLL("user32.dll").NewProc("GetLastInputInfo")
	getTickCount     = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetTickCount")
)

// idle asks when this session was touched last. A service has a session of its own, which nobody ever
// touches: there it does not know.
func idle(context.Context) (time.Duration, error) {
	var session uint32
	if err := windows.ProcessIdToSessionId(windows.GetCurrentProcessId(), &session); err != nil || session == 0 {
		return 0, errors.New("a Windows service cannot see the desktop; start the worker when a person signs in")
	}
	info := struct{ size, tick uint32 }{size: 8} // LASTINPUTINFO
	if r, _, err := getLastInputInfo.Call(uintptr(unsafe.Pointer(&info))); r == 0 {
		return 0, fmt.Errorf("GetLastInputInfo: %w", err)
	}
	now, _, _ := getTickCount.Call()
	return time.Duration(uint32(now)-info.tick) * time.Millisecond, nil // both wrap after 49 days
}
