//go:build e2e

package presets

import (
	"os/exec"
	"path/filepath"
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

// The tables are ffmpeg's word at second hand; here it speaks itself.
func TestFFmpegEncodesWhatTheTablesAllow(t *testing.T) {
	encode := func(t *testing.T, r jobfile.Recipe) {
		t.Helper()
		v := r.Video
		args := []string{
			"-nostdin", "-v", "error", "-xerror", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=0.2", "-f", "lavfi", "-i", "sine=d=0.2",
			"-c:v", v.Encoder, "-pix_fmt", v.PixelFormat,
		}
		for _, o := range [][2]string{
			{"-profile:v", v.Profile},
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
		out := filepath.Join(t.TempDir(), "out"+r.Ext)
		args = append(append(args, v.Args...), "-strict", "-2", "-f", r.Container, out)
		if b, err := exec.CommandContext(t.Context(), "ffmpeg", args...).CombinedOutput(); err != nil {
			t.Errorf("ffmpeg %v: %v\n%s", args, err, b)
			return
		}
		b, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=pix_fmt", "-of", "csv=p=0", out).Output()
		if got := string(b); err != nil || len(got) < len(v.PixelFormat) || got[:len(v.PixelFormat)] != v.PixelFormat {
			// The decoder shows 4444 with 12 bits, and x265's full range under its plain name.
			if v.Encoder != "prores_ks" && v.Encoder != "cfhd" && v.PixelFormat[:4] != "yuvj" {
				t.Errorf("%s: asked for %s, got %q (%v)", v.Encoder, v.PixelFormat, got, err)
			}
		}
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
				rec, err := one(r)
				if err != nil {
					t.Errorf("%+v: %v", r, err)
					continue
				}
				if c.encoder == "libx265" {
					rec.Video.Args = []string{"-x265-params", "log-level=error"}
				}
				t.Run(c.encoder+"_"+p.name+"_"+pix, func(t *testing.T) { t.Parallel(); encode(t, rec) })
			}
		}
		for _, tune := range c.tunes {
			rec, err := one(raw{"codec": {c.encoder}, "tune": {tune}, "speed": {"ultrafast"}})
			if err != nil {
				t.Error(err)
			}
			t.Run(c.encoder+"_tune_"+tune, func(t *testing.T) { t.Parallel(); encode(t, rec) })
		}
	}
	for _, s := range sounds {
		for _, container := range s.in {
			rec, err := one(raw{"codec": {"x264"}, "speed": {"ultrafast"}, "audio_codec": {s.encoder}, "ext": {jobfile.Containers[container][0]}})
			if err != nil {
				t.Error(err)
				continue
			}
			t.Run(s.encoder+"_"+container, func(t *testing.T) { t.Parallel(); encode(t, rec) })
		}
	}
	for _, f := range scalers {
		rec, err := one(raw{"codec": {"mjpeg"}, "scale_filter": {f}})
		if err != nil {
			t.Error(err)
		}
		t.Run("scaler_"+f, func(t *testing.T) { t.Parallel(); encode(t, rec) })
	}
}
