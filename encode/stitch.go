package encode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// VideoSource is a picture part and where it lies.
type VideoSource struct {
	Path string
	Part *jobfile.VideoPart
}

// SoundSource is the sound part and where it lies.
type SoundSource struct {
	Path string
	Part *jobfile.SoundPart
}

// StitchTask is what to join.
type StitchTask struct {
	Job      *jobfile.Job
	Video    []VideoSource  // in the plan's order, one per video unit
	Sound    *SoundSource   // nil where there is none
	Target   string         // file to write; it must not exist
	Log      io.Writer      // may be nil
	Progress func(Progress) // may be nil
}

// Stitch joins the parts into Target, flushes it to its disk and proves that it holds them, as
// Verify does; but where the file has an index it does not read it all once more (see joined).
// After an error Target is not there. Errors: *jobfile.Fault, or ctx's.
func (t *Tools) Stitch(ctx context.Context, task StitchTask) (final *jobfile.Final, err error) {
	if err := task.fits(); err != nil {
		return nil, err
	}
	if err := checkFree([]string{task.Target}); err != nil {
		return nil, err
	}
	for _, p := range task.files() {
		if err := sameSize(p.path, p.size); err != nil {
			return nil, err
		}
	}
	dir, err := scratchFor("stitch")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	list, err := task.writeList(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			final = nil
			removeAll([]string{task.Target})
		}
	}()
	sums := sumsIn(dir)
	urls := map[string]string{"list": list, "target": task.Target, "pictureSums": sums.pictures, "soundSums": sums.sound}
	if task.Sound != nil {
		urls["sound"] = task.Sound.Path
	}
	for k, p := range urls {
		if urls[k], err = fileURL(p); err != nil {
			return nil, err
		}
	}
	flushed, err := t.join(ctx, task, urls, sums, room(task))
	if err != nil {
		return nil, err
	}
	final, err = t.proveOrRead(ctx, task, sums)
	if ferr := flushed(); ferr != nil { // what is not on its disk proves nothing
		return nil, ferr
	}
	return final, err
}

// proveOrRead proves the joined file by what was seen as it was joined, or where that is not enough by reading it.
func (t *Tools) proveOrRead(ctx context.Context, task StitchTask, sums joinSums) (*jobfile.Final, error) {
	if indexed(&task.Job.Recipe) {
		final, err := t.proveJoined(ctx, task, sums)
		// What is against it may be what we know of indexes: a file is refused when reading it says so too.
		if f := (*jobfile.Fault)(nil); !errors.As(err, &f) || f.Kind != jobfile.FaultUnit {
			return final, err
		}
		if task.Log != nil {
			fmt.Fprintf(task.Log, "%s; it is read to see\n", jobfile.OneLine(err.Error()))
		}
	}
	return t.Verify(ctx, task.Target, task)
}

func (t *Tools) proveJoined(ctx context.Context, task StitchTask, sums joinSums) (*jobfile.Final, error) {
	seen, err := newJoined(task, sums)
	if err != nil {
		return nil, err
	}
	defer seen.file.Close()
	return t.prove(ctx, task.Target, task, seen)
}

// join runs ffmpeg, and returns what waits until the file is flushed. The index is to lie in so many
// bytes at the file's beginning; where that was too little it is moved there afterwards, which copies
// the file once more.
func (t *Tools) join(ctx context.Context, task StitchTask, urls map[string]string, sums joinSums, front int64) (flushed func() error, err error) {
	prog := &progressReader{report: task.Progress}
	args := stitchArgs(task, urls["list"], urls["sound"], urls["target"], front)
	if indexed(&task.Job.Recipe) {
		args = append(args, hashOutputs(task, joinSums{urls["pictureSums"], urls["soundSums"]})...)
	}
	sending := flush(task.Target)
	_, err = t.run(ctx, command{prog: t.ffmpeg, args: args, log: task.Log, stdout: prog.line, stall: t.StallAfter})
	if err == nil {
		return sending.end(), nil
	}
	sending.drop()
	var e *exitError
	if front > 0 && errors.As(err, &e) && strings.Contains(strings.Join(e.tail, "\n"), "reserved_moov_size is too small") {
		removeAll([]string{task.Target, sums.pictures, sums.sound})
		return t.join(ctx, task, urls, sums, 0)
	}
	if !isCtx(err) && fullScratch(filepath.Dir(sums.pictures)) {
		return nil, sumsFault("what is joined cannot be noted in this machine's temporary folder", err)
	}
	return nil, classify(err, urls["list"], urls["target"])
}

