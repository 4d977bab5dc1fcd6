package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary the program itself when it is called by its name, so that
// scripts and tests start real processes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"proxima": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PROXIMA_CONFIG", filepath.Join(e.WorkDir, "config"))
			return nil
		},
		Cmds: commands(),
	})
}

// commands are those that scripts have beside testscript's own.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	c := maps.Clone(hostileCommands)
	c["exits"] = exits
	return c
}

// exits runs a command and wants an exact exit code: exits 4 proxima queue x.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		code = -1
		if ee, ok := err.(*exec.ExitError); ok {
			code = ee.ExitCode()
		}
	}
	if want := args[0]; want != itoa(code) {
		ts.Fatalf("%s exited with %d, not %s", strings.Join(args[1:], " "), code, want)
	}
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// room is a farm with media beside it, and the program to use it with.
type room struct {
	t         testing.TB
	dir, farm string
}

func newRoom(t testing.TB) *room {
	t.Helper()
	r := &room{t: t, dir: t.TempDir()}
	r.farm = filepath.Join(r.dir, "farm")
	r.run("init", r.farm)
	return r
}

func (r *room) command(args ...string) *exec.Cmd {
	c := exec.Command("proxima", args...)
	c.Dir = r.dir
	c.Env = append(os.Environ(), "PROXIMA_FARM="+r.farm, "PROXIMA_CONFIG="+filepath.Join(r.dir, "config"))
	return c
}

// run wants exit code 0 and returns stdout.
func (r *room) run(args ...string) string {
	r.t.Helper()
	out, code, errs := r.try(args...)
	if code != 0 {
		r.t.Fatalf("proxima %s exited with %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

func (r *room) try(args ...string) (stdout string, code int, stderr string) {
	r.t.Helper()
	c := r.command(args...)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	if err := c.Run(); err != nil && c.ProcessState == nil {
		r.t.Fatal(err)
	}
	return o.String(), c.ProcessState.ExitCode(), e.String()
}

// logFile is what a daemon wrote so far.
type logFile string

func (l logFile) String() string {
	b, _ := os.ReadFile(string(l))
	return string(b)
}

// worker starts a daemon whose log is kept.
func (r *room) worker(name string, args ...string) (*exec.Cmd, logFile) {
	r.t.Helper()
	c := r.command(append([]string{"work", "--name", name}, args...)...)
	log := logFile(filepath.Join(r.t.TempDir(), "log"))
	f, err := os.Create(string(log))
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	c.Stdout, c.Stderr = f, f
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c, log
}

func (r *room) status() statusDocument {
	r.t.Helper()
	var d statusDocument
	if err := json.Unmarshal([]byte(r.run("status", "--json")), &d); err != nil {
		r.t.Fatal(err)
	}
	return d
}

// until waits for something that must come true, polling the farm.
func (r *room) until(what string, ok func() bool) {
	r.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			r.t.Fatalf("waited in vain until %s", what)
		}
	}
}

func ffmpeg(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("ffmpeg", append([]string{"-nostdin", "-v", "error", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// clip makes a source with a keyframe each second, sound and a timecode.
func (r *room) clip(name string, seconds int) string {
	r.t.Helper()
	p := filepath.Join(r.dir, name)
	s := itoa(seconds)
	ffmpeg(r.t, "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d="+s, "-f", "lavfi", "-i", "sine=d="+s,
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "pcm_s16le", "-timecode", "10:00:00:00", p)
	return p
}

func countFrames(t testing.TB, file string) string {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-count_packets", "-select_streams", "v:0",
		"-show_entries", "stream=nb_read_packets", "-of", "default=nw=1:nk=1", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
