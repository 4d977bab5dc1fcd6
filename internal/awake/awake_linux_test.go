package awake

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// bus starts a private message bus that stands for the system's.
func bus(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("no dbus-daemon here")
	}
	c := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// logind answers Inhibit as the real one does: with a descriptor whose closing ends the lock.
type logind struct {
	asked chan []string
	lock  *os.File // the end that logind keeps
	sent  int      // its own copy of the other, which it closes once it is sent
}

func (l *logind) Inhibit(what, who, why, mode string) (dbus.UnixFD, *dbus.Error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return 0, dbus.MakeFailedError(err)
	}
	l.lock = os.NewFile(uintptr(p[0]), "lock")
	l.sent = p[1]
	l.asked <- []string{what, who, why, mode}
	return dbus.UnixFD(p[1]), nil
}

func TestTheLockLastsUntilItIsReleased(t *testing.T) {
	address := bus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	l := &logind{asked: make(chan []string, 1)}
	if err := conn.Export(l, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.login1", 0); err != nil {
		t.Fatal(err)
	}
	release, err := Keep(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if got := <-l.asked; got[0] != "sleep:idle" || got[3] != "block" {
		t.Errorf("asked for %q", got)
	}
	_ = unix.Close(l.sent)
	ended := make(chan struct{})
	go func() {
		_, _ = io.ReadAll(l.lock)
		close(ended)
	}()
	select {
	case <-ended:
		t.Error("the lock ended by itself")
	case <-time.After(50 * time.Millisecond):
	}
	release()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Error("the lock was not given back")
	}
}

func TestARefusalSaysWhy(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	if _, err := Keep(context.Background()); err == nil || !strings.Contains(err.Error(), "system bus") {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", bus(t))
	if _, err := Keep(context.Background()); err == nil || !strings.Contains(err.Error(), "logind") {
		t.Fatal(err)
	}
}
