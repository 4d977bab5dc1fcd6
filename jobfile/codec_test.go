package jobfile

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
)

func testJob() *Job {
	at := int64(640000)
	last := int64(1279488)
	crf := 20
	return &Job{
		Format: Format, ID: "49_20260304-050607_A001_abcde", Created: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), By: "ana@edit7", Version: "1",
		Source: Source{Path: Path{"footage", "day1/A001.mov"}, Size: 1234567, Modified: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		Output: Output{Path: Path{"footage", "day1/Proxy/A001.mov"}, Base: Path{"footage", "day1"}, Existing: ExistingSkip},
		Recipe: Recipe{
			Preset: "edit_proxy", Container: "mov", Ext: ".mov", Threads: 2, LogLevel: "warning",
			Video: VideoRecipe{Encoder: "libx264", PixelFormat: "yuv420p", MaxHeight: 720, CRF: &crf, ScaleFlags: "bicubic", Args: []string{"-bf", "2"}},
			Sound: SoundRecipe{Encoder: "pcm_s16le", SampleRate: 48000},
		},
		Media: Media{
			Container: "mov", Timecode: "10:00:00:00",
			Video: VideoStream{Codec: "h264", Width: 1920, Height: 1080, PixelFormat: "yuv420p", TimeBase: Rational{1, 12800}, FrameRate: Rational{25, 1}, SampleAspect: Rational{1, 1}},
			Sound: []SoundStream{{Index: 1, Codec: "aac", Channels: 2, SampleRate: 48000}},
		},
		Plan: Plan{
			Frames: 2500, Exact: true, LastPTS: &last, ChunkTarget: Duration(time.Minute), BytesRead: 4096,
			Units: []Planned{
				{ID: "0000", Range: &Range{0, &at}, Frames: 1250}, {ID: "0001", Range: &Range{at, nil}, Frames: 1250}, {ID: UnitSound}, {ID: UnitStitch},
			},
		},
	}
}

func TestDocumentsReadBackAsTheyWereWritten(t *testing.T) {
	data, err := Encode("A job.\nTwo lines.", testJob())
	if err != nil {
		t.Fatal(err)
	}
	var got Job
	if err := Decode("job.yaml", data, &got); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	again, err := Encode("A job.\nTwo lines.", &got)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data, again) {
		t.Fatalf("first\n%s\nthen\n%s", data, again)
	}
}

func TestStrangeNamesSurviveADocument(t *testing.T) {
	for _, name := range []string{
		"a b", "a'b", `a"b`, "%03d", "-dash", "🎬", "a\nb", "a\n", "\ta", "a\x1b[31mb", "x\u202egpj", "#no comment", "a: b", "- x", "~", "null", "1.0", "0x10",
		"e\u0301", "{a}", "[b]", "*a", "&a", "!a", "|", ">", "a\\b", "a\r\nb", "a\u0085b", "a\u2028b", "\ufeffa", " lead", "trail ", "yes", "a #b", "\x7f", "a\n\n b\n", "---", "--- a", "-...", "?", "@a", "`a`", "%a", "? a", ": a", "a:", "<<",
	} {
		j := testJob()
		j.Source.Path.Rel = "day1/" + name
		j.Output.Path, j.Output.Base = Path{Rel: "/x/" + name + ".mov"}, Path{Rel: "/x/" + name}
		data, err := Encode("", j)
		if err != nil {
			t.Fatal(err)
		}
		var got Job
		if err := Decode("job.yaml", data, &got); err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if got.Source.Path != j.Source.Path || got.Output.Path != j.Output.Path || got.Output.Base != j.Output.Base {
			t.Errorf("%q became %q and %q", name, got.Source.Path.Rel, got.Output.Path.Rel)
		}
		for _, r := range string(data) {
			if r != '\n' && r < ' ' || r == 0x7f || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q: the document holds a raw %U", name, r)
				break
			}
		}
	}
}

func TestEveryCutOfAJobIsRefused(t *testing.T) {
	data, err := Encode("", testJob())
	if err != nil {
		t.Fatal(err)
	}
	for i := range data[:len(data)-1] {
		var j Job
		if err := Decode("job.yaml", data[:i], &j); err == nil && i < bytes.LastIndex(data, []byte("stitch"))+6 {
			t.Fatalf("a job cut at byte %d of %d was accepted:\n%s", i, len(data), data[max(0, i-80):i])
		}
	}
}

func TestMistakesHaveAPlace(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		line           int
	}{
		{"unknown field", "format: 1\njob: x\nunits: 3\n", "units", 3},
		{"twice", "format: 1\nformat: 1\n", "format", 2},
		{"not yaml", "format: 1\n  job: [\n", "", 1},
		{"empty", "", "empty", 0},
		{"two documents", "format: 1\nunit: audio\njob: 49_20260304-050607_A001_abcde\n---\nformat: 1\n", "more than one", 0},
		{"newer", "format: 2\nunit: audio\njob: 49_20260304-050607_A001_abcde\n", "newer", 0},
		{"newer, with more in it", "format: 2\nunit: audio\njob: 49_20260304-050607_A001_abcde\nmood: {a: 1}\n", "newer", 1},
		{"newer, with other things in it", "unit: {is: audio}\njob: [x]\nformat: 2\n", "newer", 3},
		{"newer, below another", "format: 1\nmood: {format: 2}\n", "mood", 2},
		{"no format", "unit: audio\njob: 49_20260304-050607_A001_abcde\n", "format: missing", 0},
		{"binary", "format: \xff\n", "UTF-8", 0},
		{"deep", "format: " + strings.Repeat("[", 100), "deeper", 1},
		{"deep by indent", strings.Repeat(" ", 500) + "x: 1", "deeper", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var u Unit
			err := Decode("x.yaml", []byte(c.in), &u)
			var de *DecodeError
			if !errors.As(err, &de) {
				t.Fatalf("%v is no DecodeError", err)
			}
			if c.line > 0 && de.Line != c.line || !strings.Contains(de.Reason, c.want) {
				t.Fatalf("%v, want line %d and %q", err, c.line, c.want)
			}
			if de.Newer != (c.want == "newer") {
				t.Errorf("newer: %v", de.Newer)
			}
			if len(err.Error()) > 500 {
				t.Fatalf("%d characters of message", len(err.Error()))
			}
		})
	}
}

func TestAByteOrderMarkIsNoMistake(t *testing.T) {
	f := NewFarm()
	if err := Decode("farm.yaml", []byte("\xef\xbb\xbfformat: 1\r\ndefaults:\r\n  lease: 2m\r\n"), f); err != nil {
		t.Fatal(err)
	}
	if f.Defaults.Lease.D() != 2*time.Minute || f.Defaults.Preset != "edit_proxy" {
		t.Fatalf("%+v", f.Defaults)
	}
}
