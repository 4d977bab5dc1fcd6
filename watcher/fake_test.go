package watcher

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
)

// fakeEncoder makes small files of a text that depends on the unit alone, in a second. What
// it does on disks is counted, and fails, with the operations of its process.
type fakeEncoder struct {
	share *faultfs.FS
	able  func() error
	lacks []string // encoders
	build string   // of ffmpeg; "fake" if not set
	// stream tells what the picture's stream is like.
	stream func(w Work) jobfile.StreamFacts
	// before is asked before a unit is encoded; an error is the outcome.
	before func(ctx context.Context, w Work) error
	// after is told when the parts are written.
	after func(w Work)
	// stitching is told when a stitch begins to write.
	stitching func(j Join)

	mu       sync.Mutex
	takes    time.Duration // a unit, a stitch; a second if not set
	all      []try
	stitches int
}

// try is one call of Encode.
type try struct {
	Unit jobfile.UnitID
	At   time.Time
}

func (f *fakeEncoder) Version() string { return cmp.Or(f.build, "fake") }

func (f *fakeEncoder) Able(_ context.Context, r *jobfile.Recipe) error {
	if slices.Contains(f.lacks, r.Video.Encoder) {
		return errors.New("no encoder " + r.Video.Encoder)
	}
	if f.able != nil {
		return f.able()
	}
	return nil
}

// Ours knows what a fake made by its first word.
func (f *fakeEncoder) Ours(_ context.Context, file string) (bool, error) {
	data, err := os.ReadFile(file)
	return strings.HasPrefix(string(data), "picture of "), err
}

// tries are all calls so far.
func (f *fakeEncoder) tries() []try {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]try{}, f.all...)
}

// tried tells when a unit was tried here.
func (f *fakeEncoder) tried(unit jobfile.UnitID) (at []time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.all {
		if t.Unit == unit {
			at = append(at, t.At)
		}
	}
	return at
}

func picture(u jobfile.UnitID) string { return fmt.Sprintf("picture of %s; ", u) }
func sound(u jobfile.UnitID) string   { return fmt.Sprintf("sound of %s; ", u) }

// madeOf is what the output of a job has to be.
func madeOf(j *jobfile.Job) (text string) {
	for _, u := range j.Plan.Units {
		if u.ID.HasVideo() {
			text += picture(u.ID)
		}
	}
	for _, u := range j.Plan.Units {
		if u.ID.HasSound() {
			text += sound(u.ID)
		}
	}
	return text
}

// write is a program that writes a file, as one operation. Like encode, it leaves nothing
// behind when it fails, and says whose fault it was.
func (f *fakeEncoder) write(kind, name, text string) error {
	put := func(text string) error { return os.WriteFile(name, []byte(text), 0o664) }
	err := f.share.Do(kind, name, true, func() error { return put(text) }, func() error { return put(text[:len(text)/2]) })
	if err == nil || errors.Is(err, faultfs.ErrDead) {
		return err
	}
	_ = os.Remove(name)
	return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the disk is full", Next: "make room", Err: err}
}

func (f *fakeEncoder) Encode(ctx context.Context, w Work) (*jobfile.Result, error) {
	f.mu.Lock()
	f.all = append(f.all, try{w.Unit.ID, time.Now()})
	f.mu.Unlock()
	if f.before != nil {
		// As of a real encoder there is a file as soon as it begins.
		name := w.Staging.Video
		if !w.Unit.ID.HasVideo() {
			name = w.Staging.Sound
		}
		if err := os.WriteFile(name, nil, 0o664); err != nil {
			return nil, err
		}
		if err := f.before(ctx, w); err != nil {
			return nil, err
		}
	}
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	r := &jobfile.Result{}
	if w.Unit.ID.HasVideo() {
		text := picture(w.Unit.ID)
		if err := f.write("encode", w.Staging.Video, text); err != nil {
			return nil, err
		}
		first := w.Unit.Range.Start
		r.Video = &jobfile.VideoPart{Size: int64(len(text)), Frames: 25, FirstPTS: first, LastPTS: first + 24, Digest: "x"}
		if f.stream != nil {
			r.Video.Stream = f.stream(w)
		}
	}
	if w.Unit.ID.HasSound() {
		text := sound(w.Unit.ID)
		if err := f.write("encode sound", w.Staging.Sound, text); err != nil {
			if r.Video != nil && !errors.Is(err, faultfs.ErrDead) {
				_ = os.Remove(w.Staging.Video)
			}
			return nil, err
		}
		r.Sound = &jobfile.SoundPart{Size: int64(len(text)), Streams: []jobfile.SoundFacts{{Codec: "pcm_s16le", Channels: 2}}}
	}
	w.Progress(25, 25)
	if f.after != nil {
		f.after(w)
	}
	return r, nil
}

