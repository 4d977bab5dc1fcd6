//go:build chaos && unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// daemon is one workstation's proxima work, again and again under one name.
type daemon struct {
	c     *chaos
	name  string
	host  string // of its own, where that can be had
	lease time.Duration
	args  []string
	log   logFile

	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
}

// hosts tells whether daemons may be given hosts of their own: what a worker believes of
// another hangs on whether both share one.
func hosts() error {
	if os.Geteuid() != 0 {
		return errors.New("hosts of their own need root")
	}
	return exec.Command("unshare", "--uts", "sh", "-c", "hostname proxima-chaos").Run()
}

func (c *chaos) newDaemon(name string, lease time.Duration, args ...string) *daemon {
	d := &daemon{c: c, name: name, lease: lease, args: args, log: logFile(filepath.Join(c.dir, "log", name+".log"))}
	c.daemons = append(c.daemons, d)
	return d
}

func (d *daemon) start() {
	args := append([]string{"work", "--name", d.name, "--lease", d.lease.String()}, d.args...)
	cmd := d.c.command(args...)
	if d.host != "" {
		proxima := cmd.Path
		cmd.Args = append([]string{"unshare", "--uts", "sh", "-c", `hostname "$0" && exec "$@"`, d.host, proxima}, args...)
		cmd.Path, cmd.Err = exec.LookPath("unshare")
	}
	// A Ctrl-C at the keyboard is for the test alone.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	f, err := os.OpenFile(string(d.log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		d.c.fault("%v", err)
		return
	}
	defer f.Close()
	fmt.Fprintf(f, "=== started %s\n", d.c.clock())
	cmd.Stdout, cmd.Stderr = f, f
	if err := cmd.Start(); err != nil {
		d.c.fault("start %s: %v", d.name, err)
		return
	}
	ended := make(chan struct{})
	d.c.mu.Lock()
	d.cmd, d.ended = cmd, ended
	d.c.mu.Unlock()
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
}

func (d *daemon) signal(s syscall.Signal) { _ = syscall.Kill(d.cmd.Process.Pid, s) }

// leave waits until the process has ended and wants an exit code. One that does not end tells
// where it hangs.
func (d *daemon) leave(why string, code int, patience time.Duration) {
	select {
	case <-d.ended:
	case <-time.After(patience):
		d.c.fault("%s did not leave for %s after %s; its log has its goroutines", d.name, patience, why)
		d.signal(syscall.SIGQUIT)
		select {
		case <-d.ended:
		case <-time.After(10 * time.Second):
			d.signal(syscall.SIGKILL)
			<-d.ended
		}
		return
	}
	if got := d.cmd.ProcessState.ExitCode(); got != code && !d.couldNotJoin() {
		d.c.fault("%s left with %d after %s, not with %d", d.name, got, why, code)
	}
}

// couldNotJoin tells whether the process ended because there was no farm to work for when it
// was started, or its ffmpeg was killed when it was tried. A restart helps then, as at a prompt.
func (d *daemon) couldNotJoin() bool {
	code := d.cmd.ProcessState.ExitCode()
	log := d.log.String()
	_, log, _ = strings.Cut(log[strings.LastIndex(log, "=== started"):], "\n")
	switch code {
	case -1: // ended by a signal before it could mind any
		return log == ""
	case exitFailed:
		return strings.Contains(log, "join the farm") || strings.Contains(log, "does not run on this machine")
	}
	return code == exitFarm
}

// patience is how long a daemon may take to leave: two leases it insists on publishing, and the
// machine is busy.
const patience = 60 * time.Second

// live is a daemon's life until the faults end. It is alive after it.
func (d *daemon) live(deeds []deed) {
	d.start()
	for _, e := range deeds {
		if !d.aliveUntil(e.at) {
			break
		}
		d.c.note("%s: %s", d.name, e.what)
		switch e.what {
		case "kill":
			d.signal(syscall.SIGKILL)
			<-d.ended
		case "freeze":
			d.signal(syscall.SIGSTOP)
			d.c.sleep(e.long)
			d.signal(syscall.SIGCONT)
			d.c.note("%s: woken", d.name)
			continue
		case "terminate":
			d.signal(syscall.SIGTERM)
			d.leave("SIGTERM", exitInterrupted, patience)
		case "ctrl-c":
			d.signal(syscall.SIGINT)
			d.leave("Ctrl-C", exitInterrupted, patience)
		case "ctrl-c twice":
			d.signal(syscall.SIGINT)
			time.Sleep(time.Duration(e.dice % uint64(300*time.Millisecond))) // a person's finger
			d.signal(syscall.SIGINT)
			d.leave("two Ctrl-C", exitInterrupted, patience)
		}
		d.c.sleep(e.long)
		d.start()
	}
	d.aliveUntil(d.c.length)
}

// aliveUntil waits, and starts the daemon again where it could not join. Reports whether the
// faults go on.
func (d *daemon) aliveUntil(at time.Duration) bool {
	for {
		select {
		case <-d.ended:
			if !d.couldNotJoin() {
				d.c.fault("%s ended by itself: %s", d.name, d.cmd.ProcessState)
			}
			if !d.c.sleep(300 * time.Millisecond) {
				return false
			}
			d.start()
		case <-d.c.over:
			return false
		case <-time.After(d.c.timeTo(at)):
			return true
		}
	}
}

// coders are the processes that daemons encode and look with.
func (c *chaos) coders() (pids []int) {
	mine := map[int]bool{}
	c.mu.Lock()
	for _, d := range c.daemons {
		if d.cmd != nil {
			mine[d.cmd.Process.Pid] = true
		}
	}
	c.mu.Unlock()
	out, _ := exec.Command("ps", "-eo", "pid,ppid,args").Output()
	for _, l := range strings.Split(string(out), "\n") {
		f := strings.Fields(l)
		if len(f) < 3 || !reCoder.MatchString(f[2]) {
			continue
		}
		pid, _ := strconv.Atoi(f[0])
		parent, _ := strconv.Atoi(f[1])
		if mine[parent] && pid > 1 {
			pids = append(pids, pid)
		}
	}
	return pids
}

var reCoder = regexp.MustCompile(`(^|/)ff(mpeg|probe)$`)

// disturb ends or freezes processes of ffmpeg.
func (c *chaos) disturb(deeds []deed) {
	for _, e := range deeds {
		if !c.wait(e.at) {
			return
		}
		var pids []int
		for range 12 { // until there is one, for a while
			if pids = c.coders(); len(pids) > 0 || !c.sleep(80*time.Millisecond) {
				break
			}
		}
		if len(pids) == 0 {
			c.note("encoders: none to %s", e.what)
			continue
		}
		pid := pick(e, pids)
		c.note("encoders: %s %d", e.what, pid)
		switch e.what {
		case "kill":
			_ = syscall.Kill(pid, syscall.SIGKILL)
		case "terminate":
			_ = syscall.Kill(pid, syscall.SIGTERM)
		case "freeze":
			_ = syscall.Kill(pid, syscall.SIGSTOP)
			c.sleep(e.long)
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
}
