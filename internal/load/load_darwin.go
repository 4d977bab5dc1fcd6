package load

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// reader asks for the load average: what processors did is told by Mach alone, to programs that are
// linked with C.
func reader() func() (float64, error) {
	return func() (float64, error) {
		raw, err := unix.SysctlRaw("vm.loadavg")
		if err != nil {
			return 0, fmt.Errorf("ask for vm.loadavg: %w", err)
		}
		return averaged(raw, runtime.NumCPU())
	}
}
