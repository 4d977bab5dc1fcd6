package awake

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sys/windows"
)

var setThreadExecutionState = windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadExecutionState")

const (
	esContinuous     = 0x80000000
	esSystemRequired = 0x00000001
)

// keep holds a thread that requires the system: the state belongs to the thread that set it
// and ends with it.
func keep(context.Context) (func(), error) {
	set, quit, done := make(chan error), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		if r, _, err := setThreadExecutionState.Call(esContinuous | esSystemRequired); r == 0 {
			set <- fmt.Errorf("SetThreadExecutionState: %w", err)
			return
		}
		set <- nil
		<-quit
		_, _, _ = setThreadExecutionState.Call(esContinuous)
	}()
	if err := <-set; err != nil {
		return nil, err
	}
	return func() {
		close(quit)
		<-done
	}, nil
}
