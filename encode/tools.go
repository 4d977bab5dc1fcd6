package encode

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"proxima/jobfile"
)

// Tools is the ffmpeg and ffprobe of this machine.
type Tools struct {
	ffmpeg, ffprobe string // paths
	version         string
	decoders        decoders
	proofs          proofs

	// StallAfter is how long a program may run without getting any further before it is
	// killed. Find sets five minutes: longer than a share's hiccups, which have been seen to
	// last two. A zero turns the watch off.
	StallAfter time.Duration

	// Priority is how ffmpeg stands against other programs of this machine; its zero is
	// PriorityLow. It is set before the first use.
	Priority Priority
}

// Priority is a priority of processes.
type Priority string

// The editor at the machine is to notice nothing of an encode: low yields to whatever else
// wants the processor, and on Linux the disk. Normal is for machines that do nothing else.
const (
	PriorityLow    Priority = "low"
	PriorityNormal Priority = "normal"
)

// minMajor and minMinor are the oldest ffmpeg that has the options used here (-fps_mode).
const minMajor, minMinor = 5, 1

// Find looks for ffmpeg and ffprobe at the paths given, or in PATH where they are "", and
// runs both. Errors are *jobfile.Fault of FaultMachine, or the context's.
func Find(ctx context.Context, ffmpeg, ffprobe string) (*Tools, error) {
	t := &Tools{StallAfter: 5 * time.Minute}
	var both sync.WaitGroup
	var found [2]struct {
		path, version string
		err           error
	}
	for i, want := range []string{cmp.Or(ffmpeg, "ffmpeg"), cmp.Or(ffprobe, "ffprobe")} {
		p := &found[i]
		both.Go(func() { p.path, p.version, p.err = t.find(ctx, []string{"ffmpeg", "ffprobe"}[i], want) })
	}
	both.Wait()
	if err := cmp.Or(found[0].err, found[1].err); err != nil {
		return nil, err
	}
	t.ffmpeg, t.version, t.ffprobe = found[0].path, found[0].version, found[1].path
	return t, nil
}

// find looks for one of the programs and runs it.
func (t *Tools) find(ctx context.Context, name, want string) (path, version string, err error) {
	refuse := func(reason string, err error) (string, string, error) {
		return "", "", &jobfile.Fault{Kind: jobfile.FaultMachine, Reason: reason, Next: installHint(runtime.GOOS), Err: err}
	}
	if path, err = exec.LookPath(want); err != nil {
		return refuse(name+" was not found on this machine", err)
	}
	out := &collector{limit: 1 << 20}
	if _, err := t.run(ctx, command{prog: path, args: []string{"-hide_banner", "-version"}, awaited: true, stdout: out.line, stall: time.Minute}); err != nil {
		if ctx.Err() != nil {
			return "", "", ctx.Err()
		}
		return refuse(name+" does not run on this machine", err)
	}
	if version, err = parseVersion(name, out.text()); err != nil {
		return refuse(err.Error(), nil)
	}
	return path, version, nil
}

// Version identifies the build: "ffmpeg 5.1.9-0+deb12u1 (3f2a91c4)". The hash covers the
// configuration and the libraries' versions, since two builds of one release may encode
// differently.
func (t *Tools) Version() string { return t.version }

// FFmpeg is the program's path.
func (t *Tools) FFmpeg() string { return t.ffmpeg }

var reVersion = regexp.MustCompile(`^(ffmpeg|ffprobe) version (\S{1,80})`)

// parseVersion reads what "ffmpeg -version" prints. Builds from a development branch
// ("N-109542-g...", "git-2023-...") carry no release number and are judged by libavcodec's.
func parseVersion(name, text string) (string, error) {
	m := reVersion.FindStringSubmatch(text)
	if m == nil || m[1] != name {
		return "", fmt.Errorf("%s does not answer as %s does", name, name)
	}
	major, minor, ok := releaseOf(m[2])
	if !ok {
		// libavcodec 59.37 is that of release 5.1.
		if c, d, found := libavcodec(text); found {
			major, minor = minMajor, minMinor
			if c < 59 || c == 59 && d < 37 {
				minor = 0
			}
			ok = true
		}
	}
	if !ok {
		return "", fmt.Errorf("%s does not tell its version (%s)", name, jobfile.Quote(m[2]))
	}
	if major < minMajor || major == minMajor && minor < minMinor {
		return "", fmt.Errorf("%s %s is too old, %d.%d or later is needed", name, m[2], minMajor, minMinor)
	}
	h := sha256.New()
	for _, l := range strings.Split(text, "\n") {
		if strings.HasPrefix(l, "configuration:") || strings.HasPrefix(l, "lib") {
			h.Write([]byte(strings.TrimSpace(l) + "\n"))
		}
	}
	return fmt.Sprintf("%s %s (%s)", name, m[2], hex.EncodeToString(h.Sum(nil))[:8]), nil
}

var reRelease = regexp.MustCompile(`^n?([0-9]{1,3})\.([0-9]{1,3})`)

func releaseOf(v string) (major, minor int, ok bool) {
	m := reRelease.FindStringSubmatch(v)
	if m == nil {
		return 0, 0, false
	}
	major, _ = strconv.Atoi(m[1])
	minor, _ = strconv.Atoi(m[2])
	return major, minor, true
}

var reLibavcodec = regexp.MustCompile(`(?m)^libavcodec\s+([0-9]{1,3})\.\s*([0-9]{1,3})\.`)

func libavcodec(text string) (major, minor int, ok bool) {
	m := reLibavcodec.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, false
	}
	major, _ = strconv.Atoi(m[1])
	minor, _ = strconv.Atoi(m[2])
	return major, minor, true
}

func installHint(goos string) string {
	how := "install ffmpeg 5.1 or later with the package manager (Debian, Ubuntu: sudo apt install ffmpeg; Fedora: sudo dnf install ffmpeg)"
	switch goos {
	case "darwin":
		how = "install ffmpeg 5.1 or later: brew install ffmpeg"
	case "windows":
		how = "install ffmpeg 5.1 or later: winget install Gyan.FFmpeg, then open a new terminal"
	}
	return how + "; or give the paths of ffmpeg and ffprobe"
}

// isCtx reports whether err is the end of a context.
func isCtx(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
