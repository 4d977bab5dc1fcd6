//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"proxima/jobfile"
)

// encoders counts the ffmpeg processes that work for this room.
func (r *room) encoders() int {
	out, _ := exec.Command("ps", "-eo", "args").Output()
	n := 0
	for _, l := range strings.Split(string(out), "\n") {
		if strings.Contains(l, "ffmpeg") && strings.Contains(l, r.dir) {
			n++
		}
	}
	return n
}

func (r *room) noLitter() {
	r.t.Helper()
	err := filepath.Walk(r.dir, func(p string, _ os.FileInfo, err error) error {
		if strings.HasSuffix(p, ".partial") || strings.HasSuffix(p, ".tmp") {
			r.t.Errorf("%s was left behind", p)
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
}

// busy looks at processes alone: a chunk of seconds is over before `proxima status` has started
// twice on a loaded machine, and would never be seen.
func (r *room) busy() bool { return r.encoders() > 0 }

// A daemon is killed in the middle of a chunk: no ffmpeg stays behind, another daemon takes
// the chunk over, and the proxy is whole.
func TestKillNineLosesNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	clip := r.clip("a.mov", 30)
	r.run("queue", clip, "--chunk-over", "0s", "--chunk-length", "10s")
	victim, _ := r.worker("victim", "--slots", "2")
	r.until("the victim encodes", r.busy)
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = victim.Wait()
	r.until("its ffmpeg is gone", func() bool { return r.encoders() == 0 })
	r.run("work", "--name", "heir", "--until-idle", "--lease", "5s")
	if got := countFrames(t, filepath.Join(r.dir, "Proxy", "a.mov")); got != "750" {
		t.Errorf("%s frames", got)
	}
	d := r.status()
	if len(d.Jobs) != 1 || d.Jobs[0].State != "done" {
		t.Errorf("%+v", d.Jobs)
	}
}

func TestCtrlCOnceFinishesTwiceGivesBack(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, times := range []int{1, 2} {
		r := newRoom(t)
		clip := r.clip("a.mov", 40)
		r.run("queue", clip, "--chunk-over", "0s", "--chunk-length", "10s")
		w, log := r.worker("w", "--slots", "1")
		r.until("it encodes", r.busy)
		for range times {
			if err := w.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			r.status() // signals that come at once may be one
		}
		_ = w.Wait()
		if code := w.ProcessState.ExitCode(); code != exitInterrupted {
			t.Errorf("%d times: exit code %d\n%s", times, code, log)
		}
		if n := r.encoders(); n != 0 {
			t.Errorf("%d times: %d ffmpeg left", times, n)
		}
		r.noLitter()
		d := r.status()
		if len(d.Workers) != 0 {
			t.Errorf("%d times: the worker did not sign off: %+v", times, d.Workers)
		}
		for _, u := range r.one().UnitsList {
			if u.State == "doing" {
				t.Errorf("%d times: unit %s was not given back", times, u.Unit)
			}
		}
	}
}

func (r *room) one() jobStatus {
	r.t.Helper()
	id := r.status().Jobs[0].ID
	store, farm, err := jobfile.Open(r.farm)
	if err != nil {
		r.t.Fatal(err)
	}
	return newLooker(store, roots(farm)).one(id, false, true, true).job
}

// A frozen daemon wakes after its lease: its unit was made by another, it publishes nothing.
func TestAZombiePublishesNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	clip := r.clip("a.mov", 60)
	r.run("queue", clip, "--chunk-over", "0s", "--chunk-length", "30s")
	zombie, log := r.worker("zombie", "--slots", "1", "--lease", "3s")
	r.until("it encodes", r.busy)
	if err := zombie.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	r.run("work", "--name", "heir", "--until-idle", "--lease", "3s")
	if err := zombie.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if err := zombie.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = zombie.Wait()
	if got := countFrames(t, filepath.Join(r.dir, "Proxy", "a.mov")); got != "1500" {
		t.Errorf("%s frames\n%s", got, log)
	}
	r.noLitter()
	if n := r.encoders(); n != 0 {
		t.Errorf("%d ffmpeg left", n)
	}
}

// The share goes away in the middle of a chunk and comes back: the daemon waits, and what it
// was encoding is neither given up nor charged.
func TestAFarmThatVanishesIsWaitedFor(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	clip := r.clip("a.mov", 30)
	r.run("queue", clip, "--chunk-over", "0s", "--chunk-length", "10s")
	w, log := r.worker("w", "--slots", "1", "--lease", "3s", "--until-idle")
	r.until("it encodes", r.busy)
	away := r.farm + " is away"
	if err := os.Rename(r.farm, away); err != nil {
		t.Fatal(err)
	}
	r.until("it says so", func() bool { return strings.Contains(log.String(), "waiting for it to come back") })
	r.until("its encoding is over", func() bool { return r.encoders() == 0 })
	if err := os.Rename(away, r.farm); err != nil {
		t.Fatal(err)
	}
	if err := w.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
	if got := countFrames(t, filepath.Join(r.dir, "Proxy", "a.mov")); got != "750" {
		t.Errorf("%s frames", got)
	}
	if said := log.String(); strings.Contains(said, "error: failed") || strings.Contains(said, "another worker") {
		t.Errorf("a unit was charged, or taken for lost:\n%s", said)
	}
}
