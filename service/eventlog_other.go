//go:build !windows

package service

// Event writes to the system's own log of events, where it has one that is not this program's
// output.
func Event(bool, string) error { return nil }
