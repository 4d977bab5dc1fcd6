//go:build netfs && linux

// Package netfs runs Proxima's daemons on several machines that share a real NFS or SMB folder
// and does to the machines what happens to machines: power cuts, pulled cables, sleep.
//
// Each machine is a User-Mode Linux: a Linux kernel that is an ordinary process, with caches,
// locks, clock and network of its own. scripts/netfs/run.sh makes the disk image, and starts
// these tests in namespaces of their own, with which everything ends that they start.
package netfs

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// grace is how many seconds an NFSv4 server waits: for a client that is gone before it frees
// what that held, and after its own start for clients that want to go on. The kernel's default
// is 90; with less, the runs are shorter and nothing else is different.
const grace = 15

// room is the machines of one test: a server and three workstations.
type room struct {
	t        testing.TB
	dir      string // /host in the machines
	fs       string
	options  string   // of the mount, beside the defaults
	memory   string   // of each machine
	notes    []string // what is worth telling in the table
	machines map[string]*machine
}

// machine is one of them. What is said to it goes over a serial line, so that a pulled cable
// does not matter.
type machine struct {
	room    *room
	name    string
	process *os.Process
	console io.WriteCloser
	lines   chan string
	said    int // commands so far
}

var addresses = map[string]string{"server": "192.0.2.1", "a": "192.0.2.2", "b": "192.0.2.3", "c": "192.0.2.4"}

func newRoom(t testing.TB, fs string) *room {
	t.Helper()
	// What the machines log is kept, at a place where a person finds it.
	dir := filepath.Join(os.Getenv("NETFS_LOGS"), strings.ReplaceAll(t.Name(), "/", "-"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, dir: dir, fs: fs, memory: "512M", machines: map[string]*machine{}}
	r.mkdir("")
	for _, share := range []string{"bin", "clips"} {
		r.mkdir(share)
		if err := syscall.Mount(filepath.Join(os.Getenv("NETFS_WORK"), share), filepath.Join(dir, share), "", syscall.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
	}
	script, err := os.ReadFile(filepath.Join(os.Getenv("NETFS_SCRIPTS"), "machine.sh"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "machine.sh"), script, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, m := range r.machines {
			m.cut()
		}
		for _, share := range []string{"bin", "clips"} {
			_ = syscall.Unmount(filepath.Join(dir, share), 0)
		}
		_ = os.Remove(r.disk())
	})
	return r
}

func (r *room) mkdir(name string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Join(r.dir, name), 0o755); err != nil {
		r.t.Fatal(err)
	}
}

// disk is the server's, which outlives its power cuts. It lies in memory, for a server syncs
// whatever it promises, and nothing is learned from waiting for this machine's disk.
func (r *room) disk() string { return filepath.Join(os.Getenv("NETFS_WORK"), "memory", "server.img") }

// say tells a person who waits where the run is.
func (r *room) say(what string) { r.t.Log(time.Now().Format(time.TimeOnly), what) }

// note keeps a measurement for the table.
func (r *room) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
	r.say(r.notes[len(r.notes)-1])
}

// host runs a program of the host's, in the tests' network.
func (r *room) host(name string, args ...string) string {
	r.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// connect makes the network, once.
func (r *room) connect() {
	r.t.Helper()
	if exec.Command("ip", "link", "show", "lan").Run() == nil {
		return
	}
	r.host("ip", "link", "add", "lan", "type", "bridge")
	r.host("ip", "link", "set", "lan", "up")
	for name := range addresses {
		r.host("ip", "tuntap", "add", "dev", "lan-"+name, "mode", "tap")
		r.host("ip", "link", "set", "lan-"+name, "master", "lan", "up")
	}
}

// boot starts machines and waits until they are up.
func (r *room) boot(names ...string) {
	r.t.Helper()
	for _, name := range names {
		r.start(name)
	}
	for _, name := range names {
		r.machines[name].ready()
	}
}

func (r *room) start(name string) {
	r.t.Helper()
	r.mkdir(name)
	cache := os.Getenv("NETFS_CACHE")
	// A machine is its kernel and the processes that this one drives, one of them at a time:
	// on one processor they take turns at once, on two they wait for each other to wake.
	cpu := slices.Sorted(maps.Keys(addresses))
	args := []string{
		"--cpu-list", strconv.Itoa(slices.Index(cpu, name) % runtime.NumCPU()),
		"nice", "-n", "-10", filepath.Join(cache, "linux"),
		"mem=" + r.memory, "root=/dev/ubda", "rootfstype=ext4", "ro", "quiet", "ubd0r=" + filepath.Join(cache, "root.img"),
		"con=null", "con0=null,fd:2", "ssl=null", "ssl0=fd:0,fd:1", "init=/sbin/machine",
		"uml_dir=" + filepath.Join(os.Getenv("NETFS_WORK"), "uml"), "umid=" + name,
		"NETFS_DIR=" + r.dir, "NETFS_NAME=" + name, "NETFS_SHARE=" + r.fs, "NETFS_OPTIONS=" + r.options, "NETFS_LEASE=" + strconv.Itoa(grace),
		"NETFS_ADDR=" + addresses[name], "vec0:transport=tap,ifname=lan-" + name + ",depth=64,gro=1",
	}
	r.connect()
	r.host("ip", "link", "set", "lan-"+name, "up")
	if name == "server" {
		d, err := os.OpenFile(r.disk(), os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			r.t.Fatal(err)
		}
		if err := errorsOf(d.Truncate(3<<30), d.Close()); err != nil {
			r.t.Fatal(err)
		}
		args = append(args, "ubd1="+r.disk())
	}
	log, err := os.OpenFile(filepath.Join(r.dir, name, "console.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		r.t.Fatal(err)
	}
	defer log.Close()
	c := exec.Command("taskset", args...)
	c.Env = append(os.Environ(), "TMPDIR="+filepath.Dir(r.disk())) // where the machine's memory lies
	c.Stderr = log
	// The machine's kernel is the first process of a namespace, so all of it ends at once.
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID, Setsid: true}
	in, err := c.StdinPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		r.t.Fatal(err)
	}
	m := &machine{room: r, name: name, process: c.Process, console: in, lines: make(chan string, 1000)}
	go func() {
		defer close(m.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			m.lines <- s.Text()
		}
	}()
	r.machines[name] = m
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) ready() {
	m.room.t.Helper()
	select {
	case <-m.lines: // says that it is up
	case <-time.After(2 * time.Minute):
	}
	mounted := "grep -q ' /mnt/share ' /proc/mounts"
	if m.name == "server" {
		mounted = "grep -q ' /srv ' /proc/mounts"
	}
	if _, code := m.try(2*time.Minute, mounted); code != 0 {
		log, _ := os.ReadFile(filepath.Join(m.room.dir, m.name, "boot.log"))
		m.room.t.Fatalf("%s has no share (%d)\n%s", m.name, code, log)
	}
}

