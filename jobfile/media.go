package jobfile

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Rational is an exact ratio as media files state it: a frame rate in frames per second
// (24000/1001) or a time base in seconds per tick (1/90000). Rates and times are never
// floats here: 23.976 is not a frame rate.
type Rational struct{ Num, Den int64 }

// ParseRational reads "24000/1001" or "25".
func ParseRational(s string) (Rational, error) {
	num, den, cut := strings.Cut(s, "/")
	if !cut {
		den = "1"
	}
	n, err1 := strconv.ParseInt(num, 10, 64)
	d, err2 := strconv.ParseInt(den, 10, 64)
	if err1 != nil || err2 != nil || n < 0 || d < 0 {
		return Rational{}, fmt.Errorf("%s is not a ratio like 24000/1001", Quote(s))
	}
	return Rational{n, d}, nil
}

// Valid reports whether r is a positive ratio.
func (r Rational) Valid() bool { return r.Num > 0 && r.Den > 0 }

// String writes r as "24000/1001"; a whole number keeps its "/1".
func (r Rational) String() string { return fmt.Sprintf("%d/%d", r.Num, r.Den) }

// Float is for people's eyes and for estimates, never for a cut.
func (r Rational) Float() float64 {
	if r.Den == 0 {
		return 0
	}
	return float64(r.Num) / float64(r.Den)
}

// MarshalYAML writes the ratio as a string.
func (r Rational) MarshalYAML() (any, error) { return r.String(), nil }

// UnmarshalYAML reads the ratio from a string.
func (r *Rational) UnmarshalYAML(decode func(any) error) error {
	var s string
	if err := decode(&s); err != nil {
		return err
	}
	v, err := ParseRational(s)
	if err != nil {
		return err
	}
	*r = v
	return nil
}

// Micros converts a count of ticks of time base r to microseconds, rounded half away from
// zero, exactly: ticks of a day-long file times a million do not fit in 64 bits.
func (r Rational) Micros(ticks int64) int64 {
	if r.Den == 0 {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(ticks), big.NewInt(r.Num))
	n.Mul(n, big.NewInt(2_000_000))
	d := big.NewInt(r.Den)
	if n.Sign() < 0 {
		n.Sub(n, d)
	} else {
		n.Add(n, d)
	}
	n.Quo(n, d.Mul(d, big.NewInt(2)))
	return n.Int64()
}

// Media is what the queuer learnt of a source by probing it: enough to plan, encode, check
// and stitch without anybody having to agree with anybody else about what the file is.
type Media struct {
	Container    string        `yaml:"container"`               // ffprobe format_name: "mov,mp4,m4a,3gp,3g2,mj2"
	DurationUS   int64         `yaml:"duration_us"`             // as the container says; 0 if it doesn't
	OriginUS     int64         `yaml:"origin_us"`               // the container's start time, the zero of an uninterrupted encode; may be negative or hours
	Video        VideoStream   `yaml:"video"`                   // the picture that is encoded
	Sound        []SoundStream `yaml:"sound,omitempty"`         // all of it
	Timecode     string        `yaml:"timecode,omitempty"`      // "10:11:12:13", ";" before the frames where drop-frame; none stays none
	Reel         string        `yaml:"reel,omitempty"`          // reel name (QuickTime tmcd)
	CreationTime string        `yaml:"creation_time,omitempty"` // as the container says, ISO 8601
}

// VideoStream describes the picture. Timestamps of units are ticks of its TimeBase.
type VideoStream struct {
	Index        int      `yaml:"index"` // of the stream in its file
	Codec        string   `yaml:"codec"`
	Width        int      `yaml:"width"` // of the coded picture, before rotation
	Height       int      `yaml:"height"`
	PixelFormat  string   `yaml:"pixel_format"`
	SampleAspect Rational `yaml:"sample_aspect"`         // 0/1: not stated
	FieldOrder   string   `yaml:"field_order,omitempty"` // progressive, tt, bb, tb, bt, or not stated
	TimeBase     Rational `yaml:"time_base"`             // seconds per tick
	FrameRate    Rational `yaml:"frame_rate"`            // average, frames per second
	Frames       int64    `yaml:"frames,omitempty"`      // as the container declares; 0 if it does not; hidden ones included
	Rotation     int      `yaml:"rotation,omitempty"`    // degrees, as ffprobe's display matrix says: -90, 90, 180
	Range        string   `yaml:"range,omitempty"`       // tv, pc
	Primaries    string   `yaml:"primaries,omitempty"`   // ffprobe color_primaries
	Transfer     string   `yaml:"transfer,omitempty"`    // ffprobe color_transfer
	Matrix       string   `yaml:"matrix,omitempty"`      // ffprobe color_space
}

// SoundStream describes one stream of sound.
type SoundStream struct {
	Index      int    `yaml:"index"`
	Codec      string `yaml:"codec"`
	Channels   int    `yaml:"channels"`
	Layout     string `yaml:"layout,omitempty"`
	SampleRate int    `yaml:"sample_rate"`           // Hz
	DurationUS int64  `yaml:"duration_us,omitempty"` // as declared; 0 if not
}

// maxSoundStreams bounds what a job may ask of a worker; real files stay below 64.
const maxSoundStreams = 256

// Validate reports the first fact that cannot be true of a file.
func (m *Media) Validate() error {
	v := &m.Video
	switch {
	case v.Index < 0 || v.Index > 10000:
		return fmt.Errorf("media.video.index: %d", v.Index)
	case v.Width <= 0 || v.Height <= 0 || v.Width > 65536 || v.Height > 65536:
		return fmt.Errorf("media.video: a picture of %dx%d", v.Width, v.Height)
	case !v.TimeBase.Valid():
		return fmt.Errorf("media.video.time_base: %s", v.TimeBase)
	case v.Frames < 0:
		return fmt.Errorf("media.video.frames: %d", v.Frames)
	case len(m.Sound) > maxSoundStreams:
		return fmt.Errorf("media.sound: %d streams, more than %d", len(m.Sound), maxSoundStreams)
	case m.Timecode != "" && !reTimecode.MatchString(m.Timecode):
		return fmt.Errorf("media.timecode: %s is not HH:MM:SS:FF", Quote(m.Timecode))
	}
	for i, s := range m.Sound {
		if s.Index < 0 || s.Index > 10000 || s.Channels < 0 || s.Channels > 1024 {
			return fmt.Errorf("media.sound[%d]: stream %d with %d channels", i, s.Index, s.Channels)
		}
	}
	return nil
}
