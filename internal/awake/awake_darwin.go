package awake

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// keep runs caffeinate(8), which comes with macOS: -i prevents idle sleep, -w ends it with
// this process, however that ends.
func keep(ctx context.Context) (func(), error) {
	c := exec.CommandContext(context.WithoutCancel(ctx), "/usr/bin/caffeinate", "-i", "-w", strconv.Itoa(os.Getpid()))
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start caffeinate: %w", err)
	}
	return func() {
		_ = c.Process.Kill()
		_ = c.Wait() // ends with the kill
	}, nil
}
