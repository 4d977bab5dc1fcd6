//go:build chaos && unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// volumeSize is more than what a long run makes. The image is sparse.
const volumeSize = 8 << 30

// volume is where farm and proxies lie: a file system of its own where the test may mount one,
// else a folder.
type volume struct {
	dir    string
	device string // "" is a folder
}

// mountVolume gives the room a file system that can be taken away, or says why it cannot.
func (c *chaos) mountVolume() {
	c.vol = volume{dir: filepath.Join(c.dir, "vol")}
	if err := os.Mkdir(c.vol.dir, 0o755); err != nil {
		c.t.Fatal(err)
	}
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		c.t.Log("not root on Linux: the volume is not unmounted, made read-only or filled")
		return
	}
	image := filepath.Join(c.dir, "vol.img")
	if err := os.WriteFile(image, nil, 0o644); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Truncate(image, volumeSize); err != nil {
		c.t.Fatal(err)
	}
	if out, err := exec.Command("mkfs.ext4", "-q", "-m", "0", image).CombinedOutput(); err != nil {
		c.t.Logf("no file system can be made (%v %s): the volume is not unmounted, made read-only or filled", err, out)
		return
	}
	// The device is held for itself: a lazily unmounted file system that is still in use must
	// come back as the same one.
	out, err := exec.Command("losetup", "--find", "--show", image).Output()
	if err != nil {
		c.t.Logf("no loop device can be had (%v): the volume is not unmounted, made read-only or filled", err)
		return
	}
	device := strings.TrimSpace(string(out))
	c.t.Cleanup(func() { _ = exec.Command("losetup", "--detach", device).Run() })
	if out, err := exec.Command("mount", device, c.vol.dir).CombinedOutput(); err != nil {
		c.t.Logf("nothing can be mounted (%v %s): the volume is not unmounted, made read-only or filled", err, out)
		return
	}
	c.vol.device = device
	c.t.Cleanup(func() { _ = exec.Command("umount", "--lazy", c.vol.dir).Run() })
}

// shake takes farm or volume away, and gives them back.
func (c *chaos) shake(deeds []deed) {
	for _, e := range deeds {
		if !c.wait(e.at) {
			return
		}
		if c.vol.device == "" && e.what != "farm renamed away" {
			continue
		}
		c.note("volume: %s", e.what)
		switch e.what {
		case "farm renamed away":
			away := c.farm + " is away"
			if err := os.Rename(c.farm, away); err != nil {
				c.fault("%v", err)
				continue
			}
			c.sleep(e.long)
			if err := os.Rename(away, c.farm); err != nil {
				c.fault("the farm cannot be put back: %v", err)
			}
		case "unmounted":
			if err := c.mount("umount", "--lazy", c.vol.dir); err != nil {
				c.fault("%v", err)
				continue
			}
			c.sleep(e.long)
			c.nothingBelowTheMount()
			if err := c.mount("mount", c.vol.device, c.vol.dir); err != nil {
				c.fault("%v", err)
			}
		case "read-only":
			if !c.readOnly() {
				c.note("volume: always somebody writes, it stays as it is")
				continue
			}
			c.sleep(e.long)
			if err := c.mount("mount", "-o", "remount,rw", c.vol.dir); err != nil {
				c.fault("%v", err)
			}
		case "full":
			c.fillUp(e.long)
		}
		c.note("volume: well again")
	}
}

func (c *chaos) mount(args ...string) error {
	out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w %s", strings.Join(args, " "), err, out)
	}
	return nil
}

// readOnly waits for a moment without writers, which the kernel insists on.
func (c *chaos) readOnly() bool {
	for range 100 {
		if c.mount("mount", "-o", "remount,ro", c.vol.dir) == nil {
			return true
		}
		if !c.sleep(20 * time.Millisecond) {
			return false
		}
	}
	return false
}

// fillUp leaves no block free: the filler takes what there is, and again what was freed.
func (c *chaos) fillUp(long time.Duration) {
	filler := filepath.Join(c.vol.dir, "filler")
	defer os.RemoveAll(filler)
	if err := os.Mkdir(filler, 0o755); err != nil {
		c.fault("%v", err)
		return
	}
	for n, end := 0, time.Now().Add(long); time.Now().Before(end); n++ {
		var st syscall.Statfs_t
		if err := syscall.Statfs(c.vol.dir, &st); err != nil {
			c.fault("%v", err)
			return
		}
		// What is reserved need not be written. The last of it cannot be had so: it is written.
		if free := uint64(st.Bfree) * uint64(st.Bsize); free > 64<<20 {
			_ = exec.Command("fallocate", "--length", fmt.Sprint(free-32<<20), filepath.Join(filler, itoa(n))).Run()
		}
		if f, err := os.Create(filepath.Join(filler, itoa(n)+"rest")); err == nil {
			block := make([]byte, 1<<16)
			for err == nil && time.Now().Before(end) {
				_, err = f.Write(block)
			}
			_ = f.Close()
		}
		if !c.sleep(200 * time.Millisecond) {
			return
		}
	}
}

// nothingBelowTheMount: what is written while the share is away lies under its mount point when
// it is back, where nobody finds it.
func (c *chaos) nothingBelowTheMount() {
	_ = filepath.WalkDir(c.vol.dir, func(p string, e fs.DirEntry, err error) error {
		if err == nil && p != c.vol.dir {
			c.fault("%s was made while the volume was unmounted", p)
		}
		return nil
	})
	es, _ := os.ReadDir(c.vol.dir)
	for _, e := range es { // said once
		_ = os.RemoveAll(filepath.Join(c.vol.dir, e.Name()))
	}
}
