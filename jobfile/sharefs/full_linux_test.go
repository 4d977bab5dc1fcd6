package sharefs

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// A disk that is really full, where the test may make one.
func TestWriteNewLeavesNothingOnAFullDisk(t *testing.T) {
	o, dir := folder(t)
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("no right to mount: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if err := o.WriteNew("large", bytes.Repeat([]byte("x"), 1<<20)); !errors.Is(err, unix.ENOSPC) {
		t.Errorf("%v", err)
	}
	if es, err := os.ReadDir(dir); err != nil || len(es) > 0 {
		t.Errorf("left: %v, %v", es, err)
	}
	if err := o.WriteNew("small", []byte("x")); err != nil {
		t.Error(err)
	}
}
