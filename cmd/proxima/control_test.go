//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func (r *room) wants(out string, words ...string) {
	r.t.Helper()
	for _, w := range words {
		if !strings.Contains(out, w) {
			r.t.Errorf("no %q in\n%s", w, out)
		}
	}
}

// A job is cancelled while its chunks are encoded: the encoders end within seconds, nothing of it is left
// but its explained record, and it can be queued again.
func TestCancelInTheMiddleOfAChunk(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	r.clip("a.mov", 60)
	r.run("queue", "a.mov", "--chunk-over", "0s", "--chunk-length", "30s")
	r.worker("v", "--slots", "1")
	r.worker("w", "--slots", "1")
	r.until("it encodes", r.busy)
	start := time.Now()
	out := r.run("cancel", "a.mov", "--why", "the wrong reel")
	if took := time.Since(start); took > 25*time.Second {
		t.Errorf("it took %v", took)
	}
	r.wants(out, "cancelled ", "a.mov (edit_proxy); what was encoded of it is removed", "ended unit ")
	r.until("the encoders have ended", func() bool { return r.encoders() == 0 })
	j := r.status().Jobs[0]
	if j.State != "cancelled" || !strings.Contains(j.Error, "the wrong reel") {
		t.Errorf("%+v", j)
	}
	if es, _ := filepath.Glob(filepath.Join(r.farm, "done", "*", "parts")); len(es) > 0 {
		t.Errorf("left: %v", es)
	}
	r.noLitter()
	r.run("pause")
	r.wants(r.run("retry", "a.mov"), "queued a.mov (edit_proxy) again as ", "nothing is begun: the farm is paused by ")
	if jobs := r.status().Jobs; len(jobs) != 2 || jobs[0].State != "queued" || jobs[1].ID != j.ID {
		t.Errorf("%+v", jobs)
	}
}

// A worker that is paused at once gives its chunk back, and resumes with it.
func TestPauseNowAndResume(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	r.clip("a.mov", 20)
	r.run("queue", "a.mov", "--chunk-over", "0s", "--chunk-length", "10s")
	_, log := r.worker("w", "--slots", "1")
	r.until("it encodes", r.busy)
	r.wants(r.run("pause", "--worker", "w", "--now", "--why", "for lunch"), "paused w", "begins nothing more")
	if n := r.encoders(); n != 0 {
		t.Errorf("%d encoders\n%s", n, log)
	}
	d := r.status()
	if d.Workers[0].State != "paused" || !strings.Contains(d.Workers[0].Holds, "for lunch") || !strings.Contains(d.Still, "for lunch") || d.Jobs[0].State == "done" {
		t.Errorf("%+v", d)
	}
	if strings.Contains(log.String(), "error:") {
		t.Errorf("%s", log)
	}
	r.wants(r.run("resume", "--worker", "w"), "taken back", "goes on")
	r.until("the job is done", func() bool {
		done, _ := filepath.Glob(filepath.Join(r.farm, "done", "*", "DONE.yaml"))
		return len(done) == 1
	})
	if got := countFrames(t, filepath.Join(r.dir, "Proxy", "a.mov")); got != "500" {
		t.Errorf("%s frames", got)
	}
}

// A drained worker finishes its chunk and says when its machine may be switched off.
func TestDrainSaysWhenItIsSafe(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	r.clip("a.mov", 20)
	r.run("queue", "a.mov", "--chunk-over", "0s", "--chunk-length", "10s")
	w, log := r.worker("w", "--slots", "1")
	r.until("it encodes", r.busy)
	r.wants(r.run("drain", "w", "--wait"), "is idle: safe to switch off")
	if n := r.encoders(); n != 0 {
		t.Errorf("%d encoders\n%s", n, log)
	}
	j := r.one()
	if j.UnitsDone == 0 || j.State == "done" || strings.Contains(log.String(), "giving back") {
		t.Errorf("%+v\n%s", j, log)
	}
	if d := r.status(); d.Workers[0].State != "drained" || !strings.Contains(d.Still, "drained by") {
		t.Errorf("%+v", d)
	}
	_ = w.Process.Kill() // the power goes
	_ = w.Wait()
	r.run("work", "--name", "w", "--until-idle", "--lease", "3s") // and it is switched on again
	if d := r.status(); d.Jobs[0].State != "done" {
		t.Errorf("%+v", d)
	}
}

// A worker outside of its hours begins nothing, and status says until when. The machine's own settings
// go before the farm's.
func TestAWorkerOutsideOfItsHoursSaysSo(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	r.clip("a.mov", 1)
	r.run("queue", "a.mov")
	other := strings.ToLower(time.Now().AddDate(0, 0, 3).Format("Mon"))
	farm, err := os.ReadFile(filepath.Join(r.farm, "farm.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	farm = append(farm, "\nworkers:\n  w:\n    hours: "+other+" 10:00-11:00\n    overrun: give-back\n"...)
	if err := os.WriteFile(filepath.Join(r.farm, "farm.yaml"), farm, 0o644); err != nil {
		t.Fatal(err)
	}
	w, _ := r.worker("w")
	r.until("it says so", func() bool {
		d := r.status()
		return len(d.Workers) == 1 && d.Workers[0].State == "off-hours" && strings.Contains(d.Still, "outside of its hours; it works again from "+time.Now().AddDate(0, 0, 3).Format("Mon")+" 10:00")
	})
	_ = w.Process.Kill()
	_ = w.Wait()
	conf := filepath.Join(r.dir, "config")
	if err := os.MkdirAll(conf, 0o755); err != nil {
		t.Fatal(err)
	}
	for text, code := range map[string]int{"hours: 7pm\n": exitFailed, "hours: 00:00-24:00\n": exitOK} {
		if err := os.WriteFile(filepath.Join(conf, "config.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, got, errs := r.try("work", "--name", "w", "--until-idle"); got != code || code != 0 && !strings.Contains(errs, "config.yaml:1:8: hours:") {
			t.Errorf("%q: exit code %d\n%s", text, got, errs)
		}
	}
}

// Requests are answered by those who heed them, and who does not is named.
func TestWhoDoesNotAnswerIsNamed(t *testing.T) {
	t.Parallel() // it mostly waits
	r := newRoom(t)
	now := time.Now().UTC().Format(time.RFC3339)
	doc := func(id, more string) {
		text := "format: 1\nid: " + id + "\nname: " + id[:len(id)-6] + "\nversion: \"0.1\"\nslots: 1\nstate: idle\nupdated: " + now + "\n" + more
		if err := os.WriteFile(filepath.Join(r.farm, "workers", id+".yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	doc("old-aaaaa", "")
	doc("stuck-aaaaa", "controls: 1\n")
	out, code, errs := r.try("pause", "--timeout", "1s")
	r.wants(out, "old-aaaaa runs Proxima 0.1, which knows no requests", "stuck-aaaaa has not said so yet")
	r.wants(errs, "after 1s this has not taken effect on stuck-aaaaa", "next: it stands")
	if code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	doc("stuck-aaaaa", "controls: 1\nobeys: [pause.yaml]\n")
	r.run("pause")
}
