package jobfile

import (
	"fmt"
	"time"
)

// Result is the commit of one attempt at a unit: a complete document in done/, written once,
// whose parts are proven. Two results of one unit may both stand; either is as good.
type Result struct {
	Format   int        `yaml:"format"`
	Job      string     `yaml:"job"`
	Unit     UnitID     `yaml:"unit"`
	Attempt  int        `yaml:"attempt"`
	Worker   string     `yaml:"worker"`
	Host     string     `yaml:"host"`
	Started  time.Time  `yaml:"started"`
	Finished time.Time  `yaml:"finished"`
	Encoder  string     `yaml:"encoder"`         // ffmpeg's version line
	Recipe   string     `yaml:"recipe"`          // Job.Made of what it was made with
	Video    *VideoPart `yaml:"video,omitempty"` // of a chunk or a whole
	Sound    *SoundPart `yaml:"sound,omitempty"` // of the sound unit or a whole
	Warnings []string   `yaml:"warnings,omitempty"`
}

// VideoPart is a proven stretch of picture.
type VideoPart struct {
	File     string      `yaml:"file"`       // name in parts/
	Size     int64       `yaml:"size"`       // bytes
	Frames   int64       `yaml:"frames"`     // packets in it, each one frame
	FirstPTS int64       `yaml:"first_pts"`  // of its first frame, ticks of the source's time base
	LastPTS  int64       `yaml:"last_pts"`   // of its last frame
	LastTick int64       `yaml:"last_ticks"` // how long the last frame lasts, ticks; only the last unit's counts
	Digest   string      `yaml:"digest"`     // sha256 over each packet's relative timestamp, size and content hash, in file order
	Hidden   int64       `yaml:"hidden"`     // packets of the source's range that its edit list hides
	Stream   StreamFacts `yaml:"stream"`
}

// StreamFacts is what parts must have in common to be joined without re-encoding.
type StreamFacts struct {
	Codec       string   `yaml:"codec"`
	Tag         string   `yaml:"tag"`
	Profile     string   `yaml:"profile,omitempty"`
	Width       int      `yaml:"width"`
	Height      int      `yaml:"height"`
	PixelFormat string   `yaml:"pixel_format"`
	TimeBase    Rational `yaml:"time_base"`
	Extradata   string   `yaml:"extradata,omitempty"` // hash of the decoder configuration
	Range       string   `yaml:"range,omitempty"`
	Primaries   string   `yaml:"primaries,omitempty"`
	Transfer    string   `yaml:"transfer,omitempty"`
	Matrix      string   `yaml:"matrix,omitempty"`
	Rotation    int      `yaml:"rotation,omitempty"`
}

// Differs names the first fact in which two parts' streams differ, "" if none. A range that
// is not stated differs from none: H.264 has it in the stream alone, and whether ffprobe gets
// as far as decoding a frame depends on where the file's first frame lies.
func (s StreamFacts) Differs(other StreamFacts) string {
	a, b := s, other
	if a.Range == "" || b.Range == "" {
		a.Range, b.Range = "", ""
	}
	for _, f := range []struct {
		name string
		a, b any
	}{
		{"codec", a.Codec, b.Codec},
		{"tag", a.Tag, b.Tag},
		{"profile", a.Profile, b.Profile},
		{"width", a.Width, b.Width},
		{"height", a.Height, b.Height},
		{"pixel format", a.PixelFormat, b.PixelFormat},
		{"time base", a.TimeBase, b.TimeBase},
		{"decoder configuration", a.Extradata, b.Extradata},
		{"range", a.Range, b.Range},
		{"primaries", a.Primaries, b.Primaries},
		{"transfer", a.Transfer, b.Transfer},
		{"matrix", a.Matrix, b.Matrix},
		{"rotation", a.Rotation, b.Rotation},
	} {
		if f.a != f.b {
			return fmt.Sprintf("%s (%v and %v)", f.name, f.a, f.b)
		}
	}
	return ""
}

// SoundPart is all sound of the source, encoded in one piece: per-chunk sound clicks at the
// joins and grows by the encoder's priming.
type SoundPart struct {
	File    string       `yaml:"file"`
	Size    int64        `yaml:"size"`
	StartUS int64        `yaml:"start_us"` // of the earliest sound against the source's origin
	Streams []SoundFacts `yaml:"streams"`
}

// SoundFacts is one encoded stream.
type SoundFacts struct {
	Codec      string `yaml:"codec"`
	Channels   int    `yaml:"channels"`
	SampleRate int    `yaml:"sample_rate"`
	DurationUS int64  `yaml:"duration_us"`
	Digest     string `yaml:"digest"` // md5 of the stream's bytes
}

// Final describes the finished file; it is the heart of DONE.yaml.
type Final struct {
	Path     string   `yaml:"-"` // where the stitch left it: a temporary name beside the output
	Size     int64    `yaml:"size"`
	Frames   int64    `yaml:"frames"`
	Digest   string   `yaml:"digest"`             // sha256 as in VideoPart, over the whole picture
	Timecode string   `yaml:"timecode,omitempty"` // read back from the file
	Checks   []string `yaml:"checks"`             // what was compared, in words
	Warnings []string `yaml:"warnings,omitempty"`
}

// Validate checks a result against the unit and job it claims to belong to.
func (r *Result) Validate() error {
	if err := checkFormat(r.Format); err != nil {
		return err
	}
	if r.Video == nil && r.Sound == nil {
		return fmt.Errorf("neither video nor sound: a result names what it made")
	}
	if v := r.Video; v != nil {
		if err := checkPartName(v.File); err != nil {
			return fmt.Errorf("video.file: %w", err)
		}
		if v.Frames <= 0 || v.Size <= 0 || v.LastPTS < v.FirstPTS || v.LastTick < 0 {
			return fmt.Errorf("video: %d frames from %d to %d in %d bytes", v.Frames, v.FirstPTS, v.LastPTS, v.Size)
		}
		if v.Digest == "" {
			return fmt.Errorf("video.digest: missing")
		}
	}
	if s := r.Sound; s != nil {
		if err := checkPartName(s.File); err != nil {
			return fmt.Errorf("sound.file: %w", err)
		}
		if len(s.Streams) == 0 || len(s.Streams) > maxSoundStreams {
			return fmt.Errorf("sound.streams: %d streams", len(s.Streams))
		}
	}
	return nil
}
