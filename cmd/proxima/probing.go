package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"proxima/encode"
	"proxima/gather"
	"proxima/jobfile/sharefs"
	"proxima/timeline"
)

// probed is what probing a candidate gave.
type probed struct {
	candidate
	size     int64
	modified time.Time
	facts    *encode.Probed
}

// probes looks into files, into each once: a search looks into those that it may mean.
type probes struct {
	tools *encode.Tools
	mu    sync.Mutex
	known map[string]looked
}

type looked struct {
	size     int64
	modified time.Time
	facts    *encode.Probed
	err      error
}

func newProbes(t *encode.Tools) *probes { return &probes{tools: t, known: map[string]looked{}} }

var errGrows = errors.New("it is still being written")

func (p *probes) look(ctx context.Context, path string) looked {
	p.mu.Lock()
	have, ok := p.known[path]
	p.mu.Unlock()
	if ok {
		return have
	}
	l := p.fresh(ctx, path)
	if ctx.Err() == nil {
		p.mu.Lock()
		p.known[path] = l
		p.mu.Unlock()
	}
	return l
}

func (p *probes) fresh(ctx context.Context, path string) looked {
	before, err := os.Stat(path)
	if err != nil {
		return looked{err: err}
	}
	facts, err := p.tools.Probe(ctx, path)
	if err != nil {
		return looked{err: err}
	}
	after, err := settled(ctx, path, before, sharefs.KindOf(filepath.Dir(path)) != sharefs.Local)
	if err != nil {
		return looked{err: err}
	}
	return looked{size: after.Size(), modified: after.ModTime(), facts: facts}
}

// A file on a share that is no older than recently is looked at each second: until its time stayed for so many
// looks, and no more often than settles.
const (
	recently = 10 * time.Second
	stays    = 3
	settles  = 10
)

// settled sees whether a file is as it was before. SMB clients of Linux show a file that was just written with
// the time of their own last write, and some seconds later with the server's, which may be that of the
// first: workers would take the source for one that changed. So on a share the time of a file that is
// new has to stay for some seconds.
func settled(ctx context.Context, path string, before fs.FileInfo, share bool) (fs.FileInfo, error) {
	last, stood := before, 0
	for tries := 0; ; tries++ {
		now, err := os.Stat(path)
		switch {
		case err != nil || now.Size() != before.Size():
			return nil, errGrows
		case now.ModTime().Equal(last.ModTime()):
			stood++
		case !share:
			return nil, errGrows
		default:
			stood = 0
		}
		last = now
		old := tries == 0 && stood > 0 && time.Since(now.ModTime()).Abs() > recently
		switch {
		case !share || old || stood > stays:
			return now, nil
		case tries >= settles:
			return nil, errGrows
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// Facts is for a search: it tells files of one name apart.
func (p *probes) Facts(ctx context.Context, path string) (gather.Facts, error) {
	l := p.look(ctx, path)
	var not *encode.NotVideo
	switch {
	case errors.As(l.err, &not):
		return gather.Facts{}, nil
	case l.err != nil:
		return gather.Facts{}, l.err
	}
	m := &l.facts.Media
	f := gather.Facts{Video: true, Proxy: l.facts.Ours, Rate: m.Video.FrameRate}
	f.Frames, _ = frameCount(l.facts)
	if start, drop, err := timeline.ParseTimecode(m.Timecode, m.Video.FrameRate); err == nil {
		f.Start = &start
		f.Label = func(frame int64) string { return timeline.FormatTimecode(frame, m.Video.FrameRate, drop) }
	}
	return f, nil
}

// barFrom is from how many files on probing shows a bar.
const barFrom = 10

// probeAll probes several files at once, since most of a probe is waiting for the share.
func (q *queuing) probeAll(ctx context.Context, cs []candidate) ([]probed, error) {
	out := make([]probed, len(cs))
	var step func()
	stop := func() {}
	if len(cs) >= barFrom && !q.o.json {
		step, stop = q.countBar("probing", len(cs))
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce())
	for i, c := range cs {
		g.Go(func() error {
			out[i] = q.probes.probe(gctx, c)
			if step != nil {
				step()
			}
			return gctx.Err()
		})
	}
	err := g.Wait()
	stop()
	if ctx.Err() != nil {
		return nil, errInterrupted
	}
	return out, err
}

// atOnce is how many files are looked into at once.
func atOnce() int { return max(4, 2*runtime.NumCPU()) }
