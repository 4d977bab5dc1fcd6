//go:build unix

package sharefs

import (
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

const errPasses = syscall.EAGAIN

// Whoever can write to the share could plant a pipe, whose open would wait for ever.
func TestAPlantedPipeDoesNotHang(t *testing.T) {
	o, dir := folder(t)
	if err := unix.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Skip(err)
	}
	if _, err := o.ReadFile("pipe", 10); err == nil {
		t.Error("it was read")
	}
	if _, err := o.Size("pipe"); err == nil {
		t.Error("it has a size")
	}
}
