//go:build netfs && linux

package netfs

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	lease = 30 * time.Second // of the daemons; the share's own stalls must fit into it
	// Work for a minute or two, so that a fault hits in its middle.
	clips       = 2
	clipSeconds = 20
	frameRate   = 25
	preset      = "net: {codec: dnxhd, profile: dnxhr_sq, vertical_res: 720, pix_fmt: yuv422p, threads: 1}"
)

var shares = []string{"nfs3", "nfs4", "smb3"}

// scenario is what happens to the machines. Workstation b is the one that suffers.
type scenario struct {
	name   string
	mount  map[string]string // options of the mount beside the defaults; where there are any, only these shares
	before func(r *room)     // the daemons start
	during func(r *room)     // their work
	// taken: others must take over what b held; otherwise the fault hit nothing.
	taken bool
}

var scenarios = []scenario{
	{name: "plain"},
	{
		name: "powercut", taken: true,
		during: func(r *room) { r.midwork("b"); r.machines["b"].cut(); r.takenOver("b") },
	},
	{
		name: "cable", taken: true,
		during: func(r *room) {
			r.midwork("b")
			r.machines["b"].unplug()
			r.takenOver("b")
			r.away()
			r.machines["b"].plug()
		},
	},
	{
		name: "clocks",
		before: func(r *room) {
			r.machines["a"].run("date -s '1 hour'")
			r.machines["b"].run("date -s '1 hour ago'")
		},
	},
	{
		name: "server",
		during: func(r *room) {
			r.midwork("b")
			// Footage that a server loses is lost for everybody, and refused as a source that changed.
			r.machines["server"].run("sync /srv/share/media/*.mov")
			r.machines["server"].cut()
			time.Sleep(5 * time.Second)
			r.boot("server")
			r.goesOn()
		},
	},
	{
		name: "sleep", taken: true,
		during: func(r *room) {
			r.midwork("b")
			r.machines["b"].signal(syscall.SIGSTOP)
			r.takenOver("b")
			r.away()
			r.machines["b"].signal(syscall.SIGCONT)
		},
	},
	{
		// Locks that each machine grants to itself: a living worker's is free for the others. A copy
		// needs no death, and would hide how one is told.
		name: "locks", taken: true,
		mount: map[string]string{"nfs3": "nolock", "smb3": "nobrl"},
		before: func(r *room) {
			r.machines["a"].run("sed -i 's/backup_copies: true/backup_copies: false/' /mnt/share/farm/farm.yaml && grep -q 'backup_copies: false' /mnt/share/farm/farm.yaml")
			r.machines["a"].run("touch /mnt/share/lock && { flock --no-fork /mnt/share/lock sleep 1000 & } && sleep 1")
			r.machines["b"].run("flock --nonblock /mnt/share/lock true")
			r.machines["a"].run("kill $! && rm /mnt/share/lock")
		},
		during: func(r *room) {
			r.midwork("b")
			r.machines["b"].cut()
			if took := r.takenOver("b"); took < lease/2 {
				r.t.Errorf("locks were believed: b's units were taken over after %s", took)
			}
		},
	},
}

