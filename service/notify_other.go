//go:build !linux

package service

// notify has nobody to tell: other managers do not ask.
func notify(string) {}
