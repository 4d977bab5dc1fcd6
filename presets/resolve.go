package presets

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// raw is a preset as it is written, by field. Numbers are kept as text, since "48000" and 48000
// are both usual.
type raw map[string]jobfile.Words

// word is the value of a field of one word; "" where it was left out.
func (r raw) word(field string) string {
	if w := r[field]; len(w) > 0 {
		return strings.TrimSpace(w[0])
	}
	return ""
}

// recipes fills in what the preset leaves out, in ffmpeg's words, for each of its encoders.
func (r raw) recipes(name string) ([]jobfile.Recipe, error) {
	cs, err := r.candidates()
	if err != nil {
		return nil, err
	}
	var out []jobfile.Recipe
	for _, c := range cs {
		recipe, err := r.recipe(name, c)
		if err != nil {
			return nil, err
		}
		out = append(out, recipe)
	}
	for i := range out[1:] {
		if out[i+1].Ext != out[0].Ext {
			return nil, bad("ext", "%s and %s differ: write it", out[0].Ext, out[i+1].Ext)
		}
	}
	return out, nil
}

func (r raw) recipe(name string, c *codec) (jobfile.Recipe, error) {
	out := jobfile.Recipe{Preset: name}
	out.Video = jobfile.VideoRecipe{Encoder: c.encoder, IntraOnly: c.intra}
	for _, step := range []func(*codec, *jobfile.Recipe) error{
		r.frame, r.clip, r.look, r.rate, r.structure, r.container, r.sound, r.dress, r.args,
	} {
		if err := step(c, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

func bad(field, format string, a ...any) error {
	return &FieldError{Field: field, Err: fmt.Errorf(format, a...)}
}

// pick finds a value in a list of words, whatever its case and dashes.
func pick(field, what, value string, words []string) (string, error) {
	for _, w := range words {
		if squash(w) == squash(value) {
			return w, nil
		}
	}
	return "", &FieldError{Field: field, Err: &Unknown{What: what, Name: value, Near: near(value, words), Known: words}}
}

var reUnit = regexp.MustCompile(`^([0-9]{1,6}) ?(p|i|px|%|k|kHz|Hz|khz|hz)$`)

func number(field, value string, lo, hi int) (int, error) {
	value = strings.TrimSpace(value)
	n, err := strconv.Atoi(value)
	if err != nil {
		// 720p, 48kHz and 50% are what people say.
		m := reUnit.FindStringSubmatch(value)
		if m == nil {
			return 0, bad(field, "%s is not a whole number", jobfile.Quote(value))
		}
		if strings.EqualFold(m[2], "k") || strings.EqualFold(m[2], "kHz") {
			m[1] += "000"
		}
		return 0, bad(field, "%s is not a whole number: write %s", jobfile.Quote(value), m[1])
	}
	if n < lo || n > hi {
		return 0, bad(field, "%d is not between %d and %d", n, lo, hi)
	}
	return n, nil
}

func (r raw) frame(c *codec, out *jobfile.Recipe) (err error) {
	out.LogLevel, out.Video.ScaleFlags = "warning", "bicubic"
	if r.word("ffmpeg_loglevel") != "" {
		if out.LogLevel, err = pick("ffmpeg_loglevel", "log level", r.word("ffmpeg_loglevel"), jobfile.LogLevels); err != nil {
			return err
		}
	}
	if r.word("scale_filter") != "" {
		if out.Video.ScaleFlags, err = pick("scale_filter", "scaler", r.word("scale_filter"), scalers); err != nil {
			return err
		}
	}
	if r.word("threads") != "" && !strings.EqualFold(r.word("threads"), "auto") {
		if out.Threads, err = number("threads", r.word("threads"), 0, 1024); err != nil {
			return err
		}
	}
	if r.word("hwaccel") != "" && !off(r.word("hwaccel")) {
		if out.HWAccel, err = pick("hwaccel", "way of decoding", r.word("hwaccel"), jobfile.HWAccels); err != nil {
			return err
		}
	}
	if r.word("max_width") != "" {
		w, err := number("max_width", r.word("max_width"), 0, 16384)
		switch {
		case err != nil:
			return err
		case w%2 != 0:
			return bad("max_width", "%d is odd, and most pixel formats pair columns: %d would do", w, w+1)
		case w != 0 && w < 16:
			return bad("max_width", "%d is too small", w)
		}
		out.Video.MaxWidth = w
	}
	if r.word("vertical_res") == "" {
		return nil
	}
	h, err := number("vertical_res", r.word("vertical_res"), 0, 16384)
	switch {
	case err != nil:
		return err
	case h%2 != 0:
		return bad("vertical_res", "%d is odd, and most pixel formats pair lines: %d would do", h, h+1)
	case h != 0 && h < max(16, c.minLines):
		return bad("vertical_res", "%d is too small for %s, which takes %d lines or more", h, c.label, max(16, c.minLines))
	}
	out.Video.MaxHeight = h
	return nil
}

// clip is what the editor has set for the clip.
func (r raw) clip(_ *codec, out *jobfile.Recipe) (err error) {
	if level := r.word("data_level"); level != "" && squash(level) != "auto" {
		if out.Video.DataLevel, err = pick("data_level", "data level", level, jobfile.DataLevels); err != nil {
			return err
		}
	}
	if flip := r.word("flip"); !off(flip) {
		out.Video.Flip, err = pick("flip", "flip", flip, jobfile.Flips)
	}
	return err
}

// look settles profile, speed, tune and pixel format. The profile of x264 and x265 may be
// a speed: what their authors call presets, people file under profile.
func (r raw) look(c *codec, out *jobfile.Recipe) (err error) {
	v := &out.Video
	prof, speed := r.word("profile"), r.word("speed")
	if isSpeed(c, prof) || c.hardware && isSpeed(c.software(), prof) {
		if speed != "" {
			return bad("speed", "profile: %s is a speed too; leave one of them out", jobfile.Printable(prof))
		}
		prof, speed = "", prof
	}
	var p *profile
	if prof != "" || c.speeds == nil && len(c.profiles) > 0 && !c.bitrate {
		if p, err = c.profile(prof); err != nil {
			return err
		}
		if v.Profile = p.name; c.quality {
			v.Profile, v.Args = "", []string{"-quality", p.name}
		}
	}
	switch {
	case c.hardware && !slices.Contains(c.speeds, squash(speed)) && isSpeed(c.software(), speed):
		// The family's own encoder knows it, this one doesn't: it goes at its usual pace.
	case c.speeds == nil && c.tunes == nil && (speed != "" || r.word("tune") != "") && !c.hardware:
		field := "speed"
		if speed == "" {
			field = "tune"
		}
		return bad(field, "%s has none; it is for x264 and x265", c.label)
	case speed != "":
		if v.Speed, err = pick("speed", "speed", speed, c.speeds); err != nil {
			return err
		}
	case slices.Contains(c.speeds, "medium") && !c.hardware:
		v.Speed = "medium"
	case c.speeds != nil && !c.hardware:
		v.Speed = c.speeds[0]
	}
	switch tune := r.word("tune"); {
	case tune == "":
	case c.hardware: // tunes are the software encoders' own; here one is judged, and left out
		if soft := c.software(); soft.tunes != nil {
			_, err = pick("tune", "tune", tune, soft.tunes)
			if err != nil {
				return err
			}
		}
	case c.tunes == nil:
		return bad("tune", "%s has none; it is for x264 and x265", c.label)
	default:
		if v.Tune, err = pick("tune", "tune", r.word("tune"), c.tunes); err != nil {
			return err
		}
	}

	formats := c.pixFmts
	if p != nil {
		formats = p.pixFmts
	}
	v.PixelFormat = formats[0]
	if c.hardware && p == nil && r.word("pix_fmt") == "" {
		v.PixelFormat = c.software().pixFmts[0]
	}
	if want := strings.ToLower(r.word("pix_fmt")); want != "" {
		if strings.HasSuffix(want, "p10") || strings.HasSuffix(want, "p12") {
			want += "le"
		}
		if !slices.Contains(formats, want) {
			what := c.label
			if p != nil {
				what += " " + p.name
			}
			meant := ""
			if list := near(want, formats); len(list) > 0 {
				meant = "; did you mean " + strings.Join(list, " or ") + "?"
			}
			return bad("pix_fmt", "%s takes %s, not %s%s", what, strings.Join(formats, ", "), jobfile.Quote(r.word("pix_fmt")), meant)
		}
		v.PixelFormat = want
	}
	if own, ok := c.pixAs[v.PixelFormat]; ok {
		v.PixelFormat = own
	}
	return nil
}

// isSpeed reports whether an encoder has a speed by that name, whatever its dashes.
func isSpeed(c *codec, name string) bool {
	return name != "" && slices.ContainsFunc(c.speeds, func(s string) bool { return squash(s) == squash(name) })
}

func (c *codec) profile(name string) (*profile, error) {
	if name == "" {
		return &c.profiles[0], nil
	}
	var known, all []string
	for i, p := range c.profiles {
		known, all = append(known, p.name), append(append(all, p.name), p.names...)
		for _, n := range append([]string{p.name}, p.names...) {
			if squash(n) == squash(name) {
				return &c.profiles[i], nil
			}
		}
	}
	all, known = append(all, c.speeds...), append(known, c.speeds...)
	if len(known) == 0 {
		return nil, bad("profile", "%s has none", c.label)
	}
	return nil, &FieldError{Field: "profile", Err: &Unknown{What: c.label + " profile", Name: name, Near: near(name, all), Known: known}}
}

func (r raw) rate(c *codec, out *jobfile.Recipe) error {
	v := &out.Video
	set := 0
	for _, f := range []struct {
		field, value string
		ok           bool
	}{{"crf", r.word("crf"), c.crf > 0}, {"qscale", r.word("qscale"), c.qscale > 0}, {"bitrate", r.word("bitrate"), c.bitrate}} {
		if f.value == "" {
			continue
		}
		if set++; set > 1 {
			return bad(f.field, "crf, qscale and bitrate exclude each other")
		}
		if !f.ok {
			return bad(f.field, "%s", c.rateWhy)
		}
	}
	if r.word("bitrate") != "" {
		v.Bitrate = r.word("bitrate")
		return bitrate("bitrate", r.word("bitrate"))
	}
	if c.crf > 0 && r.word("qscale") == "" {
		n := c.crf
		if c.hardware {
			n = c.software().crf // each of the family is meant alike
		}
		if r.word("crf") != "" {
			var err error
			if n, err = number("crf", r.word("crf"), 0, c.crfMax); err != nil {
				return err
			}
		}
		if v.CRF = &n; c.crfAs != nil {
			q := c.crfAs(n)
			v.CRF, v.QScale = nil, &q
		}
	}
	if c.qscale > 0 && v.QScale == nil || r.word("qscale") != "" {
		n := c.qscale
		if r.word("qscale") != "" {
			var err error
			if n, err = number("qscale", r.word("qscale"), 1, c.qscaleMax); err != nil {
				return err
			}
		}
		v.QScale = &n
	}
	return nil
}

var reBitrate = regexp.MustCompile(`^[1-9][0-9]{0,8}[kKmM]?$`)

func bitrate(field, value string) error {
	if !reBitrate.MatchString(value) {
		return bad(field, "%s is not a rate like 8M or 192k", jobfile.Quote(value))
	}
	return nil
}

func (r raw) structure(c *codec, out *jobfile.Recipe) (err error) {
	if r.word("gop") == "" {
		return nil
	}
	if c.intra {
		return bad("gop", "every picture of %s stands alone", c.label)
	}
	if out.Video.GOP, err = number("gop", r.word("gop"), 1, 10000); err != nil {
		return err
	}
	out.Video.IntraOnly = out.Video.GOP == 1
	return nil
}

var reTag = regexp.MustCompile(`^[A-Za-z0-9]{4}$`)

func (r raw) container(c *codec, out *jobfile.Recipe) error {
	ext := strings.ToLower(r.word("ext"))
	switch {
	case ext == "" && c.intra:
		// Parts and proxies of intra codecs are QuickTime's.
		ext = ".mov"
	case ext == "":
		ext = ".mp4"
	case !strings.HasPrefix(ext, "."):
		ext = "." + ext
	}
	for name, exts := range jobfile.Containers {
		if slices.Contains(exts, ext) {
			out.Container, out.Ext = name, ext
		}
	}
	switch {
	case out.Container == "":
		known := []string{".mov", ".mp4", ".m4v", ".mkv"}
		return &FieldError{Field: "ext", Err: &Unknown{What: "extension", Name: r.word("ext"), Near: near(r.word("ext"), known), Known: known}}
	case out.Container == "mp4" && c.noMP4:
		return bad("ext", "%s holds no %s; write .mov", ext, c.label)
	case out.Container == "mov" && c.noMOV:
		return bad("ext", "%s holds no %s; write .mp4 or .mkv", ext, c.label)
	case r.word("tag") != "" && out.Container == "matroska":
		return bad("tag", ".mkv knows no tags; leave it out")
	case r.word("tag") != "" && !reTag.MatchString(r.word("tag")):
		return bad("tag", "%s is not four letters or digits", jobfile.Quote(r.word("tag")))
	}
	out.Video.Tag = r.word("tag")
	if r.word("tag") == "" && c.family == "HEVC" && out.Container != "matroska" {
		out.Video.Tag = "hvc1"
	}
	for _, f := range words(r["container_flags"]) {
		if off(f) {
			continue
		}
		if out.Container == "matroska" {
			return bad("container_flags", ".mkv has none of them; leave them out")
		}
		f, err := pick("container_flags", "container flag", f, jobfile.ContainerFlags)
		if err != nil {
			return err
		}
		out.Flags = append(out.Flags, f)
	}
	return nil
}
