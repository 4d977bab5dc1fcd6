package presets

import (
	"errors"
	"strings"
	"testing"

	"proxima/jobfile"
)

// Whoever can write to the share can put a file of presets there. Nothing that it says makes
// ffmpeg open, read or write another file, or talk to anybody.
func TestNoPresetNamesAnotherFile(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		`["-i", "/etc/passwd"]`, `["-i /etc/passwd"]`, `["i /etc/passwd"]`, `["i", "x"]`, `["-bf 2 -i x"]`, `["-filter_complex", "movie=x"]`, `["-filter_complex movie=x"]`,
		`["-vf", "movie=x"]`, `["-lavfi movie=x"]`, `["-dump_attachment:t", "x"]`, `["-attach x"]`, `["-dump"]`, `["-hex"]`, `["concat:a|b"]`, `["http://x/y"]`, `["-bf", "http://x"]`,
		`["-bf", "concat:a|b"]`, `["-protocol_whitelist", "http"]`, `["-f", "tee"]`, `["-f hls"]`, `["out.mov"]`, `["/tmp/out.mov"]`, `["-y", "x"]`, `["-report"]`, `["-passlogfile x"]`, `["-pass 1"]`,
		`["-flags +pass1"]`, `["flags", "512"]`, `["-flags:v +pass1"]`, `["-x264-params stats=x"]`, `["-x264-params", "keyint_min=1:pass=2"]`, `["-x264-params qpfile=x"]`, `["-x264-params=stats=x"]`,
		`["-x265-params csv=x"]`, `["-x265-params film-grain=x"]`, `["-vstats_file x"]`, `["-progress x"]`, `["-sdp_file x"]`, `["-/filter x"]`, `["-init_hw_device x"]`, `["--", "x"]`, `["-"]`, `[""]`,
		`["-bf", "2\n-i x"]`, `["-bf\t2\t-i\tx"]`, `["-bf 2\u00a0-i x"]`, `["-c:v", "copy"]`, `["-c:v copy"]`, `["-map 0"]`, `["-metadata x=y"]`, `["-threads", "file"]`, `["-bf", "$(x)"]`, "[\"-bf\", \"`x`\"]", `["-bf", "a;b"]`,
	} {
		s, err := Read("p.yaml", []byte("a:\n  codec: x264\n  misc_args: "+args+"\n"))
		if err != nil {
			var de *jobfile.DecodeError
			if !errors.As(err, &de) || de.Line < 1 || de.Column < 1 {
				t.Errorf("%s: no place: %v", args, err)
			}
			continue
		}
		if r, err := s.Resolve("a"); err != nil || len(r.Video.Args) > 0 {
			t.Errorf("%s passed as %q, %v", args, r.Video.Args, err)
		}
	}
	for field, value := range map[string]string{
		"codec": "h264_v4l2m2m", "profile": "/etc/passwd", "pix_fmt": "yuv420p,movie=x", "scale_filter": "bicubic,movie=x", "audio_codec": "libcodec2", "ext": "../x.mov", "tag": "a\nbc",
		"bitrate": "8M;x", "audio_bitrate": "-i", "speed": "x:y", "tune": "-i", "ffmpeg_loglevel": "debug+file", "threads": "1;2", "vertical_res": "720,movie=x", "crf": "file",
	} {
		text := "a:\n  codec: x264\n  " + field + ": " + "\"" + strings.ReplaceAll(value, "\n", `\n`) + "\"\n"
		if field == "codec" {
			text = "a:\n  codec: \"" + value + "\"\n"
		}
		if _, err := Read("p.yaml", []byte(text)); err == nil {
			t.Errorf("%s: %q passed", field, value)
		}
	}
}

func TestAHostileFileOfPresetsIsRefusedWithAPlace(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"a name with an escape":     "\"a\\x1b[31m\":\n  codec: x264\n",
		"a name with a line break":  "\"a\\nb\":\n  codec: x264\n",
		"a name that turns around":  "\"a\u202eb\":\n  codec: x264\n",
		"a name that is a path":     "../a:\n  codec: x264\n",
		"a value with an escape":    "a:\n  codec: \"x\x1b[31m\"\n",
		"a field with an escape":    "a:\n  \"co\\x1bdec\": x264\n",
		"a preset in itself":        "a: &a\n  <<: *a\n  codec: x264\n",
		"laughs":                    "a: &a {codec: x264, misc_args: [" + strings.Repeat("x,", 500) + "]}\n" + strings.Repeat("b: *a\n", 2000),
		"too many":                  strings.Repeat("a", 1) + ": {codec: x264}\n" + many(1200),
		"two of a name":             "a: {codec: x264}\na: {codec: x265}\n",
		"arguments without end":     "a:\n  codec: x264\n  misc_args: [" + strings.Repeat("bf, 2, ", 50_000) + "]\n",
		"a codec's name of 100 kB":  "a:\n  codec: " + strings.Repeat("x", 100_000) + "\n",
		"a preset's name of 100 kB": strings.Repeat("x", 100_000) + ":\n  codec: x264\n",
		"a list":                    "- codec: x264\n",
		"a word":                    "x264\n",
		"NUL":                       "a:\n  codec: \"x264\\0\"\n",
	} {
		_, err := Read("p.yaml", []byte(in))
		var de *jobfile.DecodeError
		if !errors.As(err, &de) || de.Line < 1 || de.Column < 1 || len(err.Error()) > 1000 || strings.ContainsFunc(err.Error(), func(r rune) bool { return !jobfile.Shows(r) }) {
			t.Errorf("%s: %.300q", name, err)
		}
	}
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("p" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + ": {codec: x264}\n")
	}
	return b.String()
}
