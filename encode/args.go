package encode

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proxima/jobfile"
)

// seek says where decoding starts.
type seek struct {
	on bool
	us int64 // on the source's own clock; a keyframe at or before it is where decoding starts
}

// logLevel is what ffmpeg is asked to say: warnings at least, since they are read.
func logLevel(recipe string) string {
	if recipe == "info" || recipe == "verbose" {
		return "level+" + recipe
	}
	return "level+warning"
}

// readArgs opens the source for its picture: timestamps as they stand in the file, no
// rotation baked in (the display matrix goes on into the proxy).
//
// -copyts keeps the source's timestamps, which trim then cuts by. A seek is never exact and
// need not be: -noaccurate_seek turns off the second cut in seconds, -seek_timestamp makes
// the time absolute.
func readArgs(url string, s seek, threads int) []string {
	a := []string{"-copyts", "-noautorotate"}
	if threads > 0 {
		a = append(a, "-threads", strconv.Itoa(threads))
	}
	if s.on {
		a = append(a, "-noaccurate_seek", "-seek_timestamp", "1", "-ss", seconds(s.us))
	}
	a = append(a, inputOptions()...)
	return append(a, "-i", url)
}

// trimFilter cuts [start, end) by timestamps.
func trimFilter(r *jobfile.Range) string {
	f := fmt.Sprintf("trim=start_pts=%d", r.Start)
	if r.End != nil {
		f += fmt.Sprintf(":end_pts=%d", *r.End)
	}
	return f
}

// pictureFilters cut, shift to zero, scale, convert and tag.
func pictureFilters(v *jobfile.VideoStream, r *jobfile.VideoRecipe, rng *jobfile.Range) string {
	w, h := proxySize(v, r.MaxHeight)
	c := proxyColour(v, r)
	// interl=-1 keeps the fields of frames that are flagged interlaced apart.
	scale := fmt.Sprintf("scale=w=%d:h=%d:flags=%s:interl=-1", w, h, r.ScaleFlags)
	if c.scaleRange != "" {
		scale += ":out_range=" + c.scaleRange
	}
	if c.scaleMatrix != "" {
		scale += ":out_color_matrix=" + c.scaleMatrix
	}
	// The pixel aspect stays the source's. Rounding the width to even changes the shape by
	// less than a pixel; the scaler would state that as an odd aspect, which editors show.
	sar := "1"
	if v.SampleAspect.Valid() {
		sar = v.SampleAspect.String()
	}
	return strings.Join([]string{
		trimFilter(rng), fmt.Sprintf("setpts=PTS-(%d)", rng.Start), scale, "format=" + r.PixelFormat,
		"setsar=r=" + sar + ":max=1000000",
		fmt.Sprintf("setparams=range=%s:color_primaries=%s:color_trc=%s:colorspace=%s", c.rng, c.primaries, c.transfer, c.matrix),
	}, ",")
}

// encoderArgs are the recipe's own.
func encoderArgs(r *jobfile.VideoRecipe, threads int) []string {
	a := []string{"-c:v", r.Encoder}
	opt := func(name, v string) {
		if v != "" {
			a = append(a, name, v)
		}
	}
	opt("-profile:v", r.Profile)
	a = append(a, "-pix_fmt", r.PixelFormat)
	if r.CRF != nil {
		a = append(a, "-crf", strconv.Itoa(*r.CRF))
	}
	if r.QScale != nil {
		a = append(a, "-q:v", strconv.Itoa(*r.QScale))
	}
	opt("-b:v", r.Bitrate)
	opt("-preset", r.Speed)
	opt("-tune", r.Tune)
	if r.GOP > 0 {
		a = append(a, "-g", strconv.Itoa(r.GOP))
	}
	opt("-tag:v", r.Tag)
	extra := slices.Clone(r.Args)
	if r.Encoder == "libx265" {
		// x265's banner in every first packet would say which options this run had.
		own := "info=0:log-level=error"
		if threads > 0 {
			own += ":pools=" + strconv.Itoa(threads)
		}
		if i := slices.Index(extra, "-x265-params"); i >= 0 && i+1 < len(extra) {
			extra[i+1] = own + ":" + extra[i+1] // later ones win
		} else {
			extra = append(extra, "-x265-params", own)
		}
	}
	a = append(a, extra...)
	if threads > 0 {
		a = append(a, "-threads", strconv.Itoa(threads))
	}
	return a
}

