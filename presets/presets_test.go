package presets

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"proxima/jobfile"
)

func resolveOne(t *testing.T, body string) (jobfile.Recipe, error) {
	t.Helper()
	s, err := Read("p.yaml", []byte("p: {"+body+"}"))
	if err != nil {
		return jobfile.Recipe{}, err
	}
	return s.Resolve("p")
}

func num(n int) *int { return &n }

func TestBuiltinPresetsResolveToTheRecipesTheyDescribe(t *testing.T) {
	t.Parallel()
	want := map[string]jobfile.Recipe{
		"edit_proxy": {
			Video:     jobfile.VideoRecipe{Encoder: "dnxhd", Profile: "dnxhr_sq", PixelFormat: "yuv422p", MaxHeight: 720, ScaleFlags: "bicubic", IntraOnly: true},
			Sound:     jobfile.SoundRecipe{Encoder: "pcm_s16le", SampleRate: 48000},
			Container: "mov", Ext: ".mov", Threads: 2, LogLevel: "error",
		},
		"dnxhr_lb": {
			Video:     jobfile.VideoRecipe{Encoder: "dnxhd", Profile: "dnxhr_lb", PixelFormat: "yuv422p", MaxHeight: 720, ScaleFlags: "bicubic", IntraOnly: true},
			Sound:     jobfile.SoundRecipe{Encoder: "pcm_s16le", SampleRate: 48000},
			Container: "mov", Ext: ".mov", Threads: 2, LogLevel: "warning",
		},
		"prores_proxy": {
			Video:     jobfile.VideoRecipe{Encoder: "prores_aw", Profile: "proxy", PixelFormat: "yuv422p10le", MaxHeight: 720, ScaleFlags: "bicubic", IntraOnly: true},
			Sound:     jobfile.SoundRecipe{Encoder: "pcm_s16le", SampleRate: 48000},
			Container: "mov", Ext: ".mov", Threads: 2, LogLevel: "warning",
		},
		"mjpeg_proxy": {
			Video:     jobfile.VideoRecipe{Encoder: "mjpeg", PixelFormat: "yuvj422p", MaxHeight: 720, QScale: num(3), ScaleFlags: "bicubic", IntraOnly: true},
			Sound:     jobfile.SoundRecipe{Encoder: "pcm_s16le", SampleRate: 48000},
			Container: "mov", Ext: ".mov", Threads: 2, LogLevel: "warning",
		},
		"portable_proxy": {
			Video:     jobfile.VideoRecipe{Encoder: "libx264", PixelFormat: "yuv420p", MaxHeight: 1080, CRF: num(22), Speed: "slow", GOP: 50, ScaleFlags: "bicubic"},
			Sound:     jobfile.SoundRecipe{Encoder: "aac", SampleRate: 48000, Bitrate: "192k"},
			Container: "mp4", Ext: ".mp4", LogLevel: "info",
		},
		"portable_archive": {
			Video:     jobfile.VideoRecipe{Encoder: "libx265", PixelFormat: "yuv420p10le", MaxHeight: 2160, CRF: num(18), Speed: "veryslow", Tag: "hvc1", ScaleFlags: "bicubic"},
			Sound:     jobfile.SoundRecipe{Encoder: "aac", SampleRate: 48000, Bitrate: "320k"},
			Container: "mp4", Ext: ".mp4", LogLevel: "info",
		},
	}
	s := Builtin()
	for name := range want {
		r, err := s.Resolve(name)
		if err != nil {
			t.Error(err)
			continue
		}
		w := want[name]
		w.Preset = name
		if !reflect.DeepEqual(r, w) {
			t.Errorf("%s\n got %+v\nwant %+v", name, r, w)
		}
		if s.Origin(name) != OriginBuiltin {
			t.Errorf("%s: origin %q", name, s.Origin(name))
		}
	}
}

func TestNamesAreTakenAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for body, check := range map[string]func(r jobfile.Recipe) bool{
		`codec: x264`: func(r jobfile.Recipe) bool {
			return r.Video.Encoder == "libx264" && r.Container == "mp4" && *r.Video.CRF == 20
		},
		`codec: H.264`:                   func(r jobfile.Recipe) bool { return r.Video.Encoder == "libx264" },
		`codec: h265`:                    func(r jobfile.Recipe) bool { return r.Video.Encoder == "libx265" && r.Video.Tag == "hvc1" },
		`codec: hevc, ext: mkv`:          func(r jobfile.Recipe) bool { return r.Video.Tag == "" && r.Ext == ".mkv" && r.Container == "matroska" },
		`codec: hevc, tag: hev1`:         func(r jobfile.Recipe) bool { return r.Video.Tag == "hev1" },
		`codec: x265, ext: .mov`:         func(r jobfile.Recipe) bool { return r.Video.Tag == "hvc1" && r.Sound.Encoder == "pcm_s16le" },
		`codec: prores`:                  func(r jobfile.Recipe) bool { return r.Video.Encoder == "prores_aw" && r.Video.Profile == "proxy" },
		`codec: prores, profile: 422`:    func(r jobfile.Recipe) bool { return r.Video.Profile == "standard" },
		`codec: prores, profile: "4444"`: func(r jobfile.Recipe) bool { return r.Video.PixelFormat == "yuv444p10le" },
		`codec: dnxhd`:                   func(r jobfile.Recipe) bool { return r.Video.Profile == "dnxhr_sq" && r.Video.PixelFormat == "yuv422p" },
		`codec: dnxhr, profile: HQX`: func(r jobfile.Recipe) bool {
			return r.Video.Profile == "dnxhr_hqx" && r.Video.PixelFormat == "yuv422p10le"
		},
		`codec: dnxhd, profile: dnxhd_444`: func(r jobfile.Recipe) bool { return r.Video.Profile == "dnxhr_444" },
		`codec: x264, profile: very-slow`:  func(r jobfile.Recipe) bool { return r.Video.Speed == "veryslow" && r.Video.Profile == "" },
		`codec: x264, profile: high10`: func(r jobfile.Recipe) bool {
			return r.Video.Profile == "high10" && r.Video.PixelFormat == "yuv420p10le"
		},
		`codec: x264, profile: high, speed: Very_Fast`:   func(r jobfile.Recipe) bool { return r.Video.Profile == "high" && r.Video.Speed == "veryfast" },
		`codec: x264, pix_fmt: yuv420p10`:                func(r jobfile.Recipe) bool { return r.Video.PixelFormat == "yuv420p10le" },
		`codec: x264, bitrate: 8M`:                       func(r jobfile.Recipe) bool { return r.Video.Bitrate == "8M" && r.Video.CRF == nil },
		`codec: x264, crf: "0"`:                          func(r jobfile.Recipe) bool { return *r.Video.CRF == 0 },
		`codec: x264, gop: 1`:                            func(r jobfile.Recipe) bool { return r.Video.IntraOnly },
		`codec: x264, gop: 2`:                            func(r jobfile.Recipe) bool { return !r.Video.IntraOnly },
		`codec: x264, vertical_res: "1080"`:              func(r jobfile.Recipe) bool { return r.Video.MaxHeight == 1080 },
		`codec: x264, threads: "4", audio_codec: opus`:   func(r jobfile.Recipe) bool { return r.Threads == 4 && r.Sound.Encoder == "libopus" },
		`codec: mjpeg`:                                   func(r jobfile.Recipe) bool { return *r.Video.QScale == 3 && r.Sound.SampleRate == 0 },
		`codec: mjpeg, audio_codec: none`:                func(r jobfile.Recipe) bool { return r.Sound.Encoder == "" },
		`codec: mjpeg, audio_codec: copy`:                func(r jobfile.Recipe) bool { return r.Sound.Encoder == "copy" },
		`codec: mjpeg, misc_args: [hide_banner, -stats]`: func(r jobfile.Recipe) bool { return r.Video.Args == nil },
		`codec: x264, misc_args: [bf, 2, "-refs 3"]`: func(r jobfile.Recipe) bool {
			return strings.Join(r.Video.Args, " ") == "-bf 2 -refs 3"
		},
		`codec: x264, misc_args: [x264-params, "bframes=0:ref=1"]`: func(r jobfile.Recipe) bool {
			return strings.Join(r.Video.Args, " ") == "-x264-params bframes=0:ref=1"
		},
	} {
		r, err := resolveOne(t, body)
		if err != nil {
			t.Errorf("{%s}: %v", body, err)
		} else if !check(r) {
			t.Errorf("{%s} is %+v", body, r)
		}
	}
}

