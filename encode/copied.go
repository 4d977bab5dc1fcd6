package encode

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

// TakesSound proves that a proxy's container takes a source's sound as it is, where the recipe copies it: the first
// packet of each track goes the way that all will go, by this machine's ffmpeg. The join would find it out otherwise, when
// all pictures are made. A track may begin late, or have nothing at all; after patience the source is taken untried, as
// it is if ffmpeg fails in a way that says nothing of containers.
// bytesRead is of the source, unless patience ended. Errors: *jobfile.Fault of FaultJob (it does not take it), FaultMachine or
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

	// A file for each track: of one file, ffmpeg would end all with the first.
	first := readArgs(source, seek{}, 1)
	var parts []string
	streams, _ := chosenSound(job)
	for i, s := range streams {
		parts = append(parts, filepath.Join(dir, strconv.Itoa(i)))
		url, err := fileURL(parts[i])
		if err != nil {
			return 0, err
		}
		first = append(append(first, "-frames:a", "1"), soundArgs(job, []jobfile.SoundStream{s}, url)...)
	}
	reading, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	msgs, err := t.mux(reading, first)
	if msgs != nil {
		bytesRead = msgs.bytesRead
	}
	switch {
	case ctx.Err() != nil:
		return bytesRead, ctx.Err()
	case reading.Err() != nil:
		return bytesRead, nil
	case err != nil:
		return bytesRead, untaken(err, source, &jobfile.Fault{
			Kind: jobfile.FaultJob, Reason: "this source's sound cannot be copied (" + codecsOf(job) + "), which the preset asks for",
			Next: "use a preset that encodes the sound",
		})
	}

	var inputs, maps []string
	for _, part := range parts {
		index, err := indexOf(part)
		if err != nil || !slices.ContainsFunc(index.Tracks("soun"), func(t *quicktime.Track) bool { return t.Samples() > 0 }) {
			continue // a track that has nothing
		}
		url, err := fileURL(part)
		if err != nil {
			return bytesRead, err
		}
		maps = append(maps, "-map", strconv.Itoa(len(maps)/2)+":a")
		inputs = append(inputs, "-f", "mov", "-i", url)
	}
	if maps == nil {
		return bytesRead, nil
	}
	into := func(container string) error {
		url, err := fileURL(filepath.Join(dir, container))
		if err != nil {
			return err
		}
		a := append(append(slices.Clone(inputs), maps...), "-c", "copy")
		if container != "matroska" {
			a = append(a, strictly(job)...)
		}
		_, err = t.mux(ctx, append(a, "-f", container, url))
		return err
	}
	if err := into(r.Container); err != nil {
		f := &jobfile.Fault{
			Kind: jobfile.FaultJob, Reason: "a proxy in " + r.Ext + " does not take this source's sound as it is (" + codecsOf(job) + "), which the preset asks for",
			Next: "use a preset that encodes the sound",
		}
		if r.Container != "matroska" && into("matroska") == nil {
			f.Next += ", or ext: .mkv"
		}
		return bytesRead, untaken(err, source, f)
	}
	return bytesRead, nil
}

// mux is a run of ffmpeg that encodes nothing, and that somebody waits for.
func (t *Tools) mux(ctx context.Context, args []string) (*messages, error) {
	return t.run(ctx, command{
		prog: t.ffmpeg, args: append([]string{"-nostdin", "-hide_banner", "-n", "-v", "level+verbose", "-nostats"}, args...),
		awaited: true, stall: t.StallAfter,
	})
}

// untaken tells a container that does not take sound, which is refusal, from a source or a machine that fails. Nil
// if it is none of these.
func untaken(err error, source string, refusal *jobfile.Fault) error {
	var f *jobfile.Fault
	if isCtx(err) || !errors.As(classify(err, source), &f) {
		return err
	}
	if f.Kind == jobfile.FaultMachine || f.Kind == jobfile.FaultSource {
		return f
	}
	var e *exitError
	if !errors.As(err, &e) || e.stalled > 0 || e.crashed() {
		return nil
	}
	// Which words say it depends on the container and the release.
	tail := strings.Join(e.tail, "\n")
	for _, word := range []string{"Could not write header", "Error initializing output stream", "Not yet implemented in FFmpeg"} {
		if strings.Contains(tail, word) {
			return refusal
		}
	}
	if f.Kind == jobfile.FaultJob {
		return refusal
	}
	return nil
}

// codecsOf lists the sound that is copied, each kind once.
func codecsOf(job *jobfile.Job) string {
	codecs := soundCodecs(job)
	slices.Sort(codecs)
	return strings.Join(slices.Compact(codecs), ", ")
}
