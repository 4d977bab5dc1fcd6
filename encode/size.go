package encode

import (
	"fmt"
	"slices"
	"strings"

	"proxima/jobfile"
)

// proxySize is the coded size of the proxy: never larger than the source, lines at most
// maxHeight, the width in proportion, both even as 4:2:0 and 4:2:2 need. It is worked out
// here and not left to the scaler so that every part of a job has the same.
func proxySize(v *jobfile.VideoStream, maxHeight int) (w, h int) {
	even := func(n int) int { return max(2, n-n%2) }
	w, h = even(v.Width), even(v.Height)
	if maxHeight <= 0 || v.Height <= maxHeight {
		return w, h
	}
	h = even(maxHeight)
	// The nearest even width: twice the rounded half.
	w = 2 * ((v.Width*h + v.Height) / (2 * v.Height))
	return min(max(2, w), even(v.Width)), h
}

// Fits refuses a proxy that the recipe's encoder cannot make of a source of this size: a
// *jobfile.Fault. The queuer asks, so that nobody waits for what cannot be.
func Fits(m *jobfile.Media, r *jobfile.Recipe) error {
	w, h := proxySize(&m.Video, r.Video.MaxHeight)
	if r.Video.Encoder == "dnxhd" && strings.HasPrefix(r.Video.Profile, "dnxhr") && (w < 256 || h < 120) {
		return &jobfile.Fault{
			Kind:   jobfile.FaultJob,
			Reason: fmt.Sprintf("a proxy of %dx%d is too small for DNxHR, which starts at 256x120", w, h),
			Next:   "use a preset with another codec, or a larger size",
		}
	}
	return nil
}

// colour is how the proxy's picture is tagged. Everything is stated, "unknown" included, so
// that parts of one job carry the same tags whatever the frames of their range say.
type colour struct {
	scaleRange, scaleMatrix          string // for the scaler; "" leaves it alone
	rng, primaries, transfer, matrix string // for setparams
}

// The names that both ffprobe and the setparams filter know.
var (
	primariesNames = []string{"bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431", "smpte432", "ebu3213"}
	transferNames  = []string{"bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "linear", "log100", "log316", "iec61966-2-4", "bt1361e", "iec61966-2-1", "bt2020-10", "bt2020-12", "smpte2084", "smpte428", "arib-std-b67"}
	matrixNames    = []string{"bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "ycgco", "bt2020nc", "bt2020c", "smpte2085", "chroma-derived-nc", "chroma-derived-c", "ictcp"}
)

func isRGB(pixelFormat string) bool {
	for _, p := range []string{"rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "x2rgb", "x2bgr", "pal8", "bayer", "xyz"} {
		if strings.HasPrefix(pixelFormat, p) {
			return true
		}
	}
	return false
}

// proxyColour decides range and tags. DNxHR and ProRes are read as limited range everywhere,
// whatever a tag says, so full-range sources are converted for them; MJPEG's yuvj formats are
// full range by definition; x264 and x265 carry either and keep the source's.
func proxyColour(v *jobfile.VideoStream, r *jobfile.VideoRecipe) colour {
	one := func(name string, names []string) string {
		if slices.Contains(names, name) {
			return name
		}
		return "unknown"
	}
	c := colour{primaries: one(v.Primaries, primariesNames), transfer: one(v.Transfer, transferNames), matrix: one(v.Matrix, matrixNames)}
	full := v.Range == "pc" || strings.HasPrefix(v.PixelFormat, "yuvj")
	switch {
	case isRGB(r.PixelFormat):
		c.rng, c.matrix = "unknown", "gbr"
		return c
	case strings.HasPrefix(r.PixelFormat, "yuvj") || r.Encoder == "mjpeg":
		c.rng, c.scaleRange = "pc", "full"
	case r.Encoder == "dnxhd" || strings.HasPrefix(r.Encoder, "prores"):
		c.rng, c.scaleRange = "tv", "limited"
	case full:
		c.rng, c.scaleRange = "pc", "full"
	case v.Range == "tv" || isRGB(v.PixelFormat):
		c.rng, c.scaleRange = "tv", "limited"
	default:
		c.rng = "unknown"
	}
	if isRGB(v.PixelFormat) || v.Matrix == "gbr" {
		// The scaler would take BT.601 for want of anything better.
		c.scaleMatrix, c.matrix = "bt709", "bt709"
	}
	return c
}
