package encode

import (
	"context"
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

// Stitch joins the parts into Target, flushes it to its disk and proves that it holds them:
// what it returns is what Verify found. After an error Target is not there. Errors:
// *jobfile.Fault, or ctx's.
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
	urls := map[string]string{"list": list, "target": task.Target}
	if task.Sound != nil {
		urls["sound"] = task.Sound.Path
	}
	for k, p := range urls {
		if urls[k], err = fileURL(p); err != nil {
			return nil, err
		}
	}
	prog := &progressReader{report: task.Progress}
	_, err = t.run(ctx, command{
		prog: t.ffmpeg, args: stitchArgs(task, urls["list"], urls["sound"], urls["target"]),
		log: task.Log, stdout: prog.line, stall: t.StallAfter,
	})
	if err != nil {
		return nil, classify(err, urls["list"], urls["target"])
	}
	if err = syncFiles([]string{task.Target}); err != nil {
		return nil, err
	}
	return t.Verify(ctx, task.Target, task)
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

// movFlags are those of a finished file: its colours are written, and its index first where
// the recipe asks for it.
func movFlags(r *jobfile.Recipe) string {
	if slices.Contains(r.Flags, "faststart") {
		return "+write_colr+faststart"
	}
	return "+write_colr"
}

// stitchArgs join without touching a packet. -auto_convert 0 keeps the joiner from rewriting
// H.264 and HEVC packets, which would then not compare with the parts; -xerror makes a
// missing or torn part an error, which by default it is not.
func stitchArgs(task StitchTask, list, sound, target string) []string {
	job := task.Job
	m, r := &job.Media, &job.Recipe
	a := []string{
		"-nostdin", "-hide_banner", "-n", "-v", logLevel(r.LogLevel), "-xerror", "-nostats", "-progress", "pipe:1", "-stats_period", "1",
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
	if !r.Video.IntraOnly {
		// A part's first frames are decoded ahead of their time by as much as the source's
		// frames are apart there; where frames are unevenly apart, that can reach into the
		// part before. Decoding times then have to wait a few ticks. Nobody sees them: what
		// is shown when stays as it is.
		a = append(a, "-bsf:v", "setts=pts=PTS:dts=if(N\\,max(DTS\\,PREV_OUTDTS+1)\\,DTS)")
	}
	if r.Video.Tag != "" {
		a = append(a, "-tag:v", r.Video.Tag)
	}
	if r.Container != "matroska" {
		a = append(a, "-video_track_timescale", strconv.FormatInt(timescale(m.Video.TimeBase), 10), "-movflags", movFlags(r))
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
	if task.Sound != nil && r.Container != "matroska" && slices.Contains(soundCodecs(job), "flac") {
		a = append(a, "-strict", "experimental") // see soundMuxer
	}
	return append(a, "-metadata", "comment="+comment(job), "-f", r.Container, target)
}
