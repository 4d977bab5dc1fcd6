package presets

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"proxima/jobfile"
)

// The two blocks that presets and overrides began with, as their author wrote them.
const (
	authorsPresets = `edit_proxy:
  ffmpeg_loglevel: "error"
  codec: "dnxhd"
  vertical_res: 720
  profile: "dnxhd_sq"
  pix_fmt: "yuv422p"
  audio_codec: "pcm_s16le" 
  audio_samplerate: "48000" 
  misc_args: [-"hide_banner", -"stats"] 
  ext: ".mov"
  threads: 2

portable_proxy:
  ffmpeg_loglevel: "info"
  codec: "x264"
  vertical_res: 1080
  profile: "slow"
  ext: ".mp4"
  threads: "auto" # x264 handles best

portable_archive:
  ffmpeg_loglevel: "info"
  codec: "x265"
  vertical_res: 2160
  profile: "very-slow"
  ext: ".mp4"
  threads: "auto" # x264 handles best
`
	authorsOverrides = `# Override queuer settings
overrides:
  # Use wildcard matching
  # Latest overrides
  presets:
    *:
      vertical_res: 720

    *proxy: 
        vertical_res: 1080
        threads: 2

    *archive:
       threads: 1

    portable_proxy:
      threads: 2 # Prioritizes last override
      vertical_res: 720
`
)

func overridesOf(t *testing.T, text string) (Overrides, error) {
	t.Helper()
	var n jobfile.Node
	if err := jobfile.Decode("config.yaml", []byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return ReadOverrides("config.yaml", n.Get("overrides"))
}

func TestTheAuthorsPresetsMeanWhatTheirAuthorMeant(t *testing.T) {
	t.Parallel()
	s, err := Read("p.yaml", []byte(authorsPresets))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]jobfile.VideoRecipe{
		"edit_proxy":       {Encoder: "dnxhd", Profile: "dnxhr_sq", PixelFormat: "yuv422p", MaxHeight: 720, ScaleFlags: "bicubic", IntraOnly: true},
		"portable_proxy":   {Encoder: "libx264", PixelFormat: "yuv420p", MaxHeight: 1080, Speed: "slow", CRF: num(20), ScaleFlags: "bicubic"},
		"portable_archive": {Encoder: "libx265", PixelFormat: "yuv420p", MaxHeight: 2160, Speed: "veryslow", CRF: num(22), Tag: "hvc1", ScaleFlags: "bicubic"},
	} {
		r, err := s.Resolve(name)
		if err != nil || !reflect.DeepEqual(r.Video, want) {
			t.Errorf("%s: %+v, %v", name, r.Video, err)
		}
	}
	if r, _ := s.Resolve("edit_proxy"); r.Threads != 2 || r.LogLevel != "error" || r.Sound.SampleRate != 48000 {
		t.Errorf("%+v", r)
	}
}