// mostRoom is the most that is left free, bytes: ffmpeg takes no 2 GB, and somewhere a copy costs less.
const mostRoom = 1 << 30

// room is how many bytes the index may take of a file that has it first, 0 where it may be last:
// the tables' entries for each frame (ISO 14496-12, 8.6 and 8.7: 45 bytes if no two are alike)
// and each packet of sound, of which the shortest hold 512 samples. 0 also where that is too much.
func room(task StitchTask) int64 {
	if !slices.Contains(task.Job.Recipe.Flags, "faststart") || !indexed(&task.Job.Recipe) {
		return 0
	}
	n := int64(64 << 10)
	for _, v := range task.Video {
		n += 48 * v.Part.Frames
	}
	if task.Sound != nil {
		for _, s := range task.Sound.Part.Streams {
			n += 32 * (s.DurationUS/1000*int64(s.SampleRate)/1000/512 + 64)
		}
	}
	if n > mostRoom {
		return 0
	}
	return n
}

// fits checks what can be told without opening a file: one part per planned unit, each
// starting where the plan says, all joinable.
func (task StitchTask) fits() error {
	plan := task.Job.Plan.VideoUnits()
	if len(plan) != len(task.Video) || len(plan) == 0 {
		return fmt.Errorf("stitch: %d parts for %d units", len(task.Video), len(plan))
	}
	wrong := func(format string, a ...any) error {
		return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: fmt.Sprintf(format, a...), Next: "cancel the job and queue the source again"}
	}
	for i, u := range plan {
		p := task.Video[i].Part
		if p == nil || u.Range == nil {
			return fmt.Errorf("stitch: unit %s has no part", u.ID)
		}
		if p.FirstPTS != u.Range.Start || u.Range.End != nil && p.LastPTS >= *u.Range.End {
			return wrong("part of unit %s holds %d to %d, which is not its range", u.ID, p.FirstPTS, p.LastPTS)
		}
		if d := task.Video[0].Part.Stream.Differs(p.Stream); d != "" {
			return wrong("parts of units %s and %s cannot be joined: they differ in %s", plan[0].ID, u.ID, d)
		}
	}
	if wantsSound(task.Job) != (task.Sound != nil) {
		return fmt.Errorf("stitch: the sound part does not go with the job")
	}
	return nil
}

type sizedFile struct {
	path string
	size int64
}

func (task StitchTask) files() (f []sizedFile) {
	for _, v := range task.Video {
		f = append(f, sizedFile{v.Path, v.Part.Size})
	}
	if task.Sound != nil {
		f = append(f, sizedFile{task.Sound.Path, task.Sound.Part.Size})
	}
	return f
}

// sameSize catches a part that has not arrived here in full, which ffmpeg would join anyway.
func sameSize(path string, size int64) error {
	st, err := os.Stat(path)
	if err != nil {
		return unseen("part "+jobfile.Quote(filepath.Base(path))+" is not there", err)
	}
	if st.Size() != size {
		return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: fmt.Sprintf("part %s has %d bytes instead of %d", jobfile.Quote(filepath.Base(path)), st.Size(), size), Next: "see whether the farm folder is complete on this machine"}
	}
	return nil
}

func (task StitchTask) writeList(dir string) (string, error) {
	paths := make([]string, len(task.Video))
	parts := make([]*jobfile.VideoPart, len(task.Video))
	for i, v := range task.Video {
		p, err := concatPath(v.Path, dir, i)
		if err != nil {
			return "", err
		}
		paths[i], parts[i] = p, v.Part
	}
	name := filepath.Join(dir, "parts.ffconcat")
	if err := os.WriteFile(name, []byte(concatList(paths, parts, task.Job.Media.Video.TimeBase)), 0o600); err != nil {
		return "", &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the list of parts cannot be written on this machine", Next: "make room on its system disk", Err: err}
	}
	return name, nil
}

// pictureOffset is when the picture starts, microseconds from the source's origin.
func pictureOffset(job *jobfile.Job) int64 {
	return job.Media.Video.TimeBase.Micros(job.Plan.FirstPTS) - job.Media.OriginUS
}

