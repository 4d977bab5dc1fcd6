// Package testprog writes programs that tests start, in place of those that are installed or before them.
package testprog

import (
	"os"
	"syscall"
	"testing"
)

// Write writes a program, most often a shell's script, to a file that may be started at once. No process may be forked
// while the file is open for writing: the child would inherit it until it executes, and the kernel refuses
// to start a program that someone has open for writing ("text file busy").
func Write(t testing.TB, file, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}
