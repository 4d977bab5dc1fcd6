// Package presets turns a preset's name into the frozen recipe that a job carries.
//
// Presets come in layers: those built in, the farm's, a person's own. A layer laid over
// another replaces presets of the same name as a whole. Resolving is pure; it names every
// default and refuses what could not work, so that mistakes show where a job is queued
// and not on a worker an hour later.
package presets

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"proxima/jobfile"
)

//go:embed builtin.yaml
var builtin []byte

// OriginBuiltin is the origin of the presets that come with the program.
const OriginBuiltin = "built in"

// maxPresets bounds a file; written by hand, they hold a few dozen at most.
const maxPresets = 1000

// raw is a preset as it is written. An empty string is a field that was left out: numbers
// are kept as text, since "48000" and 48000 are both usual.
type raw struct {
	LogLevel        string   `yaml:"ffmpeg_loglevel"`
	Codec           string   `yaml:"codec"`
	VerticalRes     string   `yaml:"vertical_res"`
	Profile         string   `yaml:"profile"`
	PixFmt          string   `yaml:"pix_fmt"`
	CRF             string   `yaml:"crf"`
	QScale          string   `yaml:"qscale"`
	Bitrate         string   `yaml:"bitrate"`
	Speed           string   `yaml:"speed"`
	Tune            string   `yaml:"tune"`
	GOP             string   `yaml:"gop"`
	Tag             string   `yaml:"tag"`
	ScaleFilter     string   `yaml:"scale_filter"`
	AudioCodec      string   `yaml:"audio_codec"`
	AudioSamplerate string   `yaml:"audio_samplerate"`
	AudioBitrate    string   `yaml:"audio_bitrate"`
	MiscArgs        []string `yaml:"misc_args"`
	Ext             string   `yaml:"ext"`
	Threads         string   `yaml:"threads"`
}

type preset struct {
	raw
	origin string
}

// Set is a layer of presets, or several laid over each other. The zero Set is empty. A Set
// never changes.
type Set struct{ presets map[string]preset }

// Builtin returns the presets that come with the program.
func Builtin() Set {
	s, err := read(OriginBuiltin, builtin)
	if err != nil {
		panic(err) // a test reads them
	}
	return s
}

var reName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.:+-]{0,63}$`)

// Read reads a file of presets. Each of them must resolve by itself; the first mistake is
// returned as a *jobfile.DecodeError that says where it is. A file with nothing but comments
// is an empty set.
func Read(file string, data []byte) (Set, error) { return read(file, data) }

func read(origin string, data []byte) (Set, error) {
	if blank(data) {
		return Set{}, nil
	}
	raws := map[string]raw{}
	if err := jobfile.Decode(origin, data, &raws); err != nil {
		return Set{}, err
	}
	fail := func(name, field, reason string) (Set, error) {
		line, col := place(data, name, field)
		return Set{}, &jobfile.DecodeError{File: origin, Line: line, Column: col, Reason: reason}
	}
	if len(raws) > maxPresets {
		return fail("", "", fmt.Sprintf("%d presets, more than %d", len(raws), maxPresets))
	}
	s := Set{presets: make(map[string]preset, len(raws))}
	for name, r := range raws {
		s.presets[name] = preset{raw: r, origin: origin}
	}
	for _, name := range s.Names() {
		if !reName.MatchString(name) {
			return fail(name, "", fmt.Sprintf("%s is no name for a preset: letters, digits and _ - . only", jobfile.Quote(name)))
		}
		if _, err := s.Resolve(name); err != nil {
			var fe *FieldError
			if !errors.As(err, &fe) {
				return fail(name, "", err.Error())
			}
			return fail(name, fe.Field, fmt.Sprintf("preset %s: %s: %v", name, fe.Field, fe.Err))
		}
	}
	return s, nil
}

// Over lays s over other: a preset of s replaces the one of that name in other.
func (s Set) Over(other Set) Set {
	m := make(map[string]preset, len(s.presets)+len(other.presets))
	for n, p := range other.presets {
		m[n] = p
	}
	for n, p := range s.presets {
		m[n] = p
	}
	return Set{presets: m}
}

// Names lists the presets, sorted.
func (s Set) Names() []string {
	names := make([]string, 0, len(s.presets))
	for n := range s.presets {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Origin says where a preset was read: a file as given to Read, or OriginBuiltin. It is
// empty for a name that the set doesn't hold.
func (s Set) Origin(name string) string { return s.presets[name].origin }

// Resolve makes a preset's recipe. Errors are *Unknown where there is no such preset, and
// *FieldError where one of its fields can't be.
func (s Set) Resolve(name string) (jobfile.Recipe, error) {
	p, ok := s.presets[name]
	if !ok {
		names := s.Names()
		return jobfile.Recipe{}, &Unknown{What: "preset", Name: name, Near: near(name, names), Known: names}
	}
	r, err := p.resolve(name)
	if err != nil {
		var fe *FieldError
		if errors.As(err, &fe) {
			fe.Preset, fe.Origin = name, p.origin
		}
		return jobfile.Recipe{}, err
	}
	if err := r.Validate(); err != nil {
		return jobfile.Recipe{}, fmt.Errorf("preset %s (%s): %w", jobfile.Quote(name), p.origin, err)
	}
	return r, nil
}

// FieldError is a value that a preset may not have.
type FieldError struct {
	Preset string // its name
	Origin string // where it was read
	Field  string // as written in the file
	Err    error  // what is wrong, and mostly what to write instead
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("preset %s (%s): %s: %v", jobfile.Printable(e.Preset), jobfile.Printable(e.Origin), e.Field, e.Err)
}

func (e *FieldError) Unwrap() error { return e.Err }

func blank(data []byte) bool {
	for _, l := range bytes.Split(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\n")) {
		if l = bytes.TrimSpace(l); len(l) > 0 && l[0] != '#' {
			return false
		}
	}
	return true
}

// place finds a field of a preset in a file in block style, for messages. The YAML library
// gives no place for values it accepted. The beginning where it isn't found.
func place(data []byte, name, field string) (line, col int) {
	inside, at := false, 0
	for i, l := range strings.Split(string(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))), "\n") {
		body := strings.TrimLeft(l, " ")
		key, _, ok := strings.Cut(body, ":")
		key = strings.Trim(strings.TrimSpace(key), `"'`)
		switch indent := len(l) - len(body); {
		case !ok || strings.HasPrefix(body, "#"):
		case indent == 0:
			if inside = key == name; inside {
				at = i + 1
			}
		case inside && key == field:
			return i + 1, indent + 1
		}
	}
	return max(at, 1), 1
}
