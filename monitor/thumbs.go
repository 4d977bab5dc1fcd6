package monitor

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Bounds of the pictures that are kept, in memory alone.
const (
	maxThumbs     = 600
	maxThumbBytes = 24 << 20
	maxThumb      = 256 << 10
	notAgain      = 2 * time.Minute // after a picture could not be made
)

// thumbs makes pictures, one at a time, and keeps the latest.
type thumbs struct {
	make  func(ctx context.Context, job string) ([]byte, error)
	place chan struct{}

	mu    sync.Mutex
	kept  map[string]*thumb
	order []string // the oldest first
	bytes int
}

type thumb struct {
	data []byte
	err  error
	at   time.Time
}

func newThumbs(f func(context.Context, string) ([]byte, error)) *thumbs {
	return &thumbs{make: f, place: make(chan struct{}, 1), kept: map[string]*thumb{}}
}

func (t *thumbs) have(job string) (*thumb, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.kept[job]
	return k, k != nil && (k.err == nil || time.Since(k.at) < notAgain)
}

// get returns a picture, made now if need be.
func (t *thumbs) get(ctx context.Context, job string) ([]byte, error) {
	if k, ok := t.have(job); ok {
		return k.data, k.err
	}
	if !take(ctx, t.place) {
		return nil, ctx.Err()
	}
	defer func() { <-t.place }()
	if k, ok := t.have(job); ok { // somebody else asked, too
		return k.data, k.err
	}
	data, err := t.make(ctx, job)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil && len(data) > maxThumb:
		data, err = nil, errors.New("it is too large")
	}
	t.keep(job, &thumb{data, err, time.Now()})
	return data, err
}

func (t *thumbs) keep(job string, k *thumb) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if old := t.kept[job]; old != nil {
		t.bytes -= len(old.data)
	} else {
		t.order = append(t.order, job)
	}
	t.kept[job] = k
	t.bytes += len(k.data)
	for len(t.order) > maxThumbs || t.bytes > maxThumbBytes {
		t.bytes -= len(t.kept[t.order[0]].data)
		delete(t.kept, t.order[0])
		t.order = t.order[1:]
	}
}
