package corpus

import (
	"fmt"
	"strings"
)

// Source is one file of the corpus.
type Source struct {
	Name string // file name
	Trap string // what it catches
	Keys int    // keyframes at least, so that it can be cut into as many chunks

	steps []string                // ffmpeg's arguments, parted by spaces; the last step makes "out" + extension
	files map[string]string       // texts that the steps read
	patch func(file []byte) error // changes the finished file in place
}

// Encoders at their fastest: the traps are in the structure, not in the picture.
const (
	x264 = " -c:v libx264 -preset veryfast -threads 1 -sc_threshold 0 -crf 26 -pix_fmt yuv420p"
	x265 = " -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -tag:v hvc1"
	aac  = " -c:a aac -b:a 64k"
	p265 = " -x265-params log-level=error:pools=1:frame-threads=1:scenecut=0"
)

// picture is an input whose every frame differs from every other: shapes move, digits count.
func picture(size, rate string, seconds float64, filters ...string) string {
	f := append([]string{fmt.Sprintf("testsrc2=size=%s:rate=%s:duration=%g", size, rate, seconds)}, filters...)
	return " -f lavfi -i " + strings.Join(f, ",")
}

// stereo and mono are inputs of sound that never repeats: a rising tone, with gaps.
func stereo(pitch int, seconds float64) string {
	return fmt.Sprintf(" -f lavfi -i aevalsrc=exprs='0.3*sin(2*PI*(%d+55*t)*t)*gt(mod(t,0.5),0.1)|0.3*sin(2*PI*(%d+23*t)*t)':s=48000:d=%g", pitch, pitch*2, seconds)
}

func mono(pitch int, seconds float64) string {
	return fmt.Sprintf(" -f lavfi -i aevalsrc=exprs='0.3*sin(2*PI*(%d+37*t)*t)*gt(mod(t,0.7),0.2)':s=48000:d=%g", pitch, seconds)
}

// interlacedTop and interlacedBottom weave two frames into one; topFirst and bottomFirst say so to the encoder. The latter must be
// a filter of the output: what the first says of fields is lost on the way between them.
const (
	interlacedTop    = "tinterlace=interleave_top"
	interlacedBottom = "tinterlace=interleave_bottom"
	topFirst         = " -vf setfield=tff -flags +ildct+ilme"
	bottomFirst      = " -vf setfield=bff -flags +ildct+ilme"
)

// altRef asks for frames that are never shown, which libvpx makes in two passes only.
const altRef = " -deadline good -threads 1 -b:v 400k -auto-alt-ref 1 -lag-in-frames 16 -g 45 -pix_fmt yuv420p -passlogfile log"

func twoPass(picture, sound, encoder, rest string) []string {
	return []string{picture + encoder + " -pass 1 -f null -", picture + sound + encoder + " -pass 2" + rest}
}

