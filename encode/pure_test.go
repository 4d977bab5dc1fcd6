package encode

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

func TestQuotes(t *testing.T) {
	for _, c := range []struct{ in, shell, concat string }{
		{"a/b.mov", "a/b.mov", "'a/b.mov'"},
		{"", "''", "''"},
		{"it's", `'it'\''s'`, `'it'\''s'`},
		{"a b", "'a b'", "'a b'"},
		{"ü 🎬", "'ü 🎬'", "'ü 🎬'"},
		{"a\nb", `$'a\x0ab'`, "'a\nb'"},
		{"a\x1b[31m'b\\", `$'a\x1b[31m\'b\\'`, "'a\x1b[31m'\\''b\\'"},
		{"ü\u202ex\xff", `$'ü\xe2\x80\xaex\xff'`, "'ü\u202ex\xff'"},
	} {
		if g := shellQuote(c.in); g != c.shell {
			t.Errorf("shellQuote(%q) = %s", c.in, g)
		}
		if g := concatQuote(c.in); g != c.concat {
			t.Errorf("concatQuote(%q) = %s", c.in, g)
		}
	}
}

func TestParsePacket(t *testing.T) {
	for _, c := range []struct {
		in   string
		want packet
		ok   bool
	}{
		{"pts=450|duration=10|size=99|flags=K_|data_hash=MD5:ab", packet{pts: 450, hasPTS: true, duration: 10, size: 99, key: true, hash: "MD5:ab"}, true},
		{"pts=N/A|duration=N/A|size=7|flags=_D", packet{size: 7, hidden: true}, true},
		{"pts=-5", packet{pts: -5, hasPTS: true}, true},
		{"stream|index=0", packet{}, false},
		{"", packet{}, false},
	} {
		if p, ok := parsePacket([]byte(c.in)); p != c.want || ok != c.ok {
			t.Errorf("%q: %+v %v", c.in, p, ok)
		}
	}
}

func TestNormalTimecode(t *testing.T) {
	r25, r2997 := jobfile.Rational{Num: 25, Den: 1}, jobfile.Rational{Num: 30000, Den: 1001}
	for _, c := range []struct {
		raw  string
		rate jobfile.Rational
		want string
	}{
		{"10:11:12:24", r25, "10:11:12:24"},
		{"10:11:12:25", r25, ""},
		{"10:11:12;10", r25, "10:11:12:10"},
		{"10:11:12;10", r2997, "10:11:12;10"},
		{"24:00:00:00", r25, ""},
		{"rubbish", r25, ""},
	} {
		if g, ok := normalTimecode(c.raw, c.rate); g != c.want || ok != (c.want != "") {
			t.Errorf("%s at %s: %q %v", c.raw, c.rate, g, ok)
		}
	}
}

func TestProxySize(t *testing.T) {
	for _, c := range []struct {
		encoder                  string
		w, h, maxW, maxH, ww, h2 int
	}{
		{"dnxhd", 1920, 1080, 0, 540, 960, 540},
		{"dnxhd", 320, 240, 0, 540, 320, 240},
		{"dnxhd", 321, 241, 0, 0, 320, 240},
		{"dnxhd", 1080, 1920, 0, 540, 304, 540},
		{"dnxhd", 1, 1, 0, 0, 2, 2},
		{"dnxhd", 4096, 2160, 1920, 1080, 1920, 1012},
		{"dnxhd", 4096, 1716, 1920, 0, 1920, 804},
		{"dnxhd", 1080, 1920, 1920, 1080, 608, 1080},
		{"dnxhd", 640, 360, 1920, 1080, 640, 360}, // never enlarged
		{"cfhd", 1920, 1080, 0, 720, 1280, 720},
		{"cfhd", 1920, 1080, 0, 0, 1920, 1080},
		{"cfhd", 1920, 1080, 0, 540, 896, 504}, // 540 lines are no multiple of 8
		{"cfhd", 1998, 1080, 0, 720, 1184, 640},
		{"cfhd", 10, 10, 0, 0, 0, 0},
	} {
		w, h := proxySize(&jobfile.VideoStream{Width: c.w, Height: c.h}, &jobfile.VideoRecipe{Encoder: c.encoder, MaxWidth: c.maxW, MaxHeight: c.maxH})
		if w != c.ww || h != c.h2 {
			t.Errorf("%+v: %dx%d", c, w, h)
		}
	}
}

