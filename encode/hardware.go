package encode

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// proofFrames is how many frames of a source are decoded in hardware and in software before the
// former is trusted with it: about a second, and in most recordings more than a GOP. telling of them
// have to differ from each other. Black before a take is the same by any decoder.
const (
	proofFrames = 24
	telling     = proofFrames / 2
)

// hardware tells whether the recipe's way of decoding in hardware may be used for a unit: whether
// the encoder gets the frames of this source that it gets from the decoder in software. Chips and
// their drivers decode H.264 and HEVC to the bit as a rule. Of ProRes and MPEG-2, whose transforms
// leave them some freedom, they make other pictures, and some lose the mark of interlaced frames,
// which are scaled by it: ffmpeg 9 on Vulkan does both. Parts of one clip come
// from several machines, and nobody must see where one ends.
//
// Errors: ctx's, or a *jobfile.Fault of FaultMachine.
func (t *Tools) hardware(ctx context.Context, task Task) (trust, error) {
	trial, mine, err := t.proofs.begin(ctx, proofOf{task.Job.ID, task.Job.Recipe.HWAccel})
	if err != nil || !mine {
		return trial.trust, err
	}
	v, final, err := t.proveHardware(ctx, task)
	t.proofs.end(trial, v, final)
	return v, err
}

// proveHardware decodes the first frames of a unit both ways. final is whether the verdict is one of the whole clip.
func (t *Tools) proveHardware(ctx context.Context, task Task) (v trust, final bool, err error) {
	how := task.Job.Recipe.HWAccel
	soft, msgs, err := t.firstPictures(ctx, task, "")
	if ctx.Err() != nil {
		return v, false, ctx.Err()
	}
	if machineFault(err) {
		return v, false, err
	}
	if err != nil || msgs.decode > 0 || distinct(soft) < telling {
		return v, false, nil // they do not tell
	}
	chip, msgs, err := t.firstPictures(ctx, task, how)
	switch {
	case ctx.Err() != nil:
		return v, false, ctx.Err()
	case err != nil:
		// What other programs take from a chip, or a share that fails, passes.
		return trust{refused: noHardware(how, err)}, !machineFault(err), nil
	case msgs.decode > 0:
		return trust{refused: noHardware(how, errChip)}, true, nil
	case msgs.has("Failed setup for format"):
		// ffmpeg went on in software, and proved nothing. A chip that is busy now may not be when the next chunk begins.
		return v, true, nil
	case !slices.Equal(chip, soft):
		return trust{refused: fmt.Sprintf("decoding in hardware (%s) gives other pictures than in software on this machine, so it was done in software", how)}, true, nil
	}
	return trust{ok: true}, true, nil
}

func machineFault(err error) bool {
	var f *jobfile.Fault
	return errors.As(err, &f) && f.Kind == jobfile.FaultMachine
}

func noHardware(how string, err error) string {
	return fmt.Sprintf("decoding in hardware (%s) failed on this machine, so it was done in software: %v", how, err)
}

// errChip is a decoder in hardware that complained. Whether the source is damaged is for the one in software to
// tell: where a chip gives up, what it leaves of the picture passes for one.
var errChip = errors.New("it reported errors")

// firstPictures makes the first frames of a unit ready for its encoder, decoded in hardware where how is not "", and
// returns a line for each: its time, a hash of the picture, and what goes with it. Nothing is drawn on them, which
// would make any two frames differ. Errors: *jobfile.Fault, or ctx's.
func (t *Tools) firstPictures(ctx context.Context, task Task, how string) (lines []string, msgs *messages, err error) {
	url, err := fileURL(task.Source)
	if err != nil {
		return nil, nil, err
	}
	s := seeks(task.Job, task.Unit.Range)[0]
	args := proofArgs(task.Job, task.Unit.Range, s, task.Threads, how, url)
	var looks []string
	msgs, err = t.run(ctx, command{
		prog: t.ffmpeg, args: args, log: task.Log, stall: t.patience(task, s),
		stderr: func(l []byte) {
			if m := reLook.FindSubmatch(l); m != nil && len(looks) < proofFrames {
				looks = append(looks, string(m[1]))
			}
		},
		stdout: func(l []byte) bool {
			if _, ok := parseFrameCRC(l); !ok || len(lines) == proofFrames {
				return false
			}
			lines = append(lines, string(l))
			return true
		},
	})
	if err != nil {
		return nil, msgs, classify(err, url)
	}
	for i := range lines {
		if i < len(looks) {
			lines[i] = looks[i] + ", " + lines[i]
		}
	}
	return lines, msgs, nil
}

// reLook is what ffmpeg's showinfo says of a frame beside its time: format, aspect, size, and whether it
// is interlaced and how.
var reLook = regexp.MustCompile(`\] n: *[0-9]+ .*( fmt:\S+.* sar:\S+ s:\S+ i:[PTB])`)

// distinct is how many different pictures there are among lines of firstPictures.
func distinct(lines []string) int {
	seen := map[string]bool{}
	for _, l := range lines {
		seen[l[strings.LastIndexByte(l, ',')+1:]] = true
	}
	return len(seen)
}

// proofArgs hash the first pictures of a range as its encoder gets them.
func proofArgs(job *jobfile.Job, rng *jobfile.Range, s seek, threads int, how, source string) []string {
	v, r := &job.Media.Video, job.Recipe.Video
	r.LUT, r.BurnIn, r.Watermark = nil, nil, nil
	a := []string{"-nostdin", "-hide_banner", "-nostats", "-v", "level+info"}
	if how != "" {
		a = append(a, "-hwaccel", how)
	}
	a = append(a, readArgs(source, s, threads)...)
	a = append(a, "-map", "0:"+strconv.Itoa(v.Index), "-an", "-sn", "-dn",
		"-vf", pictureFilters(v, &r, rng, &worn{}, how)+",showinfo=checksum=0")
	a = append(a, countIn(v.TimeBase)...)
	return append(a, "-frames:v", strconv.Itoa(proofFrames), "-c:v", "rawvideo", "-f", "framehash", "-hash", packetHash, "-")
}
