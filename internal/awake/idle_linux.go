package awake

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"
)

// idle asks logind about the sessions at this machine's seats (org.freedesktop.login1(5)): desktops tell
// it when nobody touches them, after the time that they are set to; of consoles it sees that itself.
func idle(ctx context.Context) (time.Duration, error) {
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return 0, fmt.Errorf("reach the system bus: %w", err)
	}
	defer conn.Close()
	const name = "org.freedesktop.login1"
	var sessions []struct {
		ID   string
		UID  uint32
		User string
		Seat string
		Path dbus.ObjectPath
	}
	if err := conn.Object(name, "/org/freedesktop/login1").CallWithContext(ctx, name+".Manager.ListSessions", 0).Store(&sessions); err != nil {
		return 0, fmt.Errorf("ask logind: %w", err)
	}
	least := time.Duration(nobody)
	for _, s := range sessions {
		if s.Seat == "" {
			continue // ssh and the like: nobody sits here
		}
		var p map[string]dbus.Variant
		err := conn.Object(name, s.Path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.GetAll", 0, name+".Session").Store(&p)
		if err != nil {
			continue // it ended meanwhile
		}
		class, _ := p["Class"].Value().(string)
		state, _ := p["State"].Value().(string)
		if class != "user" || state == "closing" {
			continue // the greeter is nobody
		}
		hint, _ := p["IdleHint"].Value().(bool)
		locked, _ := p["LockedHint"].Value().(bool)
		since, _ := p["IdleSinceHint"].Value().(uint64) // microseconds since 1970
		switch {
		case hint && since > 0:
			least = min(least, max(0, time.Since(time.UnixMicro(int64(since)))))
		case !hint && !locked: // who locks the screen leaves
			least = 0
		}
	}
	return least, nil
}
