package encode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"proxima/jobfile"
)

// Task is one unit to encode.
type Task struct {
	Job       *jobfile.Job
	Unit      jobfile.Planned
	Source    string // path on this machine
	VideoPath string // files to write; they must not exist
	SoundPath string
	Threads   int            // per ffmpeg process; 0 lets it take the whole machine
	Log       io.Writer      // command lines and messages; may be nil
	Progress  func(Progress) // about once a second; may be nil

	// Asset reads a file that the job carries for its recipe, and sees that it is the one;
	// nil where the recipe needs none. Its errors are Encode's.
	Asset func(jobfile.Asset) ([]byte, error)

	dress     *worn
	lastTicks int64 // how long the last frame of the range is shown
}

// Made is an encoded and checked unit. The parts' File names are for the caller to fill in.
type Made struct {
	Video    *jobfile.VideoPart
	Sound    *jobfile.SoundPart // nil where source or recipe have no sound
	Warnings []string
}

// lead is how far before a range decoding starts where starting at its keyframe proved
// wrong, microseconds: some GOPs of anything a camera writes.
const lead = 10_000_000

// Encode makes a unit's files and proves them against the source: every frame of the range
// is there, once, at its time. The files are on disk when it returns. After an error nothing
// of them is left behind. Errors: *jobfile.Fault, or ctx's.
func (t *Tools) Encode(ctx context.Context, task Task) (made *Made, err error) {
	u := task.Unit
	if u.ID == jobfile.UnitStitch || u.ID.HasVideo() != (u.Range != nil) {
		return nil, fmt.Errorf("encode unit %s: no picture or sound to make", u.ID)
	}
	outs, err := task.outputs()
	if err != nil {
		return nil, err
	}
	if err := unchanged(ctx, task.Source, task.Job.Source); err != nil {
		return nil, err
	}
	if u.ID.HasVideo() {
		if err := Fits(&task.Job.Media, &task.Job.Recipe); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			made = nil
			removeAll(outs)
		}
	}()
	if u.ID.HasVideo() {
		made, err = t.encodeDressed(ctx, task)
	} else {
		made, err = &Made{}, nil
		if hasSound(task.Job, u.ID) {
			_, err = t.encodeOnce(ctx, task, seek{})
		}
	}
	if err == nil && hasSound(task.Job, u.ID) {
		err = t.checkSound(ctx, task, made)
	}
	if err == nil && u.Range != nil && u.Range.Start == task.Job.Plan.FirstPTS && !wantsSound(task.Job) {
		made.Warnings = append(made.Warnings, missingSound(task.Job)...) // no unit of sound tells
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	// A source that changed or went meanwhile explains any failure better than ffmpeg does.
	if cerr := unchanged(ctx, task.Source, task.Job.Source); cerr != nil {
		return nil, cerr
	}
	if err != nil {
		return nil, err
	}
	return made, syncFiles(outs)
}

// encodeDressed encodes a range with what its picture wears in a folder of its own, decoded in
// hardware where the recipe says so and this machine's is proven: chips and their drivers refuse
// what they do not know, and some fall over it.
func (t *Tools) encodeDressed(ctx context.Context, task Task) (made *Made, err error) {
	task.dress = &worn{}
	if v := &task.Job.Recipe.Video; v.LUT != nil || v.BurnIn != nil || v.Watermark != nil {
		dir, err := scratchFor("dress")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		if task.dress, err = dress(dir, task.Job, task.Asset); err != nil {
			return nil, err
		}
	}
	how := task.Job.Recipe.HWAccel
	if how == "" {
		return t.encodePicture(ctx, task)
	}
	v, err := t.hardware(ctx, task)
	if err != nil {
		return nil, err
	}
	if v.ok {
		made, err = t.encodePicture(ctx, task)
		if err == nil || ctx.Err() != nil || machineFault(err) {
			return made, err
		}
		v.refused = noHardware(how, err)
		outs := []string{task.VideoPath}
		if hasSound(task.Job, task.Unit.ID) {
			outs = append(outs, task.SoundPath)
		}
		removeAll(outs)
	}
	soft := task.Job.Recipe
	soft.HWAccel = ""
	task.Job = task.Job.With(soft)
	made, err = t.encodePicture(ctx, task)
	if err != nil || v.refused == "" || len(made.Warnings) > 0 { // what is damaged is no chip's fault
		return made, err
	}
	if v.ok {
		t.proofs.refuse(proofOf{task.Job.ID, how}, v.refused)
	}
	made.Warnings = append(made.Warnings, v.refused)
	return made, nil
}

// outputs are the paths this task writes. They must be free: what stands there is somebody
// else's and would be deleted after a failure.
func (task Task) outputs() ([]string, error) {
	var outs []string
	if task.Unit.ID.HasVideo() {
		outs = append(outs, task.VideoPath)
	}
	if hasSound(task.Job, task.Unit.ID) {
		outs = append(outs, task.SoundPath)
	}
	return outs, checkFree(outs)
}

func checkFree(paths []string) error {
	for _, p := range paths {
		if _, err := os.Lstat(p); err == nil {
			return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "a file stands where the output should go: " + jobfile.Quote(p), Next: "remove it"}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the output's folder cannot be used on this machine", Next: "see whether it exists and may be written here", Err: err}
		}
	}
	return nil
}

// removeAll deletes what a failed run left, best effort: names are unique to an attempt, so
// what stays is swept by its owner.
func removeAll(paths []string) {
	for _, p := range paths {
		for range 20 {
			err := os.Remove(p)
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				break
			}
			time.Sleep(50 * time.Millisecond) // Windows: a scanner may hold it for a moment
		}
	}
}

