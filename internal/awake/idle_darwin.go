package awake

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

var reIdle = regexp.MustCompile(`"HIDIdleTime" = ([0-9]+)`)

// idle asks the registry of devices, by ioreg(8), which comes with macOS: nanoseconds since the last
// touch, for background services too.
func idle(ctx context.Context) (time.Duration, error) {
	out, err := exec.CommandContext(ctx, "/usr/sbin/ioreg", "-c", "IOHIDSystem", "-d", "4").Output()
	if err != nil {
		return 0, fmt.Errorf("ask ioreg: %w", err)
	}
	m := reIdle.FindSubmatch(out)
	if m == nil {
		return 0, errors.New("ioreg tells of no keyboard or mouse")
	}
	ns, err := strconv.ParseInt(string(m[1]), 10, 64)
	return time.Duration(ns), err
}
