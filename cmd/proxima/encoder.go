package main

import (
	"context"
	"fmt"
	"sync"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/watcher"
)

// encoder lends package encode to package watcher: siblings do not know each other. The tools
// are looked for when they are needed and known to be missing or broken, so that a machine
// whose ffmpeg is installed, mended or replaced while the daemon runs takes part again.
type encoder struct {
	find func(context.Context) (*encode.Tools, error)

	mu      sync.Mutex
	tools   *encode.Tools
	missing string // why there are none
}

var _ watcher.Encoder = (*encoder)(nil)

// get returns the tools, or the machine's fault that there are none.
func (e *encoder) get(ctx context.Context) (*encode.Tools, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tools != nil {
		return e.tools, nil
	}
	t, err := e.find(ctx)
	if err != nil {
		e.missing = "none: " + err.Error()
		return nil, err
	}
	e.tools = t
	return t, nil
}

func (e *encoder) Version() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.tools == nil {
		return e.missing
	}
	return e.tools.Version()
}

func (e *encoder) Able(ctx context.Context, r *jobfile.Recipe) error {
	t, err := e.get(ctx)
	if err != nil {
		return err
	}
	if err := t.CanEncode(ctx, r); err != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.tools, e.missing = nil, t.Version() // the next try may find another build
		return err
	}
	return nil
}

func (e *encoder) Ours(ctx context.Context, file string) (bool, error) {
	t, err := e.get(ctx)
	if err != nil {
		return false, err
	}
	return t.Ours(ctx, file)
}

func (e *encoder) Encode(ctx context.Context, w watcher.Work) (*jobfile.Result, error) {
	t, err := e.get(ctx)
	if err != nil {
		return nil, err
	}
	made, err := t.Encode(ctx, encode.Task{
		Job: w.Job, Unit: w.Unit, Source: w.Source,
		VideoPath: w.Staging.Video, SoundPath: w.Staging.Sound,
		Threads: w.Threads, Asset: w.Asset, Log: w.Log, Progress: progress(w.Progress),
	})
	if err != nil {
		return nil, err
	}
	return &jobfile.Result{Video: made.Video, Sound: made.Sound, Warnings: made.Warnings}, nil
}

func (e *encoder) Stitch(ctx context.Context, j watcher.Join) (*jobfile.Final, error) {
	t, err := e.get(ctx)
	if err != nil {
		return nil, err
	}
	task, err := stitchTask(j)
	if err != nil {
		return nil, err
	}
	return t.Stitch(ctx, task)
}

func (e *encoder) Verify(ctx context.Context, file string, j watcher.Join) (*jobfile.Final, error) {
	t, err := e.get(ctx)
	if err != nil {
		return nil, err
	}
	task, err := stitchTask(j)
	if err != nil {
		return nil, err
	}
	return t.Verify(ctx, file, task)
}

func stitchTask(j watcher.Join) (encode.StitchTask, error) {
	t := encode.StitchTask{Job: j.Job, Target: j.Target, Log: j.Log, Progress: progress(j.Progress)}
	for _, r := range j.Results {
		if r.Video != nil {
			p, err := j.Part(r.Video.File)
			if err != nil {
				return t, fmt.Errorf("unit %s: %w", r.Unit, err)
			}
			t.Video = append(t.Video, encode.VideoSource{Path: p, Part: r.Video})
		}
		if r.Sound != nil {
			p, err := j.Part(r.Sound.File)
			if err != nil {
				return t, fmt.Errorf("unit %s: %w", r.Unit, err)
			}
			t.Sound = &encode.SoundSource{Path: p, Part: r.Sound}
		}
	}
	return t, nil
}

func progress(f func(int64, float64)) func(encode.Progress) {
	return func(p encode.Progress) { f(p.Frames, p.FPS) }
}
