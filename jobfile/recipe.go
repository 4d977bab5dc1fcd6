package jobfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Recipe is a preset resolved to the values an encoder needs, frozen into a job at its
// birth. Workers never consult their own presets for the picture: what is written here is
// what every part of the job is made with, or the parts would not join.
type Recipe struct {
	Preset    string      `yaml:"preset"`
	Video     VideoRecipe `yaml:"video"`
	Sound     SoundRecipe `yaml:"sound"`
	Container string      `yaml:"container"`         // ffmpeg muxer: mov, mp4 or matroska
	Ext       string      `yaml:"ext"`               // of the finished file, with its dot: ".mov"
	Flags     []string    `yaml:"flags,omitempty"`   // of the container, see ContainerFlags
	Threads   int         `yaml:"threads"`           // per ffmpeg process; 0 lets the encoder take the whole machine
	LogLevel  string      `yaml:"log_level"`         // ffmpeg's -v: error, warning, info, verbose
	HWAccel   string      `yaml:"hwaccel,omitempty"` // how a source is decoded, see HWAccels; empty: in software
}

// VideoRecipe says how the picture is encoded. Exactly one of CRF, QScale and Bitrate may be
// set; none leaves the rate to the encoder's profile (DNxHR, ProRes).
type VideoRecipe struct {
	Encoder     string   `yaml:"encoder"`             // ffmpeg encoder name: dnxhd, prores_aw, mjpeg, libx264, libx265
	Profile     string   `yaml:"profile,omitempty"`   // -profile:v
	PixelFormat string   `yaml:"pixel_format"`        // -pix_fmt
	MaxHeight   int      `yaml:"max_height"`          // lines of the coded picture; smaller sources are never enlarged; 0 keeps the size
	MaxWidth    int      `yaml:"max_width,omitempty"` // likewise columns; the aspect is kept
	CRF         *int     `yaml:"crf,omitempty"`       // constant rate factor, x264 and x265
	QScale      *int     `yaml:"qscale,omitempty"`    // fixed quantiser; rate control with a memory would differ at chunk joins
	Bitrate     string   `yaml:"bitrate,omitempty"`   // bits per second as ffmpeg writes it: "8M"
	Speed       string   `yaml:"speed,omitempty"`     // -preset of x264/x265
	Tune        string   `yaml:"tune,omitempty"`      // -tune
	GOP         int      `yaml:"gop,omitempty"`       // frames between keyframes at most; 0 is the encoder's own
	Tag         string   `yaml:"tag,omitempty"`       // sample entry fourcc: hvc1 so that QuickTime and Resolve open HEVC
	ScaleFlags  string   `yaml:"scale_flags"`         // swscale algorithm: bicubic, lanczos, ...
	Args        []string `yaml:"args,omitempty"`      // further encoder options, checked by the presets package
	IntraOnly   bool     `yaml:"intra_only"`          // every frame stands alone

	// What an editor sets for a clip, whatever its file says.
	DataLevel string `yaml:"data_level,omitempty"` // of the source's samples: one of DataLevels; empty: as the file says
	Flip      string `yaml:"flip,omitempty"`       // of the picture as it is shown: one of Flips; empty: none

	LUT       *Asset     `yaml:"lut,omitempty"`       // a .cube file, applied before scaling
	BurnIn    *BurnIn    `yaml:"burn_in,omitempty"`   // words on the picture
	Watermark *Watermark `yaml:"watermark,omitempty"` // a picture on the picture
}

// SoundRecipe says how sound is encoded; it is one unit for the whole source.
type SoundRecipe struct {
	Encoder    string `yaml:"encoder,omitempty"`     // ffmpeg encoder name, "copy", or empty for no sound
	SampleRate int    `yaml:"sample_rate,omitempty"` // Hz; 0 keeps the source's
	Bitrate    string `yaml:"bitrate,omitempty"`     // per stream
	Tracks     []int  `yaml:"tracks,omitempty"`      // the source's streams of sound to keep, from 1; none: all
}

// Of reports whether a proxy of m has sound: the recipe wants some, and the source has it.
func (s *SoundRecipe) Of(m *Media) bool {
	none := len(s.Tracks) > 0 && slices.Min(s.Tracks) > len(m.Sound)
	return s.Encoder != "" && len(m.Sound) > 0 && !none
}

