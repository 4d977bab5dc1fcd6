package encode

import (
	"context"
	"fmt"
	"slices"

	"proxima/encode/quicktime"
	"proxima/jobfile"
)

// listSlack is how far around a range its packets are looked for, microseconds: packets
// stand in decoding order, and frames of the range may stand behind the next keyframe.
const listSlack = 1_500_000

// told lists a range's packets from the source's index.
func told(p *quicktime.Playing, job *jobfile.Job, r *jobfile.Range) *listing {
	l := &listing{}
	p.Each(func(f quicktime.Frame) bool {
		l.add(packet{pts: f.PTS, hasPTS: true, duration: f.Ticks, key: f.Key, hidden: f.Hidden}, r.Start, r.End, r.Start == job.Plan.FirstPTS)
		return true
	})
	l.sort()
	return l
}

// expected lists the range's packets from the source itself.
func (t *Tools) expected(ctx context.Context, task Task) (*listing, error) {
	url, err := fileURL(task.Source)
	if err != nil {
		return nil, err
	}
	job, r := task.Job, task.Unit.Range
	l := &listing{}
	first := r.Start == job.Plan.FirstPTS
	_, _, err = t.eachPacket(ctx, url, job.Media.Video.Index, listInterval(job, r), false, func(p packet) {
		l.add(p, r.Start, r.End, first)
	})
	if err != nil {
		return nil, err
	}
	l.sort()
	return l, nil
}

// listInterval is the stretch of a source to list for a range, as ffprobe's -read_intervals
// takes it; "" is all. A time of zero or less is sought forwards by ffprobe, past the
// keyframe that is needed, so the reading starts at the beginning instead.
func listInterval(job *jobfile.Job, r *jobfile.Range) string {
	tb := job.Media.Video.TimeBase
	slack := int64(listSlack)
	if job.Media.Video.FrameRate.Valid() {
		slack = max(slack, int64(20e6/job.Media.Video.FrameRate.Float()))
	}
	from, to := "", ""
	if at := tb.Micros(r.Start) - slack; r.Start != job.Plan.FirstPTS && at > 0 && at > tb.Micros(job.Plan.FirstPTS) {
		from = seconds(at)
	}
	if r.End != nil {
		to = seconds(tb.Micros(*r.End) + slack)
	}
	if from == "" && to == "" {
		return ""
	}
	return from + "%" + to
}

// judge decides whether a part's frames are the source's. Not ok: try the next seek.
// tries[0] is the seek the part was made with.
func (t *Tools) judge(ctx context.Context, task Task, tries []seek, want *listing, got []int64, msgs *messages) (ok bool, warnings []string, err error) {
	job, r := task.Job, task.Unit.Range
	v := &job.Media.Video
	diff := compare(want.shown, got)
	exact := !want.unstamped && diff.equal()
	last := r.End == nil

	if exact {
		if last && endsEarly(got, job.Plan.LastPTS, 0) {
			return false, nil, endedEarly(got, *job.Plan.LastPTS, v.TimeBase, job.Media.OriginUS)
		}
		if msgs.decode == 0 {
			return true, nil, nil
		}
	}

	// The packets do not tell what is shown (two fields in two packets, frames that are never
	// shown), or the decoder complained. A decode tells that starts earlier, and where there was no
	// seek one that neither encodes nor writes a file: frames may be lost there too.
	from := tries[0]
	if from.on {
		from = tries[1]
	}
	ref, errors, err := t.reference(ctx, task, from)
	if err != nil {
		return false, nil, err
	}
	if !slices.Equal(ref, got) {
		return false, nil, nil
	}
	if !exact && !want.unstamped && errors > 0 && diff.missing > 0 && !inFields(len(want.shown), len(got)) {
		return false, nil, damaged(diff, want.shown, v.TimeBase, job.Media.OriginUS)
	}
	if got[0] != r.Start {
		return false, nil, &jobfile.Fault{
			Kind:   jobfile.FaultUnit,
			Reason: fmt.Sprintf("the range's first frame is at %d instead of %d", got[0], r.Start),
			Next:   "queue the source again",
		}
	}
	if last && endsEarly(got, job.Plan.LastPTS, 2*frameTicks(v)) {
		return false, nil, endedEarly(got, *job.Plan.LastPTS, v.TimeBase, job.Media.OriginUS)
	}
	if errors > 0 {
		warnings = append(warnings, decodeWarning(errors, task))
	}
	return true, warnings, nil
}

// reference decodes a range from another starting point than the part's, without encoding,
// and lists the timestamps of its frames and how often decoding failed on the way.
func (t *Tools) reference(ctx context.Context, task Task, s seek) (pts []int64, decodeErrors int, err error) {
	url, err := fileURL(task.Source)
	if err != nil {
		return nil, 0, err
	}
	args := referenceArgs(task.Job, task.Unit.Range, s, task.Threads, url)
	msgs, err := t.run(ctx, command{prog: t.ffmpeg, args: args, log: task.Log, stall: t.patience(task, s), stdout: func(l []byte) bool {
		n, ok := parseFrameCRC(l)
		if ok {
			pts = append(pts, n)
		}
		return ok
	}})
	if err != nil {
		return nil, 0, classify(err, url)
	}
	slices.Sort(pts)
	return pts, msgs.decode, nil
}

func decodeWarning(n int, task Task) string {
	tb, m := task.Job.Media.Video.TimeBase, &task.Job.Media
	from := hms(tb.Micros(task.Unit.Range.Start) - m.OriginUS)
	to := "the end"
	if e := task.Unit.Range.End; e != nil {
		to = hms(tb.Micros(*e) - m.OriginUS)
	}
	return fmt.Sprintf("ffmpeg reported %d decoding errors between %s and %s; the picture may show damage there", n, from, to)
}

// checkSound reads the sound part back and holds it against what the source declares.
func (t *Tools) checkSound(ctx context.Context, task Task, made *Made) error {
	s, err := t.soundFacts(ctx, task.SoundPath)
	if err != nil {
		return err
	}
	want, _ := chosenSound(task.Job)
	if len(s.Streams) != len(want) {
		return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: fmt.Sprintf("%d streams of sound were written instead of %d", len(s.Streams), len(want)), Next: "see the attempt's log"}
	}
	for i, w := range want {
		got := s.Streams[i]
		if w.DurationUS > 0 && got.DurationUS+500_000 < w.DurationUS {
			made.Warnings = append(made.Warnings, fmt.Sprintf("sound stream %d lasts %s, the source declares %s", w.Index, hms(got.DurationUS), hms(w.DurationUS)))
		}
	}
	made.Sound, made.Warnings = s, append(made.Warnings, missingSound(task.Job)...)
	return nil
}
