package awake

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
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

// session is one that logind tells of.
type session struct {
	Seat  string
	props map[string]dbus.Variant
}

type listed struct {
	ID   string
	UID  uint32
	User string
	Seat string
	Path dbus.ObjectPath
}

type manager struct{ list atomic.Pointer[[]listed] }

func (m *manager) ListSessions() ([]listed, *dbus.Error) { return *m.list.Load(), nil }

func (s *session) GetAll(string) (map[string]dbus.Variant, *dbus.Error) { return s.props, nil }

func TestIdleIsWhatTheSeatsSay(t *testing.T) {
	address := bus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	m := &manager{}
	if err := conn.Export(m, "/org/freedesktop/login1", "org.freedesktop.login1.Manager"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.login1", 0); err != nil {
		t.Fatal(err)
	}
	ago := func(d time.Duration) uint64 { return uint64(time.Now().Add(-d).UnixMicro()) }
	at := func(seat, class string, hint, locked bool, since uint64) *session {
		return &session{Seat: seat, props: map[string]dbus.Variant{
			"Class": dbus.MakeVariant(class), "State": dbus.MakeVariant("active"), "IdleHint": dbus.MakeVariant(hint),
			"LockedHint": dbus.MakeVariant(locked), "IdleSinceHint": dbus.MakeVariant(since),
		}}
	}
	for _, c := range []struct {
		name     string
		sessions []*session
		from, to time.Duration
	}{
		{"nobody", nil, nobody, nobody},
		{"somebody types", []*session{at("seat0", "user", false, false, 0)}, 0, 0},
		{"somebody went", []*session{at("seat0", "user", true, false, ago(time.Hour))}, 59 * time.Minute, 61 * time.Minute},
		{"one went, one types", []*session{at("seat0", "user", true, false, ago(time.Hour)), at("seat1", "user", false, false, 0)}, 0, 0},
		{"the greeter, and one by ssh", []*session{at("seat0", "greeter", false, false, 0), at("", "user", false, false, 0)}, nobody, nobody},
		{"locked", []*session{at("seat0", "user", false, true, 0)}, nobody, nobody},
	} {
		list := []listed{}
		for i, s := range c.sessions {
			path := dbus.ObjectPath(fmt.Sprintf("/org/freedesktop/login1/session/%d", i))
			if err := conn.Export(s, path, "org.freedesktop.DBus.Properties"); err != nil {
				t.Fatal(err)
			}
			list = append(list, listed{ID: fmt.Sprint(i), User: "ana", Seat: s.Seat, Path: path})
		}
		m.list.Store(&list)
		got, err := Idle(context.Background())
		if err != nil || got < c.from || got > c.to {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")
	if _, err := Idle(context.Background()); err == nil || !strings.Contains(err.Error(), "system bus") {
		t.Error(err)
	}
}
