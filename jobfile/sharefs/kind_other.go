//go:build !linux && !darwin && !windows

package sharefs

// KindOf does not know this system's file systems.
func KindOf(string) Kind { return Unknown }
