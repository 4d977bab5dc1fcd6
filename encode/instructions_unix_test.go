//go:build unix

package encode

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkInstructions tells what chunks cost in instructions, against one ffmpeg with two threads. They do not depend on what else a machine
// does, nor on which core's memory holds what: BenchmarkClip's work, every program of it under valgrind's cachegrind. That
// takes fifty times as long, so clips are short. Two lengths, cut in as many chunks, tell what a chunk costs by itself
// from what grows with it, and so what four minutes in chunks of one would take.
func BenchmarkInstructions(b *testing.B) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		b.Skip("valgrind is not installed")
	}
	if testing.Short() {
		b.Skip("benchClip has one length then")
	}
	const chunks = 4
	for _, name := range []string{"dnxhr", "prores", "x264", "x265"} {
		b.Run(name, func(b *testing.B) {
			r := recipe(name)
			r.Video.MaxHeight = 720
			logs := b.TempDir()
			counted := through(b, "exec "+shellQuote(valgrind)+" --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null --log-file="+shellQuote(logs+"/%p"))
			var split, plain [2]float64 // per clip, of each length
			for b.Loop() {
				for i, chunk := range []time.Duration{2 * time.Second, 4 * time.Second} {
					dir := b.TempDir()
					src := benchClip(b, dir, chunks*chunk)
					j, _ := newJob(b, src, r, chunk)
					inParallel(b, counted, j, src, dir, 2)
					split[i] = instructions(b, logs)
					atOnce(b, counted.ffmpeg, j, src, filepath.Join(dir, "whole"), 2)
					plain[i] = instructions(b, logs)
				}
			}
			// What starts is the same for a chunk of any length.
			minute := func(of [2]float64) float64 { return of[0] + (of[1]-of[0])*(60-2)/2 }
			more := minute(split) / minute(plain)
			b.ReportMetric(split[1]/plain[1], "of-4-s/ffmpeg")
			b.ReportMetric(more, "of-60-s/ffmpeg")
			if more > 1.02 {
				b.Errorf("dividing a clip in chunks of a minute takes %.1f %% more instructions than one ffmpeg, and at most 2 were meant", 100*(more-1))
			}
		})
	}
}

var instructionRefs = regexp.MustCompile(`I\s+refs:\s+([0-9,]+)`)

// instructions sums up what the programs took that have ended since it was asked last.
func instructions(b *testing.B, logs string) float64 {
	files, err := filepath.Glob(filepath.Join(logs, "*"))
	if err != nil || len(files) == 0 {
		b.Fatalf("no program was counted: %v", err)
	}
	var sum float64
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		m := instructionRefs.FindSubmatch(text)
		if m == nil {
			b.Fatalf("valgrind did not count: %s", text)
		}
		n, err := strconv.ParseFloat(strings.ReplaceAll(string(m[1]), ",", ""), 64)
		if err != nil {
			b.Fatal(err)
		}
		sum += n
		if err := os.Remove(f); err != nil {
			b.Fatal(err)
		}
	}
	return sum
}