// timescale is the ticks per second of a part: the denominator of the source's time base,
// raised to its smallest multiple from 10000 on, so that every timestamp of the source is a
// whole number of ticks and QuickTime's usual rates are not too coarse.
func timescale(tb jobfile.Rational) int64 {
	if tb.Den >= 10000 {
		return tb.Den
	}
	return tb.Den * ((10000 + tb.Den - 1) / tb.Den)
}

// pictureArgs write the picture of a range into a QuickTime file: no metadata, no timecode
// and no chapters, which come once, at the stitch.
func pictureArgs(job *jobfile.Job, rng *jobfile.Range, threads int, out string) []string {
	v, r := &job.Media.Video, &job.Recipe.Video
	a := []string{
		"-map", "0:" + strconv.Itoa(v.Index), "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
		"-vf", pictureFilters(v, r, rng),
	}
	a = append(a, encoderArgs(r, threads)...)
	// Every frame keeps its own time, in the source's own units.
	return append(a, "-fps_mode", "passthrough", "-enc_time_base", "-1",
		"-video_track_timescale", strconv.FormatInt(timescale(v.TimeBase), 10),
		"-write_tmcd", "0", "-movflags", "+write_colr", "-f", "mov", out)
}

// soundArgs write all sound, moved so that the source's origin is zero.
func soundArgs(job *jobfile.Job, out string) []string {
	s := &job.Recipe.Sound
	var a []string
	for _, m := range job.Media.Sound {
		a = append(a, "-map", "0:"+strconv.Itoa(m.Index))
	}
	a = append(a, "-vn", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1", "-c:a", s.Encoder)
	if s.Encoder != "copy" {
		if s.Bitrate != "" {
			a = append(a, "-b:a", s.Bitrate)
		}
		if s.SampleRate > 0 {
			a = append(a, "-ar", strconv.Itoa(s.SampleRate))
		}
	}
	// Where the sound starts is kept in ticks of the movie's time scale; the usual 1000 would
	// move it by up to a millisecond.
	return append(a, "-output_ts_offset", seconds(-job.Media.OriginUS), "-movie_timescale", "48000", "-write_tmcd", "0", "-f", "mov", out)
}

// hasSound reports whether the unit makes sound.
func hasSound(job *jobfile.Job, u jobfile.UnitID) bool {
	return u.HasSound() && job.Recipe.Sound.Encoder != "" && len(job.Media.Sound) > 0
}

// unitArgs is the whole command line of a unit. Outputs are URLs.
func unitArgs(job *jobfile.Job, u jobfile.Planned, s seek, threads int, source, video, sound string) []string {
	a := []string{"-nostdin", "-hide_banner", "-n", "-v", logLevel(job.Recipe.LogLevel), "-nostats", "-progress", "pipe:1", "-stats_period", "1"}
	if threads > 0 {
		a = append(a, "-filter_threads", strconv.Itoa(threads))
	}
	a = append(a, readArgs(source, s, threads)...)
	if u.ID.HasVideo() {
		a = append(a, pictureArgs(job, u.Range, threads, video)...)
	}
	if hasSound(job, u.ID) {
		a = append(a, soundArgs(job, sound)...)
		if !u.ID.HasVideo() {
			// One packet of picture, thrown away: without a stream of picture in use ffmpeg
			// counts a transport stream's time from its sound, and the offset is lost.
			a = append(a, "-map", "0:"+strconv.Itoa(job.Media.Video.Index), "-c", "copy", "-frames:v", "1", "-f", "null", "-")
		}
	}
	return a
}

// referenceArgs decode a range without encoding it and list the frames' timestamps.
func referenceArgs(job *jobfile.Job, rng *jobfile.Range, s seek, threads int, source string) []string {
	a := []string{"-nostdin", "-hide_banner", "-v", "level+warning"}
	a = append(a, readArgs(source, s, threads)...)
	return append(a, "-map", "0:"+strconv.Itoa(job.Media.Video.Index), "-an", "-sn", "-dn", "-vf", trimFilter(rng),
		"-fps_mode", "passthrough", "-enc_time_base", "-1", "-c:v", "rawvideo", "-f", "framecrc", "-")
}