// run runs a command in the machine and wants it to go well.
func (m *machine) run(command string) string {
	m.room.t.Helper()
	out, code := m.try(5*time.Minute, command)
	if code != 0 {
		m.room.t.Fatalf("%s: %s: exit code %d\n%s", m.name, command, code, out)
	}
	return out
}

func (m *machine) try(patience time.Duration, command string) (out string, code int) {
	m.room.t.Helper()
	m.said++
	end := fmt.Sprintf("=== %d ", m.said)
	if _, err := fmt.Fprintf(m.console, "{ %s\n} </dev/null 2>&1; code=$?; echo; echo '%s'$code\n", command, end); err != nil {
		m.room.t.Fatalf("%s: %s: %v", m.name, command, err)
	}
	var b strings.Builder
	for late := time.After(patience); ; {
		select {
		case l, ok := <-m.lines:
			if !ok {
				m.room.t.Fatalf("%s died during: %s\n%s", m.name, command, b.String())
			}
			if rest, ok := strings.CutPrefix(l, end); ok {
				code, err := strconv.Atoi(strings.TrimSpace(rest))
				if err != nil {
					m.room.t.Fatal(err)
				}
				return strings.TrimRight(b.String(), "\n"), code
			}
			b.WriteString(l + "\n")
		case <-late:
			m.room.t.Fatalf("%s: %s: no answer in %s\n%s", m.name, command, patience, b.String())
		}
	}
}

// cut cuts the power.
func (m *machine) cut() {
	_ = m.process.Kill()
	_, _ = m.process.Wait()
	_ = m.console.Close()
	delete(m.room.machines, m.name)
	_ = os.RemoveAll(filepath.Join(os.Getenv("NETFS_WORK"), "uml", m.name))
}

// plug puts the network's cable in, unplug pulls it, at the switch: a machine of this kind does
// not recover from the loss of its own end.
func (m *machine) plug() {
	m.room.t.Helper()
	m.room.host("ip", "link", "set", "lan-"+m.name, "master", "lan")
}

func (m *machine) unplug() {
	m.room.t.Helper()
	m.room.host("ip", "link", "set", "lan-"+m.name, "nomaster")
}

// signal stops (SIGSTOP) or continues (SIGCONT) the machine as a whole. Its own processes are
// threads of their kernel in the way that a debugger's children are: they stop with it, and
// must not be stopped beside it.
func (m *machine) signal(s syscall.Signal) {
	m.room.t.Helper()
	for _, pid := range m.processes() {
		if err := syscall.Kill(pid, s); err != nil {
			m.room.t.Fatal(err)
		}
	}
}

func (m *machine) processes() (pids []int) {
	m.room.t.Helper()
	home := func(pid int) string {
		l, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
		return l
	}
	es, err := os.ReadDir("/proc")
	if err != nil {
		m.room.t.Fatal(err)
	}
	for _, e := range es {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || home(pid) != home(m.process.Pid) {
			continue
		}
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if slices.Contains(strings.Split(string(status), "\n"), "TracerPid:\t0") {
			pids = append(pids, pid)
		}
	}
	return pids
}
