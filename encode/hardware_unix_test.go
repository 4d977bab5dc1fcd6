//go:build unix

package encode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// chip is the installed ffmpeg on a machine with a decoder in hardware, which does to its input what
// script says in place of -hwaccel and its word; lines are the command lines that asked for it.
func chip(t *testing.T, script string) (tl *Tools, lines func() []string) {
	t.Helper()
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	prog := filepath.Join(dir, "ffmpeg")
	put(t, asked, nil)
	put(t, prog, []byte(`#!/bin/sh
line=$*
n=$#
while [ $n -gt 0 ]; do
	a=$1
	shift
	n=$((n - 1))
	if [ "$a" = -hwaccel ]; then
		shift
		n=$((n - 1))
		echo "$line" >>`+shellQuote(asked)+"\n"+script+`
	else
		set -- "$@" "$a"
	fi
done
exec `+shellQuote(tools(t).ffmpeg)+` "$@"
`))
	if err := os.Chmod(prog, 0o700); err != nil {
		t.Fatal(err)
	}
	tl = &Tools{ffmpeg: prog, ffprobe: tools(t).ffprobe, StallAfter: tools(t).StallAfter}
	return tl, func() []string {
		b, err := os.ReadFile(asked)
		if err != nil {
			t.Fatal(err)
		}
		put(t, asked, nil)
		return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")[:strings.Count(string(b), "\n")]
	}
}

// Whatever a decoder in hardware does, the parts are those of the one in software; and one that gives
// the same pictures is used.
func TestADecoderInHardwareIsProvenFirst(t *testing.T) {
	dir := t.TempDir()
	moving, still := filepath.Join(dir, "moving.mov"), filepath.Join(dir, "still.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=3 -c:v libx264 -preset veryfast -g 20 -bf 2", moving)
	ff(t, "-f lavfi -i color=size=320x240:rate=25:duration=3 -c:v libx264 -preset ultrafast -g 20 -bf 2", still)
	for _, c := range []struct {
		name, source, script string
		// by unit: what was asked of the hardware, and what is warned of
		asked []string
		warn  string
	}{
		{"the same pictures", moving, `:`, []string{"proof unit", "unit"}, ""},
		{"other pictures", moving, `set -- "$@" -skip_loop_filter all`, []string{"proof", ""}, "gives other pictures than in software on this machine"},
		{"no such chip", moving, `echo "Device creation failed: -5." >&2; exit 1`, []string{"proof", ""}, "failed on this machine, so it was done in software: this machine cannot decode in hardware"},
		{"a picture that tells nothing", still, `:`, []string{"", ""}, ""},
		{
			"one that gives up later", moving, `case "$line" in *framehash*) ;; *) echo "[vist#0:0/h264 @ 0x5] [error] Error submitting packet to decoder: Input buffer exhausted" >&2 ;; esac`,
			[]string{"proof unit", "unit"},
			"failed on this machine, so it was done in software: 1 decoding errors, the first: Error submitting packet to decoder: Input buffer exhausted",
		},
		{
			"one without memory for now", moving, `case "$line" in *framehash*) echo "Cannot allocate memory" >&2; exit 1 ;; esac`,
			[]string{"proof", "proof"},
			"this machine ran out of memory",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j, _ := newJob(t, c.source, recipe("mjpeg"), time.Second)
			hard := j.Recipe
			hard.HWAccel = "vaapi"
			tl, lines := chip(t, c.script)
			for i, u := range j.Plan.VideoUnits()[:2] {
				want := encodeUnit(t, tools(t), j, u)
				got := encodeUnit(t, tl, j.With(hard), u)
				if got.Video.Digest != want.Video.Digest {
					t.Errorf("unit %s: another part than in software", u.ID)
				}
				var asked []string
				for _, l := range lines() {
					if strings.Contains(l, "framehash") {
						asked = append(asked, "proof")
					} else {
						asked = append(asked, "unit")
					}
				}
				if a := strings.Join(asked, " "); a != c.asked[i] {
					t.Errorf("unit %s: %q was asked of the hardware, not %q", u.ID, a, c.asked[i])
				}
				if w := strings.Join(got.Warnings, "; "); !strings.Contains(w, c.warn) || (w == "") != (c.warn == "") {
					t.Errorf("unit %s: warned %q", u.ID, w)
				}
			}
		})
	}
}

// A share that fails while a decoder is proven is no chip's fault.
func TestAProofEndsWithTheMachine(t *testing.T) {
	j, _ := newJob(t, clip4s(t, t.TempDir()), recipe("mjpeg"), time.Second)
	j.Recipe.HWAccel = "vaapi"
	tl, _ := chip(t, `:`)
	put(t, tl.ffmpeg, []byte("#!/bin/sh\necho 'x: Input/output error' >&2\nexit 1\n"))
	_, err := tl.Encode(t.Context(), Task{Job: j, Unit: j.Plan.VideoUnits()[0], Source: j.Source.Path.Rel, VideoPath: filepath.Join(t.TempDir(), "v"), Threads: 1})
	if !machineFault(err) {
		t.Error(err)
	}
	if len(tl.proofs.of) != 0 {
		t.Error("remembered:", tl.proofs.of)
	}
}
