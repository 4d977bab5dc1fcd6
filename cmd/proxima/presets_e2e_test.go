//go:build e2e

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proxima/encode"
	"proxima/jobfile"
	"proxima/presets"
)

// What Resolve asks of a proxy before it links it, of every preset that comes with Proxima:
// the source's number of frames, rate, start timecode and all its sound.
func TestBuiltinPresetsMakeWhatResolveLinks(t *testing.T) {
	tools, err := encode.Find(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	sources := map[string][]string{
		"drop.mov": {"30000/1001", "01:00:00;00"},
		"pal.mov":  {"25", "01:00:00:00"},
	}
	for name, s := range sources {
		ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=size=320x180:duration=4:rate="+s[0], "-f", "lavfi", "-i", "sine=d=4", "-f", "lavfi", "-i", "sine=f=880:d=4",
			"-map", "0", "-map", "1", "-map", "2", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "15", "-c:a", "pcm_s16le", "-timecode", s[1], filepath.Join(dir, name))
	}
	set := presets.Builtin()
	containers := map[string]bool{}
	for _, preset := range set.Names() {
		e, err := set.Effective(preset)
		if err != nil {
			t.Error(err)
			continue
		}
		recipes, err := e.Recipes(nil, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		var why error
		able := slices.IndexFunc(recipes, func(r jobfile.Recipe) bool {
			err := tools.CanEncode(t.Context(), &r)
			why = errors.Join(why, err)
			return err == nil
		})
		if able < 0 {
			t.Errorf("%s: %v", preset, why)
			continue
		}
		for name := range sources {
			// Drop-frame at a broken rate is the harder; whole rates hang on the container alone.
			if whole := name == "pal.mov"; whole && containers[recipes[able].Container] {
				continue
			}
			t.Run(preset+"/"+name, func(t *testing.T) {
				t.Parallel()
				linkable(t, tools, recipes[able], filepath.Join(dir, name))
			})
		}
		containers[recipes[able].Container] = true
	}
}

func linkable(t *testing.T, tools *encode.Tools, r jobfile.Recipe, source string) {
	ctx, dir := t.Context(), t.TempDir()
	p, err := tools.Probe(ctx, source)
	if err != nil {
		t.Fatal(err)
	}
	if err := encode.Fits(&p.Media, &r); err != nil {
		t.Fatal(err)
	}
	cuts, _, err := tools.Cuts(ctx, source, p, 2*time.Second)
	if err != nil || len(cuts) != 1 {
		t.Fatal(cuts, err)
	}
	st, err := os.Stat(source)
	if err != nil {
		t.Fatal(err)
	}
	j := &jobfile.Job{
		ID: "50_20261126-101112_clip_k3f9", Recipe: r, Media: p.Media,
		Source: jobfile.Source{Path: jobfile.Path{Rel: source}, Size: st.Size(), Modified: st.ModTime()},
		Plan:   jobfile.Plan{FirstPTS: p.FirstPTS, LastPTS: p.LastPTS, Units: jobfile.PlanUnits(&p.Media, &r, p.FirstPTS, cuts, 0)},
	}
	join := encode.StitchTask{Job: j, Target: filepath.Join(dir, "proxy"+r.Ext)}
	for _, u := range j.Plan.Units {
		if u.ID == jobfile.UnitStitch {
			continue
		}
		task := encode.Task{Job: j, Unit: u, Source: source, VideoPath: filepath.Join(dir, string(u.ID)+".v"), SoundPath: filepath.Join(dir, string(u.ID)+".s"), Threads: 1}
		made, err := tools.Encode(ctx, task)
		if err != nil {
			t.Fatal(u.ID, err)
		}
		if made.Video != nil {
			join.Video = append(join.Video, encode.VideoSource{Path: task.VideoPath, Part: made.Video})
		}
		if made.Sound != nil {
			join.Sound = &encode.SoundSource{Path: task.SoundPath, Part: made.Sound}
		}
	}
	if _, err := tools.Stitch(ctx, join); err != nil {
		t.Fatal(err)
	}
	a, b := facts(t, source), facts(t, join.Target)
	if a.frames != b.frames || r.Container != "matroska" && a.rate != b.rate || a.timecode != b.timecode || b.height%2 != 0 {
		t.Errorf("source %+v, proxy %+v", a, b)
	}
	if r.Sound.Encoder != "" && a.sounds != b.sounds {
		t.Errorf("%d streams of sound instead of %d", b.sounds, a.sounds)
	}
	if b.codec == "hevc" && r.Container != "matroska" && b.tag != "hvc1" {
		t.Errorf("HEVC tagged %s", b.tag)
	}
	if out, err := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", join.Target, "-f", "null", "-").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("decode: %v %s", err, out)
	}
}

type linkFacts struct {
	codec, tag, frames, rate, timecode string
	height, sounds                     int
}

func facts(t *testing.T, path string) (f linkFacts) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-count_packets", "-show_streams", "-show_format", "-of", "json", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Streams []struct {
			Type   string            `json:"codec_type"`
			Codec  string            `json:"codec_name"`
			Tag    string            `json:"codec_tag_string"`
			Frames string            `json:"nb_read_packets"`
			Rate   string            `json:"avg_frame_rate"`
			Height int               `json:"height"`
			Tags   map[string]string `json:"tags"`
		}
		Format struct{ Tags map[string]string }
	}
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatal(err)
	}
	timecode := func(tags map[string]string) {
		for k, v := range tags {
			if strings.EqualFold(k, "timecode") && f.timecode == "" {
				f.timecode = v
			}
		}
	}
	for _, s := range d.Streams {
		switch s.Type {
		case "video":
			f.codec, f.tag, f.frames, f.rate, f.height = s.Codec, s.Tag, s.Frames, s.Rate, s.Height
		case "audio":
			f.sounds++
		}
		timecode(s.Tags)
	}
	timecode(d.Format.Tags)
	return f
}
