package main

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxima/jobfile"
	"proxima/service"
)

func TestAServiceIsNobodysUnlessToldTwice(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"install", "--scope", "system"}, exitUsage, "as whom"},
		{[]string{"install", "--scope", "system", "--user", "root"}, exitUsage, "--allow-root"},
		{[]string{"install", "--scope", "system", "--user", "nobody-of-that-name"}, exitUsage, "nobody-of-that-name"},
		{[]string{"install", "--scope", "user", "--user", "anna"}, exitUsage, "--user is for the machine's"},
		{[]string{"install", "--scope", "both"}, exitUsage, "neither system nor user"},
		{[]string{"install", "--finish", "25h"}, exitUsage, "--finish"},
		{[]string{"run", "--still", "1ms"}, exitUsage, "--still"},
	} {
		cmd := r.command(append([]string{"service"}, c.args...)...)
		cmd.Env = append(cmd.Env, "SUDO_USER=")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != c.code || !strings.Contains(string(out), c.says) {
			t.Errorf("%v: %v\n%s", c.args, err, out)
		}
	}
	if os.Geteuid() == 0 && runtime.GOOS != "windows" {
		if _, code, errs := r.try("service", "run"); code != service.ExitRefused || !strings.Contains(errs, "--allow-root") {
			t.Errorf("it runs as root: %d\n%s", code, errs)
		}
	}
}

// The share comes after the service, goes into work, and the service leaves when it is told to.
func TestAServiceWaitsForItsFarmAndSignsOff(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its control manager stops services, not signals")
	}
	t.Parallel()
	r := &room{t: t, dir: t.TempDir()}
	r.farm = filepath.Join(r.dir, "farm")
	log := logFile(filepath.Join(r.dir, "logs", "proxima.log"))
	c := r.command("service", "run", "--allow-root", "--farm", r.farm, "--name", "ws", "--log-file", string(log))
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	r.until("it says that there is no farm", func() bool { return strings.Contains(log.String(), "no farm here") })
	// An older one steps aside for a farm that it does not know, and says so.
	mkdir(r, r.farm)
	putInFarm(r, "farm.yaml", "format: 2\nmood: good\n")
	r.until("it says that it is too old", func() bool {
		return strings.Contains(log.String(), "install the version of Proxima that the others have")
	})
	if _, err := os.Stat(filepath.Join(r.farm, "workers")); err == nil {
		t.Error("it made something there")
	}
	outOfFarm(r, "farm.yaml")
	r.run("init", r.farm)
	r.until("it works", func() bool { return len(r.status().Workers) == 1 })
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("it left with %v", err)
	}
	if ws := r.status().Workers; len(ws) != 0 {
		t.Errorf("it did not sign off: %v", ws)
	}
	if first, _, _ := strings.Cut(log.String(), " "); len(first) != len(time.DateOnly) {
		t.Errorf("a log of many days names none:\n%s", log)
	}
}

func TestWhereAServiceMayWrite(t *testing.T) {
	f := jobfile.NewFarm()
	if got := confined("/mnt/farm", f, nil); got != nil {
		t.Errorf("without roots it is confined to %v", got)
	}
	if got := confined("/mnt/farm", nil, nil); got != nil {
		t.Errorf("without a farm it is confined to %v", got)
	}
	f.Roots = map[string]map[string]string{"b": {runtime.GOOS: "/mnt/b"}, "a": {runtime.GOOS: "/mnt/a"}, "c": {"host:elsewhere": "/mnt/c"}}
	if got := confined("/mnt/a", f, nil); !reflect.DeepEqual(got, []string{"/mnt/a", "/mnt/b"}) {
		t.Errorf("by the roots: %v", got)
	}
	if got := confined("/mnt/farm", f, []string{"/mnt/x"}); !reflect.DeepEqual(got, []string{"/mnt/farm", "/mnt/x"}) {
		t.Errorf("by --allow: %v", got)
	}
}

func TestAServicesCommandLine(t *testing.T) {
	o := &serviceOptions{still: 15 * time.Minute}
	if got := strings.Join(o.args("/f"), " "); got != "service run --farm /f" {
		t.Error(got)
	}
	o = &serviceOptions{
		work: workOptions{name: "ws 1", slots: 2, allow: []string{"/a", "/b"}, maySleep: true}, finish: 10 * time.Minute,
		still: time.Hour, logFile: "/l", logFormat: logJSON, allowRoot: true,
	}
	want := []string{
		"service", "run", "--farm", "/f", "--name", "ws 1", "--slots", "2", "--allow", "/a", "--allow", "/b", "--may-sleep",
		"--finish", "10m0s", "--still", "1h0m0s", "--log-file", "/l", "--log-format", "json", "--allow-root",
	}
	got := o.args("/f")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
	// What is written must be understood again.
	var back serviceOptions
	a := &app{}
	cmd := a.serviceRunCommand()
	cmd.ResetFlags()
	cmd.Flags().StringVar(&a.farmFlag, "farm", "", "")
	serviceFlags(cmd, &back)
	if err := cmd.ParseFlags(got[2:]); err != nil || !reflect.DeepEqual(&back, o) || flagOf(got, "--name") != "ws 1" {
		t.Errorf("%v: %+v", err, back)
	}
}
