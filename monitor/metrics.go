package monitor

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Metric is one family of numbers, as Prometheus has them.
type Metric struct {
	Name, Help, Kind string // Kind is gauge or counter
	Values           []Value
}

// Value is a number with its labels.
type Value struct {
	Labels map[string]string
	Number float64
}

// N is a number without labels.
func N(v float64) []Value { return []Value{{nil, v}} }

// WriteMetrics writes Prometheus' text format, version 0.0.4.
func WriteMetrics(w io.Writer, list []Metric) error {
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", m.Name, strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(m.Help), m.Name, m.Kind)
		for _, v := range m.Values {
			b.WriteString(m.Name)
			for i, k := range slices.Sorted(maps.Keys(v.Labels)) {
				b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
				fmt.Fprintf(&b, `%s="%s"`, k, strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(strings.ToValidUTF8(v.Labels[k], "?")))
			}
			if len(v.Labels) > 0 {
				b.WriteByte('}')
			}
			b.WriteString(" " + strconv.FormatFloat(v.Number, 'g', -1, 64) + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// numbers are a farm's metrics. No clip has a series of its own: there would be no end of them.
func numbers(f *farm, took time.Duration, err error, watchers int) []Metric {
	up := 1.0
	if err != nil {
		up = 0
	}
	list := []Metric{
		{"proxima_farm_up", "Whether the farm's folder can be read.", "gauge", N(up)},
		{"proxima_monitor_watchers", "Browsers that watch this monitor.", "gauge", N(float64(watchers))},
		{"proxima_monitor_look_seconds", "How long the last look at the farm took.", "gauge", N(took.Seconds())},
	}
	if f == nil || err != nil {
		return list
	}
	h := f.head
	by := func(label string, ns map[string]float64) (vs []Value) {
		for _, k := range slices.Sorted(maps.Keys(ns)) {
			vs = append(vs, Value{map[string]string{label: k}, ns[k]})
		}
		return vs
	}
	states := map[string]float64{"working": 0, "idle": 0, "silent": 0}
	var slots, busy, fps, load []Value
	for _, w := range f.workers {
		states[w.State]++
		who := map[string]string{"worker": w.ID}
		slots = append(slots, Value{who, float64(w.Slots)})
		busy = append(busy, Value{who, float64(len(w.Does))})
		fps = append(fps, Value{who, w.FPS})
		if w.Load != nil {
			load = append(load, Value{who, *w.Load})
		}
	}
	paused := 0.0
	if h.Paused {
		paused = 1
	}
	return append(list,
		Metric{"proxima_jobs", "Jobs that are not over, by state.", "gauge", by("state", map[string]float64{"queued": float64(h.Queued), "in_work": float64(h.InWork), "failed": float64(h.Failed)})},
		Metric{"proxima_jobs_finished", "Records of finished and cancelled jobs that the farm keeps.", "gauge", N(float64(h.Finished))},
		Metric{"proxima_frames_left", "Frames that wait or are in work.", "gauge", N(float64(h.Frames - h.Done))},
		Metric{"proxima_frames_per_second", "Frames that the room makes in a second, over the last minutes.", "gauge", N(h.FPS)},
		Metric{"proxima_paused", "Whether the farm is paused.", "gauge", N(paused)},
		Metric{"proxima_workers", "Workers by state.", "gauge", by("state", states)},
		Metric{"proxima_worker_slots", "Units that a worker runs at once.", "gauge", slots},
		Metric{"proxima_worker_busy_slots", "Units that a worker has in work.", "gauge", busy},
		Metric{"proxima_worker_frames_per_second", "Frames that a worker encodes in a second, by its own word.", "gauge", fps},
		Metric{"proxima_worker_load_ratio", "Part of all processors of a worker's machine that is in use, by whatever program, 0 to 1.", "gauge", load},
	)
}

// metrics answers Prometheus. A look of the last seconds will do.
func (s *server) metrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 8*time.Second)
	defer cancel()
	f, took, err := s.hub.fresh(ctx, 5*time.Second)
	w.Header().Set("Content-Type", metricsType)
	_ = WriteMetrics(w, numbers(f, took, err, s.hub.watchers()))
}

// ServeMetrics answers Prometheus alone, until ctx ends: at /metrics of a listener.
func ServeMetrics(ctx context.Context, l net.Listener, log *slog.Logger, read func() []Metric) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", metricsType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_ = WriteMetrics(w, read())
	})
	return serve(ctx, l, mux, log)
}
