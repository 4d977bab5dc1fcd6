package presets

import (
	"fmt"
	"strings"

	"proxima/jobfile"
)

// Field describes a field of a preset. The table of them drives reading, suggestions, what
// `proxima presets show` says beside a value, and the schema for editors.
type Field struct {
	Name     string
	Doc      string   // one line, for people
	List     bool     // takes several words
	Words    []string // all that it takes, if that is a fixed list
	Min, Max int      // of a whole number, if Max is not 0
	Or       string   // a word that it takes instead of a number
	RunOnly  bool     // how an encoder is run: makes no difference to the proxy
	Place    bool     // where the proxy goes, or by what name
	Fixed    string   // why a worker may not override it; "" if it may
}

const (
	fixedPlace = "the proxy's name and place were settled when the clip was queued, and others look for it there"
	fixedClip  = "it tells of the clip, which is the same for all workers"
	fixedFile  = "the file travels with the job, from the machine that queued it"
)

// The order is that of `proxima presets show`.
var fields = []Field{
	{Name: "description", Doc: "what the preset is for, in a line", Fixed: "it makes nothing"},
	{Name: "extends", Doc: "the preset whose fields hold where this one says nothing", Fixed: "a job holds the fields that came of it"},
	{Name: "codec", Doc: "dnxhd, prores, cineform, mjpeg, x264, x265 or av1"},
	{Name: "encoders", Doc: "encoders of one codec, the first choice first; each worker takes the first that it has", List: true},
	{Name: "profile", Doc: "of the codec; for x264 and x265 also a speed (slow, very-slow)"},
	{Name: "vertical_res", Doc: "lines at most; smaller sources keep their size", Max: 16384},
	{Name: "max_width", Doc: "columns at most; the aspect is kept", Max: 16384},
	{Name: "fps", Doc: "source: a proxy has every frame of its source", Words: []string{"source"}},
	{Name: "pix_fmt", Doc: "how samples are stored: yuv420p, yuv422p10le"},
	{Name: "crf", Doc: "constant quality; lower is better, 18 to 28 are usual (AV1: 25 to 45)", Max: 63},
	{Name: "qscale", Doc: "fixed quantiser of mjpeg, 1 (best) to 31; of videotoolbox 1 to 100 (best)", Min: 1, Max: 100},
	{Name: "bitrate", Doc: "bits per second: 8M, 900k"},
	{Name: "speed", Doc: "of x264 and x265: ultrafast to placebo; of AV1: 0 (slow) to 13"},
	{Name: "tune", Doc: "of x264 and x265: film, grain, animation, ..."},
	{Name: "gop", Doc: "frames between keyframes at most", Min: 1, Max: 10000},
	{Name: "tag", Doc: "the codec's name in mov and mp4, four letters: hvc1"},
	{Name: "scale_filter", Doc: "how pictures are made smaller", Words: scalers},
	{Name: "data_level", Doc: "of the source's samples: full, video, or auto, as the file says", Words: append([]string{"auto"}, jobfile.DataLevels...), Fixed: fixedClip},
	{Name: "flip", Doc: "mirrors the picture: horizontal, vertical, both or none", Words: append([]string{"none"}, jobfile.Flips...), Fixed: fixedClip},
	{Name: "lut", Doc: "a .cube file, applied before scaling; beside this file unless the path is whole", Fixed: fixedFile},
	{Name: "burnin", Doc: "words on the picture: timecode, clip name, any other text as it stands", List: true},
	{Name: "watermark", Doc: "a .png file laid over the picture", Fixed: fixedFile},
	{Name: "watermark_position", Doc: "where it lies", Words: jobfile.Positions},
	{Name: "watermark_opacity", Doc: "percent", Min: 1, Max: 100},
	{Name: "audio", Doc: "all, none, copy, or the source's tracks to keep: [1, 2]", List: true},
	{Name: "audio_codec", Doc: "pcm_s16le, pcm_s24le, aac, alac, ac3, mp3, opus, flac; copy; none"},
	{Name: "audio_samplerate", Doc: "hertz", Min: 8000, Max: 384000},
	{Name: "audio_bitrate", Doc: "of each track: 192k"},
	{Name: "misc_args", Doc: "further encoder options of ffmpeg", List: true},
	{Name: "ext", Doc: ".mov, .mp4, .m4v or .mkv", Place: true, Fixed: fixedPlace},
	{Name: "container_flags", Doc: "faststart: the index first, for browsers", List: true, Words: jobfile.ContainerFlags},
	{Name: "suffix", Doc: "after the source's name: _proxy", Place: true, Fixed: fixedPlace},
	{Name: "folder", Doc: "beside the source, where proxies go", Place: true, Fixed: fixedPlace},
	{Name: "threads", Doc: "of each ffmpeg process, or auto", Max: 1024, Or: "auto", RunOnly: true},
	{Name: "ffmpeg_loglevel", Doc: "how much ffmpeg says in the job's logs", Words: jobfile.LogLevels, RunOnly: true},
	{Name: "hwaccel", Doc: "how sources are decoded, or none", Words: append([]string{"none"}, jobfile.HWAccels...), RunOnly: true},
}

