package encode

import "testing"

func watchPipe(t *testing.T, _ string, _ chan<- string) (unwatch func()) {
	t.Helper()
	t.Skip("no such pipes there")
	return nil
}
