//go:build netfs && linux

package netfs

import (
	"strings"
	"testing"
	"time"
)

// BenchmarkShares runs encode's benchmarks of what is written to a share on a workstation, which has its temporary
// folder there. The machines are slow, each in its own way: the ratios are what tells.
func BenchmarkShares(b *testing.B) {
	for _, fs := range chosen(b, "NETFS_SHARE", shares) {
		b.Run(fs, func(b *testing.B) {
			for b.Loop() {
				r := newRoom(b, fs)
				r.memory = "2G" // with less, SMB's buffers beside files of hundreds of megabytes end its connection
				r.boot("server")
				r.boot("a")
				out, code := r.machines["a"].try(20*time.Minute, `mkdir /mnt/share/tmp && cd /run/bin &&
					PATH=/run/bin:$PATH TMPDIR=/mnt/share/tmp PROXIMA_SCRATCH=/tmp ./encode.test -test.short -test.run '^$' -test.bench 'Stitch|Scratch' -test.benchtime 5x || { dmesg | tail -n 20; false; }`)
				if code != 0 {
					said, _ := r.machines["server"].try(time.Minute, "dmesg | tail -n 20; ps ax | grep -c smbd; ping -c 2 -W 1 192.0.2.2")
					b.Fatalf("exit code %d\n%s\nthe server:\n%s", code, out, said)
				}
				for l := range strings.Lines(out) {
					if strings.HasPrefix(l, "Benchmark") {
						r.say(fs + " " + strings.TrimSpace(l))
					}
				}
				for _, m := range []string{"a", "server"} {
					r.machines[m].cut()
				}
			}
		})
	}
}
