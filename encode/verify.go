package encode

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"os"

	"proxima/jobfile"
)

// Verify holds a finished file against the parts and the plan: every packet's content and
// time, the sound's bytes, where both start, and what the header says. It reads all of the file and
// never changes it. Errors: *jobfile.Fault of FaultUnit saying what differs, of FaultMachine, or
// ctx's.
func (t *Tools) Verify(ctx context.Context, path string, task StitchTask) (*jobfile.Final, error) {
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	return t.prove(ctx, path, task, readBack{t, url})
}

// prove is Verify by some evidence of what the file's packets are.
func (t *Tools) prove(ctx context.Context, path string, task StitchTask, e evidence) (*jobfile.Final, error) {
	if err := task.fits(); err != nil {
		return nil, err
	}
	url, err := fileURL(path)
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, unseen("the stitched file is wrong: it is not there", err)
	}
	if !st.Mode().IsRegular() {
		return nil, finalFault("it is no file")
	}
	doc, _, err := t.header(ctx, url, "error", []string{"-show_data_hash", packetHash})
	if err != nil {
		return nil, unreadable(err)
	}
	v := doc.picture()
	if v == nil {
		return nil, finalFault("it has no picture")
	}
	f := &jobfile.Final{Path: path, Size: st.Size()}
	shift, err := t.verifyPicture(ctx, v, task, e, f)
	if err != nil {
		return nil, err
	}
	if err := verifyHeader(doc, v, task, f); err != nil {
		return nil, err
	}
	if task.Sound != nil {
		if err := verifySound(ctx, doc, task, e, shift, f); err != nil {
			return nil, err
		}
	} else if n := len(soundStreams(doc)); n != 0 {
		return nil, finalFault("it has %d streams of sound where there should be none", n)
	}
	return f, nil
}

func finalFault(format string, a ...any) error {
	return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "the stitched file is wrong: " + fmt.Sprintf(format, a...), Next: "it is stitched again; if it stays wrong, queue the source again"}
}

func unreadable(err error) error {
	if isCtx(err) {
		return err
	}
	if f := machines(err); f != nil {
		return f
	}
	return finalFault("it cannot be read back: %v", err)
}

// ms is the tolerance where a container rounds starts to milliseconds: QuickTime's edit lists
// count in its movie time scale, Matroska's every timestamp.
const ms = 1000 // microseconds

// slice follows one part through the finished file.
type pictureCheck struct {
	task   StitchTask
	tb     jobfile.Rational // of the finished file
	k      ticker
	parts  [][]packet // the parts' own packets, where the file's timestamps are rounded
	part   int        // the part being read
	buf    digester   // its packets
	whole  hash.Hash
	origin int64 // timestamp of the first shown frame, ticks of tb
	frames int64
	err    error
}

// verifyPicture looks at every packet of the file. It returns by how many microseconds the
// picture starts later than planned.
func (t *Tools) verifyPicture(ctx context.Context, v *probeStream, task StitchTask, e evidence, f *jobfile.Final) (shift int64, err error) {
	tb := task.Job.Media.Video.TimeBase
	c := &pictureCheck{task: task, tb: ratio(v.TimeBase), k: newTicker(tb), whole: sha256.New()}
	if !c.tb.Valid() {
		return 0, finalFault("its time base is %s", c.tb)
	}
	if rounded := (c.tb != jobfile.Rational{Num: 1, Den: timescale(tb)}); rounded {
		for _, s := range task.Video {
			in, err := t.inspectPicture(ctx, s.Path)
			if err != nil {
				return 0, err
			}
			c.parts = append(c.parts, in.digest.packets)
		}
	}
	if err := e.picture(ctx, v.Index, c.add); err != nil && c.err == nil {
		return 0, err
	}
	if c.err == nil && c.part < len(task.Video) {
		want := int64(0)
		for _, s := range task.Video {
			want += s.Part.Frames
		}
		c.err = finalFault("it holds %d of %d frames", c.frames, want)
	}
	if c.err != nil {
		return 0, c.err
	}
	shift = c.tb.Micros(c.origin) - pictureOffset(task.Job)
	if limit := int64(100 * ms); abs(shift) > 2*ms && (task.Job.Recipe.Container != "matroska" || shift < 0 || shift > limit) {
		return 0, finalFault("its picture starts %d us off its place", shift)
	}
	f.Frames, f.Digest = c.frames, hex.EncodeToString(c.whole.Sum(nil))
	f.Warnings = append(f.Warnings, countWarning(task)...)
	f.Checks = append(f.Checks,
		fmt.Sprintf("%d frames, each with its part's content and time: %s", c.frames, e.how()),
		fmt.Sprintf("parts: %d, each at its place", len(task.Video)))
	return shift, nil
}

