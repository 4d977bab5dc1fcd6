package encode

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"proxima/jobfile"
)

// bitsPerPixel is what a codec's profile spends on a pixel of a frame. DNxHR's are fixed, those of
// ProRes and CineForm were measured with noisy pictures, and those of the others, at the quality
// that stands beside them, are of footage from cameras: half or twice as much is usual.
var bitsPerPixel = []struct {
	encoder, profile string
	bits             float64
	quality          float64 // crf or qscale to which the bits belong; 0 has none
	halves           float64 // more of which halves the bits
}{
	{"dnxhd", "dnxhr_lb", 0.72, 0, 0},
	{"dnxhd", "dnxhr_sq", 2.33, 0, 0},
	{"dnxhd", "dnxhr_hqx", 3.54, 0, 0},
	{"dnxhd", "dnxhr_hq", 3.54, 0, 0},
	{"dnxhd", "dnxhr_444", 7.1, 0, 0},
	{"prores_aw", "standard", 3.6, 0, 0},
	{"prores_aw", "hq", 5.6, 0, 0},
	{"prores_aw", "4444xq", 10.7, 0, 0},
	{"prores_aw", "4444", 7.9, 0, 0},
	{"prores", "proxy", 0.8, 0, 0},
	{"prores", "lt", 1.75, 0, 0},
	{"prores", "standard", 2.5, 0, 0},
	{"prores", "hq", 3.8, 0, 0},
	{"prores", "4444", 5.7, 0, 0},
	{"cfhd", "", 4, 0, 0},
	{"mjpeg", "", 1.6, 3, 3},
	{"libx264", "", 0.10, 22, 6},
	{"libx265", "", 0.06, 24, 6},
	{"libsvtav1", "", 0.04, 35, 10},
	{"h264", "", 0.13, 22, 6}, // of hardware
	{"hevc", "", 0.09, 24, 6},
}

// Estimate is about how many bytes a proxy of a source that lasts so long will have: its bitrate
// where the recipe says one, else what its codec usually takes.
func Estimate(m *jobfile.Media, r *jobfile.Recipe, long time.Duration) int64 {
	bits := float64(bitRate(r.Video.Bitrate))
	if bits == 0 {
		w, h := proxySize(&m.Video, &r.Video)
		bits = perPixel(&r.Video) * float64(w) * float64(h) * m.Video.FrameRate.Float()
	}
	return int64((bits + soundBits(m, &r.Sound)) / 8 * long.Seconds())
}

func perPixel(v *jobfile.VideoRecipe) float64 {
	for _, b := range bitsPerPixel {
		if !strings.HasPrefix(v.Encoder, b.encoder) || !strings.HasPrefix(v.Profile, b.profile) {
			continue
		}
		q := b.quality
		switch {
		case b.quality == 0:
		case v.CRF != nil:
			q = float64(*v.CRF)
		case v.QScale != nil:
			q = float64(*v.QScale)
		}
		bits := b.bits
		if b.halves > 0 {
			bits *= math.Exp2((b.quality - q) / b.halves)
		}
		if b.quality > 0 && v.IntraOnly && v.Encoder != "mjpeg" {
			bits *= 5 // nothing is taken from the frames before
		}
		return bits
	}
	return 2.5
}

// soundBits are those of a second of sound.
func soundBits(m *jobfile.Media, s *jobfile.SoundRecipe) float64 {
	if !s.Of(m) {
		return 0
	}
	total := 0.0
	for i, in := range m.Sound {
		if len(s.Tracks) > 0 && !slices.Contains(s.Tracks, i+1) {
			continue
		}
		depth := map[string]float64{"pcm_s16le": 16, "pcm_s24le": 24, "pcm_s32le": 32, "pcm_f32le": 32, "flac": 10, "alac": 10, "copy": 16}[s.Encoder]
		rate := in.SampleRate
		if s.SampleRate > 0 {
			rate = s.SampleRate
		}
		switch {
		case depth > 0:
			total += depth * float64(in.Channels) * float64(rate)
		case s.Bitrate != "":
			total += float64(bitRate(s.Bitrate))
		default:
			total += 128_000
		}
	}
	return total
}

// bitRate reads bits per second as ffmpeg does: "8M", "192k".
func bitRate(s string) int64 {
	factor := int64(1)
	switch {
	case strings.HasSuffix(strings.ToLower(s), "k"):
		factor = 1000
	case strings.HasSuffix(strings.ToLower(s), "m"):
		factor = 1_000_000
	}
	n, err := strconv.ParseInt(strings.TrimRight(s, "kKmM"), 10, 64)
	if err != nil {
		return 0
	}
	return n * factor
}
