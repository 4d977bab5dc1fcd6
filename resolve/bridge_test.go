package resolve

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"proxima/internal/testprog"
)

// fake is a bridge to the stand-in for Resolve, in which a world is open: a Lua table.
func fake(t *testing.T, world string) *Bridge {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in for fuscript is a shell script")
	}
	if _, err := exec.LookPath("luajit"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("luajit is not installed: make deps gets it")
		}
		t.Skip("luajit is not installed: make deps gets it")
	}
	dir := t.TempDir()
	b := &Bridge{Fuscript: filepath.Join(dir, "fuscript"), Stall: 30 * time.Second, running: func() process { return process{} }}
	script, err := filepath.Abs("testdata/fuscript")
	if err != nil {
		t.Fatal(err)
	}
	if world != "" {
		if err := os.WriteFile(filepath.Join(dir, "world.lua"), []byte("return "+world), 0o600); err != nil {
			t.Fatal(err)
		}
		world = filepath.Join(dir, "world.lua")
	}
	// A program of its own, so that tests can run side by side: the environment is shared.
	text := "#!/bin/sh\nPROXIMA_FAKE_WORLD='" + world + "' PROXIMA_FAKE_STATE='" + filepath.Join(dir, "state") + "' exec '" + script + "' \"$@\"\n"
	testprog.Write(t, b.Fuscript, text)
	return b
}

// world reads a world from testdata.
func world(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".lua"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(string(data), "return ")
}
