package presets

import (
	"slices"

	"proxima/jobfile"
)

// sound is an encoder of sound.
type sound struct {
	encoder  string
	names    []string
	lossless bool     // takes no bitrate
	in       []string // containers that hold it
}

var sounds = []sound{
	{"pcm_s16le", []string{"pcm_s16le", "pcm", "wav"}, true, []string{"mov", "matroska"}},
	{"pcm_s24le", []string{"pcm_s24le"}, true, []string{"mov", "matroska"}},
	{"pcm_s32le", []string{"pcm_s32le"}, true, []string{"mov", "matroska"}},
	{"pcm_f32le", []string{"pcm_f32le"}, true, []string{"mov", "matroska"}},
	{"aac", []string{"aac"}, false, []string{"mov", "mp4", "matroska"}},
	{"alac", []string{"alac"}, true, []string{"mov", "mp4", "matroska"}},
	{"ac3", []string{"ac3"}, false, []string{"mov", "mp4", "matroska"}},
	{"libmp3lame", []string{"mp3", "libmp3lame"}, false, []string{"mov", "mp4", "matroska"}},
	{"libopus", []string{"opus", "libopus"}, false, []string{"mp4", "matroska"}},
	{"flac", []string{"flac"}, true, []string{"mp4", "matroska"}},
}

func (r raw) sound(_ *codec, out *jobfile.Recipe) (err error) {
	name := squash(r.word("audio_codec"))
	if off(name) && name != "" {
		name = "none"
	}
	switch way := words(r["audio"]); {
	case len(way) == 0 || len(way) == 1 && squash(way[0]) == "all":
	case len(way) == 1 && (off(way[0]) || squash(way[0]) == "copy"):
		want := squash(way[0])
		if off(way[0]) {
			want = "none"
		}
		if name != "" && name != want {
			return bad("audio", "%s and audio_codec: %s contradict each other; leave one of them out", want, jobfile.Printable(r.word("audio_codec")))
		}
		name = want
	default:
		for _, w := range way {
			n, err := number("audio", w, 1, 64)
			if err != nil {
				return bad("audio", "%s is not all, none, copy or a list of tracks like [1, 2]", jobfile.Quote(w))
			}
			if slices.Contains(out.Sound.Tracks, n) {
				return bad("audio", "track %d stands twice", n)
			}
			out.Sound.Tracks = append(out.Sound.Tracks, n)
		}
		if name == "none" {
			return bad("audio", "audio_codec: none leaves no tracks to keep")
		}
	}
	if name == "" {
		name = "pcms16le"
		if out.Container == "mp4" {
			name = "aac"
		}
	}
	if name == "none" || name == "copy" {
		for _, f := range []struct{ field, value string }{{"audio_samplerate", r.word("audio_samplerate")}, {"audio_bitrate", r.word("audio_bitrate")}} {
			if f.value != "" {
				return bad(f.field, "audio_codec: %s leaves nothing to set", name)
			}
		}
		if name == "copy" {
			out.Sound.Encoder = name
		}
		return nil
	}
	names := []string{"none", "copy"}
	for _, s := range sounds {
		names = append(names, s.names[0])
		if !slices.ContainsFunc(s.names, func(n string) bool { return squash(n) == name }) {
			continue
		}
		if !slices.Contains(s.in, out.Container) {
			return bad("audio_codec", "%s holds no %s; %s", out.Ext, s.names[0], instead(out.Container))
		}
		out.Sound.Encoder = s.encoder
		if r.word("audio_samplerate") != "" {
			if out.Sound.SampleRate, err = number("audio_samplerate", r.word("audio_samplerate"), 8000, 384000); err != nil {
				return err
			}
		}
		if r.word("audio_bitrate") != "" && s.lossless {
			return bad("audio_bitrate", "%s has none", s.names[0])
		}
		if r.word("audio_bitrate") != "" {
			out.Sound.Bitrate = r.word("audio_bitrate")
			return bitrate("audio_bitrate", r.word("audio_bitrate"))
		}
		return nil
	}
	return &FieldError{Field: "audio_codec", Err: &Unknown{What: "sound codec", Name: r.word("audio_codec"), Near: near(r.word("audio_codec"), names), Known: names}}
}

// laySound takes from what lies below the sound's settings that the layer over it leaves no room
// for: whoever writes audio: none over a preset with a codec of sound means none.
func laySound(below, over map[string]value) {
	word := func(field string) string { return squash(raw{field: over[field].words}.word(field)) }
	asIs := func(w string) bool { return w != "" && off(w) || w == "copy" }
	codec := word("audio_codec")
	lossless := slices.ContainsFunc(sounds, func(s sound) bool {
		return s.lossless && slices.ContainsFunc(s.names, func(n string) bool { return squash(n) == codec })
	})
	switch {
	case asIs(word("audio")):
		delete(below, "audio_codec")
		delete(below, "audio_samplerate")
		delete(below, "audio_bitrate")
	case asIs(codec):
		delete(below, "audio")
		delete(below, "audio_samplerate")
		delete(below, "audio_bitrate")
	case codec != "" && asIs(squash(raw{"audio": below["audio"].words}.word("audio"))):
		delete(below, "audio")
	}
	if lossless {
		delete(below, "audio_bitrate")
	}
}

// instead says what sound to write where the one asked for doesn't fit.
func instead(container string) string {
	if container == "mp4" {
		return "write aac or alac, or ext: .mov"
	}
	return "write pcm_s16le or aac, or ext: .mkv"
}
