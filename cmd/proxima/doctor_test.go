package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"proxima/internal/testprog"
	"proxima/jobfile"
	"proxima/resolve"
)

// asks runs the doctor and returns its findings by check.
func (r *room) asks(args ...string) (byCheck map[string]diagnosis, code int) {
	r.t.Helper()
	out, code, errs := r.try(append([]string{"doctor", "--json", "--preset", "edit_proxy"}, args...)...)
	var d doctorDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		r.t.Fatalf("%v\n%s%s", err, out, errs)
	}
	byCheck = map[string]diagnosis{}
	for _, f := range d.Checks {
		byCheck[f.Check] = f
		if f.Status != fine && f.Status != skipped && (f.Why == "" || f.Next == "") {
			r.t.Errorf("%s does not say why it matters and what to do: %+v", f.Check, f)
		}
	}
	if d.OK != (code == exitOK) {
		r.t.Errorf("ok %v with exit code %d", d.OK, code)
	}
	return byCheck, code
}

// leavesNothing looks for what the doctor made.
func (r *room) leavesNothing() {
	r.t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, _ os.DirEntry, err error) error {
		if strings.Contains(filepath.Base(path), "doctor") {
			r.t.Errorf("left: %s", path)
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
}

func TestTheDoctorFindsAHealthyMachineWell(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.root("media", r.dir)
	found, code := r.asks()
	if code != exitOK {
		t.Errorf("exit code %d: %v", code, found)
	}
	for _, check := range []string{"farm", "files", "folder jobs", "folder done", "locks, here", "clock", "root media", "temporary files", "ffmpeg", "preset edit_proxy"} {
		if f, ok := found[check]; !ok || f.Status != fine {
			t.Errorf("%s: %+v", check, f)
		}
	}
	r.leavesNothing()
}

// root gives the farm a root on this machine.
func (r *room) root(name, dir string) {
	r.t.Helper()
	file := filepath.Join(r.farm, "farm.yaml")
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, append(data, []byte("\nroots:\n  "+name+":\n    "+runtime.GOOS+": '"+dir+"'\n")...), 0o644)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// Each check is broken, and must say so.
func TestTheDoctorFindsWhatIsBroken(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, c := range []struct {
		name    string
		damage  func(r *room)
		check   string
		status  string
		found   string
		code    int
		notRoot bool // root is let through
		args    []string
	}{
		{name: "no farm", damage: func(r *room) { outOfFarm(r, "farm.yaml") }, check: "farm", status: broken, found: "no farm here", code: exitFarm},
		{name: "newer format", damage: func(r *room) { putInFarm(r, "farm.yaml", "format: 99\n") }, check: "farm", status: broken, found: "newer", code: exitFarm},
		{name: "nonsense in farm.yaml", damage: func(r *room) { putInFarm(r, "farm.yaml", "format: 1\nrots: {}\n") }, check: "farm", status: broken, found: "rots", code: exitFarm},
		{name: "no workers folder", damage: func(r *room) { outOfFarm(r, "workers") }, check: "files", status: broken, found: "cannot write there", code: exitFarm},
		{name: "no jobs folder", damage: func(r *room) { outOfFarm(r, "jobs") }, check: "folder jobs", status: broken, code: exitFarm},
		{name: "no done folder", damage: func(r *room) { outOfFarm(r, "done") }, check: "folder done", status: broken, code: exitFarm},
		{name: "workers closed", damage: func(r *room) { lock(r, filepath.Join(r.farm, "workers")) }, check: "files", status: broken, found: "denied", code: exitFarm, notRoot: true},
		{name: "root not here", damage: func(r *room) { r.root("media", none) }, check: "root media", status: broken, found: "none", code: exitFailed},
		{name: "root is a file", damage: func(r *room) { putInFarm(r, "clip", ""); r.root("media", filepath.Join(r.farm, "clip")) }, check: "root media", status: broken, found: "no folder", code: exitFailed},
		{name: "root not of this system", damage: func(r *room) {
			putInFarm(r, "farm.yaml", "format: 1\nroots:\n  media:\n    host:elsewhere: "+map[bool]string{true: "'R:\\x'", false: "/x"}[runtime.GOOS == "windows"]+"\n")
		}, check: "root media", status: broken, found: "no place", code: exitFailed},
		{name: "root closed", damage: func(r *room) {
			d := filepath.Join(r.dir, "media")
			mkdir(r, d)
			lock(r, d)
			r.root("media", d)
		}, check: "root media", status: warning, found: "cannot be written", notRoot: true},
		{name: "no room", damage: func(r *room) {
			putInFarm(r, "farm.yaml", "format: 1\ndefaults: {keep_free: 900000TiB}\n")
		}, check: "room, farm", found: "free"},
		{name: "no ffmpeg", damage: func(r *room) { mine(r, "ffmpeg: "+none+"\n") }, check: "ffmpeg", status: broken, found: "not found", code: exitFailed},
		{name: "fuscript", damage: func(r *room) { mine(r, "ffmpeg: "+none+"\nfuscript: "+none+"\n") }, check: "Resolve", status: warning, found: "there is no fuscript at"},
		{name: "settings", damage: func(r *room) { mine(r, "slotz: 1\n") }, check: "settings", status: broken, found: "slotz", code: exitFailed},
		{name: "preset's file", damage: func(r *room) {
			putInFarm(r, "presets/ours.yaml", "ours:\n  extends: edit_proxy\n  lut: missing.cube\n")
		}, check: "preset ours", status: broken, found: "missing.cube", code: exitFailed, args: []string{"--preset", "ours"}},
		{name: "presets", damage: func(r *room) {
			putInFarm(r, "presets/ours.yaml", "ours:\n  extends: edit_proxy\n  encodr: h264\n")
		}, check: "presets", status: broken, found: "encodr", code: exitFailed},
		{name: "encoder", damage: func(r *room) { mine(r, "ffmpeg: "+lacking(r)+"\n") }, check: "preset edit_proxy", status: warning, found: "dnxhd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.notRoot && (os.Geteuid() == 0 || runtime.GOOS == "windows") {
				t.Skip("nothing is closed to root, nor by modes on Windows")
			}
			r := newRoom(t)
			// Encoding is tried by the healthy machine; here it would only take time.
			if c.check != "ffmpeg" && c.check != "Resolve" && c.check != "settings" && !strings.HasPrefix(c.check, "preset") {
				mine(r, "ffmpeg: "+none+"\n")
			}
			c.damage(r)
			found, code := r.asks(c.args...)
			f := found[c.check]
			if f.Status != c.status && c.status != "" || !strings.Contains(f.Found, c.found) {
				t.Errorf("%+v", f)
			}
			if c.code != 0 && code != c.code {
				t.Errorf("exit code %d, not %d", code, c.code)
			}
			r.leavesNothing()
		})
	}
}

