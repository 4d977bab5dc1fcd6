package encode

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// hole writes zeros over so many bytes from where a text stands first: what a copy that broke off leaves in a
// file.
func hole(text string, behind, bytesLong int) func(*testing.T, []byte) []byte {
	return func(t *testing.T, b []byte) []byte {
		t.Helper()
		at := bytes.Index(b, []byte(text))
		if at < 0 {
			t.Fatalf("no %q", text)
		}
		clear(b[at+behind:][:bytesLong])
		return b
	}
}

// A source whose first frames are damaged is refused, when it is queued or by who encodes it: a proxy of the rest
// would be shorter than its source and begin later.
func TestADamagedStartIsNotLeftOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for what, k := range map[string]kind{
		"the first of frames that stand alone": {name: "a.mov", steps: []string{small + "-c:v prores_ks -profile:v proxy"}, patch: hole("icpf", 0, 4)},
		"the first group of pictures":          {name: "b.mp4", steps: []string{small + h264 + "-bf 2"}, patch: hole("mdat", 4, 700)},
		"the first frame in MXF":               {name: "d.mxf", steps: []string{small + "-c:v dnxhd -profile:v dnxhr_lb -pix_fmt yuv422p -s 320x240"}, patch: hole("\x00\x00\x02\x80\x03", 0, 400)},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := tools(t).Probe(t.Context(), k.make(t, dir))
			var f *jobfile.Fault
			if !errors.As(err, &f) || f.Kind != jobfile.FaultSource || f.Next == "" || !strings.Contains(f.Reason, "behind its start") {
				t.Errorf("%v", err)
			}
		})
	}

	// What begins as a frame does is seen to be none when it is encoded.
	path := kind{name: "e.mov", steps: []string{small + "-c:v prores_ks -profile:v proxy -frames:v 20"}, patch: hole("icpf", 4, 30)}.make(t, dir)
	job, _ := newJob(t, path, recipe("prores"), 0)
	_, _, err := proxy(t, job, path, dir)
	var f *jobfile.Fault
	if !errors.As(err, &f) || f.Kind != jobfile.FaultSource || !strings.Contains(f.Reason, "1 of 20 frames") {
		t.Errorf("encoded: %v", err)
	}
}

// A start is not called damaged because ffprobe has the stream start earlier, or a decoder fails at frames that need
// what was before.
func TestASoundStartIsNotRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	second := func(t *testing.T, b []byte) []byte { // of the packets of picture
		t.Helper()
		at := bytes.Index(b, []byte("00dc"))
		at += 4 + bytes.Index(b[at+4:], []byte("00dc"))
		clear(b[at+8:][:20])
		return b
	}
	for what, k := range map[string]kind{
		"AVI counts from the first packet, and the second is damaged": {name: "a.avi", steps: []string{small + "-c:v mpeg4 -g 12 -bf 2"}, patch: second},
		"a stream that begins in mid group": {name: "b.mkv", steps: []string{
			small + "-c:v libvpx -cpu-used 8 -g 10 -f matroska DIR/vp8", "-i DIR/vp8 -c copy -copyinkf -ss 1.9",
		}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			if _, err := tools(t).Probe(t.Context(), k.make(t, dir)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestALostStartIsKnownWhereFramesNeedNoOthers(t *testing.T) {
	t.Parallel()
	start := int64(0)
	for _, c := range []struct {
		codec string
		start *int64
		first int64
		want  bool
	}{
		{"prores", &start, 3, true},
		{"prores", &start, 0, false},
		{"prores", nil, 3, false},
		{"mpeg2video", &start, 3, false},
	} {
		v := &jobfile.VideoStream{Codec: c.codec, TimeBase: jobfile.Rational{Num: 1, Den: 25}}
		if lost, us := lostStart(v, nil, c.start, c.first); lost != c.want || lost && us != 120_000 {
			t.Errorf("%+v: %v, %d us", c, lost, us)
		}
	}
}

func TestDecodersAreReadFromTheirList(t *testing.T) {
	t.Parallel()
	got := videoDecoders([]byte("Decoders:\n V..... = Video\n A..... = Audio\n ------\n V....D 012v                 Uncompressed 4:2:2 10-bit\n" +
		" VFS..D h264                 H.264 / AVC\n V..... libopenh264          OpenH264 (codec h264)\n A....D aac                  AAC\n S..... ssa\n\n V\n"))
	var names []string
	for n := range got {
		names = append(names, n)
	}
	slices.Sort(names)
	if want := []string{"012v", "h264", "libopenh264"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// Where this ffmpeg has no decoder of its own, what it can decode is tried.
func TestAFirstFrameIsDecodedWhereNoDecoderIsListed(t *testing.T) {
	t.Parallel()
	path := kinds[0].make(t, t.TempDir())
	counted, started := countedTools(t)
	counted.decoders.names = map[string]bool{"prores": true}
	p, err := counted.Probe(t.Context(), path)
	if n, known := started(); err != nil || known && n != 2 {
		t.Fatalf("%d programs, %v", n, err)
	}
	sameFirst(t, path, p)
}