func TestTheLastOverrideWins(t *testing.T) {
	t.Parallel()
	o, err := overridesOf(t, authorsOverrides)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Builtin().Add("p.yaml", []byte(authorsPresets))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][2]int{"edit_proxy": {1080, 2}, "portable_archive": {720, 1}, "portable_proxy": {720, 2}} {
		queued, err := s.Effective(name)
		if err != nil {
			t.Fatal(err)
		}
		rs, err := queued.Recipes(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, err := FromJob(name, queued.Fields(), &rs[0], o.For(name)...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Recipes(nil, nil)
		if err != nil || got[0].Video.MaxHeight != want[0] || got[0].Threads != want[1] {
			t.Errorf("%s: %d lines, %d threads, want %v (%v)", name, got[0].Video.MaxHeight, got[0].Threads, want, err)
		}
	}
	e, err := s.Effective("portable_proxy", o.For("portable_proxy")...)
	if err != nil {
		t.Fatal(err)
	}
	from := map[string]string{}
	for _, v := range e.Values() {
		from[v.Field] = v.From.String()
	}
	if from["vertical_res"] != `override "portable_proxy", config.yaml:18` || from["codec"] != "preset portable_proxy, p.yaml:15" || from["crf"] != "default" {
		t.Errorf("%v", from)
	}
}

func TestWorkersAreOverriddenByNameAndTagInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	var n jobfile.Node
	text := `workers:
  *:
    overrides: {presets: {*: {threads: 1, vertical_res: 480}}}
  edit-?:
    tags: [slow, old]
  tag:slow:
    overrides:
      presets:
        *_proxy:
          vertical_res: 540
  edit-2:
    overrides: {presets: {edit_proxy: {threads: 4}}}
`
	if err := jobfile.Decode("farm.yaml", []byte(text), &n); err != nil {
		t.Fatal(err)
	}
	w, err := ReadWorkers("farm.yaml", n.Get("workers"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := overridesOf(t, "overrides:\n  presets:\n    edit*:\n      ffmpeg_loglevel: info\n")
	if err != nil {
		t.Fatal(err)
	}
	for worker, want := range map[string][3]any{"edit-1": {540, 1, "info"}, "edit-2": {540, 4, "info"}, "other": {480, 1, "info"}} {
		e, err := Builtin().Effective("edit_proxy", w.For(worker).Then(own).For("edit_proxy")...)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := e.Recipes(nil, nil)
		if got := [3]any{r[0].Video.MaxHeight, r[0].Threads, r[0].LogLevel}; got != want {
			t.Errorf("%s: %v, want %v", worker, got, want)
		}
	}
	if w.For("other").None() || !(Overrides{}).None() || strings.Join(w.Tags("edit-1"), " ") != "slow old" {
		t.Error("tags or none")
	}
}

func TestOverridesThatCannotBeAreRefusedWithAPlace(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"    *:\n      ext: .mp4\n":        "config.yaml:4:7: overrides of *: ext can't be overridden by a worker: the proxy's name and place",
		"    *:\n      extends: x\n":       "4:7: overrides of *: extends can't",
		"    *:\n      flip: both\n":       "flip can't be overridden by a worker: it tells of the clip",
		"    *:\n      lut: x.cube\n":      "lut can't be overridden by a worker: the file travels",
		"    *:\n      watermark: x.png\n": "watermark can't",
		"    *:\n      suffix: _x\n":       "suffix can't",
		"    *:\n      folder: x\n":        "folder can't",
		"    *:\n      vertical: 720\n":    `4:7: overrides of *: unknown field "vertical", did you mean vertical_res?`,
		"    *:\n      threads: many\n":    `4:7: overrides of *: threads: "many" is not a whole number`,
		"    *: 720\n":                     `3:8: overrides of *: "720" stands where its fields belong`,
		"    a/b:\n      threads: 1\n":     `3:5: overrides: "a/b" is no pattern`,
		"    \"[a]\":\n      threads: 1\n": `is no pattern`,
		"    - threads: 1\n":               "patterns of presets' names",
	} {
		_, err := overridesOf(t, "overrides:\n  presets:\n"+body)
		var de *jobfile.DecodeError
		if !errors.As(err, &de) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q\n got %v\nwant %s", body, err, want)
		}
	}
	if _, err := overridesOf(t, "overrides:\n  *proxy:\n    threads: 2\n"); err == nil || !strings.Contains(err.Error(), "patterns of presets' names go below presets") {
		t.Error(err)
	}
}