var (
	reWord    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$`)
	reScaler  = regexp.MustCompile(`^[a-z0-9_]{1,32}(\+[a-z0-9_]{1,32}){0,7}$`) // both stand in a chain of filters,
	rePixels  = regexp.MustCompile(`^[a-z0-9]{1,32}$`)                          // where a colon begins the next option
	reBitrate = regexp.MustCompile(`^[0-9]{1,9}[kKmM]?$`)
)

// Containers are the muxers a recipe may name, with the extensions each may end in.
var Containers = map[string][]string{
	"mov":      {".mov"},
	"mp4":      {".mp4", ".m4v"},
	"matroska": {".mkv"},
}

// ContainerFlags are the muxer's options that a recipe may ask for: faststart moves the index
// to the file's beginning, so that a browser shows the first picture before it has the last.
var ContainerFlags = []string{"faststart"}

// HWAccels are the ways of decoding in hardware that a recipe may name (ffmpeg's -hwaccel).
var HWAccels = []string{"auto", "cuda", "d3d11va", "dxva2", "qsv", "vaapi", "vdpau", "videotoolbox", "vulkan"}

// DataLevels are how a source's samples may be meant: over all of their range, or within the
// limits of video.
var DataLevels = []string{"full", "video"}

// Flips are the ways in which a picture may be mirrored.
var Flips = []string{"horizontal", "vertical", "both"}

// LogLevels are the ffmpeg log levels a recipe may name.
var LogLevels = []string{"error", "warning", "info", "verbose"}

// Validate reports the first value that no encoder may be given. It is the last gate before
// values from the farm folder reach a command line, so it is strict about characters even
// though no shell is involved.
func (r *Recipe) Validate() error {
	word := func(field, v string, required bool) error {
		if v == "" && !required {
			return nil
		}
		if !reWord.MatchString(v) {
			return fmt.Errorf("recipe.%s: %s is not a plain word", field, Quote(v))
		}
		return nil
	}
	v, s := &r.Video, &r.Sound
	for _, e := range []error{
		word("preset", r.Preset, true),
		word("video.encoder", v.Encoder, true), word("video.profile", v.Profile, false),
		word("video.speed", v.Speed, false), word("video.tune", v.Tune, false), word("video.tag", v.Tag, false),
	} {
		if e != nil {
			return e
		}
	}
	exts, ok := Containers[r.Container]
	switch {
	case !slices.Contains(VideoEncoders, v.Encoder):
		return fmt.Errorf("recipe.video.encoder: %s is not one of %s", Quote(v.Encoder), strings.Join(VideoEncoders, ", "))
	case !slices.Contains(SoundEncoders, s.Encoder):
		return fmt.Errorf("recipe.sound.encoder: %s is not one of %s", Quote(s.Encoder), strings.Join(SoundEncoders[1:], ", "))
	case !rePixels.MatchString(v.PixelFormat):
		return fmt.Errorf("recipe.video.pixel_format: %s is not a pixel format", Quote(v.PixelFormat))
	case !reScaler.MatchString(v.ScaleFlags):
		return fmt.Errorf("recipe.video.scale_flags: %s are not a scaler's", Quote(v.ScaleFlags))
	case !ok:
		return fmt.Errorf("recipe.container: %s is not one of mov, mp4, matroska", Quote(r.Container))
	case !slices.Contains(exts, strings.ToLower(r.Ext)):
		return fmt.Errorf("recipe.ext: %s does not fit container %s (%s)", Quote(r.Ext), r.Container, strings.Join(exts, ", "))
	case !slices.Contains(LogLevels, r.LogLevel):
		return fmt.Errorf("recipe.log_level: %s is not one of %s", Quote(r.LogLevel), strings.Join(LogLevels, ", "))
	case r.Threads < 0 || r.Threads > 1024:
		return fmt.Errorf("recipe.threads: %d is not between 0 and 1024", r.Threads)
	case v.MaxHeight < 0 || v.MaxHeight > 16384:
		return fmt.Errorf("recipe.video.max_height: %d is not between 0 and 16384", v.MaxHeight)
	case v.MaxWidth < 0 || v.MaxWidth > 16384:
		return fmt.Errorf("recipe.video.max_width: %d is not between 0 and 16384", v.MaxWidth)
	case r.HWAccel != "" && !slices.Contains(HWAccels, r.HWAccel):
		return fmt.Errorf("recipe.hwaccel: %s is not one of %s", Quote(r.HWAccel), strings.Join(HWAccels, ", "))
	case v.DataLevel != "" && !slices.Contains(DataLevels, v.DataLevel):
		return fmt.Errorf("recipe.video.data_level: %s is not one of %s", Quote(v.DataLevel), strings.Join(DataLevels, ", "))
	case v.Flip != "" && !slices.Contains(Flips, v.Flip):
		return fmt.Errorf("recipe.video.flip: %s is not one of %s", Quote(v.Flip), strings.Join(Flips, ", "))
	case v.GOP < 0 || v.GOP > 10000:
		return fmt.Errorf("recipe.video.gop: %d is not between 0 and 10000", v.GOP)
	case v.Bitrate != "" && !reBitrate.MatchString(v.Bitrate):
		return fmt.Errorf("recipe.video.bitrate: %s is not a number with k or M", Quote(v.Bitrate))
	case s.Bitrate != "" && !reBitrate.MatchString(s.Bitrate):
		return fmt.Errorf("recipe.sound.bitrate: %s is not a number with k or M", Quote(s.Bitrate))
	case s.SampleRate < 0 || s.SampleRate > 384000:
		return fmt.Errorf("recipe.sound.sample_rate: %d Hz is not between 0 and 384000", s.SampleRate)
	}
	rates := 0
	for _, set := range []bool{v.CRF != nil, v.QScale != nil, v.Bitrate != ""} {
		if set {
			rates++
		}
	}
	if rates > 1 {
		return fmt.Errorf("recipe.video: crf, qscale and bitrate exclude each other")
	}
	if err := CheckEncoderArgs(v.Args); err != nil {
		return fmt.Errorf("recipe.video.args: %w", err)
	}
	for _, f := range r.Flags {
		if !slices.Contains(ContainerFlags, f) {
			return fmt.Errorf("recipe.flags: %s is not one of %s", Quote(f), strings.Join(ContainerFlags, ", "))
		}
	}
	if len(s.Tracks) > maxSoundStreams {
		return fmt.Errorf("recipe.sound.tracks: %d of them", len(s.Tracks))
	}
	for _, t := range s.Tracks {
		if t < 1 || t > maxSoundStreams {
			return fmt.Errorf("recipe.sound.tracks: %d is not between 1 and %d", t, maxSoundStreams)
		}
	}
	return v.validateDress()
}
