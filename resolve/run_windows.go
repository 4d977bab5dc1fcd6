package resolve

import (
	"os/exec"
	"syscall"
)

// createNoWindow keeps a console window from flashing up (CREATE_NO_WINDOW of processthreadsapi.h).
const createNoWindow = 0x08000000

// start runs fuscript without a window and out of reach of a Ctrl-C, which is ours to handle.
// fuscript starts no programs of its own; the context ends it.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | createNoWindow}
	return cmd.Start()
}
