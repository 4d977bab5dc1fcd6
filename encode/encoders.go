package encode

import (
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// encoderArgs are the recipe's own, in the words of its encoder.
func encoderArgs(r *jobfile.VideoRecipe, threads int) []string {
	a := []string{"-c:v", r.Encoder}
	opt := func(name, v string) {
		if v != "" {
			a = append(a, name, v)
		}
	}
	opt("-profile:v", profileOf(r))
	a = append(a, "-pix_fmt", r.PixelFormat)
	if r.CRF != nil {
		a = append(a, constantQuality(r.Encoder, strconv.Itoa(*r.CRF))...)
	}
	if r.QScale != nil {
		a = append(a, "-q:v", strconv.Itoa(*r.QScale))
	}
	opt("-b:v", r.Bitrate)
	if strings.HasSuffix(r.Encoder, "_amf") {
		opt("-quality", r.Speed)
	} else {
		opt("-preset", r.Speed)
	}
	opt("-tune", r.Tune)
	if r.GOP > 0 {
		a = append(a, "-g", strconv.Itoa(r.GOP))
	}
	opt("-tag:v", r.Tag)
	extra := slices.Clone(r.Args)
	switch r.Encoder {
	case "libx265":
		// x265's banner in every first packet would say which options this run had.
		own := "info=0:log-level=error"
		if threads > 0 {
			own += ":pools=" + strconv.Itoa(threads)
		}
		extra = withParams(extra, "-x265-params", own)
	case "libsvtav1":
		if threads > 0 { // -threads is nothing to it
			extra = withParams(extra, "-svtav1-params", "lp="+strconv.Itoa(threads))
		}
	}
	if isHardware(r.Encoder) && !slices.Contains(extra, "-bf") {
		// Not all of these tell the container right by how much pictures that lean on later
		// ones delay the first; without such pictures there is nothing to tell.
		a = append(a, "-bf", "0")
	}
	a = append(a, extra...)
	if threads > 0 {
		a = append(a, "-threads", strconv.Itoa(threads))
	}
	return a
}

// proresProfiles are ffmpeg's numbers of them; prores_aw knows no names.
var proresProfiles = []string{"proxy", "lt", "standard", "hq", "4444", "4444xq"}

// profileOf is a recipe's profile in the words of its encoder.
func profileOf(r *jobfile.VideoRecipe) string {
	if i := slices.Index(proresProfiles, r.Profile); r.Encoder == "prores_aw" && i >= 0 {
		return strconv.Itoa(i)
	}
	return r.Profile
}

// isHardware tells the encoders that are a chip's, or the operating system's.
func isHardware(encoder string) bool {
	_, kind, _ := strings.Cut(encoder, "_")
	return encoder != "prores_videotoolbox" && slices.Contains([]string{"videotoolbox", "nvenc", "qsv", "amf"}, kind)
}

// constantQuality is a recipe's rate factor as its encoder takes it. The scales are alike and
// not the same.
func constantQuality(encoder, n string) []string {
	switch _, kind, _ := strings.Cut(encoder, "_"); kind {
	case "nvenc": // a bitrate, which it has by default, would bound the quality
		return []string{"-rc", "vbr", "-cq", n, "-b:v", "0"}
	case "qsv":
		return []string{"-global_quality", n}
	case "amf":
		return []string{"-rc", "cqp", "-qp_i", n, "-qp_p", n}
	}
	return []string{"-crf", n}
}

// withParams puts ours before those that a preset gives in its free arguments: later ones win.
func withParams(args []string, option, own string) []string {
	if i := slices.Index(args, option); i >= 0 && i+1 < len(args) {
		args[i+1] = own + ":" + args[i+1]
		return args
	}
	return append(args, option, own)
}

// partMuxer is what parts are written with. QuickTime files hold all but AV1, which ffmpeg puts
// into their younger sibling alone; one demuxer reads both.
func partMuxer(r *jobfile.VideoRecipe) string {
	if r.Encoder == "libsvtav1" {
		return "mp4"
	}
	return "mov"
}
