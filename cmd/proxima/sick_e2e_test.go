//go:build e2e && unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"proxima/internal/testprog"
)

// tool puts a program into a folder: the one of that name in PATH, or a script.
func tool(t *testing.T, dir, name, script string) {
	t.Helper()
	file := filepath.Join(dir, name)
	_ = os.Remove(file) // the one before
	if script != "" {
		testprog.Write(t, file, "#!/bin/sh\n"+script+"\n")
		return
	}
	real, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, file); err != nil {
		t.Fatal(err)
	}
}

// A machine that cannot encode says why where people look, charges nothing, and takes part
// by itself once it can.
func TestASickMachineSaysWhyAndComesBack(t *testing.T) {
	for _, c := range []struct{ name, ffmpeg, why string }{
		{"no ffmpeg", "none", "ffmpeg was not found"},
		{"an ffmpeg that crashes", `case "$*" in *-version*) exec "$REAL" "$@";; esac; kill -SEGV $$`, "does not work on this machine"},
		{"an ffmpeg without the encoder", `case "$*" in *-version*) exec "$REAL" "$@";; esac; echo "Unknown encoder 'dnxhd'" >&2; exit 1`, "lacks the encoder dnxhd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t)
			clip := r.clip("a.mov", 4)
			r.run("queue", clip)
			bin := t.TempDir()
			tool(t, bin, "ffprobe", "")
			real, err := exec.LookPath("ffmpeg")
			if err != nil {
				t.Fatal(err)
			}
			if c.ffmpeg != "none" {
				tool(t, bin, "ffmpeg", c.ffmpeg)
			}
			w := r.command("work", "--name", "sick", "--lease", "10s")
			w.Env = append(w.Env, "PATH="+bin, "REAL="+real)
			if err := w.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = w.Process.Kill(); _ = w.Wait() }()
			r.until("status tells why", func() bool {
				out, _, _ := r.try("status")
				return strings.Contains(out, "resting") && strings.Contains(out, c.why)
			})
			tool(t, bin, "ffmpeg", "")
			r.until("the clip is made", func() bool { _, err := os.Stat(filepath.Join(r.dir, "Proxy", "a.mov")); return err == nil })
			if got := countFrames(t, filepath.Join(r.dir, "Proxy", "a.mov")); got != "100" {
				t.Errorf("%s frames", got)
			}
			for _, u := range r.one().UnitsList {
				if u.Attempt != 1 {
					t.Errorf("unit %s took %d attempts", u.Unit, u.Attempt)
				}
			}
		})
	}
}
