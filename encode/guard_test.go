//go:build unix

package encode

import (
	"os/exec"
	"testing"
	"time"
)

// The kernel closes the pipe when we die; here the test does.
func TestGuardEndsItsProgram(t *testing.T) {
	path, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "60")
	if err := startGuarded(cmd); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	releaseGuard(cmd)
	err = cmd.Wait()
	if d := time.Since(started); err == nil || d > 20*time.Second {
		t.Errorf("ended after %s with %v", d, err)
	}
	if cmd.ProcessState.ExitCode() != 137 {
		t.Errorf("exit status %d", cmd.ProcessState.ExitCode())
	}
}
