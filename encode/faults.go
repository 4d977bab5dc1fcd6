package encode

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"proxima/jobfile"
)

// classify turns a failed run into whose fault it is. ffmpeg exits with 1 for nearly
// everything, so its words decide, the most certain first. src and outs are the files' URLs
// as they stood on the command line.
func classify(err error, src string, outs ...string) error {
	var e *exitError
	if !errors.As(err, &e) {
		if isCtx(err) {
			return err
		}
		return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "ffmpeg could not be run", Next: "see the daemon's log", Err: err}
	}
	fault := func(k jobfile.FaultKind, reason, next string) error {
		return &jobfile.Fault{Kind: k, Reason: reason, Next: next}
	}
	if e.stalled > 0 {
		return fault(jobfile.FaultUnit, e.Error(), "see whether source and farm folder answer on this machine")
	}
	text := strings.Join(e.tail, "\n")
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	last := jobfile.Printable(lastMeaningful(e.tail))
	for _, o := range outs {
		if has(o+": No such file", o+": Not a directory", o+": Permission denied", o+": Read-only", o+": Operation not permitted", o+": Input/output error") {
			return fault(jobfile.FaultMachine, "the output cannot be written on this machine: "+last, "see whether the folder exists and may be written here")
		}
		if has("File '"+strings.TrimPrefix(o, "file:")+"' already exists", "File '"+o+"' already exists") {
			return fault(jobfile.FaultUnit, "a file stands where the output should go", "remove it")
		}
	}
	switch {
	case has("Device creation failed", "Device setup failed for decoder", "Hardware device setup failed"): // whatever errors it names
		return fault(jobfile.FaultUnit, "this machine cannot decode in hardware: "+last, "leave hwaccel out of this machine's presets")
	case has("No space left on device", "Disk quota exceeded"):
		return fault(jobfile.FaultMachine, "the disk is full", "make room where the job's parts and the output lie")
	case has("File too large"):
		return fault(jobfile.FaultMachine, "the file system cannot hold a file this large", "use one without a 4 GB limit")
	case has(src+": No such file", src+": Permission denied"):
		return fault(jobfile.FaultMachine, "the source cannot be opened on this machine: "+last, "see whether its folder is mounted and readable here")
	case has("Input/output error", "Stale file handle", "Host is down", "Transport endpoint", "Resource temporarily unavailable", "Connection timed out", "No route to host"):
		return fault(jobfile.FaultMachine, "reading or writing failed: "+last, "see whether the disks and shares answer on this machine")
	case has("Unknown encoder", "Encoder not found"):
		return fault(jobfile.FaultMachine, "this machine's ffmpeg lacks the encoder: "+last, "install a full build of ffmpeg")
	case has("No such filter"):
		return fault(jobfile.FaultMachine, "this machine's ffmpeg lacks a filter: "+last, "install a full build of ffmpeg")
	case has("Cannot allocate memory", "Out of memory"):
		return fault(jobfile.FaultMachine, "this machine ran out of memory", "run fewer encodes at once here")
	case e.crashed():
		// The source's fault or this machine's: whoever asks has the encoder tried again.
		return fault(jobfile.FaultUnit, e.Error(), "the whole of ffmpeg's messages is in the attempt's log")
	// From release 7 on 255 is also how ffmpeg ends when something was not permitted.
	case e.signal != "" || e.code == 255 && !has("Operation not permitted") || e.code == 137 || e.code == 143:
		return fault(jobfile.FaultMachine, "ffmpeg was ended from outside", "see whether this machine ran out of memory or somebody ended it")
	case has("moov atom not found", src+": Invalid data found", "matches no streams"):
		return fault(jobfile.FaultSource, "the source cannot be read: "+last, "copy it again and queue it again")
	case has("Input dimensions too small", "Unrecognized option", "Option not found", "not currently supported in container", "only supported in MP4", "Undefined constant or missing", "Unable to parse option value"):
		return fault(jobfile.FaultJob, "the recipe does not work for this source: "+last, "use another preset")
	}
	return fault(jobfile.FaultUnit, e.Error(), "the whole of ffmpeg's messages is in the attempt's log")
}

// machines tells whether a run failed by this machine's fault, as when somebody ended the
// program: then it says nothing about the file that it looked at. Nil if not.
func machines(err error) *jobfile.Fault {
	var e *exitError
	var f *jobfile.Fault
	if !errors.As(err, &f) && errors.As(err, &e) {
		errors.As(classify(err, ""), &f)
	}
	if f == nil || f.Kind != jobfile.FaultMachine {
		return nil
	}
	return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "what was encoded cannot be read back here", Next: f.Next, Err: err}
}

// missingFault says why a source can't be opened. Where even its folder is missing the mount
// is, and that is this machine's fault alone.
func missingFault(path string, err error) error {
	name := jobfile.Quote(filepath.Base(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, perr := os.Stat(filepath.Dir(path)); perr != nil {
			return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the source's folder does not exist on this machine: " + jobfile.Quote(filepath.Dir(path)), Next: "mount it"}
		}
		return &jobfile.Fault{Kind: jobfile.FaultUnit, Reason: "the source " + name + " is not there on this machine", Next: "see whether it was moved or deleted"}
	case errors.Is(err, fs.ErrPermission):
		return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the source " + name + " may not be read on this machine", Next: "give the user Proxima runs as the right to read it", Err: err}
	}
	return &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: "the source " + name + " cannot be read on this machine", Next: "see whether its disk or share answers", Err: err}
}

// mtimeSlack is how far apart two machines may see one file's modification time: file
// systems round to two seconds at worst (FAT, old SMB).
const mtimeSlack = 2 * time.Second

// mtimeSettles is for how long another time of modification is not believed. SMB clients of Linux show,
// for an instant, their own clock's for a file that is being opened.
const mtimeSettles = 4 * time.Second

// unchanged compares the source with what was queued. The error may be ctx's.
func unchanged(ctx context.Context, path string, want jobfile.Source) error {
	st, err := os.Stat(path)
	for until := time.Now().Add(mtimeSettles); err == nil; st, err = os.Stat(path) {
		d := st.ModTime().Sub(want.Modified)
		if st.Size() == want.Size && d <= mtimeSlack && d >= -mtimeSlack {
			return nil
		}
		if st.Size() != want.Size || time.Now().After(until) {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(mtimeSettles / 8):
		}
	}
	if err != nil {
		return missingFault(path, err)
	}
	what := fmt.Sprintf("%d bytes where there were %d", st.Size(), want.Size)
	if st.Size() == want.Size {
		what = "modified " + st.ModTime().UTC().Format(time.RFC3339) + " where it was " + want.Modified.UTC().Format(time.RFC3339)
	}
	return &jobfile.Fault{Kind: jobfile.FaultSource, Reason: "the source changed since it was queued: " + what, Next: "queue it again"}
}
