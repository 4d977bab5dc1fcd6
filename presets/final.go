package presets

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// final says what a field comes to for the first choice of encoder: what is written in ffmpeg's
// words, or what the program does where nothing is. "" is for what has no say in this preset.
func (e Effective) final(field string) string {
	if len(e.recipes) == 0 {
		return ""
	}
	r := &e.recipes[0]
	if s, ok := e.finalOfPlace(field, r); ok {
		return s
	}
	if s, ok := finalOfSound(field, r); ok {
		return s
	}
	v := &r.Video
	switch field {
	case "codec":
		return v.Encoder
	case "encoders":
		return strings.Join(e.Encoders(), ", ")
	case "profile":
		if v.Profile == "" && len(v.Args) > 1 && v.Args[0] == "-quality" {
			return v.Args[1] // CineForm's profiles are its qualities
		}
		return v.Profile
	case "vertical_res":
		return atMost(v.MaxHeight)
	case "max_width":
		return atMost(v.MaxWidth)
	case "fps":
		return "source"
	case "pix_fmt":
		return v.PixelFormat
	case "crf":
		return optional(v.CRF)
	case "qscale":
		return optional(v.QScale)
	case "bitrate":
		return v.Bitrate
	case "speed":
		return v.Speed
	case "tune":
		return v.Tune
	case "gop":
		switch {
		case v.IntraOnly:
			return "1"
		case v.GOP == 0:
			return "the encoder's own"
		}
		return strconv.Itoa(v.GOP)
	case "tag":
		return v.Tag
	case "scale_filter":
		return v.ScaleFlags
	case "misc_args":
		if len(v.Args) > 1 && v.Args[0] == "-quality" {
			return strings.Join(v.Args[2:], " ")
		}
		return strings.Join(v.Args, " ")
	case "threads":
		if r.Threads == 0 {
			return "auto"
		}
		return strconv.Itoa(r.Threads)
	case "ffmpeg_loglevel":
		return r.LogLevel
	case "hwaccel":
		return cmp.Or(r.HWAccel, "none")
	}
	return ""
}

func (e Effective) finalOfPlace(field string, r *jobfile.Recipe) (string, bool) {
	switch field {
	case "ext":
		return r.Ext, true
	case "container_flags":
		return cmp.Or(strings.Join(r.Flags, ", "), "none"), true
	case "suffix":
		return cmp.Or(e.Suffix, "none"), true
	case "folder":
		return e.Folder, true
	case "lut":
		return assetName(e.LUT), true
	case "watermark":
		return assetName(e.Watermark), true
	case "watermark_position", "watermark_opacity":
		if e.Watermark == nil {
			return "", true
		}
		w, err := e.raw().watermark(jobfile.Asset{})
		if err != nil {
			return "", true
		}
		if field == "watermark_position" {
			return w.Position, true
		}
		return strconv.Itoa(w.Opacity), true
	case "burnin":
		b := r.Video.BurnIn
		if b == nil {
			return "none", true
		}
		var words []string
		if b.Timecode {
			words = append(words, "timecode")
		}
		if b.ClipName {
			words = append(words, "clip name")
		}
		if b.Text != "" {
			words = append(words, b.Text)
		}
		return strings.Join(words, ", "), true
	}
	return "", false
}

func finalOfSound(field string, r *jobfile.Recipe) (string, bool) {
	s := &r.Sound
	switch field {
	case "audio":
		switch {
		case s.Encoder == "":
			return "none", true
		case s.Encoder == "copy" && len(s.Tracks) == 0:
			return "copy", true
		case len(s.Tracks) == 0:
			return "all", true
		}
		var tracks []string
		for _, t := range s.Tracks {
			tracks = append(tracks, strconv.Itoa(t))
		}
		return strings.Join(tracks, ", "), true
	case "audio_codec":
		return cmp.Or(s.Encoder, "none"), true
	case "audio_samplerate":
		switch {
		case s.Encoder == "" || s.Encoder == "copy":
			return "", true
		case s.SampleRate == 0:
			return "the source's", true
		}
		return strconv.Itoa(s.SampleRate), true
	case "audio_bitrate":
		if s.Bitrate == "" && slices.ContainsFunc(sounds, func(o sound) bool { return o.encoder == s.Encoder && !o.lossless }) {
			return "the encoder's own", true
		}
		return s.Bitrate, true
	}
	return "", false
}

func assetName(p *AssetPath) string {
	if p == nil {
		return "none"
	}
	return p.Path
}

func atMost(n int) string {
	if n == 0 {
		return "the source's"
	}
	return strconv.Itoa(n)
}

func optional(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}
