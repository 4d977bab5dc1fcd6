package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// BenchmarkQueue queues 1,000 clips of some seconds into an empty farm, in turn with one ffprobe for each, as many at once,
// which is what anybody has to do who wants to know what they are.
func BenchmarkQueue(b *testing.B) {
	const clips = 1000
	r := newRoom(b)
	source := r.clip("source.mov", 4)
	media := filepath.Join(r.dir, "media")
	if err := os.Mkdir(media, 0o755); err != nil {
		b.Fatal(err)
	}
	var files []string
	for i := range clips {
		file := filepath.Join(media, fmt.Sprintf("A001_C%04d.mov", i))
		if err := os.Link(source, file); err != nil {
			b.Fatal(err)
		}
		files = append(files, file)
	}
	var ratios []float64
	for i := 0; b.Loop(); i++ {
		r.farm = filepath.Join(r.dir, fmt.Sprint("farm", i))
		r.run("init", r.farm)
		began := time.Now()
		r.run("queue", media, "--output", filepath.Join(r.dir, fmt.Sprint("out", i)))
		queued := time.Since(began)
		began = time.Now()
		var g errgroup.Group
		g.SetLimit(atOnce())
		for _, f := range files {
			g.Go(func() error {
				return exec.Command("ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", f).Run()
			})
		}
		if err := g.Wait(); err != nil {
			b.Fatal(err)
		}
		ratios = append(ratios, queued.Seconds()/time.Since(began).Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "x/ffprobe")
	b.ReportMetric(b.Elapsed().Seconds()/float64(len(ratios))/clips*1000, "ms/clip")
}
