package monitor

import (
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

// lint reads Prometheus' text format as strictly as promtool checks it.
func lint(t *testing.T, text string) (values int) {
	t.Helper()
	name := `[a-zA-Z_:][a-zA-Z0-9_:]*`
	sample := regexp.MustCompile(`^(` + name + `)(\{` + name + `="(?:[^"\\\n]|\\[\\n"])*"(?:,` + name + `="(?:[^"\\\n]|\\[\\n"])*")*\})? (\S+)$`)
	help := regexp.MustCompile(`^# HELP (` + name + `) (\S.*\.)$`)
	kind := regexp.MustCompile(`^# TYPE (` + name + `) (gauge|counter)$`)
	families, series := map[string]bool{}, map[string]bool{}
	current := ""
	if !strings.HasSuffix(text, "\n") {
		t.Error("the last line has no end")
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		if m := help.FindStringSubmatch(lines[i]); m != nil {
			current = m[1]
			if families[current] {
				t.Errorf("%s stands twice", current)
			}
			families[current] = true
			i++
			k := kind.FindStringSubmatch(lines[min(i, len(lines)-1)])
			if k == nil || k[1] != current || (k[2] == "counter") != strings.HasSuffix(current, "_total") {
				t.Errorf("%s: %q", current, lines[min(i, len(lines)-1)])
			}
			continue
		}
		m := sample.FindStringSubmatch(lines[i])
		if m == nil || m[1] != current {
			t.Errorf("%q is no sample of %s", lines[i], current)
			continue
		}
		if _, err := strconv.ParseFloat(m[3], 64); err != nil || series[m[1]+m[2]] {
			t.Errorf("%q: %v, or it stands twice", lines[i], err)
		}
		series[m[1]+m[2]] = true
		values++
	}
	return values
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	most, none := 0.93, 0.0
	f := &farm{
		head: Head{Queued: 291, InWork: 6, Failed: 3, Finished: 12000, Frames: 300000, Done: 6676, FPS: 94.2, Paused: true},
		workers: []Worker{
			{ID: "edit7-abcde", State: "working", Slots: 3, FPS: 31.5, Does: []Does{{Unit: "0001"}}, Load: &most},
			{ID: "edit9-fghij", State: "silent", Slots: 2},
			{ID: "x\"\\\n-\xff", State: "a \"state\"\n", Slots: 1, Load: &none}, // nobody can be called so
		},
	}
	for file, list := range map[string][]Metric{
		"farm.prom": numbers(f, 12*time.Millisecond, nil, 2),
		"away.prom": numbers(f, time.Second, errors.New("no route"), 1),
	} {
		var b strings.Builder
		if err := WriteMetrics(&b, list); err != nil {
			t.Fatal(err)
		}
		if lint(t, b.String()) < 3 {
			t.Error("too few")
		}
		file = filepath.Join("testdata", file)
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != strings.ReplaceAll(string(want), "\r\n", "\n") {
			t.Errorf("%s: go test ./monitor -update writes\n%s", file, got)
		}
	}
}

func TestServeMetrics(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		ended <- ServeMetrics(t.Context(), l, slog.New(slog.DiscardHandler), func() []Metric {
			return []Metric{{"proxima_x_total", "It is.", "counter", N(1)}}
		})
	}()
	t.Cleanup(func() { // t's context has ended by now
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for path, code := range map[string]int{"/metrics": 200, "/": 404, "/metrics/": 404} {
		r, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode != code || code == 200 && (string(body) != "# HELP proxima_x_total It is.\n# TYPE proxima_x_total counter\nproxima_x_total 1\n" || r.Header.Get("Content-Type") != metricsType) {
			t.Errorf("%s: %d %s", path, r.StatusCode, body)
		}
	}
}