func TestMain(m *testing.M) {
	if os.Getenv("NETFS_WORK") == "" {
		fmt.Fprintln(os.Stderr, "these tests need machines: make netfs")
		os.Exit(2)
	}
	// This process is the first of its namespace: whatever it started ends with it.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	go func() { <-stop; os.Exit(130) }()
	memory := filepath.Join(os.Getenv("NETFS_WORK"), "memory")
	if err := syscall.Mount("tmpfs", memory, "tmpfs", 0, "size=6g"); err != nil {
		fmt.Fprintln(os.Stderr, "cannot mount", memory, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestShares(t *testing.T) {
	want := reference(t)
	for _, fs := range chosen(t, "NETFS_SHARE", shares) {
		for _, name := range chosen(t, "NETFS_SCENARIO", names()) {
			s := scenarios[slices.Index(names(), name)]
			if _, ok := s.mount[fs]; s.mount != nil && !ok {
				continue
			}
			t.Run(fs+"/"+name, func(t *testing.T) { s.run(t, fs, want) })
		}
	}
}

func names() (l []string) {
	for _, s := range scenarios {
		l = append(l, s.name)
	}
	return l
}

// chosen reads a choice from the environment; all where there is none.
func chosen(t testing.TB, variable string, all []string) []string {
	list := strings.Fields(os.Getenv(variable))
	for _, v := range list {
		if !slices.Contains(all, v) {
			t.Fatalf("there is no %s; choose of %s", v, strings.Join(all, ", "))
		}
	}
	if len(list) == 0 {
		return all
	}
	return list
}

// reference makes the proxies that all others must equal: on this machine, in a local folder,
// each clip in one piece, with the machines' own ffmpeg.
func reference(t *testing.T) map[string]essence {
	r := newRoom(t, "")
	r.mkdir("out")
	makeClips(t)
	r.host("sh", "-ec", `cd "$0"
		export PATH="$0/bin:$PATH" PROXIMA_CONFIG="$0/config" PROXIMA_FARM="$0/farm"
		proxima init farm
		echo '`+preset+`' >farm/presets/net.yaml
		proxima queue --preset net --chunk-over 2h --output out clips
		proxima work --until-idle`, r.dir)
	want := r.essences()
	if len(want) != clips {
		t.Fatalf("this machine alone made %d proxies of %d clips", len(want), clips)
	}
	return want
}

func (s scenario) run(t *testing.T, fs string, want map[string]essence) {
	r := newRoom(t, fs)
	r.options = s.mount[fs]
	r.boot("server")
	r.boot("a", "b", "c")
	r.say("the machines are up")
	r.mkdir("out")
	r.machines["a"].run("proxima init /mnt/share/farm && echo '" + preset + "' >/mnt/share/farm/presets/net.yaml")
	if s.before != nil {
		s.before(r)
	}
	// As a script does it: what was copied a moment ago is queued at once.
	r.machines["a"].run("mkdir /mnt/share/media && cp /host/clips/* /mnt/share/media && proxima queue --farm /mnt/share/farm --preset net --chunk-over 0s --chunk-length 5s /mnt/share/media")
	r.say("clips are queued")
	start := time.Now()
	for _, name := range []string{"a", "b", "c"} {
		r.work(name)
	}
	if s.during != nil {
		s.during(r)
	}
	r.until("all jobs are finished", 10*time.Minute, func() bool {
		return len(r.list("jobs/*/job.yaml")) == 0 && len(r.list("done/*/DONE.yaml")) == clips
	})
	took := time.Since(start)
	r.say("all jobs are finished")
	r.leave()
	r.checkFolder()
	r.machines["server"].run("cp /srv/share/media/Proxy/* /host/out/")
	for _, m := range []string{"server", "a", "b", "c"} {
		if r.machines[m] != nil {
			r.machines[m].cut()
		}
	}
	got := r.essences()
	for name, w := range want {
		if g, ok := got[name]; !ok {
			t.Errorf("%s: no proxy", name)
		} else if g != w {
			t.Errorf("%s differs from what one machine makes in one run:\n%+v\n%+v", name, g, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d proxies for %d clips", len(got), len(want))
	}
	r.account(s, took)
}

// work starts a daemon. It is not told to leave when idle: a room's daemons stay.
func (r *room) work(name string) {
	r.t.Helper()
	r.machines[name].run(fmt.Sprintf(`proxima work --farm /mnt/share/farm --name %s --lease %s >/host/%s/work.log 2>&1 &
		echo $! >/run/pid`, name, lease, name))
}

// leave tells the daemons that still live to leave, and wants them to.
func (r *room) leave() {
	r.t.Helper()
	for _, name := range []string{"a", "b", "c"} {
		if m := r.machines[name]; m != nil {
			m.run("cat /proc/self/mountstats /proc/fs/cifs/Stats >/host/" + name + "/stats.txt 2>/dev/null; kill -TERM $(cat /run/pid)")
		}
	}
	for _, name := range []string{"a", "b", "c"} {
		if m := r.machines[name]; m != nil {
			if out, code := m.try(2*time.Minute, "wait $(cat /run/pid)"); code != 130 {
				r.t.Errorf("the daemon of %s ended with exit code %d\n%s", name, code, out)
			}
			if left := m.run("cat /proc/[0-9]*/comm | grep ^ff; true"); left != "" {
				r.t.Errorf("%s still runs %s", name, left)
			}
		}
	}
}

func (r *room) until(what string, patience time.Duration, ok func() bool) {
	r.t.Helper()
	for late := time.Now().Add(patience); !ok(); time.Sleep(250 * time.Millisecond) {
		if time.Now().After(late) {
			r.t.Fatalf("waited %s in vain until %s\n%s", patience, what, r.machines["server"].run("find /srv/share/farm | sort"))
		}
	}
}

// list shows what lies in the farm as the server has it, past the workstations' caches.
func (r *room) list(glob string) []string {
	r.t.Helper()
	return strings.Fields(r.machines["server"].run("cd /srv/share/farm && ls -d " + glob + " 2>/dev/null; true"))
}

// holds lists what a workstation holds.
func (r *room) holds(name string) []string {
	r.t.Helper()
	return r.list("jobs/*/doing/*." + name + "-?????.yaml")
}

// midwork waits until some work is done and a workstation is writing a part, or an output.
func (r *room) midwork(name string) {
	r.t.Helper()
	r.until("some work is done and "+name+" writes", 3*time.Minute, func() bool {
		return len(r.list("jobs/*/done/* done/*/done/*")) > 0 && len(r.holds(name)) > 0 &&
			len(r.list("jobs/*/parts/.*."+name+"-?????.*partial ../media/Proxy/.*."+name+"-?????.partial")) > 0
	})
}

// takenOver waits until others took away all that a workstation held, and notes how long it took.
func (r *room) takenOver(name string) time.Duration {
	r.t.Helper()
	start := time.Now()
	r.until("what "+name+" held is taken over", 6*lease, func() bool { return len(r.holds(name)) == 0 })
	took := time.Since(start)
	r.note("taken over after %.0f s", took.Seconds())
	return took
}

// away lets some time pass in which the others go on without a machine.
func (r *room) away() { time.Sleep(5 * time.Second) }

// goesOn waits until the daemons get on with their work, and notes how long it took.
func (r *room) goesOn() {
	r.t.Helper()
	start, before := time.Now(), r.list("jobs/*/done/* done/*/done/*")
	r.until("the work goes on", 4*time.Minute, func() bool { return len(r.list("jobs/*/done/* done/*/done/*")) > len(before) })
	r.note("next result %.0f s after the server was back", time.Since(start).Seconds())
}

func (r *room) essences() map[string]essence {
	r.t.Helper()
	files, err := filepath.Glob(filepath.Join(r.dir, "out", "*"))
	if err != nil {
		r.t.Fatal(err)
	}
	out := map[string]essence{}
	for _, f := range files {
		out[filepath.Base(f)] = essenceOf(r.t, f)
	}
	return out
}
