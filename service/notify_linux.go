package service

import (
	"net"
	"os"
	"strings"
)

// notify tells systemd how the service stands, as sd_notify(3) does. Without systemd, and where
// it does not listen, nothing is told: nothing depends on it but its watchdog.
func notify(state string) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	if strings.HasPrefix(name, "@") {
		name = "\x00" + name[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write([]byte(strings.ReplaceAll(state, "\n", " ")))
}