func TestWhatCannotWorkIsRefusedWithWhatWould(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`vertical_res: 720`:                                       "codec: missing",
		`codec: dnxhdd`:                                           "did you mean dnxhd",
		`codec: theora`:                                           "only dnxhd, prores, cineform, mjpeg, x264, x265, av1",
		`codec: dnxhd, profile: dnxhd_sg`:                         "did you mean dnxhd_sq",
		`codec: prores, profile: prxy`:                            "did you mean proxy",
		`codec: x264, profile: slwo`:                              "did you mean slow",
		`codec: x264, speed: fastt`:                               "did you mean fast",
		`codec: x264, profile: slow, speed: fast`:                 "speed: profile: slow is a speed too",
		`codec: mjpeg, profile: high`:                             "profile: MJPEG has none",
		`codec: dnxhd, pix_fmt: yuv420p`:                          "DNxHR dnxhr_sq takes yuv422p, not",
		`codec: x264, profile: main, pix_fmt: yuv422p`:            "H.264 main takes yuv420p",
		`codec: dnxhd, ext: .mp4`:                                 ".mp4 holds no DNxHR; write .mov",
		`codec: prores, ext: .m4v`:                                ".m4v holds no ProRes; write .mov",
		`codec: x264, audio_codec: pcm_s16le, ext: .mp4`:          "audio_codec: .mp4 holds no pcm_s16le; write aac",
		`codec: x264, audio_codec: flac, ext: .mov`:               ".mov holds no flac; write pcm_s16le",
		`codec: x264, audio_codec: aax`:                           "did you mean aac",
		`codec: x264, ext: .avi`:                                  "only .mov, .mp4, .m4v, .mkv",
		`codec: x264, crf: 20, bitrate: 8M`:                       "exclude each other",
		`codec: mjpeg, bitrate: 8M`:                               "rate control remembers",
		`codec: dnxhd, bitrate: 36M`:                              "set by its profile",
		`codec: dnxhd, crf: 20`:                                   "set by its profile",
		`codec: x264, qscale: 3`:                                  "takes crf or bitrate",
		`codec: x264, crf: 52`:                                    "crf: 52 is not between 0 and 51",
		`codec: x264, bitrate: fast`:                              "not a rate like 8M",
		`codec: mjpeg, gop: 12`:                                   "stands alone",
		`codec: mjpeg, speed: slow`:                               "speed: MJPEG has none",
		`codec: dnxhd, tune: film`:                                "tune: DNxHR has none",
		`codec: x264, tune: flim`:                                 "did you mean film",
		`codec: x264, vertical_res: tall`:                         "not a whole number",
		`codec: x264, vertical_res: 719`:                          "720 would do",
		`codec: dnxhd, vertical_res: 90`:                          "takes 120 lines or more",
		`codec: x264, threads: many`:                              "threads: ",
		`codec: x264, ffmpeg_loglevel: warn`:                      "did you mean warning",
		`codec: x264, scale_filter: lanzcos`:                      "did you mean lanczos",
		`codec: x264, tag: hvc`:                                   "not four letters",
		`codec: x265, tag: hvc1, ext: .mkv`:                       "knows no tags",
		`codec: x264, audio_codec: none, audio_bitrate: 1k`:       "leaves nothing to set",
		`codec: mjpeg, audio_bitrate: 192k`:                       "pcm_s16le has none",
		`codec: x264, misc_args: [i, /etc/passwd]`:                `"-i" is not an encoder option`,
		`codec: x264, misc_args: [vf, "movie=x"]`:                 `"-vf" is not an encoder option`,
		`codec: x264, misc_args: [g, 12]`:                         "write gop",
		`codec: x264, misc_args: ["x264-params crf=3"]`:           "write crf",
		`codec: x264, misc_args: [x264-params, "stats=/tmp/x:y"]`: "misc_args: ",
		`codec: x264, misc_args: [bf]`:                            "lacks its value",
		`codec: x264, misc_args: [bf, 2, -bf, 3]`:                 "-bf stands twice",
		`codec: x264, misc_args: [crf, 20]`:                       "write crf",
		`codec: x264, misc_args: ["-preset slow"]`:                "write speed",
		`codec: x265, misc_args: [x265-params, "pools=16"]`:       "write threads",
		`codec: av1, misc_args: [svtav1-params, "lp=4"]`:          "write threads",
		`codec: x264, misc_args: [x264-params, "threads=8"]`:      "write threads",
		`codec: cineform, misc_args: [-quality, low]`:             "write profile",
		`encoders: [h264_amf, x264], misc_args: [quality, speed]`: "write speed",
	} {
		_, err := resolveOne(t, body)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("{%s}\n got %v\nwant ...%s...", body, err, want)
		}
	}
}

func TestMistakesInAFileHaveAPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"a:\n  codec: x264\n\nb:\n  # codec: none\n  codec: x2644\n", `my.yaml:6:3: preset b: codec: there is no codec "x2644", did you mean x264`},
		{"a:\n  codec: x264\n  vertical: 720\n", `my.yaml:3:3: preset a: unknown field "vertical", did you mean vertical_res?`},
		{"a:\n  codec: x264\n  codec: x265\n", `my.yaml:3:3: mapping key "codec" already defined`},
		{"a: {codec: x264}\na: {codec: x264}\n", `my.yaml:2:1: mapping key "a" already defined`},
		{"a:\n  codec: [x264\n", "my.yaml:2:10: "},
		{"a: {codec: x264, crf: 99}\n", "my.yaml:1:18: preset a: crf: 99 is not"},
		{"a:\n", "my.yaml:1:1: preset a: codec: missing"},
		{"a:\n  codec; x264\n", "my.yaml:2:3: a colon belongs here, not ;: write codec: x264"},
		{"a:\n\u00a0 codec: x264\n", "my.yaml:2:1: a space that is none to YAML"},
		{"a:\n  codec: x264\n  burnin: timecode, clip name]\n", "my.yaml:3:30: a ] without its ["},
		{"a: {codec: x264\n", "my.yaml:1:4: a } is missing"},
		{"a: {codec: x264, vertical_res: 720p}\n", `vertical_res: "720p" is not a whole number: write 720 (`},
		{"a: {codec: x264, audio_samplerate: 48kHz}\n", `"48kHz" is not a whole number: write 48000`},
		{"a: {codec: x264, threads: many}\n", `"many" is not a whole number, nor auto`},
		{"a: {codec: x264, pix_fmt: yuv42p}\n", `not "yuv42p"; did you mean yuv420p`},
		{"a: {codec: x264, preset: slow}\n", "there is no field preset: write speed"},
		{"a: {codec: x264, resolution: 720}\n", "there is no field resolution: write vertical_res"},
		{"a: {Codec: x264}\n", `unknown field "Codec", did you mean codec?`},
		{"\"my proxy\":\n  codec: x264\n", "my.yaml:1:1: \"my proxy\" is no name for a preset"},
		{"- a\n", "my.yaml:1:1: "},
		{"a: {codec: x264}\n---\nb: {codec: x264}\n", "more than one document"},
	} {
		_, err := Read("my.yaml", []byte(c.text))
		var de *jobfile.DecodeError
		if !errors.As(err, &de) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestAFileOfCommentsIsAnEmptySet(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n\n", "# a: {}\n  # b\n", "\xef\xbb\xbf# x"} {
		s, err := Read("p.yaml", []byte(text))
		if err != nil || len(s.Names()) != 0 {
			t.Errorf("%q: %v %v", text, s.Names(), err)
		}
	}
}

