package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// BenchmarkFirstFrame queues a clip while a daemon is idle, and waits until some of it is written: with the
// system's events, and without, which is how a folder looks in which another machine queued.
func BenchmarkFirstFrame(b *testing.B) {
	for _, events := range []bool{true, false} {
		b.Run(fmt.Sprintf("events=%v", events), func(b *testing.B) {
			r := newRoom(b)
			source := r.clip("source.mov", 2)
			if !events {
				useUpEvents(b)
			}
			r.worker("w")
			r.until("it is there", func() bool { return len(r.status().Workers) == 1 })
			var queued, begun []float64
			for i := 0; b.Loop(); i++ {
				clip := filepath.Join(r.dir, fmt.Sprintf("A001_C%03d.mov", i))
				if err := os.Link(source, clip); err != nil {
					b.Fatal(err)
				}
				began := time.Now()
				r.run("queue", clip)
				queued = append(queued, time.Since(began).Seconds())
				began = time.Now()
				for !r.written(i) {
					time.Sleep(2 * time.Millisecond)
				}
				begun = append(begun, time.Since(began).Seconds())
				r.until("it is finished", func() bool {
					left, err := filepath.Glob(filepath.Join(r.farm, "jobs", "*", "job.yaml"))
					return err == nil && len(left) == 0
				})
				time.Sleep(time.Duration(i*1700%10000) * time.Millisecond) // a look is not always just over
			}
			for name, s := range map[string][]float64{"queue": queued, "first-frame": begun} {
				slices.Sort(s)
				b.ReportMetric(1000*s[len(s)/2], "ms/"+name)
			}
			b.ReportMetric(1000*slices.Max(begun), "ms/first-frame-most")
		})
	}
}

// written reports whether something of the i-th clip is written.
func (r *room) written(i int) bool {
	for _, top := range []string{"jobs", "done"} {
		files, _ := filepath.Glob(filepath.Join(r.farm, top, fmt.Sprintf("*_A001_C%03d_*", i), "parts", ".*.partial"))
		done, _ := filepath.Glob(filepath.Join(r.farm, top, fmt.Sprintf("*_A001_C%03d_*", i), "parts", "*.mov"))
		for _, f := range append(files, done...) {
			if st, err := os.Stat(f); err == nil && st.Size() > 0 {
				return true
			}
		}
	}
	return false
}

// useUpEvents takes all that the system has for this user, as long as the benchmark runs.
func useUpEvents(b *testing.B) {
	for {
		fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
		if err != nil {
			return
		}
		b.Cleanup(func() { _ = syscall.Close(fd) })
	}
}
