package jobfile

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// Rule chooses the presets for a source where the queuer named none. Of a list of rules the
// first that matches decides.
type Rule struct {
	When    When   `yaml:"when,omitempty"`    // all of it must hold; nothing: it always does
	Presets Words  `yaml:"presets,omitempty"` // one proxy with each
	Skip    string `yaml:"skip,omitempty"`    // or none at all, and why
}

// When is what a rule asks of a source. What is left out is not asked.
type When struct {
	Ext         Words    `yaml:"ext,omitempty"`          // of the file's name, with or without its dot
	Codec       Words    `yaml:"codec,omitempty"`        // of the picture, as ffprobe names it
	Path        Words    `yaml:"path,omitempty"`         // globs; ** crosses folders; without a slash: of the file's name
	Camera      Words    `yaml:"camera,omitempty"`       // globs of what the file says of its camera
	MinHeight   int      `yaml:"min_height,omitempty"`   // lines
	MaxHeight   int      `yaml:"max_height,omitempty"`   //
	MinWidth    int      `yaml:"min_width,omitempty"`    // columns
	MaxWidth    int      `yaml:"max_width,omitempty"`    //
	FrameRate   Words    `yaml:"frame_rate,omitempty"`   // 25, 23.976, 24000/1001
	LongerThan  Duration `yaml:"longer_than,omitempty"`  //
	ShorterThan Duration `yaml:"shorter_than,omitempty"` //
}

// Filters are what of a folder is queued at all.
type Filters struct {
	Extensions Words `yaml:"extensions,omitempty"`  // none: all
	FrameRates Words `yaml:"frame_rates,omitempty"` // none: all
}

// Facts are what rules and filters look at.
type Facts struct {
	Path     string // with forward slashes, as this machine has it
	Camera   string // maker and model
	Video    VideoStream
	Duration time.Duration
}

// maxRules bounds a list that is written by hand.
const maxRules = 1000

// Rules is a list of them, in order.
type Rules []Rule

// Validate reports the first rule that could not be meant.
func (rs Rules) Validate() error {
	if len(rs) > maxRules {
		return fmt.Errorf("rules: %d of them, more than %d", len(rs), maxRules)
	}
	for i := range rs {
		r := &rs[i]
		at := fmt.Sprintf("rules[%d]", i)
		switch {
		case len(r.Presets) > 0 && r.Skip != "":
			return fmt.Errorf("%s.skip: it names presets too; leave one of them out", at)
		case len(r.Presets) == 0 && r.Skip == "":
			return fmt.Errorf("%s: it names no presets; write presets: [NAME], or skip: and why", at)
		}
		if err := r.When.validate(); err != nil {
			return fmt.Errorf("%s.when.%w", at, err)
		}
	}
	return nil
}

func (w *When) validate() error {
	for _, g := range []struct {
		field string
		globs Words
	}{{"path", w.Path}, {"camera", w.Camera}} {
		for _, p := range g.globs {
			if !doublestar.ValidatePattern(p) || len(p) > 1000 {
				return fmt.Errorf("%s: %s is not a pattern; * and ** stand for any text, ? for a letter, {a,b} for one of several", g.field, Quote(p))
			}
		}
	}
	for _, n := range []struct {
		field string
		value int
	}{{"min_height", w.MinHeight}, {"max_height", w.MaxHeight}, {"min_width", w.MinWidth}, {"max_width", w.MaxWidth}} {
		if n.value < 0 {
			return fmt.Errorf("%s: %d is negative", n.field, n.value)
		}
	}
	return checkRates("frame_rate", w.FrameRate)
}

// Validate reports the first filter that could not be meant.
func (f *Filters) Validate() error { return checkRates("filters.frame_rates", f.FrameRates) }

func checkRates(field string, rates Words) error {
	for _, r := range rates {
		if _, ok := parseRate(r); !ok {
			return fmt.Errorf("%s: %s is not a frame rate like 25, 23.976 or 24000/1001", field, Quote(r))
		}
	}
	return nil
}

