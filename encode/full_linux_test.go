package encode

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"proxima/jobfile"
)

// A disk that is full just when a file's end is written: ffmpeg says so, and ends with 0. That is the
// machine's fault, at whatever byte it happens, and nothing is left.
func TestADiskThatIsFullAtTheEnd(t *testing.T) {
	const inside = "ENCODE_TEST_FULL"
	if dir := os.Getenv(inside); dir != "" {
		fullDisk(t, dir)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command("unshare", "--mount", os.Args[0], "-test.run", "^TestADiskThatIsFullAtTheEnd$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"="+dir)
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	switch {
	case err == nil:
	case errors.As(err, &ended) && ended.ExitCode() == 1 && len(out) > 0 && out[0] != 'u': // not unshare's
		t.Errorf("%s", out)
	default:
		t.Skipf("needs root for a small disk: %v", err)
	}
}

// fullDisk has a mount namespace of its own.
func fullDisk(t *testing.T, dir string) {
	src := filepath.Join(dir, "a.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=1 -c:v mjpeg", src)
	j, _ := newJob(t, src, recipe("mjpeg"), 0)
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	encode := func() (int64, error) {
		task := Task{Job: j, Unit: j.Plan.Units[0], Source: src, VideoPath: filepath.Join(disk, ".v"), SoundPath: filepath.Join(disk, ".s"), Threads: 1}
		made, err := tools(t).Encode(t.Context(), task)
		if err != nil {
			return 0, err
		}
		return made.Video.Size, os.Remove(task.VideoPath)
	}
	size, err := encode()
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for less := int64(0); less <= 24<<10; less += 4 << 10 {
		if err := unix.Mount("none", disk, "tmpfs", 0, "size="+strconv.FormatInt(size-less, 10)); err != nil {
			t.Fatal(err)
		}
		var fault *jobfile.Fault
		if _, err := encode(); errors.As(err, &fault) && fault.Kind == jobfile.FaultMachine {
			refused++
		} else if err != nil || less > 4<<10 { // a page is a tmpfs's smallest
			t.Errorf("with %d bytes too few: %v", less, err)
		}
		if left, err := os.ReadDir(disk); err != nil || len(left) > 0 {
			t.Errorf("left %v, %v", left, err)
		}
		if err := unix.Unmount(disk, 0); err != nil {
			t.Fatal(err)
		}
	}
	if refused == 0 {
		t.Error("the disk was never full")
	}
}
