package encode

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"proxima/jobfile"
)

// grid is what a coded size must be a multiple of: 4:2:0 and 4:2:2 need even numbers. ffmpeg's
// CineForm encoder refuses other widths than multiples of 16, and reads past the end of a
// picture whose lines are no multiple of 8 (seen to crash on most such sizes).
func grid(encoder string) (x, y int) {
	if encoder == "cfhd" {
		return 16, 8
	}
	return 2, 2
}

// proxySize is the coded size of the proxy: never larger than the source, at most the recipe's
// width and height, in the source's proportion and on the encoder's grid. It is worked out here
// and not left to the scaler so that every part of a job has the same.
func proxySize(v *jobfile.VideoStream, r *jobfile.VideoRecipe) (w, h int) {
	even := func(n int) int { return max(2, n-n%2) }
	// The nearest even number: twice the rounded half.
	ratio := func(n, num, den int) int { return max(2, 2*((num*n+den)/(2*den))) }
	w, h = even(v.Width), even(v.Height)
	if r.MaxHeight > 0 && v.Height > r.MaxHeight {
		h = even(r.MaxHeight)
		w = min(ratio(h, v.Width, v.Height), even(v.Width))
	}
	if r.MaxWidth > 0 && w > r.MaxWidth {
		w = even(r.MaxWidth)
		h = min(ratio(w, v.Height, v.Width), h)
	}
	if x, y := grid(r.Encoder); x > 2 {
		return coarse(w, h, x, y)
	}
	return w, h
}

// coarse is the largest size on a coarse grid, not above w by h, that shows the same shape to
// within a two-thousandth; where there is none from three quarters of it on, the most alike.
func coarse(w, h, x, y int) (cw, ch int) {
	best := math.Inf(1)
	for i := w - w%x; i > 0 && i*4 >= w*3; i -= x {
		j := min((2*i*h+w*y)/(2*w*y)*y, h-h%y)
		if j == 0 {
			continue
		}
		off := math.Abs(float64(i)*float64(h)/(float64(j)*float64(w)) - 1)
		if off < best {
			best, cw, ch = off, i, j
		}
		if off < 0.0005 {
			break
		}
	}
	return cw, ch
}

// Fits refuses a proxy that cannot be made of a source: a *jobfile.Fault. The queuer asks, so
// that nobody waits for what cannot be.
func Fits(m *jobfile.Media, r *jobfile.Recipe) error {
	refuse := func(next, format string, a ...any) error {
		return &jobfile.Fault{Kind: jobfile.FaultJob, Reason: fmt.Sprintf(format, a...), Next: next}
	}
	const other = "use a preset with another codec, or a larger size"
	v := &r.Video
	w, h := proxySize(&m.Video, v)
	switch {
	case v.Encoder == "dnxhd" && strings.HasPrefix(v.Profile, "dnxhr") && (w < 256 || h < 120):
		return refuse(other, "a proxy of %dx%d is too small for DNxHR, which starts at 256x120", w, h)
	case v.Encoder == "cfhd" && (w < 48 || h < 32):
		return refuse(other, "a proxy of %dx%d is too small for CineForm, which starts at 48x32", w, h)
	case v.Encoder == "libsvtav1" && (w < 64 || h < 64):
		return refuse(other, "a proxy of %dx%d is too small for AV1, which starts at 64x64 here", w, h)
	}
	if err := containerTakes(r); err != nil {
		return err
	}
	if tb := m.Video.TimeBase; v.Watermark != nil && tb.Num < tb.Den/1_000_000 {
		return refuse("use a preset without a watermark", "a watermark cannot be laid over this source: its clock ticks in less than a microsecond (%s s)", tb)
	}
	return dressable(v)
}

// containerTakes knows what ffmpeg itself says too late: told that AV1 goes into no .mov file,
// its encoder waits for pictures that never come.
func containerTakes(r *jobfile.Recipe) error {
	if r.Video.Encoder == "libsvtav1" && r.Container == "mov" {
		return &jobfile.Fault{Kind: jobfile.FaultJob, Reason: "the recipe's container mov does not take AV1", Next: "use another preset, or ext: .mp4 or .mkv"}
	}
	return nil
}

// colour is how the proxy's picture is tagged. Everything is stated, "unknown" included, so
// that parts of one job carry the same tags whatever the frames of their range say.
type colour struct {
	scaleRange, scaleMatrix          string // for the scaler; "" leaves it alone
	inRange                          string // what the scaler takes the source for; "": what its frames say
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
// full range by definition; x264 and x265 carry either and keep the source's. Where the recipe
// says what the source's levels are, its own tags are wrong or missing, and the proxy is of
// limited range wherever it can be: that is how all editors take it.
func proxyColour(v *jobfile.VideoStream, r *jobfile.VideoRecipe) colour {
	one := func(name string, names []string) string {
		if slices.Contains(names, name) {
			return name
		}
		return "unknown"
	}
	c := colour{primaries: one(v.Primaries, primariesNames), transfer: one(v.Transfer, transferNames), matrix: one(v.Matrix, matrixNames)}
	if r.LUT != nil {
		// A table of colours is made for a screen, whatever the source's were made for; and
		// what it gives is RGB.
		c.primaries, c.transfer, c.matrix, c.scaleMatrix = "bt709", "bt709", "bt709", "bt709"
	}
	full := v.Range == "pc" || strings.HasPrefix(v.PixelFormat, "yuvj")
	c.inRange = map[string]string{"full": "full", "video": "limited"}[r.DataLevel]
	switch {
	case isRGB(r.PixelFormat):
		c.rng, c.matrix, c.scaleMatrix = "unknown", "gbr", ""
		return c
	case strings.HasPrefix(r.PixelFormat, "yuvj") || r.Encoder == "mjpeg":
		c.rng, c.scaleRange = "pc", "full"
	case r.DataLevel != "" || r.Encoder == "dnxhd" || strings.HasPrefix(r.Encoder, "prores") || r.Encoder == "cfhd":
		c.rng, c.scaleRange = "tv", "limited"
	case full:
		c.rng, c.scaleRange = "pc", "full"
	case v.Range == "tv" || isRGB(v.PixelFormat) || r.LUT != nil:
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