// Sources lists the corpus. The pictures are small and the files short: each has just what
// its trap needs to bite, and at least three keyframes where nothing else is said.
func Sources() []Source {
	hd := func(rate string, s float64, filters ...string) string { return picture("320x180", rate, s, filters...) }
	return []Source{
		// The structure of the picture's stream.
		{
			Name: "long-gop.mp4", Keys: 3, Trap: "closed GOPs of four seconds: a cut elsewhere decodes up to a hundred frames for nothing",
			steps: []string{hd("25", 12) + stereo(300, 12) + x264 + " -g 100 -keyint_min 100 -bf 3 -b_strategy 0 -flags +cgop" + aac + " out.mp4"},
		},
		{
			Name: "single-keyframe.mp4", Keys: 1, Trap: "one keyframe: there is no place to cut",
			steps: []string{hd("25", 6) + stereo(310, 6) + x264 + " -g 1000 -keyint_min 1000 -bf 2" + aac + " out.mp4"},
		},
		{
			Name: "open-gop.mp4", Keys: 4, Trap: "open GOPs with a B pyramid: frames shown before a keyframe are stored after it and need the GOP before",
			steps: []string{hd("25", 9) + stereo(320, 9) + x264 + " -g 50 -keyint_min 50 -bf 3 -b_strategy 0 -x264-params open-gop=1:b-pyramid=normal" + aac + " out.mp4"},
		},
		{
			Name: "uneven-gop.mp4", Keys: 6, Trap: "keyframes at uneven distances, two of them next to each other",
			steps: []string{hd("25", 9) + stereo(330, 9) + x264 + " -g 250 -bf 2 -force_key_frames 0,0.4,3.12,3.2,3.24,7.6" + aac + " out.mp4"},
		},
		{
			Name: "hevc10-23976.mp4", Keys: 4, Trap: "HEVC in 10 bit at 24000/1001 with open GOPs: leading pictures, and a rate that no decimal hits",
			steps: []string{hd("24000/1001", 8) + stereo(340, 8) + x265 + p265 + ":keyint=48:min-keyint=48:bframes=4:open-gop=1" + aac + " out.mp4"},
		},
		{
			Name: "one-frame.mp4", Keys: 1, Trap: "a clip of a single frame, without sound",
			steps: []string{hd("25", 0.04) + x264 + " -frames:v 1 out.mp4"},
		},
		{
			Name: "vp9-alt-ref.webm", Keys: 4, Trap: "VP9 with frames that are decoded and never shown, in a container of milliseconds",
			steps: twoPass(hd("30", 6), stereo(350, 6), " -c:v libvpx-vp9 -cpu-used 8"+altRef, " -c:a libopus -b:a 64k out.webm"),
		},
		{
			Name: "vp8-alt-ref.webm", Keys: 4, Trap: "VP8 with hidden frames in packets of their own: more packets than frames",
			steps: twoPass(hd("30", 6), stereo(355, 6), " -c:v libvpx -cpu-used 5"+altRef, " -c:a libvorbis out.webm"),
		},
		{
			Name: "asp-b-frames.avi", Keys: 4, Trap: "MPEG-4 ASP with B frames in AVI, which stores no presentation times",
			steps: []string{picture("352x288", "25", 8) + stereo(360, 8) + " -c:v mpeg4 -vtag xvid -q:v 6 -bf 2 -g 50 -sc_threshold 1000000000 -threads 1 -c:a libmp3lame -b:a 96k out.avi"},
		},
		{
			Name: "raw.h264", Keys: 4, Trap: "a bare stream: no container, no times, no length, no sound",
			steps: []string{hd("25", 6) + x264 + " -g 40 -keyint_min 40 -bf 0 -f h264 out.h264"},
		},
		{
			Name: "mjpeg.avi", Keys: 90, Trap: "full range motion JPEG at 15 fps, every frame a keyframe, mono",
			steps: []string{picture("320x240", "15", 6) + mono(370, 6) + " -c:v mjpeg -q:v 6 -threads 1 -pix_fmt yuvj422p -c:a pcm_s16le out.avi"},
		},

		// Rates and times.
		{
			Name: "vfr-phone.mp4", Keys: 4, Trap: "frame durations that vary, dropped frames, one gap of over a second",
			steps: []string{
				hd("60", 8, "settb=1/90000", "select='not(eq(mod(n*n+5*n,13),6))*not(between(n,200,270))'", "setpts='PTS+170*sin(N*2.3)'") + stereo(380, 8) +
					" -fps_mode vfr -enc_time_base 1/90000" + x264 + " -g 75 -keyint_min 75 -bf 2 -video_track_timescale 90000" + aac + " out.mp4",
			},
		},
		{
			Name: "mkv-5994.mkv", Keys: 4, Trap: "60000/1001 in stamps of whole milliseconds, open GOPs, Opus with its pre-skip",
			steps: []string{hd("60000/1001", 6) + stereo(390, 6) + x264 + " -g 90 -keyint_min 90 -bf 3 -x264-params open-gop=1 -c:a libopus -b:a 64k out.mkv"},
		},
		{
			Name: "120-fps.mp4", Keys: 4, Trap: "120 frames a second",
			steps: []string{hd("120", 4) + stereo(400, 4) + x264 + " -g 120 -keyint_min 120 -bf 2" + aac + " out.mp4"},
		},
		{
			Name: "video-late.mp4", Keys: 4, Trap: "the picture starts half a second after the sound: an empty edit",
			steps: []string{" -itsoffset 0.5" + hd("25", 7) + stereo(410, 7) + " -map 0:v -map 1:a -fps_mode passthrough" + x264 + " -g 50 -bf 2" + aac + " out.mp4"},
		},
		{
			Name: "audio-late.mov", Keys: 4, Trap: "the sound starts 0.36 s after the picture",
			steps: []string{hd("25", 7) + " -itsoffset 0.36" + stereo(420, 7) + " -map 0:v -map 1:a" + x264 + " -g 50 -bf 2 -c:a pcm_s16le out.mov"},
		},
		{
			Name: "audio-longer.mov", Keys: 3, Trap: "the sound ends 1.5 s after the picture",
			steps: []string{hd("25", 6) + stereo(430, 7.5) + x264 + " -g 50 -bf 2 -c:a pcm_s16le out.mov"},
		},
		{
			Name: "copy-trimmed.mp4", Keys: 3, Trap: "cut by copying in mid GOP: an edit list hides the frames before the cut",
			steps: []string{
				hd("25", 12) + stereo(440, 12) + x264 + " -g 75 -keyint_min 75 -bf 3 -b_strategy 0" + aac + " whole.mp4",
				"-ss 1.7 -i whole.mp4 -t 9 -map 0 -c copy out.mp4",
			},
		},

		// Transport and program streams.
		{
			Name: "avchd-50i.m2ts", Keys: 4, Trap: "interlaced H.264 with stamps that start ten hours in, AC-3",
			steps: []string{
				picture("720x576", "50", 6, interlacedTop) + stereo(450, 6) + x264 + topFirst + " -x264-params tff=1:open-gop=1 -g 37 -keyint_min 37 -bf 2 -c:a ac3 -b:a 128k -mpegts_m2ts_mode 1 -output_ts_offset 36000.123 -f mpegts out.m2ts",
			},
		},
		{
			Name: "stamps-wrap.ts", Keys: 4, Trap: "the 33 bit clock wraps in mid file; ffmpeg reads what comes before as stamps below zero",
			steps: []string{hd("30000/1001", 7) + stereo(460, 7) + x264 + " -g 45 -keyint_min 45 -bf 2 -c:a mp2 -b:a 128k -output_ts_offset 95440.2 -f mpegts out.ts"},
		},
		{
			Name: "audio-late.ts", Keys: 4, Trap: "a transport stream whose sound starts 0.4 s after its picture",
			steps: []string{hd("25", 7) + " -itsoffset 0.4" + mono(470, 7) + " -map 0:v -map 1:a" + x264 + " -g 45 -keyint_min 45 -bf 2 -c:a ac3 -b:a 96k -output_ts_offset 100 -f mpegts out.ts"},
		},
		{
			Name: "program-stream.mpg", Keys: 6, Trap: "MPEG-2 in a program stream: no index, no frame count, no duration in its header",
			steps: []string{picture("352x288", "25", 6) + stereo(480, 6) + " -c:v mpeg2video -threads 1 -b:v 1500k -g 18 -bf 2 -sc_threshold 1000000000 -c:a mp2 -b:a 128k -f mpeg out.mpg"},
		},

		// Cameras, decks and editors.
		{
			Name: "xdcam-50i.mxf", Keys: 4, Trap: "MXF: interlaced long GOP MPEG-2 4:2:2, four mono tracks of PCM, timecode 10:11:12:13",
			steps: []string{
				picture("720x576", "50", 5, interlacedTop) + mono(200, 5) + mono(250, 5) + mono(320, 5) + mono(410, 5) +
					" -map 0:v -map 1:a -map 2:a -map 3:a -map 4:a" + topFirst + " -c:v mpeg2video -threads 1 -q:v 6 -g 12 -bf 2 -pix_fmt yuv422p -color_primaries bt709 -color_trc bt709 -colorspace bt709 -c:a pcm_s24le -timecode 10:11:12:13 out.mxf",
			},
		},
		{
			Name: "prores-reel.mov", Keys: 75, Trap: "ProRes with two stereo tracks, reel name, timecode and creation time: all must survive",
			steps: []string{
				picture("480x270", "25", 3) + stereo(220, 3) + stereo(440, 3) + " -map 0:v -map 1:a -map 2:a -c:v prores_ks -profile:v lt -vendor apl0 -threads 1 -pix_fmt yuv422p10le" +
					" -color_primaries bt709 -color_trc bt709 -colorspace bt709 -c:a pcm_s24le -timecode 01:00:00:00 -metadata:s:v reel_name=B007C021 -metadata creation_time=2022-03-04T05:06:07Z -movflags +write_colr out.mov",
			},
		},
		{
			Name: "drop-frame.mov", Keys: 4, Trap: "29.97 with drop frame timecode, over a minute's end where two numbers are left out",
			steps: []string{hd("30000/1001", 7) + stereo(490, 7) + x264 + " -g 60 -keyint_min 60 -bf 2 -c:a pcm_s16le -timecode 00:58:57;20 out.mov"},
		},
		{
			Name: "midnight.mov", Keys: 3, Trap: "timecode that runs past 23:59:59:24",
			steps: []string{hd("25", 6) + stereo(500, 6) + x264 + " -g 50 -keyint_min 50 -bf 2 -c:a pcm_s16le -timecode 23:59:57:12 out.mov"},
		},
		{
			Name: "ntsc-486.mov", Keys: 3, Trap: "486 lines, bottom field first, 4:2:0: fields of 243 lines, an odd number",
			steps: []string{
				picture("720x486", "60000/1001", 4, interlacedBottom) + stereo(510, 4) + bottomFirst + " -c:v mpeg2video -threads 1 -q:v 6 -g 15 -bf 2 -pix_fmt yuv420p -aspect 4:3 -c:a pcm_s16le out.mov",
			},
		},
		{
			Name: "dv-pal.avi", Keys: 25, Trap: "DV: interlaced, every frame a keyframe, pixels that aren't square",
			steps: []string{picture("720x576", "50", 1.2, interlacedBottom) + stereo(520, 1.2) + " -c:v dvvideo -threads 1 -vf setfield=bff -pix_fmt yuv420p -aspect 16:9 -c:a pcm_s16le -ar 48000 out.avi"},
		},
		{
			Name: "anamorphic.mov", Keys: 3, Trap: "PAL 16:9: pixels of 64:45",
			steps: []string{picture("720x576", "25", 6, "setsar=64/45") + stereo(530, 6) + x264 + " -g 50 -keyint_min 50 -bf 2" + aac + " out.mov"},
		},
		{
			Name: "rotated-phone.mp4", Keys: 4, Trap: "held upright: a display matrix turns the picture by 90 degrees",
			steps: []string{hd("30", 6) + stereo(540, 6) + x264 + " -g 45 -keyint_min 45 -bf 0" + aac + " out.mp4"},
			patch: turn90,
		},

		// Pictures.
		{
			Name: "odd-size.mp4", Keys: 3, Trap: "321x181 in 4:4:4: 4:2:2 and 4:2:0 hold no odd width",
			steps: []string{picture("321x181", "25", 6, "format=yuv444p") + stereo(550, 6) + x264 + " -g 50 -keyint_min 50 -bf 2 -pix_fmt yuv444p" + aac + " out.mp4"},
		},
		{
			Name: "full-range.mp4", Keys: 3, Trap: "samples of 0-255: levels must follow the tag",
			steps: []string{hd("25", 6, "scale=out_range=full", "format=yuvj420p") + stereo(560, 6) + x264 + " -g 50 -keyint_min 50 -bf 2 -pix_fmt yuvj420p -color_range pc -color_primaries bt709 -color_trc bt709 -colorspace bt709" + aac + " out.mp4"},
		},
		{
			Name: "hlg-bt2020.mov", Keys: 4, Trap: "HDR: BT.2020 with HLG, tags that must be the same in each part",
			steps: []string{
				hd("50", 4) + stereo(570, 4) + x265 + p265 + ":keyint=50:min-keyint=50:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc" + aac + " out.mov",
			},
		},

		// Streams beside the picture.
		{
			Name: "silent.mp4", Keys: 3, Trap: "no sound at all",
			steps: []string{hd("25", 6) + x264 + " -g 50 -keyint_min 50 -bf 3 out.mp4"},
		},
		{
			Name: "six-sounds.mov", Keys: 3, Trap: "six streams of sound: stereo, mono and 5.1, mixed",
			steps: []string{
				hd("24", 6) + stereo(200, 6) + mono(300, 6) +
					" -f lavfi -i aevalsrc=exprs='0.2*sin(500*t*t)|0.2*sin(610*t*t)|0.2*sin(720*t)|0.2*sin(83*t)|0.2*sin(940*t*t)|0.2*sin(1050*t*t)':c=5.1:s=48000:d=6" +
					" -map 0:v -map 1:a -map 2:a -map 3:a -map 2:a -map 1:a -map 2:a" + x264 + " -g 48 -keyint_min 48 -bf 2 -c:a pcm_s16le out.mov",
			},
		},
		{
			Name: "cover-art.m4v", Keys: 3, Trap: "a still cover that counts as a video stream",
			steps: []string{
				" -f lavfi -i color=c=orange:s=200x200:d=0.04 -frames:v 1 cover.png",
				hd("25", 6) + stereo(580, 6) + " -i cover.png -map 0:v -map 1:a -map 2:v -c:v:0 libx264 -preset veryfast -threads 1 -g 50 -keyint_min 50 -sc_threshold 0 -pix_fmt:v:0 yuv420p -c:v:1 copy -disposition:v:1 attached_pic" + aac + " -f mp4 out.m4v",
			},
		},
		{
			Name: "picture-last.mkv", Keys: 3, Trap: "subtitles and sound come before the picture, an attachment and chapters after it",
			files: map[string]string{
				"subs.srt": "1\n00:00:00,500 --> 00:00:02,000\nfirst\n\n2\n00:00:03,000 --> 00:00:05,500\nsecond\n",
				"note.txt": "a note beside the picture\n",
				"meta.txt": ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2500\ntitle=one\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=2500\nEND=6000\ntitle=two\n",
			},
			steps: []string{
				hd("25", 6) + stereo(590, 6) + " -i subs.srt -i meta.txt -map 2:s -map 1:a -map 0:v -map_metadata 3" + x264 + " -g 50 -keyint_min 50 -bf 2" + aac + " -c:s srt -attach note.txt -metadata:s:t mimetype=text/plain out.mkv",
			},
		},
		{
			Name: "subtitles.mov", Keys: 3, Trap: "text and timecode tracks beside picture and sound",
			files: map[string]string{"subs.srt": "1\n00:00:00,500 --> 00:00:02,000\nfirst\n\n2\n00:00:03,000 --> 00:00:08,500\npast the end\n"},
			steps: []string{
				hd("25", 6) + stereo(600, 6) + " -i subs.srt -map 0:v -map 1:a -map 2:s" + x264 + " -g 50 -keyint_min 50 -bf 2 -c:a pcm_s16le -c:s mov_text -timecode 02:03:04:05 out.mov",
			},
		},
		{
			Name: "it's 100%d [ü] & co.mp4", Keys: 3, Trap: "a name with what shells, lists and patterns take for their own",
			steps: []string{hd("25", 6) + stereo(610, 6) + x264 + " -g 50 -keyint_min 50 -bf 2" + aac + " out.mp4"},
		},
	}
}
