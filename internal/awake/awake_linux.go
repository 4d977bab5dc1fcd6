package awake

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// keep takes logind's inhibitor lock, as systemd-inhibit(1) does: the lock lasts as long as
// the descriptor that logind answers with, so it never outlives this process. Services without
// a login session are refused by many distributions' policy.
func keep(ctx context.Context) (func(), error) {
	// Closed with the lock: an idle connection to the bus would be one more thing to lose.
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("reach the system bus: %w", err)
	}
	logind := conn.Object("org.freedesktop.login1", "/org/freedesktop/login1")
	var lock dbus.UnixFD
	// A bus without logind may take long to say so, and there is work to do.
	answer, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err = logind.CallWithContext(answer, "org.freedesktop.login1.Manager.Inhibit", 0, "sleep:idle", "Proxima", why, "block").Store(&lock)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("ask logind: %w", err)
	}
	return func() {
		_ = unix.Close(int(lock))
		_ = conn.Close()
	}, nil
}
