package sharefs

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// KindOf tells what carries a folder: what Windows calls a remote drive is SMB for all that
// matters here.
func KindOf(dir string) Kind {
	vol := filepath.VolumeName(dir)
	if vol == "" {
		return Unknown
	}
	root, err := windows.UTF16PtrFromString(vol + `\`)
	if err != nil {
		return Unknown
	}
	switch windows.GetDriveType(root) {
	case windows.DRIVE_REMOTE:
		return SMB
	case windows.DRIVE_FIXED, windows.DRIVE_REMOVABLE, windows.DRIVE_RAMDISK:
		return Local
	}
	return Unknown
}
