package jobfile

import "testing"

func pipe(t *testing.T, _ string) { t.Helper(); t.Skip("no such pipes there") }
