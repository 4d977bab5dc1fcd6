//go:build e2e

package presets

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"proxima/jobfile"
)

func one(r raw) (jobfile.Recipe, error) {
	rs, err := r.recipes("p")
	if err != nil {
		return jobfile.Recipe{}, err
	}
	return rs[0], nil
}

// trial is one recipe whose very arguments ffmpeg is asked to take.
type trial struct {
	name   string
	recipe jobfile.Recipe
}

// The tables are ffmpeg's word at second hand; here it speaks itself.
func TestFFmpegEncodesWhatTheTablesAllow(t *testing.T) {
	var trials []trial
	add := func(name string, r raw, more ...string) {
		recipe, err := one(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		recipe.Video.Args = more
		trials = append(trials, trial{name, recipe})
	}
	for _, c := range codecs {
		if c.hardware || c.encoder == "libsvtav1" {
			continue // no such machine here; and SVT-AV1 of 2022 was seen to hang
		}
		profiles := c.profiles
		if len(c.pixFmts) > 0 {
			profiles = append(slices.Clone(profiles), profile{pixFmts: c.pixFmts})
		}
		for _, p := range profiles {
			for _, pix := range p.pixFmts {
				r := raw{"codec": {c.encoder}, "profile": {p.name}, "pix_fmt": {pix}}
				if c.speeds != nil {
					r["speed"] = jobfile.Words{"ultrafast"}
				}
				var more []string
				if c.encoder == "libx265" {
					more = []string{"-x265-params", "log-level=error:pools=1"}
				}
				add(c.encoder+"_"+p.name+"_"+pix, r, more...)
			}
		}
		for _, tune := range c.tunes {
			add(c.encoder+"_tune_"+tune, raw{"codec": {c.encoder}, "tune": {tune}, "speed": {"ultrafast"}})
		}
	}
	for _, s := range sounds {
		for _, container := range s.in {
			add(s.encoder+"_"+container, raw{"codec": {"x264"}, "speed": {"ultrafast"}, "audio_codec": {s.encoder}, "ext": {jobfile.Containers[container][0]}})
		}
	}
	for _, f := range scalers {
		add("scaler_"+f, raw{"codec": {"mjpeg"}, "scale_filter": {f}})
	}
	for batch := range slices.Chunk(trials, 16) {
		t.Run(batch[0].name, func(t *testing.T) {
			t.Parallel()
			encodeAll(t, batch)
		})
	}
}

var reMade = regexp.MustCompile(`(?m)^  Stream #([0-9]+):0.*: Video: [^,]*(?:\([^)]*\)[^,]*)*, ([a-z0-9]+)`)

// encodeAll encodes a fifth of a second with each of the recipes, all in one run: most of a
// run's time is its start. After an error halves are tried, down to the recipes that fail.
func encodeAll(t *testing.T, trials []trial) {
	t.Helper()
	args := []string{"-nostdin", "-hide_banner", "-nostats", "-xerror", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=0.2", "-f", "lavfi", "-i", "sine=d=0.2"}
	dir := t.TempDir()
	for i, trial := range trials {
		args = append(args, "-map", "0", "-map", "1")
		args = append(args, arguments(&trial.recipe)...)
		args = append(args, filepath.Join(dir, strconv.Itoa(i)+trial.recipe.Ext))
	}
	out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput()
	if err != nil && len(trials) > 1 {
		half := len(trials) / 2
		encodeAll(t, trials[:half])
		encodeAll(t, trials[half:])
		return
	}
	if err != nil {
		t.Errorf("%s: ffmpeg %v: %v\n%s", trials[0].name, args, err, out)
		return
	}
	_, made, _ := bytes.Cut(out, []byte("Output #0"))
	got := map[string]string{}
	for _, m := range reMade.FindAllSubmatch(made, -1) {
		got[string(m[1])] = string(m[2])
	}
	for i, trial := range trials {
		v := &trial.recipe.Video
		if pix := got[strconv.Itoa(i)]; pix != v.PixelFormat {
			t.Errorf("%s: asked for %s, the encoder got %q\n%s", trial.name, v.PixelFormat, pix, made)
		}
		if st, err := os.Stat(filepath.Join(dir, strconv.Itoa(i)+trial.recipe.Ext)); err != nil || st.Size() == 0 {
			t.Errorf("%s: no file: %v", trial.name, err)
		}
	}
}

func arguments(r *jobfile.Recipe) []string {
	v := &r.Video
	profile := v.Profile
	if v.Encoder == "prores_aw" { // it knows numbers alone
		profile = strconv.Itoa(slices.Index([]string{"proxy", "lt", "standard", "hq", "4444", "4444xq"}, profile))
	}
	args := []string{"-c:v", v.Encoder, "-pix_fmt", v.PixelFormat, "-threads", "1"}
	for _, o := range [][2]string{
		{"-profile:v", profile},
		{"-preset", v.Speed},
		{"-tune", v.Tune},
		{"-tag:v", v.Tag},
		{"-sws_flags", v.ScaleFlags},
		{"-c:a", r.Sound.Encoder},
		{"-b:a", r.Sound.Bitrate},
	} {
		if o[1] != "" {
			args = append(args, o[0], o[1])
		}
	}
	if v.CRF != nil {
		args = append(args, "-crf", strconv.Itoa(*v.CRF))
	}
	if v.QScale != nil {
		args = append(args, "-q:v", strconv.Itoa(*v.QScale))
	}
	return append(append(args, v.Args...), "-strict", "-2", "-f", r.Container)
}
