package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"

	"proxima/jobfile"
	"proxima/monitor"
	"proxima/watcher"
)

// checkAddress refuses what nobody can listen on.
func checkAddress(addr string) error {
	if addr == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(addr)
	if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || n > 65535 {
		return fmt.Errorf("%s is no address like 127.0.0.1:9465", jobfile.Quote(addr))
	}
	return nil
}

// workMetrics answers Prometheus for a worker, until it is stopped. Where the command line asks for it,
// a place that is taken is an error; where the settings do, two workers may share them, and the second
// says so and works.
func (a *app) workMetrics(ctx context.Context, log *slog.Logger, w *watcher.Watcher, flag, conf string) (stop func(), err error) {
	addr := cmp.Or(flag, conf)
	if addr == "" {
		return func() {}, nil
	}
	if err := checkAddress(addr); err != nil {
		return nil, &usageError{"--metrics: " + err.Error(), "give a host and a port"}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	switch {
	case err != nil && flag != "":
		return nil, &hinted{what: "cannot answer Prometheus at " + addr, err: err, next: "give another --metrics, or leave it out"}
	case err != nil:
		log.Warn("cannot answer Prometheus; working all the same", "at", addr, "why", oneLine(err))
		return func() {}, nil
	}
	log.Info("answering Prometheus", "at", "http://"+l.Addr().String()+"/metrics")
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := monitor.ServeMetrics(ctx, l, log, func() []monitor.Metric { return workNumbers(w) }); err != nil {
			log.Warn("Prometheus is not answered any more", "why", oneLine(err))
		}
	})
	return func() { cancel(); wg.Wait() }, nil
}

// workNumbers are a worker's metrics. Nothing in them names a clip.
func workNumbers(w *watcher.Watcher) []monitor.Metric {
	now, fps := w.Snapshot(), 0.0
	for _, u := range now {
		fps += u.FPS
	}
	t := w.Tally()
	ended := func(result string, n int64) monitor.Value {
		return monitor.Value{Labels: map[string]string{"result": result}, Number: float64(n)}
	}
	return []monitor.Metric{
		{Name: "proxima_work_info", Help: "This worker.", Kind: "gauge", Values: []monitor.Value{{
			Labels: map[string]string{"worker": w.ID(), "version": w.Version, "encoder": w.Encoder.Version(), "system": w.System}, Number: 1,
		}}},
		{Name: "proxima_work_slots", Help: "Units that it runs at once.", Kind: "gauge", Values: monitor.N(float64(w.SlotsNow()))},
		{Name: "proxima_work_busy_slots", Help: "Units that it has in work.", Kind: "gauge", Values: monitor.N(float64(len(now)))},
		{Name: "proxima_work_frames_per_second", Help: "Frames that it encodes in a second.", Kind: "gauge", Values: monitor.N(fps)},
		{Name: "proxima_work_frames_total", Help: "Frames of picture in the units that it finished.", Kind: "counter", Values: monitor.N(float64(t.Frames))},
		{Name: "proxima_work_units_total", Help: "Units that ended, by what became of them.", Kind: "counter", Values: []monitor.Value{
			ended("done", t.Done), ended("failed", t.Failed), ended("given_back", t.GivenBack), ended("lost", t.Lost),
		}},
		{Name: "proxima_work_turns_total", Help: "Turns of its loop: it stands still where a share does not answer.", Kind: "counter", Values: monitor.N(float64(w.Turns()))},
	}
}
