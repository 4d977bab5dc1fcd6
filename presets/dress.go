package presets

import (
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"proxima/jobfile"
)

// dress settles what a picture wears. The files of look-up table and watermark are put in by
// Effective.Recipes: only who has read them knows their sums.
func (r raw) dress(_ *codec, out *jobfile.Recipe) error {
	for _, f := range []struct{ field, ext string }{{"lut", ".cube"}, {"watermark", ".png"}} {
		if v := r.word(f.field); !off(v) && (!strings.EqualFold(path.Ext(v), f.ext) || strings.ContainsFunc(v, func(c rune) bool { return !jobfile.Shows(c) })) {
			return bad(f.field, "%s is not a %s file", jobfile.Quote(v), f.ext)
		}
	}
	if off(r.word("watermark")) {
		for _, f := range []string{"watermark_position", "watermark_opacity"} {
			if r.word(f) != "" {
				return bad(f, "there is no watermark; write watermark: FILE.png")
			}
		}
	}
	var b jobfile.BurnIn
	for _, w := range words(r["burnin"]) {
		switch squash(w) {
		case "timecode", "tc":
			b.Timecode = true
		case "clipname", "clip", "filename":
			b.ClipName = true
		default:
			switch {
			case off(w):
				continue
			case b.Text != "":
				return bad("burnin", "%s and %s are two texts of one's own, and there is room for one; the other words are timecode and clip name", jobfile.Quote(b.Text), jobfile.Quote(w))
			case utf8.RuneCountInString(w) > 200 || strings.ContainsFunc(w, func(c rune) bool { return !jobfile.Shows(c) }):
				return bad("burnin", "%s is not one line of at most 200 characters", jobfile.Quote(w))
			}
			b.Text = w
		}
	}
	if b != (jobfile.BurnIn{}) {
		out.Video.BurnIn = &b
	}
	return nil
}

// position and opacity of a watermark, where it lies out of the way and shows what is below.
const (
	defaultPosition = "bottom right"
	defaultOpacity  = 50 // percent
)

// watermark puts an image where the preset says.
func (r raw) watermark(image jobfile.Asset) (*jobfile.Watermark, error) {
	w := &jobfile.Watermark{Image: image, Position: defaultPosition, Opacity: defaultOpacity}
	var err error
	if v := r.word("watermark_position"); v != "" {
		if w.Position, err = pick("watermark_position", "position", v, jobfile.Positions); err != nil {
			return nil, err
		}
	}
	if v := r.word("watermark_opacity"); v != "" {
		if w.Opacity, err = number("watermark_opacity", v, 1, 100); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// DefaultFolder is where proxies go beside their source, and where Resolve looks by itself.
const DefaultFolder = "Proxy"

var reSuffix = regexp.MustCompile(`^[A-Za-z0-9_+=@()-]([A-Za-z0-9 ._+=@()-]{0,30}[A-Za-z0-9_+=@()-])?$`)

// place settles suffix and folder.
func (r raw) place() (suffix, folder string, err error) {
	folder = DefaultFolder
	if f := r.word("folder"); f != "" {
		if err := jobfile.PortableName(f); err != nil {
			return "", "", bad("folder", "%v; write the name of one folder, like %s", err, DefaultFolder)
		}
		folder = f
	}
	if w := r["suffix"]; len(w) > 0 && !off(w[0]) {
		if !reSuffix.MatchString(w[0]) {
			return "", "", bad("suffix", "%s does not fit into a file's name on every system; write something like _proxy (letters, digits and _ - . + = @ ( ), at most 32)", jobfile.Quote(w[0]))
		}
		suffix = w[0]
	}
	return suffix, folder, nil
}
