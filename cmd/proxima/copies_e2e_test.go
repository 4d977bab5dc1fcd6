//go:build e2e && unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A daemon is frozen in the middle of the last unit. Long before its lease is over another begins a
// copy, and finishes the job; the frozen one wakes and publishes nothing.
func TestTheRoomDoesNotWaitForOneWhoIsFrozen(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	clip := r.clip("a.mov", 60)
	r.run("queue", clip, "--chunk-over", "0s", "--chunk-length", "30s")
	frozen, log := r.worker("frozen", "--slots", "1", "--lease", "50s")
	r.until("it encodes", r.busy)
	if err := frozen.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	helper, said := r.worker("helper", "--slots", "1", "--lease", "50s", "--until-idle")
	if err := helper.Wait(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	if s := said.String(); !strings.Contains(s, "began a copy") || strings.Contains(s, "taking over") {
		t.Errorf("no copy was begun, or the lease ended first:\n%s", s)
	}
	if err := frozen.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := frozen.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = frozen.Wait()
	if got := countFrames(t, filepath.Join(r.dir, "Proxy", "a.mov")); got != "1500" {
		t.Errorf("%s frames\n%s", got, log)
	}
	if d := r.status(); len(d.Jobs) != 1 || d.Jobs[0].State != "done" {
		t.Errorf("%+v", d.Jobs)
	}
	if strings.Contains(log.String()+said.String(), "error: failed") {
		t.Errorf("somebody was charged:\n%s\n%s", log, said)
	}
	r.noLitter()
	if n := r.encoders(); n != 0 {
		t.Errorf("%d ffmpeg left", n)
	}
}
