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

// pictureFilters cut, dress, scale, convert and tag. Frames keep their times, durations and rate: from
// release 7 on ffmpeg's setpts drops the last two, and encoders rely on them.
func pictureFilters(v *jobfile.VideoStream, r *jobfile.VideoRecipe, rng *jobfile.Range, d *worn, hwaccel string) string {
	w, h := proxySize(v, r)
	c := proxyColour(v, r)
	// interl=-1 keeps the fields of frames that are flagged interlaced apart.
	scale := fmt.Sprintf("scale=w=%d:h=%d:flags=%s:interl=-1", w, h, r.ScaleFlags)
	if c.scaleRange != "" {
		scale += ":out_range=" + c.scaleRange
	}
	if c.inRange != "" && d.lut == "" { // a table of colours has its own scaler before it
		scale += ":in_range=" + c.inRange
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
	f := []string{trimFilter(rng)}
	if hwaccel != "" && plainFormat(v.PixelFormat) {
		// A chip hands the picture over in an arrangement of its own (nv12, p010); the scaler
		// is to get what a decoder in software would have given it.
		f = append(f, "format="+v.PixelFormat)
	}
	f = append(f, lutFilters(v, r, c, d)...)
	f = append(f, scale, "format="+r.PixelFormat)
	f = append(f, flipFilters(v, r)...)
	if drawn := append(markFilters(v, r, c, d, rng.Start), wordFilters(v, r, d)...); len(drawn) > 0 {
		f = append(append(f, drawn...), "format="+r.PixelFormat)
	}
	f = append(f, "setsar=r="+sar+":max=1000000",
		fmt.Sprintf("setparams=range=%s:color_primaries=%s:color_trc=%s:colorspace=%s", c.rng, c.primaries, c.transfer, c.matrix))
	return strings.Join(f, ",")
}

// flipFilters mirror the picture as it is shown: one that lies on its side is mirrored the other
// way, since the display matrix goes on into the proxy.
func flipFilters(v *jobfile.VideoStream, r *jobfile.VideoRecipe) []string {
	across, down := "hflip", "vflip"
	if quarter(v.Rotation)%2 == 1 {
		across, down = down, across
	}
	switch r.Flip {
	case "horizontal":
		return []string{across}
	case "vertical":
		return []string{down}
	case "both":
		return []string{"hflip", "vflip"}
	}
	return nil
}

// plainFormat tells the pixel formats that decoders in hardware stand in for.
func plainFormat(name string) bool {
	return slices.Contains([]string{"yuv420p", "yuvj420p", "yuv420p10le", "yuv422p", "yuv422p10le", "yuv444p", "yuv444p10le", "yuv420p12le"}, name)
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
//
// setts has the part begin at zero. It also gives the last frame a duration, should it have lost its
// own on the way (all filters that mix do that): a file otherwise ends where its last frame begins, and
// readers, ffmpeg among them, leave that out.
func pictureArgs(task *Task, out string) []string {
	job, threads := task.Job, task.Threads
	v, r := &job.Media.Video, &job.Recipe.Video
	a := []string{
		"-map", "0:" + strconv.Itoa(v.Index), "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
		"-vf", pictureFilters(v, r, task.Unit.Range, task.dress, job.Recipe.HWAccel),
	}
	a = append(a, encoderArgs(r, threads)...)
	// Every frame keeps its own time. Encoder and file count in the same units: in which of the two setts
	// works differs between releases of ffmpeg.
	scale := timescale(v.TimeBase)
	per := scale / v.TimeBase.Den * v.TimeBase.Num
	return append(append(a, countIn(jobfile.Rational{Num: 1, Den: scale})...),
		"-bsf:v", fmt.Sprintf("setts=pts=PTS-(%[1]d):dts=DTS-(%[1]d):duration=if(gt(DURATION\\,0)\\,DURATION\\,%[2]d)", task.Unit.Range.Start*per, max(1, task.lastTicks)*per),
		"-video_track_timescale", strconv.FormatInt(scale, 10),
		"-write_tmcd", "0", "-movflags", "+write_colr", "-f", partMuxer(r), out)
}

// countIn has frames pass as they are and an encoder count in the given units. Which word stands for the
// source's own differs between releases of ffmpeg (-1 until 7, demux from 6.1 on), so they are named.
func countIn(tb jobfile.Rational) []string {
	return []string{"-fps_mode", "passthrough", "-enc_time_base", tb.String()}
}

// soundArgs write sound, moved so that the source's origin is zero.
func soundArgs(job *jobfile.Job, streams []jobfile.SoundStream, out string) []string {
	s := &job.Recipe.Sound
	var a []string
	for _, m := range streams {
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
	return append(append(a, "-output_ts_offset", seconds(-job.Media.OriginUS), "-movie_timescale", "48000", "-write_tmcd", "0"), append(soundMuxer(job), out)...)
}

// soundMuxer writes a part of sound: QuickTime, which takes PCM, or MP4, which takes what
// QuickTime does not. The same demuxer reads both.
func soundMuxer(job *jobfile.Job) []string {
	for _, codec := range soundCodecs(job) {
		switch codec {
		case "opus":
			return []string{"-f", "mp4"}
		case "flac":
			return []string{"-strict", "experimental", "-f", "mp4"} // as ffmpeg 5 still calls it
		}
	}
	return []string{"-f", "mov"}
}

// strictly has a proxy's container take sound that is experimental in it: see soundMuxer.
func strictly(job *jobfile.Job) []string {
	if job.Recipe.Container != "matroska" && slices.Contains(soundCodecs(job), "flac") {
		return []string{"-strict", "experimental"}
	}
	return nil
}

// soundCodecs are those of the sound that is made, as ffprobe names them.
func soundCodecs(job *jobfile.Job) []string {
	if e := job.Recipe.Sound.Encoder; e != "copy" {
		return []string{strings.TrimPrefix(e, "lib")}
	}
	var codecs []string
	streams, _ := chosenSound(job)
	for _, s := range streams {
		codecs = append(codecs, s.Codec)
	}
	return codecs
}

// unitArgs is the whole command line of a unit. Outputs are URLs.
func unitArgs(task *Task, s seek, source, video, sound string) []string {
	job, u, threads := task.Job, task.Unit, task.Threads
	a := []string{"-nostdin", "-hide_banner", "-n", "-v", logLevel(job.Recipe.LogLevel), "-nostats", "-progress", "pipe:1", "-stats_period", "1"}
	if threads > 0 {
		a = append(a, "-filter_threads", strconv.Itoa(threads))
	}
	if h := job.Recipe.HWAccel; h != "" && u.ID.HasVideo() {
		a = append(a, "-hwaccel", h)
	}
	a = append(a, readArgs(source, s, threads)...)
	if u.ID.HasVideo() {
		a = append(a, pictureArgs(task, video)...)
	}
	if hasSound(job, u.ID) {
		streams, _ := chosenSound(job)
		a = append(a, soundArgs(job, streams, sound)...)
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
	a = append(a, "-map", "0:"+strconv.Itoa(job.Media.Video.Index), "-an", "-sn", "-dn", "-vf", trimFilter(rng))
	return append(append(a, countIn(job.Media.Video.TimeBase)...), "-c:v", "rawvideo", "-f", "framecrc", "-")
}
