package main

import (
	"context"
	"fmt"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/watcher"
)

// encoder lends package encode to package watcher: siblings do not know each other.
type encoder struct{ *encode.Tools }

var _ watcher.Encoder = encoder{}

func (e encoder) Able(ctx context.Context, r *jobfile.Recipe) error { return e.CanEncode(ctx, r) }

func (e encoder) Ours(ctx context.Context, file string) (bool, error) {
	return e.Tools.Ours(ctx, file)
}

func (e encoder) Encode(ctx context.Context, w watcher.Work) (*jobfile.Result, error) {
	made, err := e.Tools.Encode(ctx, encode.Task{
		Job: w.Job, Unit: w.Unit, Source: w.Source,
		VideoPath: w.Staging.Video, SoundPath: w.Staging.Sound,
		Threads: w.Threads, Log: w.Log, Progress: progress(w.Progress),
	})
	if err != nil {
		return nil, err
	}
	return &jobfile.Result{Video: made.Video, Sound: made.Sound, Warnings: made.Warnings}, nil
}

func (e encoder) Stitch(ctx context.Context, j watcher.Join) (*jobfile.Final, error) {
	t, err := stitchTask(j)
	if err != nil {
		return nil, err
	}
	return e.Tools.Stitch(ctx, t)
}

func (e encoder) Verify(ctx context.Context, file string, j watcher.Join) (*jobfile.Final, error) {
	t, err := stitchTask(j)
	if err != nil {
		return nil, err
	}
	return e.Tools.Verify(ctx, file, t)
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
