package encode

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

// TakesSound proves that a proxy's container takes a source's sound as it is, where the recipe copies it: the first
// packet of each track goes the way that all will go. The join would find it out otherwise, when all pictures
// are made. A track may begin late, or have nothing at all; after patience the source is taken untried.
// bytesRead is of the source. Errors: *jobfile.Fault of FaultJob (it does not take it), FaultMachine or
// FaultSource; or ctx's.
func (t *Tools) TakesSound(ctx context.Context, path string, m *jobfile.Media, r *jobfile.Recipe, patience time.Duration) (bytesRead int64, err error) {
	job := &jobfile.Job{Media: *m, Recipe: *r}
	if r.Sound.Encoder != "copy" || !wantsSound(job) {
		return 0, nil
	}
	source, err := fileURL(path)
	if err != nil {
		return 0, err
	}
	dir, err := scratchFor("sound")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	part, err := fileURL(filepath.Join(dir, "part"))
	if err != nil {
		return 0, err
	}
	proxy, err := fileURL(filepath.Join(dir, "proxy"))
	if err != nil {
		return 0, err
	}
	mux := func(ctx context.Context, advice string, args ...string) (*messages, error) {
		msgs, err := t.run(ctx, command{
			prog: t.ffmpeg, args: append([]string{"-nostdin", "-hide_banner", "-n", "-v", "level+verbose", "-nostats"}, args...),
			awaited: true, stall: t.StallAfter,
		})
		if err != nil {
			err = untaken(err, advice, job, source, part, proxy)
		}
		return msgs, err
	}
	advice := "use a preset that encodes the sound"
	reading, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	msgs, err := mux(reading, advice, append(append(readArgs(source, seek{}, 1), "-frames:a", "1"), soundArgs(job, part)...)...)
	if msgs != nil {
		bytesRead = msgs.bytesRead
	}
	switch {
	case err != nil && ctx.Err() == nil && reading.Err() != nil:
		return bytesRead, nil
	case err != nil:
		return bytesRead, err
	}
	if index, err := indexOf(filepath.Join(dir, "part")); err == nil && !slices.ContainsFunc(index.Tracks("soun"), func(t *quicktime.Track) bool { return t.Samples() > 0 }) {
		return bytesRead, nil // a track that has nothing
	}
	if r.Container != "matroska" {
		advice += ", or ext: .mkv"
	}
	_, err = mux(ctx, advice, append(append([]string{"-f", "mov", "-i", part, "-map", "0:a", "-c", "copy"}, strictly(job)...), "-f", r.Container, proxy)...)
	return bytesRead, err
}

// untaken tells a container that does not take a source's sound from a source or a machine that fails.
func untaken(err error, advice string, job *jobfile.Job, source string, outs ...string) error {
	var e *exitError
	var f *jobfile.Fault
	if !errors.As(err, &e) || !errors.As(classify(err, source, outs...), &f) {
		return err
	}
	switch f.Kind {
	case jobfile.FaultMachine, jobfile.FaultSource:
		return f
	case jobfile.FaultJob: // it says so, if in terms of a part that nobody asked for
		err = nil
	}
	codecs := soundCodecs(job)
	slices.Sort(codecs)
	return &jobfile.Fault{
		Kind: jobfile.FaultJob, Next: advice, Err: err,
		Reason: "a proxy in " + job.Recipe.Ext + " does not take this source's sound as it is (" + strings.Join(slices.Compact(codecs), ", ") + "), which the preset asks for",
	}
}
