package main

import (
	"unsafe"

	"golang.org/x/sys/windows"

	"proxima/jobfile"
	"proxima/service"
)

// serviceSees tells what a Windows service does not see of what a person sees: mapped drives,
// which belong to a session.
func serviceSees(_ service.Scope, dirs []string) (warn []string, err error) {
	for _, d := range dirs {
		letter, ok := service.MappedDrive(d)
		if !ok {
			continue
		}
		root, err := windows.UTF16PtrFromString(letter + `:\`)
		if err != nil {
			return nil, err
		}
		switch windows.GetDriveType(root) {
		case windows.DRIVE_REMOTE, windows.DRIVE_NO_ROOT_DIR:
			share := shareOf(letter)
			if share == "" {
				share = `\\server\share`
			}
			return nil, &usageError{
				"drive " + letter + ": of " + jobfile.Quote(d) + " is there for signed-in people, and not for a service",
				"write it as " + share + d[2:] + " (for a root: under windows: in farm.yaml), and let --user be an account that may open that share",
			}
		}
	}
	return nil, nil
}

var getConnection = windows.NewLazySystemDLL("mpr.dll").NewProc("WNetGetConnectionW")

// shareOf is the share that a drive letter is mapped to, or nothing.
func shareOf(letter string) string {
	local, err := windows.UTF16PtrFromString(letter + ":")
	if err != nil {
		return ""
	}
	buf := make([]uint16, 1024)
	n := uint32(len(buf))
	if r, _, _ := getConnection.Call(uintptr(unsafe.Pointer(local)), uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&n))); r != 0 {
		return ""
	}
	return windows.UTF16ToString(buf)
}

func mountPoints([]string) []string { return nil }

func readOnlyHere(string) bool { return false }
