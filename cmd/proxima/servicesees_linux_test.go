package main

import "testing"

func TestMountPoint(t *testing.T) {
	const info = `22 1 8:1 / / rw - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/media rw,relatime shared:1 - nfs4 nas:/media rw
31 30 0:41 / /mnt/media/two\040words rw - cifs //nas/x rw
torn line
`
	for path, want := range map[string]string{
		"/mnt/media/farm": "/mnt/media", "/mnt/media": "/mnt/media", "/mnt/mediafarm": "/", "/mnt/media/two words/x": "/mnt/media/two words", "/srv": "/",
	} {
		if got := mountPoint(info, path); got != want {
			t.Errorf("%s lies on %s", path, got)
		}
	}
}