const packetsThenHeader = `{
    "packets": [
        { "pts": 512, "duration": 256, "size": "99", "flags": "K__", "data_hash": "MD5:ab" },
        { "size": "7", "flags": "_D_" }
    ],
    "streams": [
        { "index": 0, "codec_type": "video", "codec_name": "dnxhd",
            "tags": { "comment": "]," } }
    ],
    "format": { "format_name": "mov" }
}
`

func TestPacketsComeBeforeTheHeader(t *testing.T) {
	read := func(s string) (list []packet, doc *probeDoc, err error) {
		r := packetsFirst{header: collector{limit: 1 << 10}, each: func(p packet) { list = append(list, p) }}
		for _, l := range strings.Split(s, "\n") {
			r.line([]byte(l))
		}
		doc, err = r.end()
		return list, doc, err
	}
	list, doc, err := read(packetsThenHeader)
	want := []packet{{pts: 512, hasPTS: true, duration: 256, size: 99, key: true, hash: "MD5:ab"}, {size: 7, hidden: true}}
	if err != nil || !slices.Equal(list, want) || doc.picture() == nil || doc.Format.Name != "mov" {
		t.Errorf("%+v, %+v: %v", list, doc, err)
	}
	for name, bad := range map[string]string{
		"cut":      packetsThenHeader[:strings.Index(packetsThenHeader, "_D_")],
		"no json":  strings.Replace(packetsThenHeader, `"99"`, `99`, 1),
		"no end":   strings.Replace(packetsThenHeader, "],", "", 1),
		"too long": strings.Replace(packetsThenHeader, "mov", strings.Repeat("m", 2000), 1),
		"nothing":  "",
	} {
		if _, _, err := read(bad); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// A stat that fails because a share does not answer does not mean that ffmpeg wrote nothing.
func TestAPartThatCannotBeLookedAtIsNotMissing(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	want := map[string]jobfile.FaultKind{filepath.Join(dir, "part.mov"): jobfile.FaultUnit}
	if runtime.GOOS != "windows" { // which says "not there" of a path that leads through a file
		want[filepath.Join(file, "part.mov")] = jobfile.FaultMachine
	}
	for path, kind := range want {
		_, picture := (&Tools{}).inspectPicture(t.Context(), path)
		_, sound := (&Tools{}).soundFacts(t.Context(), path)
		for _, err := range []error{picture, sound, sameSize(path, 1)} {
			var f *jobfile.Fault
			if !errors.As(err, &f) || f.Kind != kind {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		tail string
		want jobfile.FaultKind
	}{
		{"av_interleaved_write_frame(): No space left on device", jobfile.FaultMachine},
		{"file:/s: No such file or directory", jobfile.FaultMachine},
		{"Unknown encoder 'x'", jobfile.FaultMachine},
		{"file:/s: Resource temporarily unavailable", jobfile.FaultMachine}, // SMB, while its server restarts
		{"[mov] moov atom not found", jobfile.FaultSource},
		{"file:/s: Invalid data found when processing input", jobfile.FaultSource},
		{"Unrecognized option 'x'", jobfile.FaultJob},
		{"something else", jobfile.FaultUnit},
	} {
		var f *jobfile.Fault
		if err := classify(&exitError{prog: "ffmpeg", code: 1, tail: []string{c.tail}}, "file:/s", "file:/o"); !errors.As(err, &f) || f.Kind != c.want {
			t.Errorf("%s: %v", c.tail, err)
		}
	}
}

func FuzzParseProbe(f *testing.F) {
	f.Add([]byte(`{"streams":[{"index":0,"codec_type":"video","codec_name":"h264","width":320,"height":240,"time_base":"1/25","avg_frame_rate":"25/1"}],"format":{"format_name":"mov,mp4","duration":"2.0"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := parseProbe(b); err == nil {
			d.media()
		}
	})
}

func FuzzPacketsFirst(f *testing.F) {
	f.Add([]byte(packetsThenHeader))
	f.Add([]byte("{\n\"packets\": [\n\n],\n\"streams\": [ ]\n}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := packetsFirst{header: collector{limit: 1 << 10}, each: func(p packet) {
			if p.duration < 0 || p.size < 0 {
				t.Errorf("%+v", p)
			}
		}}
		w := lineWriter{line: func(l []byte) { r.line(l) }}
		_, _ = w.Write(b)
		w.flush()
		if doc, err := r.end(); err == nil && doc == nil {
			t.Error("nothing was read, and all is well")
		}
	})
}

func FuzzParsePacket(f *testing.F) {
	f.Add([]byte("pts=450|duration=10|size=99|flags=K_"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, _ := parsePacket(b); p.duration < 0 || p.size < 0 {
			t.Errorf("%+v", p)
		}
	})
}

func FuzzProgress(f *testing.F) {
	f.Add([]byte("frame=3\nfps=2\nspeed=1x\nprogress=end\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := &progressReader{report: func(p Progress) {
			if p.Frames < 0 || !(p.FPS >= 0) || !(p.Speed >= 0) {
				t.Errorf("%+v", p)
			}
		}}
		w := &lineWriter{line: func(l []byte) { r.line(l) }}
		w.Write(b)
		w.flush()
	})
}

// A program that fell over is not one that somebody ended: the first may be the source's
// doing, and is tried by others, the second never is.
func TestACrashIsToldFromAnEnd(t *testing.T) {
	for _, c := range []struct {
		err  exitError
		want jobfile.FaultKind
	}{
		{exitError{prog: "ffmpeg", code: -1, signal: "signal: segmentation fault (core dumped)"}, jobfile.FaultUnit},
		{exitError{prog: "ffmpeg", code: 128 + 11}, jobfile.FaultUnit}, // below a guarding shell
		{exitError{prog: "ffmpeg", code: 128 + 6}, jobfile.FaultUnit},
		{exitError{prog: "ffmpeg", code: 0xC0000005}, jobfile.FaultUnit}, // Windows' access violation
		{exitError{prog: "ffmpeg", code: -1, signal: "signal: killed"}, jobfile.FaultMachine},
		{exitError{prog: "ffmpeg", code: 128 + 9}, jobfile.FaultMachine},
		{exitError{prog: "ffmpeg", code: 128 + 15}, jobfile.FaultMachine},
	} {
		var f *jobfile.Fault
		if err := classify(&c.err, "file:a"); !errors.As(err, &f) || f.Kind != c.want {
			t.Errorf("%d %q: %v, want %s", c.err.code, c.err.signal, err, c.want)
		}
	}
}

// A program that was killed while it looked at a finished file says nothing about the file.
func TestAKilledLookIsNoFaultOfTheFile(t *testing.T) {
	for _, c := range []struct {
		code int
		want jobfile.FaultKind
	}{{128 + 9, jobfile.FaultMachine}, {1, jobfile.FaultUnit}, {128 + 11, jobfile.FaultUnit}} {
		for name, judge := range map[string]func(error) error{"part": partFault, "whole": unreadable} {
			var f *jobfile.Fault
			if err := judge(&exitError{prog: "ffprobe", code: c.code, tail: []string{"Invalid data found"}}); !errors.As(err, &f) || f.Kind != c.want {
				t.Errorf("%s, exit status %d: %v, want %s", name, c.code, err, c.want)
			}
		}
	}
}

// QuickTime takes neither Opus nor FLAC, so their parts are MP4.
func TestAPartOfSoundIsWhatTakesIt(t *testing.T) {
	for _, c := range []struct{ encoder, source, want string }{
		{"pcm_s16le", "opus", "-f mov"},
		{"libopus", "pcm_s16le", "-f mp4"},
		{"flac", "pcm_s16le", "-strict experimental -f mp4"},
		{"copy", "pcm_s24le", "-f mov"},
		{"copy", "opus", "-f mp4"},
		{"copy", "flac", "-strict experimental -f mp4"},
	} {
		j := &jobfile.Job{Recipe: jobfile.Recipe{Sound: jobfile.SoundRecipe{Encoder: c.encoder}}, Media: jobfile.Media{Sound: []jobfile.SoundStream{{Codec: c.source}}}}
		if got := strings.Join(soundMuxer(j), " "); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
