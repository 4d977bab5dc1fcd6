//go:build unix

package jobfile

import (
	"testing"

	"golang.org/x/sys/unix"
)

func pipe(t *testing.T, name string) {
	t.Helper()
	if err := unix.Mkfifo(name, 0o644); err != nil {
		t.Skip(err)
	}
}
