package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/monitor"
)

// The page says and does what the commands say and do: these lend them to package monitor.

type monitorVoice struct{ store *jobfile.Store }

func (v monitorVoice) Standstill(asks jobfile.Controls, here []*jobfile.Worker) string {
	return standstill(v.store, asks, here)
}

func (v monitorVoice) WaitsFor(id string, here []*jobfile.Worker) string {
	j, err := v.store.Job(id)
	if err != nil {
		return ""
	}
	s := &sight{waits: j}
	if look, err := v.store.Look(id); err == nil {
		s.settled(v.store, j, look)
	}
	return newCapable(here).waitsFor(s.waits)
}

func (v monitorVoice) InWords(c jobfile.Control) string { return inWords(v.store, c) }

type monitorHand struct {
	app   *app
	store *jobfile.Store
}

// handTimeout is how long a page waits until what was asked for has taken effect.
const handTimeout = 15 * time.Second

func (h monitorHand) Do(ctx context.Context, x monitor.Action) (string, error) {
	var out bytes.Buffer
	k := &asker{a: &app{stdin: strings.NewReader(""), stdout: &out, stderr: &out, getenv: h.app.getenv}, store: h.store, timeout: handTimeout, why: x.Why}
	var jobs []string
	if x.Job != "" {
		jobs = []string{x.Job}
	}
	var err error
	switch x.Do {
	case "retry":
		if x.Unit != "" {
			jobs[0] += "/" + string(x.Unit)
		}
		err = k.retry(ctx, jobs)
	case "cancel":
		err = k.cancel(ctx, jobs)
	case "pause":
		err = k.pause(ctx, jobs, pauseOptions{worker: x.Worker, now: x.Now})
	case "resume":
		err = k.resume(ctx, jobs, pauseOptions{worker: x.Worker})
	case "priority":
		err = k.prioritise(ctx, x.Job, x.N)
	default:
		err = fmt.Errorf("nobody knows how to %s", jobfile.Quote(x.Do))
	}
	if err != nil {
		err = &monitor.Refused{What: err.Error(), Next: nextStep(err)}
	}
	return out.String(), err
}

// monitorFilm looks for ffmpeg when the first picture is wanted.
type monitorFilm struct {
	app   *app
	store *jobfile.Store
	roots jobfile.Roots
	fence jobfile.Fence
	conf  userConfig

	mu    sync.Mutex
	tools *encode.Tools
}

// logAttempts bounds the attempts whose logs are read at once.
const logAttempts = 12

func (f *monitorFilm) Log(ctx context.Context, job string, unit jobfile.UnitID) (string, error) {
	var out bytes.Buffer
	l := &logReader{a: &app{stdout: &out, stderr: &out}, store: f.store, id: job, unit: unit, last: logAttempts, read: map[jobfile.Ticket]int{}}
	err := l.run(ctx, false)
	return out.String(), err
}

func (f *monitorFilm) Thumb(ctx context.Context, id string) ([]byte, error) {
	file, j, made, err := madeFile(f.store, f.roots, f.fence, id)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tools == nil {
		if f.tools, err = f.app.tools(ctx, f.conf); err != nil {
			return nil, err
		}
	}
	seconds := 0.0
	if v := j.Media.Video; v.FrameRate.Valid() {
		seconds = float64(made.Frames) / v.FrameRate.Float()
	}
	return f.tools.Thumb(ctx, file, seconds)
}
