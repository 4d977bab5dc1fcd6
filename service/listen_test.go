package service

import (
	"net"
	"testing"
)

// listen is systemd's end of sd_notify.
func listen(t *testing.T, path string) <-chan string {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	heard := make(chan string, 100)
	go func() {
		defer close(heard)
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			select {
			case heard <- string(buf[:n]):
			default: // nobody waits for it any more
			}
		}
	}()
	return heard
}
