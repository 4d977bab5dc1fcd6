package presets

import (
	"slices"
	"strings"

	"proxima/jobfile"
)

var plainCodecs = []string{"dnxhd", "prores", "cineform", "mjpeg", "x264", "x265", "av1"}

// codecNamed finds an encoder by any of its names; a family's name is its software encoder's.
func codecNamed(field, name string) (*codec, error) {
	var names []string
	for i := range codecs {
		names = append(names, codecs[i].names...)
		for _, n := range codecs[i].names {
			if squash(n) == squash(name) {
				return &codecs[i], nil
			}
		}
	}
	return nil, &FieldError{Field: field, Err: &Unknown{What: strings.TrimSuffix(field, "s"), Name: name, Near: near(name, names), Known: plainCodecs}}
}

// candidates are the encoders that may make the preset's proxies, the first choice first. All
// make one codec: parts of a clip, its extension and its tag must agree whoever encodes.
func (r raw) candidates() ([]*codec, error) {
	var want *codec
	var err error
	if name := r.word("codec"); name != "" {
		if want, err = codecNamed("codec", name); err != nil {
			return nil, err
		}
	}
	list := words(r["encoders"])
	if len(list) == 0 {
		if want == nil {
			return nil, bad("codec", "missing, a preset must say it (dnxhd, prores, cineform, mjpeg, x264, x265 or av1)")
		}
		return []*codec{want}, nil
	}
	if len(list) > 16 {
		return nil, bad("encoders", "%d of them, more than 16", len(list))
	}
	var cs []*codec
	for _, name := range list {
		c, err := codecNamed("encoders", name)
		if err != nil {
			return nil, err
		}
		switch {
		case slices.Contains(cs, c):
			return nil, bad("encoders", "%s stands twice", jobfile.Printable(name))
		case len(cs) > 0 && c.family != cs[0].family:
			return nil, bad("encoders", "%s makes %s and %s makes %s: the encoders of a preset make one codec, or the parts of a clip would not join", cs[0].encoder, cs[0].family, c.encoder, c.family)
		case want != nil && c.family != want.family:
			return nil, bad("encoders", "%s makes %s, and codec: %s is %s; leave codec out", c.encoder, c.family, jobfile.Printable(r.word("codec")), want.family)
		}
		cs = append(cs, c)
	}
	return cs, nil
}

// words takes a list as it is, and parts one word at its commas: [a, b] and "a, b" are the same.
func words(w jobfile.Words) []string {
	var out []string
	for _, s := range w {
		parts := []string{s}
		if len(w) == 1 {
			parts = strings.Split(s, ",")
		}
		for _, p := range parts {
			if p = strings.TrimSpace(p); p != "" {
				out = append(out, p)
			}
		}
	}
	return out
}