// countWarning holds the parts' sum against what a QuickTime container declares. A difference
// proves nothing (an edit list may end before the samples do), and the ranges' own checks
// leave no room for a lost frame; it is for people to know.
func countWarning(task StitchTask) []string {
	declared := task.Job.Media.Video.Frames
	shown, hidden := int64(0), int64(0)
	for _, s := range task.Video {
		shown += s.Part.Frames
		hidden += s.Part.Hidden
	}
	if declared == 0 || shown+hidden == declared {
		return nil
	}
	return []string{fmt.Sprintf("the source's container declares %d frames, %d are shown and %d hidden", declared, shown, hidden)}
}

// add takes the next packet of the file.
func (c *pictureCheck) add(p packet) {
	if c.err != nil {
		return
	}
	if c.part == len(c.task.Video) {
		c.err = finalFault("it holds more frames than its parts")
		return
	}
	if !p.hasPTS || p.hidden {
		c.err = finalFault("its frame %d has no time or is hidden", c.frames)
		return
	}
	c.frames++
	c.buf.add(p)
	if int64(len(c.buf.packets)) == c.task.Video[c.part].Part.Frames {
		c.err = c.close()
	}
}

// close compares a whole part's worth of packets.
func (c *pictureCheck) close() error {
	part := c.task.Video[c.part].Part
	base := c.task.Video[0].Part.FirstPTS
	first, _, _ := c.buf.ends()
	if c.part == 0 {
		c.origin = first
	}
	place := c.k.part(part.FirstPTS - base) // ticks of the parts
	if c.parts != nil {
		if err := c.unround(place, part); err != nil {
			return err
		}
		first = 0
	} else if first-c.origin != place {
		return finalFault("part %d starts at tick %d instead of %d", c.part, first-c.origin, place)
	}
	if sum := c.buf.sum(first); sum != part.Digest {
		return finalFault("frames of part %d are not those that were encoded", c.part)
	}
	for _, p := range c.buf.packets {
		digestLine(c.whole, p.pts-first+place, p)
	}
	c.buf.packets = c.buf.packets[:0]
	c.part++
	return nil
}

// unround puts the parts' exact timestamps in place of rounded ones, if they agree to a
// millisecond. The digest then tells the rest.
func (c *pictureCheck) unround(place int64, part *jobfile.VideoPart) error {
	own := c.parts[c.part]
	if len(own) != len(c.buf.packets) {
		return finalFault("part %d has changed since it was encoded", c.part)
	}
	d := digester{packets: own}
	first, _, _ := d.ends()
	scale := jobfile.Rational{Num: 1, Den: timescale(c.task.Job.Media.Video.TimeBase)}
	for i := range c.buf.packets {
		rel := own[i].pts - first
		got := c.tb.Micros(c.buf.packets[i].pts - c.origin)
		if d := got - scale.Micros(rel+place); abs(d) > ms+c.tb.Micros(1) {
			return finalFault("frame %d of part %d is %d us off its time", i, c.part, d)
		}
		c.buf.packets[i].pts = rel
	}
	return nil
}