// take sets how long the next unit or stitch takes.
func (f *fakeEncoder) take(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.takes = d
}

func (f *fakeEncoder) wait(ctx context.Context) error {
	f.mu.Lock()
	d := f.takes
	f.mu.Unlock()
	if d == 0 {
		d = time.Second
	}
	return pause(ctx, d)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// joined reads the parts.
func joined(j Join) (*jobfile.Final, []byte, error) {
	var names []string
	for _, r := range j.Results {
		if r.Video != nil {
			names = append(names, r.Video.File)
		}
	}
	for _, r := range j.Results {
		if r.Sound != nil {
			names = append(names, r.Sound.File)
		}
	}
	var all []byte
	for _, n := range names {
		p, err := j.Part(n)
		if err != nil {
			return nil, nil, err
		}
		part, err := os.ReadFile(p)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, part...)
	}
	return &jobfile.Final{Size: int64(len(all)), Frames: j.Job.Plan.Frames, Digest: "x", Checks: []string{"bytes"}}, all, nil
}

func (f *fakeEncoder) Stitch(ctx context.Context, j Join) (*jobfile.Final, error) {
	f.mu.Lock()
	f.stitches++
	f.mu.Unlock()
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	final, text, err := joined(j)
	if err != nil {
		return nil, err
	}
	if f.stitching != nil {
		f.stitching(j)
	}
	return final, f.write("stitch", j.Target, string(text))
}

func (f *fakeEncoder) Verify(_ context.Context, file string, j Join) (final *jobfile.Final, err error) {
	err = f.share.Do("verify", file, false, func() error {
		var want []byte
		if final, want, err = joined(j); err != nil {
			return err
		}
		got, err := os.ReadFile(file)
		if err == nil && !bytes.Equal(got, want) {
			err = errors.New("it is another file")
		}
		return err
	}, nil)
	return final, err
}

// faultyOutputs is the disk of the finished files, as the process has it: its operations are
// counted with those on the share.
type faultyOutputs struct {
	disk
	share *faultfs.FS
}

// Prepare says whose fault it was, as the real one does.
func (o faultyOutputs) Prepare(base, output, job string, k jobfile.Ticket) error {
	err := o.share.Do("prepare", output, true, func() error { return o.disk.Prepare(base, output, job, k) }, nil)
	var f *jobfile.Fault
	if err != nil && !errors.As(err, &f) {
		err = &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "cannot make the output folder", Next: "see the share", Err: err}
	}
	return err
}

// Place can be interrupted between the two names that a file has for a moment.
func (o faultyOutputs) Place(tmp, output string, replace bool) error {
	return o.share.Do("place", output, true,
		func() error { return o.disk.Place(tmp, output, replace) },
		func() error { return os.Link(tmp, output) })
}

func (o faultyOutputs) Tidy(output, job string) error {
	return o.share.Do("tidy", output, true, func() error { return o.disk.Tidy(output, job) }, nil)
}

func (o faultyOutputs) Remove(name string) error {
	return o.share.Do("remove", name, true, func() error { return o.disk.Remove(name) }, nil)
}

func (o faultyOutputs) Size(name string) (n int64, err error) {
	err = o.share.Do("stat", name, false, func() error {
		n, err = o.disk.Size(name)
		return err
	}, nil)
	return n, err
}