// lacking is an ffmpeg without one encoder, as a build may be.
func lacking(r *room) string {
	r.t.Helper()
	if runtime.GOOS == "windows" {
		r.t.Skip("needs a shell")
	}
	real, err := exec.LookPath("ffmpeg")
	if err != nil {
		r.t.Fatal(err)
	}
	file := filepath.Join(r.dir, "ffmpeg")
	script := "#!/bin/sh\nfor a; do shift; [ \"$a\" = dnxhd ] && a=none; set -- \"$@\" \"$a\"; done\nexec " + real + " \"$@\"\n"
	testprog.Write(r.t, file, script)
	return file
}

func putInFarm(r *room, name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.farm, name), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func outOfFarm(r *room, name string) {
	r.t.Helper()
	if err := os.RemoveAll(filepath.Join(r.farm, name)); err != nil {
		r.t.Fatal(err)
	}
}

func mkdir(r *room, dir string) {
	r.t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		r.t.Fatal(err)
	}
}

func lock(r *room, dir string) {
	r.t.Helper()
	if err := os.Chmod(dir, 0o555); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
}

func mine(r *room, text string) {
	r.t.Helper()
	mkdir(r, filepath.Join(r.dir, "config"))
	if err := os.WriteFile(filepath.Join(r.dir, "config", "config.yaml"), []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// What a doctor that was killed left behind goes with the next one, or with a worker's orphans.
func TestTheDoctorTidiesUpAfterADeadOne(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	putInFarm(r, "done/.doctor.abc123.tmp", "x")
	putInFarm(r, "done/.doctor.mine", "x")
	mine(r, "ffmpeg: "+filepath.Join(r.dir, "none")+"\n")
	r.asks()
	if _, err := os.Stat(filepath.Join(r.farm, "done", ".doctor.abc123.tmp")); err == nil {
		t.Error("the probe is still there")
	}
	if _, err := os.Stat(filepath.Join(r.farm, "done", ".doctor.mine")); err != nil {
		t.Error("a file of somebody else's was removed")
	}
}

func TestWhatABeatTells(t *testing.T) {
	s := time.Second
	every := 10 * s
	for _, c := range []struct {
		name   string
		seen   []beatSeen
		took   time.Duration
		status string
		found  string
	}{
		{"dead or not seen", nil, 25 * s, warning, "no heartbeat"},
		{"too short", nil, 5 * s, skipped, "too short"},
		{"one", []beatSeen{{"a", 3 * s}}, 25 * s, fine, "1 worker of another machine lives"},
		{"in time", []beatSeen{{"a", 3 * s}, {"b", 4 * s}, {"a", 13500 * time.Millisecond}, {"b", 14 * s}}, 25 * s, fine, "2 workers of other machines live; heartbeats are seen within 2s"},
		{"late", []beatSeen{{"a", 1 * s}, {"a", 24 * s}}, 25 * s, warning, "13s late"},
	} {
		if f := judgeBeats(c.seen, 2, every, c.took); f.Status != c.status || !strings.Contains(f.Found, c.found) {
			t.Errorf("%s: %+v", c.name, f)
		}
	}
}

func TestWhatALockTells(t *testing.T) {
	for want, n := range map[string]map[jobfile.LockState]int{
		"could be taken":   {jobfile.LockFree: 1, jobfile.LockHeld: 1},
		"kept between":     {jobfile.LockHeld: 1, jobfile.LockUnknown: 1},
		"not answered":     {jobfile.LockUnknown: 1},
		"no living worker": {},
	} {
		if f := judgeLocks(n); !strings.Contains(f.Found, want) {
			t.Errorf("%v: %+v", n, f)
		}
	}
}

func TestWhatAClockAndADiskTell(t *testing.T) {
	for ahead, want := range map[time.Duration]string{0: fine, time.Minute: fine, time.Hour: warning, -time.Hour: warning} {
		if f := judgeClock(ahead); f.Status != want {
			t.Errorf("%s: %+v", ahead, f)
		}
	}
	for free, want := range map[uint64]string{50 << 30: fine, 5 << 30: warning, 1 << 30: broken} {
		if f := judgeSpace("room", free, 1<<40, 2<<30); f.Status != want {
			t.Errorf("%d: %+v", free, f)
		}
	}
	// On a small volume a twentieth is enough.
	if f := judgeSpace("room", 4<<30, 10<<30, 100<<30); f.Status != fine {
		t.Errorf("%+v", f)
	}
}

func TestWhatAResolveTells(t *testing.T) {
	here := resolve.Greeting{Product: "DaVinci Resolve Studio", Version: "19.1.3.7", Project: "Film"}
	problem := func(k resolve.ProblemKind) error {
		return &resolve.Problem{Kind: k, What: "it is " + string(k), Next: "do something"}
	}
	for _, c := range []struct {
		greeting   resolve.Greeting
		err        error
		configured bool
		status     string
		found      string
	}{
		{here, nil, false, fine, `DaVinci Resolve Studio 19.1.3.7 answers, project "Film" is open`},
		{here, problem(resolve.NoProject), false, fine, "19.1.3.7 answers, no project is open"},
		{err: problem(resolve.NotInstalled), status: skipped, found: "not installed"},
		{err: problem(resolve.NotInstalled), configured: true, status: warning, found: "not-installed"},
		{err: problem(resolve.NotRunning), status: skipped, found: "not asked: it is not-running"},
		{err: problem(resolve.OtherUser), status: skipped, found: "not asked: it is other-user"},
		{err: problem(resolve.Silent), status: warning, found: "silent"},
		{err: problem(resolve.FreeEdition), status: warning, found: "free-edition"},
		{err: problem(resolve.Hung), status: warning, found: "hung"},
		{err: os.ErrPermission, status: warning, found: "permission"},
	} {
		f := judgeResolve(c.greeting, c.err, c.configured)
		if f.Status != c.status || !strings.Contains(f.Found, c.found) || (f.Status == warning) != (f.Why != "" && f.Next != "") {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}

func TestTheDoctorAsksResolve(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.resolve(`{ name = "Film" }`)
	f := filepath.Join(r.dir, "config", "config.yaml")
	data, err := os.ReadFile(f)
	if err != nil {
		t.Fatal(err)
	}
	mine(r, string(data)+"ffmpeg: "+filepath.Join(r.dir, "none")+"\n")
	if found, _ := r.asks(); found["Resolve"].Status != fine || !strings.Contains(found["Resolve"].Found, `project "Film" is open`) {
		t.Errorf("%+v", found["Resolve"])
	}
}

// A living worker of another machine is how it is known what this one sees of others.
func TestTheDoctorWatchesOthers(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	putInFarm(r, "farm.yaml", "format: 1\ndefaults: {lease: 10s}\n")
	mine(r, "ffmpeg: "+filepath.Join(r.dir, "none")+"\n")
	store, _, err := jobfile.Open(r.farm)
	if err != nil {
		t.Fatal(err)
	}
	member, err := store.Join(&jobfile.Worker{ID: jobfile.NewWorkerID("other"), Name: "other", Host: "elsewhere", PID: 1})
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := r.asks("--watch", "3s"); found["others seen"].Status != warning {
		t.Errorf("it stands still: %+v", found["others seen"])
	}
	done, over := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-done:
				over <- member.Leave()
				return
			case <-time.After(500 * time.Millisecond):
				_ = member.Beat() // what the doctor sees of it is the test
			}
		}
	}()
	found, _ := r.asks("--watch", "3s")
	close(done)
	if err := <-over; err != nil {
		t.Error(err)
	}
	if f := found["others seen"]; f.Status == skipped || !strings.Contains(f.Found, "1 worker of another machine lives") {
		t.Errorf("%+v", f)
	}
	if f := found["locks, others"]; f.Status != fine {
		t.Errorf("%+v", f)
	}
}
