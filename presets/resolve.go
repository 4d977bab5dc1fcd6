package presets

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// resolve fills in what the preset leaves out, in ffmpeg's words.
func (r raw) resolve(name string) (jobfile.Recipe, error) {
	out := jobfile.Recipe{Preset: name}
	c, err := r.codec()
	if err != nil {
		return out, err
	}
	out.Video = jobfile.VideoRecipe{Encoder: c.encoder, IntraOnly: c.intra}
	for _, step := range []func(*codec, *jobfile.Recipe) error{
		r.frame, r.look, r.rate, r.structure, r.container, r.sound, r.args,
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

func number(field, value string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil {
		return 0, bad(field, "%s is not a whole number", jobfile.Quote(value))
	}
	if n < lo || n > hi {
		return 0, bad(field, "%d is not between %d and %d", n, lo, hi)
	}
	return n, nil
}

func (r raw) codec() (*codec, error) {
	if r.Codec == "" {
		return nil, bad("codec", "missing, a preset must say it (dnxhd, prores, mjpeg, x264 or x265)")
	}
	var names []string
	for i := range codecs {
		names = append(names, codecs[i].names...)
		for _, n := range codecs[i].names {
			if squash(n) == squash(r.Codec) {
				return &codecs[i], nil
			}
		}
	}
	return nil, &FieldError{Field: "codec", Err: &Unknown{What: "codec", Name: r.Codec, Near: near(r.Codec, names), Known: []string{"dnxhd", "prores", "mjpeg", "x264", "x265"}}}
}

func (r raw) frame(c *codec, out *jobfile.Recipe) (err error) {
	out.LogLevel, out.Video.ScaleFlags = "warning", "bicubic"
	if r.LogLevel != "" {
		if out.LogLevel, err = pick("ffmpeg_loglevel", "log level", r.LogLevel, jobfile.LogLevels); err != nil {
			return err
		}
	}
	if r.ScaleFilter != "" {
		if out.Video.ScaleFlags, err = pick("scale_filter", "scaler", r.ScaleFilter, scalers); err != nil {
			return err
		}
	}
	if r.Threads != "" && !strings.EqualFold(r.Threads, "auto") {
		if out.Threads, err = number("threads", r.Threads, 0, 1024); err != nil {
			return err
		}
	}
	if r.VerticalRes == "" {
		return nil
	}
	h, err := number("vertical_res", r.VerticalRes, 0, 16384)
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

// look settles profile, speed, tune and pixel format. The profile of x264 and x265 may be
// a speed: what their authors call presets, people file under profile.
func (r raw) look(c *codec, out *jobfile.Recipe) (err error) {
	v := &out.Video
	prof, speed := r.Profile, r.Speed
	if slices.ContainsFunc(c.speeds, func(s string) bool { return squash(s) == squash(prof) }) {
		if speed != "" {
			return bad("speed", "profile: %s is a speed too; leave one of them out", jobfile.Printable(prof))
		}
		prof, speed = "", prof
	}
	var p *profile
	if prof != "" || c.speeds == nil && len(c.profiles) > 0 {
		if p, err = c.profile(prof); err != nil {
			return err
		}
		v.Profile = p.name
	}
	switch {
	case c.speeds == nil && (speed != "" || r.Tune != ""):
		field := "speed"
		if speed == "" {
			field = "tune"
		}
		return bad(field, "%s has none; it is for x264 and x265", c.label)
	case speed != "":
		if v.Speed, err = pick("speed", "speed", speed, c.speeds); err != nil {
			return err
		}
	case c.speeds != nil:
		v.Speed = "medium"
	}
	if r.Tune != "" {
		if v.Tune, err = pick("tune", "tune", r.Tune, c.tunes); err != nil {
			return err
		}
	}

	formats := c.pixFmts
	if p != nil {
		formats = p.pixFmts
	}
	v.PixelFormat = formats[0]
	if want := strings.ToLower(r.PixFmt); want != "" {
		if strings.HasSuffix(want, "p10") || strings.HasSuffix(want, "p12") {
			want += "le"
		}
		if !slices.Contains(formats, want) {
			what := c.label
			if p != nil {
				what += " " + p.name
			}
			return bad("pix_fmt", "%s takes %s, not %s", what, strings.Join(formats, ", "), jobfile.Quote(r.PixFmt))
		}
		v.PixelFormat = want
	}
	return nil
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
	}{{"crf", r.CRF, c.crf > 0}, {"qscale", r.QScale, c.qscale > 0}, {"bitrate", r.Bitrate, c.bitrate}} {
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
	if r.Bitrate != "" {
		v.Bitrate = r.Bitrate
		return bitrate("bitrate", r.Bitrate)
	}
	if c.crf > 0 {
		n := c.crf
		if r.CRF != "" {
			var err error
			if n, err = number("crf", r.CRF, 0, 51); err != nil {
				return err
			}
		}
		v.CRF = &n
	}
	if c.qscale > 0 {
		n := c.qscale
		if r.QScale != "" {
			var err error
			if n, err = number("qscale", r.QScale, 1, 31); err != nil {
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
	if r.GOP == "" {
		return nil
	}
	if c.intra {
		return bad("gop", "every picture of %s stands alone", c.label)
	}
	if out.Video.GOP, err = number("gop", r.GOP, 1, 10000); err != nil {
		return err
	}
	out.Video.IntraOnly = out.Video.GOP == 1
	return nil
}

var reTag = regexp.MustCompile(`^[A-Za-z0-9]{4}$`)

func (r raw) container(c *codec, out *jobfile.Recipe) error {
	ext := strings.ToLower(r.Ext)
	switch {
	case ext == "" && c.intra:
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
		return &FieldError{Field: "ext", Err: &Unknown{What: "extension", Name: r.Ext, Near: near(r.Ext, known), Known: known}}
	case out.Container == "mp4" && c.noMP4:
		return bad("ext", "%s holds no %s; write .mov", ext, c.label)
	case r.Tag != "" && out.Container == "matroska":
		return bad("tag", ".mkv knows no tags; leave it out")
	case r.Tag != "" && !reTag.MatchString(r.Tag):
		return bad("tag", "%s is not four letters or digits", jobfile.Quote(r.Tag))
	}
	out.Video.Tag = r.Tag
	if r.Tag == "" && c.encoder == "libx265" && out.Container != "matroska" {
		out.Video.Tag = "hvc1"
	}
	return nil
}

func (r raw) sound(_ *codec, out *jobfile.Recipe) (err error) {
	name := squash(r.AudioCodec)
	if name == "" {
		name = "pcms16le"
		if out.Container == "mp4" {
			name = "aac"
		}
	}
	if name == "none" || name == "copy" {
		for _, f := range []struct{ field, value string }{{"audio_samplerate", r.AudioSamplerate}, {"audio_bitrate", r.AudioBitrate}} {
			if f.value != "" {
				return bad(f.field, "audio_codec: %s leaves nothing to set", name)
			}
		}
		if name == "copy" {
			out.Sound.Encoder = name
		}
		return nil
	}
	names := []string{"none", "copy"}
	for _, s := range sounds {
		names = append(names, s.names[0])
		if !slices.ContainsFunc(s.names, func(n string) bool { return squash(n) == name }) {
			continue
		}
		if !slices.Contains(s.in, out.Container) {
			return bad("audio_codec", "%s holds no %s; %s", out.Ext, s.names[0], instead(out.Container))
		}
		out.Sound.Encoder = s.encoder
		if r.AudioSamplerate != "" {
			if out.Sound.SampleRate, err = number("audio_samplerate", r.AudioSamplerate, 8000, 384000); err != nil {
				return err
			}
		}
		if r.AudioBitrate != "" && s.lossless {
			return bad("audio_bitrate", "%s has none", s.names[0])
		}
		if r.AudioBitrate != "" {
			out.Sound.Bitrate = r.AudioBitrate
			return bitrate("audio_bitrate", r.AudioBitrate)
		}
		return nil
	}
	return &FieldError{Field: "audio_codec", Err: &Unknown{What: "sound codec", Name: r.AudioCodec, Near: near(r.AudioCodec, names), Known: names}}
}

// instead says what sound to write where the one asked for doesn't fit.
func instead(container string) string {
	if container == "mp4" {
		return "write aac or alac, or ext: .mov"
	}
	return "write pcm_s16le or aac, or ext: .mkv"
}

// display are options about what ffmpeg prints. Presets of old carry them; progress is read
// in another way, so they are taken and not used.
var display = []string{"-hide_banner", "-stats", "-nostats"}

// args takes encoder options with or without their dash, and a value beside its option or in
// one string with it.
func (r raw) args(_ *codec, out *jobfile.Recipe) error {
	var words []string
	for _, a := range r.MiscArgs {
		words = append(words, strings.Fields(a)...)
	}
	for i := 0; i < len(words); i++ {
		opt := words[i]
		if !strings.HasPrefix(opt, "-") {
			opt = "-" + opt
		}
		if slices.Contains(display, opt) {
			continue
		}
		args := []string{opt}
		// An option that passes alone takes no value.
		if jobfile.CheckEncoderArgs(args) != nil && i+1 < len(words) {
			i++
			args = append(args, words[i])
		}
		if err := jobfile.CheckEncoderArgs(args); err != nil {
			return &FieldError{Field: "misc_args", Err: err}
		}
		if f, ok := sets(args); ok {
			return bad("misc_args", "%s is a field of its own: write %s", jobfile.Printable(strings.Join(args, " ")), f)
		}
		out.Video.Args = append(out.Video.Args, args...)
	}
	if err := jobfile.CheckEncoderArgs(out.Video.Args); err != nil {
		return &FieldError{Field: "misc_args", Err: err}
	}
	return nil
}

func sets(args []string) (field string, ok bool) {
	if f, ok := fieldOf[args[0]]; ok {
		return f, true
	}
	if !strings.HasSuffix(args[0], "-params") {
		return "", false
	}
	for _, kv := range strings.Split(args[1], ":") {
		key, _, _ := strings.Cut(kv, "=")
		if f, ok := fieldOf[key]; ok {
			return f, true
		}
	}
	return "", false
}
