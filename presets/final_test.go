package presets

import (
	"testing"
)

// What each field comes to, and whose word it was: nobody has to know the defaults by heart.
func TestEveryFieldSaysWhatItComesTo(t *testing.T) {
	t.Parallel()
	s, err := Builtin().Add("p.yaml", []byte(`
keep:
  codec: x265
  profile: very-slow
  ext: .mp4
form: {codec: cineform, profile: low, misc_args: [bf, 0]}
card: {encoders: [h264_nvenc, x264], crf: 30, max_width: 1280}
bare: {codec: prores, audio: none}
some: {codec: dnxhd, audio: [2, 1], audio_codec: pcm, burnin: "clip name, hello, tc", watermark: w.png}
`))
	if err != nil {
		t.Fatal(err)
	}
	const here, none = "preset", "default"
	for _, c := range []struct{ preset, field, final, from string }{
		{"keep", "codec", "libx265", here},
		{"keep", "profile", "", here},
		{"keep", "speed", "veryslow", here},
		{"keep", "crf", "22", none},
		{"keep", "pix_fmt", "yuv420p", none},
		{"keep", "tag", "hvc1", none},
		{"keep", "gop", "the encoder's own", none},
		{"keep", "vertical_res", "the source's", none},
		{"keep", "audio_codec", "aac", none},
		{"keep", "audio_bitrate", "the encoder's own", none},
		{"keep", "threads", "auto", none},
		{"keep", "folder", "Proxy", none},
		{"keep", "suffix", "none", none},
		{"keep", "ffmpeg_loglevel", "warning", none},
		{"form", "profile", "low", here},
		{"form", "misc_args", "-bf 0", here},
		{"card", "codec", "h264_nvenc", here},
		{"card", "encoders", "h264_nvenc, libx264", here},
		{"card", "max_width", "1280", here},
		{"bare", "gop", "1", none},
		{"bare", "audio", "none", here},
		{"bare", "audio_codec", "none", none},
		{"bare", "audio_samplerate", "", none},
		{"bare", "burnin", "none", none},
		{"bare", "watermark_opacity", "", none},
		{"some", "audio", "2, 1", here},
		{"some", "audio_codec", "pcm_s16le", here},
		{"some", "burnin", "timecode, clip name, hello", here},
		{"some", "watermark", "w.png", here},
		{"some", "watermark_position", "bottom right", none},
		{"some", "watermark_opacity", "50", none},
	} {
		e, err := s.Effective(c.preset)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range e.Values() {
			from := none
			if v.From.Preset != "" {
				from = here
			}
			if v.Field == c.field && (v.Final != c.final || from != c.from) {
				t.Errorf("%s of %s comes to %q (%s), want %q (%s)", c.field, c.preset, v.Final, v.From, c.final, c.from)
			}
		}
	}
	for _, n := range s.Names() {
		e, err := s.Effective(n)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range e.Values() {
			if len(v.Words) > 0 && v.Final == "" && v.Field != "description" && v.Field != "profile" && v.Field != "misc_args" {
				t.Errorf("%s of %s is written as %v and comes to nothing", v.Field, n, v.Words)
			}
		}
	}
}