func TestALayerReplacesWholePresetsByName(t *testing.T) {
	t.Parallel()
	farm, err := Read("farm/presets/p.yaml", []byte("edit_proxy: {codec: mjpeg}\nhouse: {codec: prores, vertical_res: 1080}\n"))
	if err != nil {
		t.Fatal(err)
	}
	mine, err := Read("mine.yaml", []byte("house: {codec: x264}\n"))
	if err != nil {
		t.Fatal(err)
	}
	base := Builtin()
	all := mine.Over(farm.Over(base))
	if got, want := len(all.Names()), len(base.Names())+1; got != want {
		t.Errorf("%d presets, want %d", got, want)
	}
	for name, want := range map[string][2]string{
		"edit_proxy":  {"farm/presets/p.yaml", "mjpeg"},
		"house":       {"mine.yaml", "libx264"},
		"mjpeg_proxy": {OriginBuiltin, "mjpeg"},
	} {
		r, err := all.Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		if r.Video.Encoder != want[1] || all.Origin(name) != want[0] || r.Video.MaxHeight != map[bool]int{true: 720}[name == "mjpeg_proxy"] {
			t.Errorf("%s from %s is %+v", name, all.Origin(name), r.Video)
		}
	}
	if r, _ := base.Resolve("edit_proxy"); r.Video.Encoder != "dnxhd" {
		t.Error("laying a set over another changed it")
	}
}

func TestAnUnknownPresetNamesItsNeighbours(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"edit_prxoy":     "edit_proxy",
		"Edit-Proxy":     "edit_proxy",
		"archive":        "portable_archive",
		"portable_prxy":  "portable_proxy",
		"prores_porxy":   "prores_proxy",
		"zzz":            "",
		"\x1b[31mdnxhr1": "",
	} {
		_, err := Builtin().Resolve(name)
		var u *Unknown
		if !errors.As(err, &u) || u.What != "preset" || u.Name != name {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if got := strings.Join(u.Near, " "); want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q: near %q, want %q first", name, got, want)
		}
		if len(u.Known) != len(Builtin().Names()) || strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// Whatever a file holds, what is accepted resolves to recipes that the last gate passes.
func FuzzRead(f *testing.F) {
	for i := 0; i < len(builtin); i += 1024 {
		f.Add(builtin[i:min(len(builtin), i+2048)])
	}
	all := "a: {codec: x265, ffmpeg_loglevel: info, vertical_res: 720, profile: main10, pix_fmt: yuv420p10le, crf: 20, speed: fast, tune: grain, gop: 25, tag: hvc1, " +
		"scale_filter: lanczos, audio_codec: aac, audio_samplerate: 48000, audio_bitrate: 192k, misc_args: [\"-bf 2\", -x265-params, \"rd=3:sao=0\"], ext: mp4, threads: 4}\n"
	for i := 0; i < len(all); i += 7 {
		f.Add([]byte(all[:i]))
	}
	f.Add([]byte(all))
	f.Add([]byte("a: &a {codec: x264, misc_args: [bf, 2]}\nb: {<<: *a, crf: 3}\n"))
	f.Add([]byte("a:\n  codec: [x264\n"))
	f.Add([]byte("a:\n  codec: dnxhd\n  threads: \"auto\"\n  misc_args: [-\"hide_banner\", -\"stats\"]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 {
			return // long files are slow and lead to nothing that short ones do not
		}
		s, err := Builtin().Add("p.yaml", data)
		if err != nil {
			var de *jobfile.DecodeError
			if !errors.As(err, &de) || de.Reason == "" {
				t.Fatalf("not a placed error: %v", err)
			}
			if de.Line < 1 || de.Column < 1 || strings.ContainsFunc(err.Error(), func(r rune) bool { return !jobfile.Shows(r) }) {
				t.Fatalf("no place, or not fit for a terminal: %q", err)
			}
			return
		}
		for _, n := range s.Names() {
			if s.Origin(n) != "p.yaml" {
				continue // what is built in has tests of its own
			}
			e, err := s.Effective(n)
			if err != nil {
				t.Fatalf("%q was read but does not resolve: %v", n, err)
			}
			if e.LUT != nil || e.Watermark != nil {
				continue
			}
			r, err := e.Recipes(nil, nil)
			if err != nil || r[0].Validate() != nil {
				t.Fatalf("%q was read but does not resolve: %v", n, err)
			}
			again, err := FromJob(n, e.Fields(), &r[0])
			if err != nil || again.recipes[0].Shape() != r[0].Shape() {
				t.Fatalf("%q comes out of a job as another: %v", n, err)
			}
		}
	})
}
