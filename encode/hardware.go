package encode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"proxima/jobfile"
)

// proofFrames is how many frames of a source are decoded in hardware and in software before the
// former is trusted with it: about a second, and in most recordings more than a GOP. telling of them
// have to differ from each other. Black before a take is the same by any decoder.
const (
	proofFrames = 24
	telling     = proofFrames / 2
)

// proofs are what this machine's decoders in hardware have shown, by job and way: "" where the
// pictures were the same, else why they are not used.
type proofs struct {
	mu sync.Mutex
	of map[proofOf]string
}

type proofOf struct {
	job string
	how string
}

// maxProofs are remembered; a daemon runs for months.
const maxProofs = 1000

func (p *proofs) look(k proofOf) (refused string, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	refused, known = p.of[k]
	return refused, known
}

func (p *proofs) keep(k proofOf, refused string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil || len(p.of) >= maxProofs {
		p.of = map[proofOf]string{}
	}
	p.of[k] = refused
}

// hardware tells whether the recipe's way of decoding in hardware may be used for a unit: whether it
// gives the pictures of this source that the decoder in software gives, frame by frame. Chips and
// their drivers decode H.264 and HEVC to the bit as a rule; of ProRes and MPEG-2, whose transforms
// leave them some freedom, ffmpeg's own decoder on Vulkan makes others. Parts of one clip come
// from several machines, and nobody must see where one ends.
//
// refused says why not; it is "" too where nothing was proven, since the frames looked at do
// not tell. Errors: ctx's, or a *jobfile.Fault of FaultMachine.
func (t *Tools) hardware(ctx context.Context, task Task) (ok bool, refused string, err error) {
	how := task.Job.Recipe.HWAccel
	key := proofOf{task.Job.ID, how}
	if refused, known := t.proofs.look(key); known {
		return refused == "", refused, nil
	}
	soft, err := t.firstPictures(ctx, task, "")
	if err != nil || distinct(soft) < telling {
		if !machineFault(err) {
			err = ctx.Err()
		}
		return false, "", err
	}
	chip, err := t.firstPictures(ctx, task, how)
	switch {
	case ctx.Err() != nil:
		return false, "", ctx.Err()
	case err != nil:
		refused = noHardware(how, err)
	case !slices.Equal(chip, soft):
		refused = fmt.Sprintf("decoding in hardware (%s) gives other pictures than in software on this machine, so it was done in software", how)
	}
	if !machineFault(err) { // what other programs take from the chip, or a share that hangs, passes
		t.proofs.keep(key, refused)
	}
	return refused == "", refused, nil
}

func machineFault(err error) bool {
	var f *jobfile.Fault
	return errors.As(err, &f) && f.Kind == jobfile.FaultMachine
}

func noHardware(how string, err error) string {
	return fmt.Sprintf("decoding in hardware (%s) failed on this machine, so it was done in software: %v", how, err)
}

// firstPictures decodes the first frames of a unit, in hardware where how is not "", and returns a line for each: its
// time, and a hash of the picture in the source's own pixel format. Errors: *jobfile.Fault, or ctx's.
func (t *Tools) firstPictures(ctx context.Context, task Task, how string) (lines []string, err error) {
	url, err := fileURL(task.Source)
	if err != nil {
		return nil, err
	}
	s := seeks(task.Job, task.Unit.Range)[0]
	args := proofArgs(task.Job, task.Unit.Range, s, task.Threads, how, url)
	msgs, err := t.run(ctx, command{prog: t.ffmpeg, args: args, log: task.Log, stall: t.patience(task, s), stdout: func(l []byte) bool {
		if _, ok := parseFrameCRC(l); !ok || len(lines) == proofFrames {
			return false
		}
		lines = append(lines, string(l))
		return true
	}})
	switch {
	case err != nil:
		return nil, classify(err, url)
	case how != "" && msgs.decode > 0:
		return nil, chipFault(msgs)
	}
	return lines, nil
}

// chipFault is that of a decoder in hardware that complained. Whether the source is damaged is for
// the one in software to tell: where a chip gives up, what it leaves of the picture passes for one.
func chipFault(msgs *messages) error {
	return &jobfile.Fault{
		Kind:   jobfile.FaultUnit,
		Reason: fmt.Sprintf("%d decoding errors, the first: %s", msgs.decode, jobfile.Printable(msgs.firstDecode)),
		Next:   "leave hwaccel out of this machine's presets",
	}
}

// distinct is how many different pictures there are among lines of firstPictures.
func distinct(lines []string) int {
	seen := map[string]bool{}
	for _, l := range lines {
		b := []byte(l)
		seen[string(b[bytes.LastIndexByte(b, ',')+1:])] = true
	}
	return len(seen)
}

// proofArgs hash the first pictures of a range as the filters of a unit get them.
func proofArgs(job *jobfile.Job, rng *jobfile.Range, s seek, threads int, how, source string) []string {
	v := &job.Media.Video
	filter := trimFilter(rng)
	if plainFormat(v.PixelFormat) {
		filter += ",format=" + v.PixelFormat
	}
	a := []string{"-nostdin", "-hide_banner", "-v", "level+warning"}
	if how != "" {
		a = append(a, "-hwaccel", how)
	}
	a = append(a, readArgs(source, s, threads)...)
	a = append(a, "-map", "0:"+strconv.Itoa(v.Index), "-an", "-sn", "-dn", "-vf", filter)
	a = append(a, countIn(v.TimeBase)...)
	return append(a, "-frames:v", strconv.Itoa(proofFrames), "-c:v", "rawvideo", "-f", "framehash", "-hash", packetHash, "-")
}