// Fields lists what a preset may say, in the order in which it is shown.
func Fields() []Field { return append([]Field(nil), fields...) }

// mistaken are fields that people look for and that there are not, with why.
var mistaken = map[string]string{
	"upscale":    "proxies are never enlarged: what is added costs room and shows nothing more. Leave it out; vertical_res and max_width are limits",
	"overrides":  "overrides belong into config.yaml, or into farm.yaml below workers",
	"frame_rate": "a proxy has every frame of its source; leave it out",
	"framerate":  "a proxy has every frame of its source; leave it out",
	"width":      "write max_width; the height follows",
	"height":     "write vertical_res; the width follows",
	"resolution": "write vertical_res: 720; the width follows",
	"size":       "write vertical_res: 720; the width follows",
	"preset":     "write speed for x264's and x265's preset, and extends to build on another preset",
	"container":  "write ext: .mov",
	"format":     "write ext: .mov, or pix_fmt",
	"quality":    "write crf or bitrate, qscale for mjpeg, and profile for the others",
	"loglevel":   "write ffmpeg_loglevel",
	"encoder":    "write codec: NAME, or encoders: [FIRST, SECOND]",
	"text":       "write burnin: [timecode, the text]",
	"timecode":   "write burnin: [timecode]",
}

// fieldNamed finds a field. The error says what may have been meant.
func fieldNamed(name string) (*Field, error) {
	names := make([]string, len(fields))
	for i := range fields {
		if names[i] = fields[i].Name; names[i] == name {
			return &fields[i], nil
		}
	}
	if why, ok := mistaken[name]; ok {
		return nil, fmt.Errorf("there is no field %s: %s", name, why)
	}
	return nil, &Unknown{What: "field", Name: name, Near: near(name, names), Known: names}
}

// unset reports whether a value takes a field away: nothing, or a word that says so where none
// of the field's own values does.
func unset(f *Field, w jobfile.Words) bool {
	if len(w) == 0 {
		return true
	}
	switch f.Name {
	case "lut", "flip", "watermark", "burnin", "hwaccel", "suffix", "tune", "container_flags":
		return len(w) == 1 && off(w[0])
	}
	return false
}

func off(word string) bool {
	switch strings.ToLower(word) {
	case "", "none", "false", "no", "off", "null":
		return true
	}
	return false
}

// check judges a value by itself, without the fields beside it.
func (f *Field) check(w jobfile.Words) error {
	if len(w) > 64 {
		return bad(f.Name, "%d words, more than 64", len(w))
	}
	if !f.List && len(w) > 1 {
		return bad(f.Name, "takes one word, not a list: write %s: %s", f.Name, jobfile.Printable(w[0]))
	}
	if unset(f, w) {
		return nil
	}
	for _, word := range w {
		switch {
		case len(word) > 1024:
			return bad(f.Name, "%s is too long", jobfile.Quote(word))
		case f.Or != "" && strings.EqualFold(word, f.Or):
		case f.Max != 0:
			if _, err := number(f.Name, word, f.Min, f.Max); err != nil && f.Or != "" {
				return bad(f.Name, "%v, nor %s", reason(err), f.Or)
			} else if err != nil {
				return err
			}
		case f.Name == "fps" && squash(word) != "source":
			return bad(f.Name, "a proxy has every frame of its source, or edits made with it would not fit: write source, not %s, or leave it out", jobfile.Quote(word))
		case f.Words != nil:
			if _, err := pick(f.Name, strings.TrimSuffix(strings.ReplaceAll(f.Name, "_", " "), "s"), word, f.Words); err != nil {
				return err
			}
		}
	}
	return nil
}