func TestPresetsExtendThoseBelowThem(t *testing.T) {
	t.Parallel()
	farm, err := Builtin().Add("farm.yaml", []byte("portable_proxy:\n  extends: portable_proxy\n  bitrate: 8M\nhouse:\n  extends: portable_proxy\n  vertical_res:\n  suffix: _h\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := farm.Add("mine.yaml", []byte("portable_proxy: {codec: mjpeg}\nmine: {extends: house, folder: Small, encoders: \"h264_nvenc, x264\"}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.Effective("mine")
	if err != nil {
		t.Fatal(err)
	}
	rs, err := e.Recipes(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := rs[1].Video
	if e.Suffix != "_h" || e.Folder != "Small" || len(rs) != 2 || rs[0].Video.Encoder != "h264_nvenc" || v.Encoder != "libx264" || v.Bitrate != "8M" || v.CRF != nil || v.Speed != "slow" || v.MaxHeight != 0 {
		t.Errorf("%+v %+v", e, rs)
	}
	for text, want := range map[string]string{
		"a: {extends: b}\nb: {extends: c}\nc: {extends: a}\n": "a > b > c > a",
		"a: {extends: a}\n":                       `there is no preset "a"`,
		"a: {extends: edit_prxoy}\n":              "did you mean edit_proxy?",
		"a: {extends: edit_proxy, ext: .mp4}\n":   "p.yaml:1:26: preset a: ext: .mp4 holds no DNxHR",
		"a: {extends: edit_proxy, codec: x264}\n": "profile",
	} {
		if _, err := Builtin().Add("p.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := Read("p.yaml", []byte("a: {extends: of_another_file}\n")); err != nil {
		t.Error(err)
	}
}

func TestFlagsLieOverThePreset(t *testing.T) {
	t.Parallel()
	for arg, check := range map[string]func(r jobfile.Recipe) bool{
		"crf=30":                 func(r jobfile.Recipe) bool { return *r.Video.CRF == 30 },
		"bitrate=2M":             func(r jobfile.Recipe) bool { return r.Video.CRF == nil && r.Video.Bitrate == "2M" },
		"crf=":                   func(r jobfile.Recipe) bool { return *r.Video.CRF == 20 },
		"burnin=timecode, DAY 1": func(r jobfile.Recipe) bool { return *r.Video.BurnIn == jobfile.BurnIn{Timecode: true, Text: "DAY 1"} },
		"audio=1,3":              func(r jobfile.Recipe) bool { return reflect.DeepEqual(r.Sound.Tracks, []int{1, 3}) },
		"audio=none": func(r jobfile.Recipe) bool {
			return r.Sound.Encoder == "" && r.Sound.Bitrate == "" && r.Sound.SampleRate == 0
		},
		"container_flags=faststart": func(r jobfile.Recipe) bool { return r.Flags[0] == "faststart" },
		"hwaccel=videotoolbox":      func(r jobfile.Recipe) bool { return r.HWAccel == "videotoolbox" },
		"hwaccel=none":              func(r jobfile.Recipe) bool { return r.HWAccel == "" },
		"max_width=640":             func(r jobfile.Recipe) bool { return r.Video.MaxWidth == 640 },
		"fps=source":                func(r jobfile.Recipe) bool { return true },
		"data_level=Full":           func(r jobfile.Recipe) bool { return r.Video.DataLevel == "full" },
		"data_level=auto":           func(r jobfile.Recipe) bool { return r.Video.DataLevel == "" },
		"flip=horizontal":           func(r jobfile.Recipe) bool { return r.Video.Flip == "horizontal" },
		"flip=none":                 func(r jobfile.Recipe) bool { return r.Video.Flip == "" },
		"encoders=h264_qsv":         func(r jobfile.Recipe) bool { return r.Video.Encoder == "h264_qsv" && r.Video.PixelFormat == "nv12" },
	} {
		l, err := ParseSet(arg)
		if err != nil {
			t.Errorf("%s: %v", arg, err)
			continue
		}
		e, err := Builtin().Effective("portable_proxy", l)
		if err != nil {
			t.Errorf("%s: %v", arg, err)
		} else if r, err := e.Recipes(nil, nil); err != nil || !check(r[0]) {
			t.Errorf("%s: %+v %v", arg, r, err)
		}
	}
	for arg, want := range map[string]string{
		"crf": "field=value", "crff=2": "did you mean crf", "crf=x": "not a whole number", "upscale=true": "never enlarged", "fps=25": "every frame of its source",
		"extends=x": "files of presets", "codec=a,b=c": "", "watermark_position=midle": "only top left", "\x1b=1": "there is no field",
	} {
		_, err := ParseSet(arg)
		if want == "" {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsRune(err.Error(), '\x1b') {
			t.Errorf("%s: %v", arg, err)
		}
	}
}

func TestOnePresetResolvesForEachOfItsEncoders(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"encoders: [h264_nvenc, h264_videotoolbox, h264_qsv, h264_amf, x264], crf: 22, profile: slower": "h264_nvenc yuv420p 22/- ; h264_videotoolbox yuv420p -/64 ; h264_qsv nv12 22/- slower; h264_amf nv12 22/- ; libx264 yuv420p 22/- slower",
		"encoders: [hevc_videotoolbox, hevc_nvenc, x265], pix_fmt: yuv420p10le, crf: 0, tune: grain":    "hevc_videotoolbox p010le -/100 ; hevc_nvenc p010le 0/- ; libx265 yuv420p10le 0/- medium",
		"encoders: [prores_videotoolbox, prores_ks], profile: 4444xq, pix_fmt: yuv444p10le":             "prores_videotoolbox p416le -/- ; prores_ks yuv444p10le -/- ",
		"codec: cineform, profile: film3":      "cfhd yuv422p10le -/- ",
		"codec: av1, ext: mp4, speed: 10":      "libsvtav1 yuv420p 35/- 10",
		"codec: h264_videotoolbox, qscale: 70": "h264_videotoolbox yuv420p -/70 ",
	} {
		s, err := Read("p.yaml", []byte("p: {"+body+"}"))
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		e, _ := s.Effective("p")
		rs, _ := e.Recipes(nil, nil)
		var got []string
		for _, r := range rs {
			n := func(p *int) string {
				if p == nil {
					return "-"
				}
				return strconv.Itoa(*p)
			}
			got = append(got, r.Video.Encoder+" "+r.Video.PixelFormat+" "+n(r.Video.CRF)+"/"+n(r.Video.QScale)+" "+r.Video.Speed)
		}
		if g := strings.Join(got, "; "); g != want {
			t.Errorf("%s\n got %s\nwant %s", body, g, want)
		}
	}
	for body, want := range map[string]string{
		"encoders: [prores_ks, x264]":              "make one codec, or the parts of a clip would not join",
		"encoders: [x264, h264]":                   "stands twice",
		"codec: x265, encoders: [x264]":            "leave codec out",
		"encoders: [h264_nvnec]":                   "did you mean h264_nvenc",
		"encoders: [h264_nvenc], pix_fmt: yuv422p": "h264_nvenc takes yuv420p, not",
		"encoders: [h264_qsv, x264], speed: fst":   "did you mean",
		"codec: av1, ext: .mov":                    "holds no AV1; write .mp4",
		"codec: cineform, ext: .mp4":               "holds no CineForm",
		"codec: x264, upscale: true":               "proxies are never enlarged",
		"codec: x264, fps: 25":                     "every frame of its source",
		"codec: x264, suffix: a/b":                 "does not fit into a file's name",
		"codec: x264, folder: ../x":                "folder: ",
		"codec: x264, folder: NUL":                 "is a device on Windows",
		"codec: x264, burnin: [a, b]":              "two texts",
		"codec: x264, lut: look.txt":               "is not a .cube file",
		"codec: x264, watermark_opacity: 3":        "there is no watermark",
		"codec: x264, audio: [1, 1]":               "track 1 stands twice",
		"codec: x264, audio: left":                 "is not all, none, copy or a list",
		"codec: x264, container_flags: [fast]":     "container flag",
		"codec: x264, data_level: ful":             "did you mean full",
		"codec: x264, flip: up":                    "only none, horizontal, vertical, both",
		"codec: x264, hwaccel: cude":               "did you mean cuda",
	} {
		if _, err := Read("p.yaml", []byte("p: {"+body+"}")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", body, err, want)
		}
	}
}

// What the editor has set for a clip outlives a worker's overrides: it is a field of the job.
func TestTheClipsOwnStaysUnderOverrides(t *testing.T) {
	t.Parallel()
	flip, err := ParseSet("flip=both")
	if err != nil {
		t.Fatal(err)
	}
	queued, err := Builtin().Effective("edit_proxy", flip)
	if err != nil {
		t.Fatal(err)
	}
	rs, err := queued.Recipes(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	smaller, err := ParseSet("vertical_res=360")
	if err != nil {
		t.Fatal(err)
	}
	e, err := FromJob("edit_proxy", queued.Fields(), &rs[0], smaller)
	if err != nil {
		t.Fatal(err)
	}
	if rs, err = e.Recipes(nil, nil); err != nil || rs[0].Video.Flip != "both" || rs[0].Video.MaxHeight != 360 {
		t.Errorf("%+v, %v", rs, err)
	}
}