// mark begins the comment of what we made, so that a later walk through the folder does not
// take a proxy for footage, and nothing else is ever replaced.
const mark = "Proxima proxy, job "

func comment(job *jobfile.Job) string { return mark + job.ID }

// Ours tells whether a file bears the mark of a finished proxy. What cannot be read as media
// is not ours. Errors: *jobfile.Fault of FaultMachine where the file cannot be opened, or
// ctx's.
func (t *Tools) Ours(ctx context.Context, path string) (bool, error) {
	url, err := fileURL(path)
	if err != nil {
		return false, err
	}
	// To open a pipe, which others may have put there, would wait for ever.
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, missingFault(path, err)
	}
	_ = f.Close() // opened to see that it can be
	doc, _, err := t.header(ctx, url, "error", nil)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if f := machines(err); err != nil && f != nil {
		return false, f
	}
	return err == nil && doc.ours(), nil
}

func (d *probeDoc) ours() bool {
	return strings.HasPrefix(plainTag(tag(d.Format.Tags, "comment")), mark)
}

// indexArgs say where the index of a finished file lies: at its end, or at its beginning where the recipe
// asks for it, in the bytes that are left free for it (front), or moved there when all is written.
func indexArgs(r *jobfile.Recipe, front int64) []string {
	switch {
	case front > 0:
		return []string{"-moov_size", strconv.FormatInt(front, 10), "-movflags", "+write_colr"}
	case slices.Contains(r.Flags, "faststart"):
		return []string{"-movflags", "+write_colr+faststart"}
	}
	return []string{"-movflags", "+write_colr"}
}

// joinFilter is what packets go through on their way into the file.
func joinFilter(r *jobfile.Recipe) []string {
	if r.Video.IntraOnly {
		return nil
	}
	// A part's first frames are decoded ahead of their time by as much as the source's
	// frames are apart there; where frames are unevenly apart, that can reach into the
	// part before. Decoding times then have to wait a few ticks. Nobody sees them: what
	// is shown when stays as it is.
	return []string{"-bsf:v", "setts=pts=PTS:dts=if(N\\,max(DTS\\,PREV_OUTDTS+1)\\,DTS)"}
}

// readAhead is how many packets are read while others are written. Release 5 of ffmpeg reads one input and writes
// by turns unless it is asked, and each waits for the other's disk.
const readAhead = "32"

// stitchArgs join without touching a packet. -auto_convert 0 keeps the joiner from rewriting
// H.264 and HEVC packets, which would then not compare with the parts; -xerror makes a
// missing or torn part an error, which by default it is not.
func stitchArgs(task StitchTask, list, sound, target string, front int64) []string {
	job := task.Job
	m, r := &job.Media, &job.Recipe
	a := []string{
		"-nostdin", "-hide_banner", "-n", "-v", logLevel(r.LogLevel), "-xerror", "-nostats", "-progress", "pipe:1", "-stats_period", "1",
		"-thread_queue_size", readAhead,
		"-itsoffset", seconds(pictureOffset(job)), "-protocol_whitelist", "file", "-format_whitelist", "concat,mov", "-f", "concat", "-safe", "0", "-auto_convert", "0", "-i", list,
	}
	if task.Sound != nil {
		a = append(a, "-itsoffset", seconds(task.Sound.Part.StartUS), "-protocol_whitelist", "file", "-format_whitelist", "mov", "-f", "mov", "-i", sound)
	}
	a = append(a, "-map", "0:v:0")
	if task.Sound != nil {
		a = append(a, "-map", "1:a")
	}
	a = append(a, "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1")
	a = append(a, joinFilter(r)...)
	if r.Video.Tag != "" {
		a = append(a, "-tag:v", r.Video.Tag)
	}
	if r.Container != "matroska" {
		a = append(a, "-video_track_timescale", strconv.FormatInt(timescale(m.Video.TimeBase), 10))
		a = append(a, indexArgs(r, front)...)
	}
	if m.Timecode != "" {
		a = append(a, "-timecode", m.Timecode)
	}
	if m.Reel != "" {
		a = append(a, "-metadata:s:v:0", "reel_name="+m.Reel)
	}
	if m.CreationTime != "" {
		a = append(a, "-metadata", "creation_time="+m.CreationTime)
	}
	if task.Sound != nil {
		a = append(a, strictly(job)...)
	}
	return append(a, "-metadata", "comment="+comment(job), "-f", r.Container, target)
}
