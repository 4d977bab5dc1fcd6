//go:build unix

package encode

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"proxima/internal/testprog"
	"proxima/jobfile"
)

// chip is the installed ffmpeg on a machine with a decoder in hardware, which does to its input what
// script says in place of -hwaccel and its word; lines are the command lines that asked for it.
func chip(t *testing.T, script string) (tl *Tools, lines func() []string) {
	t.Helper()
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	prog := filepath.Join(dir, "ffmpeg")
	put(t, asked, nil)
	testprog.Write(t, prog, `#!/bin/sh
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
`)
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

// complains is what ffmpeg says of a packet that gave no picture.
const complains = `echo "[vist#0:0/h264 @ 0x5] [error] Error submitting packet to decoder: Input buffer exhausted" >&2`

// movingClip is three seconds, a keyframe each 0.8.
func movingClip(t *testing.T) string {
	t.Helper()
	src := filepath.Join(t.TempDir(), "moving.mov")
	ff(t, "-f lavfi -i testsrc2=size=320x240:rate=25:duration=3 -c:v libx264 -preset veryfast -g 20 -bf 2", src)
	return src
}

// Whatever a decoder in hardware does, the parts are those of the one in software; and one that gives
// the same pictures is used.
func TestADecoderInHardwareIsProvenFirst(t *testing.T) {
	moving, still := movingClip(t), filepath.Join(t.TempDir(), "still.mov")
	ff(t, "-f lavfi -i color=size=320x240:rate=25:duration=3 -c:v libx264 -preset ultrafast -g 20 -bf 2", still)
	inProof := func(do string) string { return `case "$line" in *framehash*) ` + do + ` ;; esac` }
	inUnit := func(do string) string { return `case "$line" in *framehash*) ;; *) ` + do + ` ;; esac` }
	for _, c := range []struct {
		name, source, script string
		asked                []string // of the hardware, by unit
		warn                 []string // nothing where ""
	}{
		{"the same pictures", moving, `:`, []string{"proof unit", "unit"}, []string{"", ""}},
		{
			"other pictures", moving, `set -- "$@" -skip_loop_filter all`,
			[]string{"proof", ""},
			[]string{"gives other pictures than in software on this machine", "gives other pictures than in software on this machine"},
		},
		{
			"no such chip", moving, `echo "Device creation failed: -5." >&2
			echo "Device setup failed for decoder on input stream #0:0 : Input/output error" >&2
			exit 1`,
			[]string{"proof", ""},
			[]string{"so it was done in software: this machine cannot decode in hardware", "this machine cannot decode in hardware"},
		},
		{"a picture that tells nothing", still, `:`, []string{"", ""}, []string{"", ""}},
		{
			"one that ffmpeg passes over", moving, inProof(`echo "[h264 @ 0x5] [error] Failed setup for format vaapi: hwaccel initialisation returned error." >&2`),
			[]string{"proof", ""},
			[]string{"", ""},
		},
		{"one that complains", moving, inProof(complains), []string{"proof", ""}, []string{"so it was done in software: it reported errors", "it reported errors"}},
		{"one that complains later", moving, inUnit(complains), []string{"proof unit", ""}, []string{"so it was done in software: it reported errors", "it reported errors"}},
		{"one that fails once", moving, inUnit(`exit 1`), []string{"proof unit", ""}, []string{"failed on this machine", "failed on this machine"}},
		{
			"one without memory for now", moving, inProof(`echo "Cannot allocate memory" >&2; exit 1`),
			[]string{"proof", "proof"},
			[]string{"this machine ran out of memory", "this machine ran out of memory"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			j, _ := newJob(t, c.source, recipe("mjpeg"), time.Second)
			hard := j.Recipe
			hard.HWAccel = "vaapi"
			tl, lines := chip(t, c.script)
			units := j.Plan.VideoUnits()
			for i, u := range []jobfile.Planned{units[1], units[0]} { // one that is sought first
				want := encodeUnit(t, tools(t), j, u)
				got := encodeUnit(t, tl, j.With(hard), u)
				if got.Video.Digest != want.Video.Digest {
					t.Errorf("unit %s: another part than in software", u.ID)
				}
				if a := asked(t, lines(), u); a != c.asked[i] {
					t.Errorf("unit %s: %q was asked of the hardware, not %q", u.ID, a, c.asked[i])
				}
				if w := strings.Join(got.Warnings, "; "); !strings.Contains(w, c.warn[i]) || (w == "") != (c.warn[i] == "") {
					t.Errorf("unit %s: warned %q", u.ID, w)
				}
			}
		})
	}
}

// asked tells what command lines are, which have to be about a unit's own frames.
func asked(t *testing.T, lines []string, u jobfile.Planned) string {
	t.Helper()
	var what []string
	for _, l := range lines {
		if !strings.Contains(l, fmt.Sprintf("trim=start_pts=%d:", u.Range.Start)) || strings.Contains(l, " -ss ") != (u.Range.Start > 0) {
			t.Errorf("unit %s: other frames: %s", u.ID, l)
		}
		if strings.Contains(l, "framehash") {
			what = append(what, "proof")
		} else {
			what = append(what, "unit")
		}
	}
	return strings.Join(what, " ")
}

// A damaged chunk is damaged in software, too, and says nothing of the chip.
func TestDamageIsNoChipsFault(t *testing.T) {
	t.Parallel()
	src := movingClip(t)
	j, _ := newJob(t, src, recipe("mjpeg"), time.Second)
	b, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 { // within the first picture
		b[3000+i] ^= 0x55
	}
	put(t, src, b)
	st, err := os.Stat(src)
	if err != nil {
		t.Fatal(err)
	}
	j.Source.Modified = st.ModTime()
	hard := j.Recipe
	hard.HWAccel = "vaapi"
	j = j.With(hard)
	tl, lines := chip(t, `:`)
	units := j.Plan.VideoUnits()
	for i, c := range []struct {
		unit  jobfile.Planned
		asked string
	}{{units[0], ""}, {units[1], "proof unit"}, {units[0], "unit"}, {units[1], "unit"}} {
		got := encodeUnit(t, tl, j, c.unit)
		if a := asked(t, lines(), c.unit); a != c.asked {
			t.Errorf("%d: %q was asked of the hardware, not %q", i, a, c.asked)
		}
		w := strings.Join(got.Warnings, "; ")
		if strings.Contains(w, "hardware") || strings.Contains(w, "decoding errors") != (c.unit.ID == units[0].ID) {
			t.Errorf("%d: warned %q", i, w)
		}
	}
}

// Chunks that begin together wait for one proof.
func TestChunksShareAProof(t *testing.T) {
	t.Parallel()
	j, _ := newJob(t, movingClip(t), recipe("mjpeg"), time.Second)
	j.Recipe.HWAccel = "vaapi"
	tl, lines := chip(t, `:`)
	var all sync.WaitGroup
	for _, u := range j.Plan.VideoUnits() {
		all.Go(func() { encodeUnit(t, tl, j, u) })
	}
	all.Wait()
	got := lines()
	if n := strings.Count(strings.Join(got, "\n"), "framehash"); n != 1 || len(got) != 1+len(j.Plan.VideoUnits()) {
		t.Errorf("%d proofs in %d runs in hardware", n, len(got))
	}
}

// A share that fails while a decoder is proven is no chip's fault.
func TestAProofEndsWithTheMachine(t *testing.T) {
	j, _ := newJob(t, movingClip(t), recipe("mjpeg"), time.Second)
	j.Recipe.HWAccel = "vaapi"
	tl, lines := chip(t, `:`)
	real := tl.ffmpeg + ".real"
	if err := os.Rename(tl.ffmpeg, real); err != nil {
		t.Fatal(err)
	}
	testprog.Write(t, tl.ffmpeg, "#!/bin/sh\ncase \"$*\" in\n*framehash*) echo 'x: Input/output error' >&2; exit 1 ;;\nesac\nexec "+shellQuote(real)+" \"$@\"\n")
	_, err := tl.Encode(t.Context(), Task{Job: j, Unit: j.Plan.VideoUnits()[0], Source: j.Source.Path.Rel, VideoPath: filepath.Join(t.TempDir(), "v"), Threads: 1})
	if !machineFault(err) {
		t.Error(err)
	}
	if len(tl.proofs.of) != 0 || len(lines()) != 0 {
		t.Error("remembered:", tl.proofs.of)
	}
}
