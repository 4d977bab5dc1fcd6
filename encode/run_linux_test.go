package encode

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is started yields to others, each thread of it; with priority normal, or while somebody waits for it,
// it does not.
func TestFFmpegYields(t *testing.T) {
	for _, c := range []struct {
		p       Priority
		awaited bool
		want    string
	}{{"", false, "10"}, {PriorityLow, false, "10"}, {PriorityNormal, false, ownNice(t)}, {PriorityLow, true, ownNice(t)}} {
		tl := *tools(t)
		tl.Priority = c.p
		ctx, cancel := context.WithCancel(t.Context())
		threads := 0
		_, _ = tl.run(ctx, command{
			prog: tl.ffmpeg, awaited: c.awaited,
			args: strings.Fields("-nostdin -v error -re -f lavfi -i testsrc2=duration=60 -progress pipe:1 -stats_period 0.1 -c:v rawvideo -f null -"),
			stdout: func([]byte) bool {
				for _, nice := range childNices() {
					if threads++; nice != c.want {
						t.Errorf("priority %q, awaited %v: nice %s", c.p, c.awaited, nice)
					}
				}
				cancel()
				return true
			},
		})
		cancel()
		if threads == 0 {
			t.Errorf("priority %q: no thread was seen", c.p)
		}
	}
}

func ownNice(t *testing.T) string {
	data, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	return strings.Fields(rest)[16]
}

// childNices lists the nice value of every thread of this process' ffmpeg: proc(5), stat, the
// fourth and nineteenth fields.
func childNices() (nices []string) {
	stats, _ := filepath.Glob("/proc/[0-9]*/task/[0-9]*/stat")
	for _, s := range stats {
		data, err := os.ReadFile(s)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		f := strings.Fields(rest) // from the third on
		if len(f) > 16 && f[1] == fmt.Sprint(os.Getpid()) && strings.Contains(string(data), "(ffmpeg") {
			nices = append(nices, f[16])
		}
	}
	return nices
}