// encodeOnce is one run of ffmpeg over the unit.
func (t *Tools) encodeOnce(ctx context.Context, task Task, s seek) (*messages, error) {
	source, err := fileURL(task.Source)
	if err != nil {
		return nil, err
	}
	urls := make([]string, 2)
	for i, p := range []string{task.VideoPath, task.SoundPath} {
		if p != "" {
			if urls[i], err = fileURL(p); err != nil {
				return nil, err
			}
		}
	}
	prog := &progressReader{report: task.Progress}
	msgs, err := t.run(ctx, command{
		prog: t.ffmpeg, args: unitArgs(&task, s, source, urls[0], urls[1]),
		log: task.Log, stdout: prog.line, stall: t.patience(task, s),
	})
	if err != nil {
		return nil, classify(err, source, urls...)
	}
	return msgs, nil
}

// patience is how long a run may show no progress: frames before the range are decoded
// without a sign of life, and no slower than they play, one may hope.
func (t *Tools) patience(task Task, s seek) time.Duration {
	if t.StallAfter <= 0 || task.Unit.Range == nil {
		return t.StallAfter
	}
	tb := task.Job.Media.Video.TimeBase
	from := tb.Micros(task.Job.Plan.FirstPTS)
	if s.on {
		from = s.us
	}
	return t.StallAfter*time.Duration(slowness(&task.Job.Recipe.Video)) + time.Duration(max(0, tb.Micros(task.Unit.Range.Start)-from))*time.Microsecond
}

// slowness is how much longer than others an encoder may take to its first frame. Those that
// look ahead swallow dozens of frames first; at their slowest speeds, and 2160 lines on an old
// machine, that is many minutes.
func slowness(v *jobfile.VideoRecipe) int {
	switch {
	case v.IntraOnly, !strings.HasPrefix(v.Encoder, "lib"):
		return 1
	case slices.Contains([]string{"slower", "veryslow", "placebo", "0", "1", "2", "3", "4"}, v.Speed):
		return 6
	}
	return 2
}

// seeks are the ways to reach a range, from the cheapest to the one that is always right:
// at its keyframe, some GOPs earlier, and decoding everything before it.
func seeks(job *jobfile.Job, r *jobfile.Range) []seek {
	if r.Start == job.Plan.FirstPTS {
		return []seek{{}}
	}
	tb := job.Media.Video.TimeBase
	// A microsecond past the keyframe, since its time is rounded to microseconds.
	at := tb.Micros(r.Start) + 1
	s := []seek{{true, at}}
	if at-lead > tb.Micros(job.Plan.FirstPTS) {
		s = append(s, seek{true, at - lead})
	}
	return append(s, seek{})
}

// encodePicture encodes a range and checks it, from further and further before where the
// frames are not those of the source.
func (t *Tools) encodePicture(ctx context.Context, task Task) (*Made, error) {
	job, r := task.Job, task.Unit.Range
	tries := seeks(job, r)
	want, sure := toldOf(ctx, task, tries[0])
	indexed := want != nil
	var err error
	if !sure {
		if tries, err = t.honest(ctx, task, tries); err != nil {
			return nil, err
		}
	}
	if !indexed {
		if want, err = t.expected(ctx, task); err != nil {
			return nil, err
		}
	}
	for i, s := range tries {
		if task.lastTicks = want.last.duration; task.lastTicks == 0 {
			task.lastTicks = frameTicks(&job.Media.Video)
		}
		msgs, err := t.encodeOnce(ctx, task, s)
		if err == nil && job.Recipe.HWAccel != "" && msgs.decode > 0 {
			err = errChip
		}
		if err != nil {
			return nil, err
		}
		in, err := t.inspectPicture(ctx, task.VideoPath)
		if err != nil {
			return nil, err
		}
		if len(in.digest.packets) == 0 {
			return nil, emptyRange(msgs)
		}
		got, err := in.frames(job.Media.Video.TimeBase, r.Start)
		if err != nil {
			return nil, &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "the part's timestamps are not the source's: " + err.Error(), Next: "another version of ffmpeg may do better"}
		}
		if indexed && !compare(want.shown, got.pts).equal() {
			// What we read in an index proves a part, and refuses none.
			indexed = false
			if want, err = t.expected(ctx, task); err != nil {
				return nil, err
			}
		}
		ok, warnings, err := t.judge(ctx, task, tries[i:], want, got.pts, msgs)
		if err != nil {
			return nil, err
		}
		if ok {
			return &Made{Video: picturePart(in, got, want), Warnings: warnings}, nil
		}
		removeAll(slices.DeleteFunc([]string{task.VideoPath, task.SoundPath}, func(p string) bool { return p == "" }))
	}
	return nil, &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "the range does not decode the same way twice", Next: "another version of ffmpeg may do better"}
}

func picturePart(in *inspected, got *madeFrames, want *listing) *jobfile.VideoPart {
	first, _, _ := in.digest.ends()
	return &jobfile.VideoPart{
		Size: in.size, Frames: int64(len(got.pts)), FirstPTS: got.pts[0], LastPTS: got.pts[len(got.pts)-1],
		LastTick: got.lastTick, Digest: in.digest.sum(first), Hidden: want.hidden, Stream: in.facts,
	}
}

func emptyRange(msgs *messages) error {
	f := &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "ffmpeg found no frame in the range", Next: "see the attempt's log"}
	if msgs.decode > 0 {
		f.Kind, f.Reason, f.Next = jobfile.FaultSource, "no frame of the range can be decoded: "+jobfile.Printable(msgs.firstDecode), "copy the source again from the card and queue it again"
	}
	return f
}
