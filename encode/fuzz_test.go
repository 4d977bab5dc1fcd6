package encode

import (
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// Whatever a job says that passes its checks: one source is opened, under options that hold it
// to one file, through the six filters of ours, into the outputs of this attempt.
func FuzzCommandLine(f *testing.F) {
	f.Add("libx264", "main", "yuv420p", "bicubic", "bt709", "tv", "A001", "10:00:00:00", "-bf 2", int64(0), int64(25), 0)
	f.Add("dnxhd", "dnxhr_lb", "yuv422p,movie=x", "bicubic[a];movie=x", "bt709,movie=x", "tv:x", "-i", "concat:a", "-i x", int64(-1), int64(1<<40), 3)
	f.Add("h264_v4l2m2m", "a:b", "gbrp", "a+b", "gbr", "pc", "a\x00b", "http://x", "-flags +pass1", int64(1)<<62, int64(1), -1)
	f.Fuzz(func(t *testing.T, encoder, profile, pixels, scaler, colour, rng, label, timecode, args string, start, den int64, index int) {
		r := recipe("x264")
		r.Video.Encoder, r.Video.Profile, r.Video.PixelFormat, r.Video.ScaleFlags, r.Video.Args = encoder, profile, pixels, scaler, strings.Fields(args)
		j := &jobfile.Job{
			ID: "50_20261126-101112_clip_k3f9", Recipe: r,
			Media: jobfile.Media{
				Container: label, Reel: label, CreationTime: label, Timecode: timecode, OriginUS: start,
				Video: jobfile.VideoStream{
					Index: index, Codec: label, Width: 320, Height: 240, PixelFormat: pixels, TimeBase: jobfile.Rational{Num: 1, Den: den}, FieldOrder: label,
					SampleAspect: jobfile.Rational{Num: start, Den: den}, FrameRate: jobfile.Rational{Num: den, Den: 1}, Range: rng, Primaries: colour, Transfer: colour, Matrix: colour,
				},
				Sound: []jobfile.SoundStream{{Index: index, Codec: label, Channels: 2, Layout: label, SampleRate: 48000}},
			},
			Plan: jobfile.Plan{FirstPTS: start},
		}
		if j.Recipe.Validate() != nil || j.Media.Validate() != nil {
			return
		}
		const source, video, sound = "file:/source", "file:/video", "file:/sound"
		u := jobfile.Planned{ID: jobfile.UnitWhole, Range: &jobfile.Range{Start: start}}
		for _, line := range [][]string{
			unitArgs(&Task{Job: j, Unit: u, Threads: 1, dress: &worn{}}, seek{true, start}, source, video, sound),
			unitArgs(&Task{Job: j, Unit: jobfile.Planned{ID: jobfile.UnitSound}, Threads: 1, dress: &worn{}}, seek{}, source, video, sound),
			referenceArgs(j, u.Range, seek{}, 1, source),
		} {
			inputs := values(line, "-i")
			if !slices.Equal(inputs, []string{source}) || !slices.Equal(values(line, "-protocol_whitelist"), []string{"file"}) || !slices.Equal(values(line, "-format_whitelist"), []string{sourceFormats}) {
				t.Fatalf("%q", line)
			}
			if o := slices.Index(line, "-protocol_whitelist"); o > slices.Index(line, "-i") {
				t.Fatalf("the source is opened without its options: %q", line)
			}
			for _, chain := range values(line, "-vf") {
				onlyOurFilters(t, chain)
			}
			for _, own := range []string{"-filter_complex", "-lavfi", "-attach", "-y", "-pass", "-report", "-/vf"} {
				if slices.Contains(line, own) {
					t.Fatalf("%s in %q", own, line)
				}
			}
		}
		task := StitchTask{Job: j, Sound: &SoundSource{Part: &jobfile.SoundPart{StartUS: start}}}
		line := stitchArgs(task, "file:/list", sound, "file:/target", 0)
		if !slices.Equal(values(line, "-i"), []string{"file:/list", sound}) || line[len(line)-1] != "file:/target" || !slices.Equal(values(line, "-format_whitelist"), []string{"concat,mov", "mov"}) {
			t.Fatalf("%q", line)
		}
	})
}

// values are what follows an option, wherever it stands as one.
func values(line []string, option string) (v []string) {
	for i := 0; i+1 < len(line); i++ {
		switch line[i] {
		case option:
			v = append(v, line[i+1])
		case "-metadata", "-metadata:s:v:0", "-timecode": // their values may be spelled like options
			i++
		}
	}
	return v
}

func onlyOurFilters(t *testing.T, chain string) {
	t.Helper()
	if strings.ContainsAny(chain, `[];'"\`) {
		t.Fatalf("a chain of filters holds more than filters: %s", chain)
	}
	for i, f := range strings.Split(chain, ",") {
		name, _, _ := strings.Cut(f, "=")
		if want := []string{"trim", "scale", "format", "setsar", "setparams"}; i >= len(want) || name != want[i] {
			t.Fatalf("filter %s in %s", name, chain)
		}
	}
}