// verifyHeader compares what the file says about itself.
func verifyHeader(doc *probeDoc, v *probeStream, task StitchTask, f *jobfile.Final) error {
	job := task.Job
	got, want := streamFacts(v), task.Video[0].Part.Stream
	if job.Recipe.Container == "matroska" {
		// Matroska has codec ids instead of tags, milliseconds, and this muxer writes no
		// display matrix.
		if want.Rotation != 0 && got.Rotation != want.Rotation {
			f.Warnings = append(f.Warnings, fmt.Sprintf("the picture's rotation by %d degrees is not in the file: this container does not carry it", want.Rotation))
		}
		got.Tag, got.TimeBase, got.Extradata, got.Rotation, got.Profile = want.Tag, want.TimeBase, want.Extradata, want.Rotation, want.Profile
	}
	if d := want.Differs(got); d != "" {
		return finalFault("its picture differs from its parts in %s", d)
	}
	tags := doc.labelTags()
	if job.Media.Timecode != "" {
		f.Timecode = tags("timecode")
		if !sameTimecode(f.Timecode, job.Media.Timecode) {
			return finalFault("its timecode is %s instead of %s", jobfile.Quote(f.Timecode), job.Media.Timecode)
		}
		f.Checks = append(f.Checks, "timecode "+f.Timecode)
	}
	if job.Media.Reel != "" && tags("reel_name") != job.Media.Reel {
		return finalFault("its reel name is %s instead of %s", jobfile.Quote(tags("reel_name")), jobfile.Quote(job.Media.Reel))
	}
	if job.Media.CreationTime != "" && !sameSecond(tags("creation_time"), job.Media.CreationTime) {
		return finalFault("its creation time is %s instead of %s", jobfile.Quote(tags("creation_time")), job.Media.CreationTime)
	}
	if c := tag(doc.Format.Tags, "comment"); c != comment(job) {
		return finalFault("its comment is %s", jobfile.Quote(c))
	}
	f.Checks = append(f.Checks, "size, pixel format, colour tags and rotation")
	return nil
}

// labelTags looks a tag up in the container, then in each stream.
func (d *probeDoc) labelTags() func(string) string {
	return func(name string) string {
		if v := tag(d.Format.Tags, name); v != "" {
			return v
		}
		for _, s := range d.Streams {
			if v := tag(s.Tags, name); v != "" {
				return v
			}
		}
		return ""
	}
}

// soundStart checks where sound starts against the picture: as far apart as in the source.
// shift is how much later than planned the picture starts, microseconds; a container without
// negative times moves both by an encoder's priming.
func soundStart(doc *probeDoc, task StitchTask, shift int64, f *jobfile.Final) error {
	start, any := int64(0), false
	for _, s := range doc.Streams {
		if at := micros(s.Start); s.Type == "audio" && (!any || at < start) {
			start, any = at, true
		}
	}
	off := start - shift - task.Sound.Part.StartUS
	// Matroska leaves the priming in the stream's time.
	if limit := int64(2 * ms); abs(off) > limit && (task.Job.Recipe.Container != "matroska" || abs(off) > 100*ms) {
		return finalFault("its sound starts %d us off its place against the picture", off)
	}
	f.Checks = append(f.Checks, "the distance between the starts of sound and picture")
	return nil
}

// verifySound compares every stream's bytes and where sound starts against the picture.
func verifySound(ctx context.Context, doc *probeDoc, task StitchTask, e evidence, shift int64, f *jobfile.Final) error {
	want := task.Sound.Part
	got := soundStreams(doc)
	if len(got) != len(want.Streams) {
		return finalFault("it has %d streams of sound instead of %d", len(got), len(want.Streams))
	}
	hashes, err := e.sound(ctx)
	if err != nil {
		return err
	}
	if len(hashes) != len(got) {
		return finalFault("of %d streams of sound %d can be read", len(got), len(hashes))
	}
	for i, w := range want.Streams {
		switch g := got[i]; {
		case hashes[i] != w.Digest:
			return finalFault("sound stream %d is not what was encoded", i)
		case g.Codec != w.Codec || g.Channels != w.Channels || g.SampleRate != w.SampleRate:
			return finalFault("sound stream %d is %s with %d channels at %d Hz instead of %s, %d, %d", i, g.Codec, g.Channels, g.SampleRate, w.Codec, w.Channels, w.SampleRate)
		}
	}
	if err := soundStart(doc, task, shift, f); err != nil {
		return err
	}
	f.Checks = append(f.Checks, fmt.Sprintf("streams of sound: %d, each with the bytes that were encoded", len(got)))
	return nil
}
