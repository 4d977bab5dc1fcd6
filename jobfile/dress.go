package jobfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a picture wears on its way into the proxy: a look-up table, words, a watermark.

// Asset is a file that a recipe needs, copied into the job when it was queued: it is the same
// for every worker, wherever the preset came from and whatever becomes of the file there.
type Asset struct {
	Name   string `yaml:"name"`   // in the job's assets/
	SHA256 string `yaml:"sha256"` // in hex
}

// BurnIn is what is written on the picture. What is false or empty is not.
type BurnIn struct {
	Timecode bool   `yaml:"timecode,omitempty"`
	ClipName bool   `yaml:"clip_name,omitempty"` // the source's file name
	Text     string `yaml:"text,omitempty"`
}

// Watermark is a still picture laid over the moving one.
type Watermark struct {
	Image    Asset  `yaml:"image"`    // a .png file
	Position string `yaml:"position"` // see Positions
	Opacity  int    `yaml:"opacity"`  // percent, 1 to 100
}

// Positions are where a watermark may lie.
var Positions = []string{"top left", "top right", "bottom left", "bottom right", "center"}

// MaxAsset bounds a file that a job carries for its recipe. A .cube of 65 steps a side has 8 MiB.
const MaxAsset = 32 << 20 // bytes

var (
	reLUT    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}\.cube$`)
	reImage  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}\.png$`)
	reSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

func (a *Asset) validate(field string, name *regexp.Regexp) error {
	switch {
	case !name.MatchString(a.Name):
		return fmt.Errorf("recipe.video.%s.name: %s is not an asset's name", field, Quote(a.Name))
	case !reSHA256.MatchString(a.SHA256):
		return fmt.Errorf("recipe.video.%s.sha256: %s is no such sum", field, Quote(a.SHA256))
	}
	return nil
}

// Assets lists the files that the recipe needs.
func (r *Recipe) Assets() []Asset {
	var as []Asset
	if r.Video.LUT != nil {
		as = append(as, *r.Video.LUT)
	}
	if r.Video.Watermark != nil {
		as = append(as, r.Video.Watermark.Image)
	}
	return as
}

func (v *VideoRecipe) validateDress() error {
	if v.LUT != nil {
		if err := v.LUT.validate("lut", reLUT); err != nil {
			return err
		}
	}
	if b := v.BurnIn; b != nil {
		if b.Text != "" && !utf8.ValidString(b.Text) || utf8.RuneCountInString(b.Text) > 200 || strings.ContainsFunc(b.Text, func(r rune) bool { return !Shows(r) }) {
			return fmt.Errorf("recipe.video.burn_in.text: %s is not one line of at most 200 characters", Quote(b.Text))
		}
	}
	w := v.Watermark
	if w == nil {
		return nil
	}
	switch {
	case !slices.Contains(Positions, w.Position):
		return fmt.Errorf("recipe.video.watermark.position: %s is not one of %s", Quote(w.Position), strings.Join(Positions, ", "))
	case w.Opacity < 1 || w.Opacity > 100:
		return fmt.Errorf("recipe.video.watermark.opacity: %d %% is not between 1 and 100", w.Opacity)
	}
	return w.Image.validate("watermark.image", reImage)
}