// Choose finds the first rule that matches, counted from 0; -1 if none does.
func (rs Rules) Choose(f *Facts) int {
	return slices.IndexFunc(rs, func(r Rule) bool { return r.When.holds(f) })
}

func (w *When) holds(f *Facts) bool {
	v := &f.Video
	return (len(w.Ext) == 0 || hasExt(f.Path, w.Ext)) &&
		(len(w.Codec) == 0 || slices.ContainsFunc(w.Codec, func(c string) bool { return strings.EqualFold(c, v.Codec) })) &&
		(len(w.Path) == 0 || slices.ContainsFunc(w.Path, func(p string) bool { return globPath(p, f.Path) })) &&
		(len(w.Camera) == 0 || slices.ContainsFunc(w.Camera, func(p string) bool { return glob(p, f.Camera) })) &&
		v.Height >= w.MinHeight && (w.MaxHeight == 0 || v.Height <= w.MaxHeight) &&
		v.Width >= w.MinWidth && (w.MaxWidth == 0 || v.Width <= w.MaxWidth) &&
		(len(w.FrameRate) == 0 || hasRate(v.FrameRate, w.FrameRate)) &&
		(w.LongerThan == 0 || f.Duration > w.LongerThan.D()) &&
		(w.ShorterThan == 0 || f.Duration < w.ShorterThan.D())
}

// Refuses says why a source is not queued, or "".
func (f *Filters) Refuses(s *Facts) string {
	switch {
	case len(f.Extensions) > 0 && !hasExt(s.Path, f.Extensions):
		return "its extension is none of filters.extensions"
	case len(f.FrameRates) > 0 && !hasRate(s.Video.FrameRate, f.FrameRates):
		return "its frame rate is none of filters.frame_rates"
	}
	return ""
}

func hasExt(path string, exts Words) bool {
	name := strings.ToLower(path[strings.LastIndex(path, "/")+1:])
	return slices.ContainsFunc(exts, func(e string) bool {
		e = strings.ToLower(strings.TrimLeft(e, "*."))
		return e != "" && strings.HasSuffix(name, "."+e)
	})
}

// globPath matches a path, whatever its case: the file systems of a room differ in that.
func globPath(pattern, path string) bool {
	if !strings.Contains(pattern, "/") {
		return glob(pattern, path[strings.LastIndex(path, "/")+1:])
	}
	if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "**") {
		pattern = "**/" + pattern // folders are named from anywhere
	}
	return glob(pattern, path)
}

func glob(pattern, text string) bool {
	ok, err := doublestar.Match(strings.ToLower(pattern), strings.ToLower(text))
	return ok && err == nil
}

// parseRate reads a rate as people write it.
func parseRate(s string) (*big.Rat, bool) {
	if len(s) > 20 {
		return nil, false
	}
	num, den, ok := strings.Cut(s, "/")
	if ok {
		n, err1 := strconv.ParseInt(num, 10, 64)
		d, err2 := strconv.ParseInt(den, 10, 64)
		if err1 != nil || err2 != nil || n <= 0 || d <= 0 {
			return nil, false
		}
		return big.NewRat(n, d), true
	}
	if strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }) {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(s)
	return r, ok && r.Sign() > 0
}

// hasRate compares as people do, who write 23.976 or 23.98 for 24000/1001: within a two
// hundredth of a frame per second, which keeps 23.976 from 24 and 29.97 from 30 apart.
func hasRate(rate Rational, list Words) bool {
	if !rate.Valid() {
		return false
	}
	have := big.NewRat(rate.Num, rate.Den)
	near := big.NewRat(1, 200)
	return slices.ContainsFunc(list, func(s string) bool {
		want, ok := parseRate(s)
		if !ok {
			return false
		}
		d := new(big.Rat).Sub(have, want)
		return d.Abs(d).Cmp(near) <= 0
	})
}
