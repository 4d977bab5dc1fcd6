package encode

import (
	"context"
	"errors"
	"fmt"

	"proxima/jobfile"
)

// Unfit tells why a file cannot stand in for a source in an editor: it has other frames, another
// rate or another start timecode. It is empty for one that can, whoever made it. The file is
// looked at as a source is, some megabytes of it; its pictures are not compared.
//
// Errors: *jobfile.Fault of FaultMachine where this machine cannot look, or ctx's.
func (t *Tools) Unfit(ctx context.Context, path string, source *Probed) (why string, err error) {
	p, err := t.Probe(ctx, path)
	var not *NotVideo
	var fault *jobfile.Fault
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &not):
		return "it is no film: " + not.Why, nil
	case errors.As(err, &fault) && fault.Kind != jobfile.FaultMachine:
		return "it is damaged: " + fault.Reason, nil
	case err != nil:
		return "", err
	}
	return unfit(p, source), nil
}

// Unfit is [Tools.Unfit] for a file that was probed.
func (p *Probed) Unfit(source *Probed) string { return unfit(p, source) }

func unfit(p, source *Probed) string {
	a, b := p.Media.Video, source.Media.Video
	frames := a.FrameRate
	if known := exactRate(frames) && exactRate(b.FrameRate); known && !sameRatio(frames, b.FrameRate) {
		return fmt.Sprintf("it has %s frames per second, its source %s", frames, b.FrameRate)
	}
	if why := otherLength(p, source); why != "" {
		return why
	}
	// A file without a timecode begins at zero for an editor.
	have, want := p.Media.Timecode, source.Media.Timecode
	if sameTimecode(have, want) || want == "" && zeroTimecode(have) {
		return ""
	}
	return fmt.Sprintf("its timecode begins at %s, its source's at %s", orNone(have), orNone(want))
}

// otherLength compares how many frames there are, and how far the last is from the first. What a
// container declares may count frames that an edit list hides, and the last timestamp may not be
// known: one of the two has to agree, and the number has to where both are sure of it.
func otherLength(p, source *Probed) string {
	a, b := p.Media.Video, source.Media.Video
	long, ok1 := lastsFor(p)
	want, ok2 := lastsFor(source)
	frame := int64(0)
	if b.FrameRate.Valid() {
		frame = jobfile.Rational{Num: b.FrameRate.Den, Den: b.FrameRate.Num}.Micros(1)
	}
	apart := ok1 && ok2 && abs(long-want) > frame/2+ms
	switch {
	case ok1 && ok2 && !apart:
		return ""
	case a.Frames > 0 && a.Frames == b.Frames && !(ok1 && ok2):
		return ""
	case a.Frames > 0 && b.Frames > 0 && a.Frames != b.Frames:
		return fmt.Sprintf("it has %d frames, its source %d", a.Frames, b.Frames)
	case apart:
		return fmt.Sprintf("it is %s s long, its source %s s", seconds(long+frame), seconds(want+frame))
	case !ok1 || !ok2:
		return "how many frames it has cannot be told"
	}
	return ""
}

// lastsFor is the time from the first frame to the last, microseconds.
func lastsFor(p *Probed) (us int64, ok bool) {
	if p.LastPTS == nil {
		return 0, false
	}
	return p.Media.Video.TimeBase.Micros(*p.LastPTS - p.FirstPTS), true
}

// exactRate reports a rate that is meant as it stands: an average over frames of different lengths
// is not.
func exactRate(r jobfile.Rational) bool {
	return r.Valid() && (r.Num%r.Den == 0 || r.Num*1001%(r.Den*1000) == 0 && r.Num < 1<<40)
}

func sameRatio(a, b jobfile.Rational) bool {
	return a.Num <= 1<<31 && b.Num <= 1<<31 && a.Den <= 1<<31 && b.Den <= 1<<31 && a.Num*b.Den == b.Num*a.Den
}

func zeroTimecode(s string) bool {
	return sameTimecode(s, "00:00:00:00") || sameTimecode(s, "00:00:00;00")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
