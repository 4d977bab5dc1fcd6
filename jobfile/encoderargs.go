package jobfile

import (
	"fmt"
	"regexp"
	"strings"
)

// encoderOptions are the ffmpeg options a preset's free arguments may carry, with whether
// they take a value. It is a list of what may pass, not of what may not: job files come from
// a folder that others can write to, and ffmpeg has options by the hundred that open files,
// sockets and filters.
var encoderOptions = map[string]bool{
	"-hide_banner": false, "-stats": false, "-nostats": false,
	"-bf": true, "-b_strategy": true, "-refs": true, "-qmin": true, "-qmax": true, "-g": true,
	"-keyint_min": true, "-sc_threshold": true, "-maxrate": true, "-bufsize": true, "-level": true,
	"-level:v": true, "-flags": true, "-qscale:v": true, "-q:v": true, "-aq-mode": true, "-aq-strength": true,
	"-rc-lookahead": true, "-x264-params": true, "-x265-params": true, "-svtav1-params": true,
	"-quant_mat": true, "-vendor": true, "-bits_per_mb": true, "-alpha_bits": true, "-mbs_per_slice": true,
	"-cpu-used": true, "-row-mt": true, "-huffman": true, "-quality": true, "-usage": true, "-trellis": true,
}

// encoderParams are the keys that -x264-params, -x265-params and -svtav1-params may set. The
// encoders know others that name files (stats, qpfile, csv, recon, zonefile, dump-yuv, ...).
var encoderParams = map[string]bool{
	"keyint": true, "min-keyint": true, "scenecut": true, "bframes": true, "b-adapt": true, "b-pyramid": true,
	"ref": true, "open-gop": true, "rc-lookahead": true, "aq-mode": true, "aq-strength": true, "psy-rd": true,
	"psy-rdoq": true, "rdoq-level": true, "deblock": true, "no-deblock": true, "sao": true, "no-sao": true,
	"me": true, "subme": true, "merange": true, "trellis": true, "crf": true, "crf-max": true, "qpmin": true,
	"qpmax": true, "vbv-maxrate": true, "vbv-bufsize": true, "cabac": true, "weightp": true, "weightb": true,
	"direct": true, "partitions": true, "8x8dct": true, "mbtree": true, "colorprim": true, "transfer": true,
	"colormatrix": true, "range": true, "hdr10-opt": true, "repeat-headers": true, "info": true, "log-level": true,
	"pools": true, "frame-threads": true, "wpp": true, "slices": true, "threads": true, "tune": true,
	"enable-overlays": true, "scd": true, "lp": true, "keyframes": true, "strong-intra-smoothing": true,
	"level": true, "profile": true, "high-tier": true, "cutree": true, "rd": true, "ctu": true,
}

// VideoEncoders and SoundEncoders are those that a recipe may name. ffmpeg has others that open
// devices, or libraries that have not been looked at for what their options do.
var (
	VideoEncoders = []string{
		"dnxhd", "prores_aw", "prores_ks", "mjpeg", "cfhd", "libx264", "libx265", "libsvtav1",
		"prores_videotoolbox", "h264_videotoolbox", "hevc_videotoolbox",
		"h264_nvenc", "hevc_nvenc", "h264_qsv", "hevc_qsv", "h264_amf", "hevc_amf",
	}
	SoundEncoders = []string{"", "copy", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "aac", "alac", "ac3", "libmp3lame", "libopus", "flac"}
)

// reFlags are the codec flags that only say how a picture is coded. pass1 and pass2 among the
// others, or their numbers, make x264 write and read files in the daemon's own folder.
var reFlags = regexp.MustCompile(`^[+-]?(cgop|ilme|ildct|mv4|qpel|loop|gray|bitexact|low_delay)([+-](cgop|ilme|ildct|mv4|qpel|loop|gray|bitexact|low_delay))*$`)

var reOptionValue = regexp.MustCompile(`^[A-Za-z0-9_.,:=+-]{1,512}$`)

// CheckEncoderArgs refuses free arguments that are not plain encoder options: whatever could
// open, read or write another file never gets near a command line.
func CheckEncoderArgs(args []string) error {
	if len(args) > 64 {
		return fmt.Errorf("%d free arguments, more than 64", len(args))
	}
	for i := 0; i < len(args); i++ {
		name := args[i]
		takes, ok := encoderOptions[name]
		if !ok {
			return fmt.Errorf("argument %s is not an encoder option that presets may set", Quote(name))
		}
		if !takes {
			continue
		}
		if i++; i == len(args) {
			return fmt.Errorf("argument %s lacks its value", name)
		}
		if !reOptionValue.MatchString(args[i]) {
			return fmt.Errorf("argument %s: %s is not a plain value", name, Quote(args[i]))
		}
		if name == "-flags" && !reFlags.MatchString(args[i]) {
			return fmt.Errorf("argument %s: %s are not flags that presets may set", name, Quote(args[i]))
		}
		if !strings.HasSuffix(name, "-params") {
			continue
		}
		for _, kv := range strings.Split(args[i], ":") {
			key, _, _ := strings.Cut(kv, "=")
			// x265 takes a file for it.
			grain := key == "film-grain" && name == "-svtav1-params"
			if !encoderParams[key] && !grain {
				return fmt.Errorf("argument %s: %s is not a parameter that presets may set", name, Quote(key))
			}
		}
	}
	return nil
}
