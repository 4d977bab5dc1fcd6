package presets

import "testing"

// What a layer says of the sound takes away what it leaves no room for below.
func TestSoundIsLaidOverAsAWhole(t *testing.T) {
	t.Parallel()
	s, err := Builtin().Add("p.yaml", []byte(`
mute: {extends: portable_proxy, audio: none}
mute2: {extends: portable_proxy, audio_codec: none}
asis: {extends: prores_proxy, audio: copy}
back: {extends: mute, audio_codec: aac}
pcm: {extends: portable_proxy, ext: .mov, audio_codec: pcm_s24le}
tracks: {extends: portable_proxy, audio: [1]}
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		preset, encoder, bitrate string
		rate, tracks             int
	}{
		{"mute", "", "", 0, 0},
		{"mute2", "", "", 0, 0},
		{"asis", "copy", "", 0, 0},
		{"back", "aac", "", 0, 0},
		{"pcm", "pcm_s24le", "", 48000, 0},
		{"tracks", "aac", "192k", 48000, 1},
	} {
		r, err := s.Resolve(c.preset)
		if err != nil {
			t.Errorf("%s: %v", c.preset, err)
			continue
		}
		if got := r.Sound; got.Encoder != c.encoder || got.Bitrate != c.bitrate || got.SampleRate != c.rate || len(got.Tracks) != c.tracks {
			t.Errorf("%s: %+v", c.preset, got)
		}
	}
	for _, set := range []string{"audio=none", "audio=copy", "audio_codec=none"} {
		l, err := ParseSet(set)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []string{"edit_proxy", "portable_proxy"} {
			if _, err := s.Effective(n, l); err != nil {
				t.Errorf("--set %s over %s: %v", set, n, err)
			}
		}
	}
	if _, err := s.Add("q.yaml", []byte("a: {codec: x264, audio: none, audio_codec: aac}\n")); err == nil {
		t.Error("none and a codec in one preset were taken")
	}
}
