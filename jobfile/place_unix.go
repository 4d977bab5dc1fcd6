//go:build unix

package jobfile

import (
	"errors"
	"io/fs"
	"os"
)

// placeNew names tmp final unless something is there. link(2) is the exclusive way that NFS,
// SMB and local disks share; renameat2's NOREPLACE let two winners through on SMB. Where
// links are not supported (exFAT, some SMB servers) a look and a rename must do.
func placeNew(tmp, final string) error {
	err := os.Link(tmp, final)
	if err == nil {
		return os.Remove(tmp)
	}
	// The answer to a link that was done may have been lost, or replaced by any error.
	if a, e1 := os.Stat(tmp); e1 == nil {
		if b, e2 := os.Stat(final); e2 == nil && os.SameFile(a, b) {
			return os.Remove(tmp)
		}
	}
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := os.Lstat(final); err == nil {
		return fs.ErrExist
	}
	return os.Rename(tmp, final)
}

func replaceFile(tmp, final string) error { return os.Rename(tmp, final) }
