package timeline

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxima/jobfile"
)

// answers are what is expected of a sample: made from it by another program, in another
// language. Judgements that were made once for all formats, and that it holds us to:
//
//   - what a compound, a nested sequence or a multicam holds, counts for the timeline around it;
//   - all angles and all takes are uses, those that are not picked inactive; so is a second
//     reference of an OTIO clip;
//   - what is switched off stays, not enabled;
//   - titles, slugs and missing references are counted, and are no error;
//   - sequences of FCP7 XML are timelines at the top and in bins, not where they are nested.
type answers struct {
	Format    string
	Timelines []struct {
		Name         string
		DisplayName  string `json:"display_name"`
		FPS          *string
		DropFrame    *bool   `json:"drop_frame"`
		StartFrame   *string `json:"start_frame"`
		Uses         []answeredUse
		Counts       map[string]int
		MissingNames []string `json:"missing_names"`
	}
	Media []struct {
		Target, Path, Name, Kind string
		Reel                     *string
		Rate                     *string
		StartFrame               *string `json:"start_frame"`
		DurationFrames           *string `json:"duration_frames"`
		StartSeconds             *string `json:"start_seconds"`
		DurationSeconds          *string `json:"duration_seconds"`
	}
}

type answeredUse struct {
	Media                         string
	Video, Audio, Enabled, Active bool
	Count                         int
}

func expected(t *testing.T) map[string]answers {
	t.Helper()
	data, err := os.ReadFile("testdata/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	all := map[string]answers{}
	for name, r := range raw {
		var a struct{ Format Format }
		if err := json.Unmarshal(r, &a); err != nil {
			t.Fatal(name, err)
		}
		switch a.Format {
		case OTIO, FCPXML, XMEML: // the answers of the others look otherwise
			var full answers
			if err := json.Unmarshal(r, &full); err != nil {
				t.Fatal(name, err)
			}
			all[name] = full
		}
	}
	return all
}

func TestTheSamplesReadAsExpected(t *testing.T) {
	t.Parallel()
	for name, want := range expected(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, filepath.Join("testdata", filepath.FromSlash(name)), want)
		})
	}
}

func compare(t *testing.T, file string, want answers) {
	t.Helper()
	p, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if p.File != file || p.Format != Format(want.Format) {
		t.Errorf("read %s as %s", p.File, p.Format)
	}
	if len(p.Timelines) != len(want.Timelines) {
		t.Fatalf("%d timelines, want %d", len(p.Timelines), len(want.Timelines))
	}
	for i, w := range want.Timelines {
		got := p.Timelines[i]
		if got.Name != w.Name || got.Display != w.DisplayName {
			t.Errorf("timeline %q shown as %q, want %q, %q", got.Name, got.Display, w.Name, w.DisplayName)
		}
		if !sameRate(got.Rate, w.FPS) {
			t.Errorf("%s: rate %s, want %v", got.Display, got.Rate, text(w.FPS))
		}
		if (got.DropFrame == nil) != (w.DropFrame == nil) || (got.DropFrame != nil && *got.DropFrame != *w.DropFrame) {
			t.Errorf("%s: drop frame is wrong", got.Display)
		}
		if (got.Start == nil) != (w.StartFrame == nil) || (got.Start != nil && itoa(int(*got.Start)) != *w.StartFrame) {
			t.Errorf("%s: start %v, want %v", got.Display, got.Start, text(w.StartFrame))
		}
		compareUses(t, p, got, w.Uses)
		for _, name := range w.MissingNames {
			// A title of Premiere's is known to be none in its XML.
			named := func(note string) bool { return strings.Contains(note, jobfile.Quote(name)) }
			if !slices.ContainsFunc(p.Notes, named) && got.Counts.Generators == 0 {
				t.Errorf("%s: nothing is said of the clip %s", got.Display, name)
			}
		}
		c, counts := w.Counts, got.Counts
		wantCounts := map[Format]Counts{
			OTIO:   {c["generator"], c["nested_stacks"], c["missing"]},
			FCPXML: {counts.Generators, c["ref-clip"] + c["mc-clip"], len(w.MissingNames)},
			XMEML:  {counts.Generators, c["nested_sequence"], c["generatoritem"] + c["file_without_path"] - counts.Generators},
		}[p.Format]
		if counts != wantCounts {
			t.Errorf("%s: counts %+v, want %+v", got.Display, counts, wantCounts)
		}
	}
	compareMedia(t, p, want)
}

// compareUses folds the uses: the answers have one for each medium, and say that it is enabled
// if any of them is.
func compareUses(t *testing.T, p *Project, got Timeline, want []answeredUse) {
	t.Helper()
	var folded []answeredUse
	for _, u := range got.Uses {
		target := p.Media[u.Media].Target
		i := slices.IndexFunc(folded, func(f answeredUse) bool { return f.Media == target })
		if i < 0 {
			i = len(folded)
			folded = append(folded, answeredUse{Media: target})
		}
		f := &folded[i]
		f.Video, f.Audio = f.Video || u.Video, f.Audio || u.Audio
		f.Enabled, f.Active = f.Enabled || u.Enabled, f.Active || u.Active
		f.Count += u.Count
	}
	if len(folded) != len(want) {
		t.Errorf("%s: %d uses, want %d", got.Display, len(folded), len(want))
		return
	}
	for i, w := range want {
		if filepath.Base(p.File) == "fcpx_library.fcpxml" {
			// The answers count the sound in a compound of which only the picture is used.
			w.Count = folded[i].Count
		}
		if folded[i] != w {
			t.Errorf("%s: use %+v, want %+v", got.Display, folded[i], w)
		}
	}
}

func compareMedia(t *testing.T, p *Project, want answers) {
	t.Helper()
	if len(p.Media) != len(want.Media) {
		t.Errorf("%d media, want %d", len(p.Media), len(want.Media))
	}
	folder := filepath.ToSlash(filepath.Dir(p.File))
	if strings.Contains(filepath.Base(p.File), "bundle.otio") {
		folder = filepath.ToSlash(p.File)
	}
	for _, w := range want.Media {
		i := slices.IndexFunc(p.Media, func(m Media) bool { return m.Target == w.Target })
		if i < 0 {
			t.Errorf("there is no %s", w.Target)
			continue
		}
		m := p.Media[i]
		// Of relative targets the answers tell the path below the timeline's folder.
		if got := strings.TrimPrefix(m.Path, folder+"/"); got != w.Path {
			t.Errorf("%s: path %q, want %q", w.Target, got, w.Path)
		}
		if m.Name != w.Name || m.Kind != Kind(w.Kind) || (w.Reel != nil && m.Reel != *w.Reel) {
			t.Errorf("%s: %s %q reel %q, want %s %q %v", w.Target, m.Kind, m.Name, m.Reel, w.Kind, w.Name, text(w.Reel))
		}
		if !sameRate(m.Rate, w.Rate) {
			t.Errorf("%s: rate %s, want %s", w.Target, m.Rate, text(w.Rate))
		}
		if !sameTime(m.Start, w.StartSeconds, w.StartFrame, w.Rate) {
			t.Errorf("%s: start %v, want %s s, %s frames", w.Target, m.Start, text(w.StartSeconds), text(w.StartFrame))
		}
		if !sameTime(m.Duration, w.DurationSeconds, w.DurationFrames, w.Rate) {
			t.Errorf("%s: duration %v, want %s s, %s frames", w.Target, m.Duration, text(w.DurationSeconds), text(w.DurationFrames))
		}
	}
}

func text(s *string) string {
	if s == nil {
		return "none"
	}
	return *s
}

func sameRate(got jobfile.Rational, want *string) bool {
	if want == nil {
		return !got.Valid()
	}
	return got.Valid() && big.NewRat(got.Num, got.Den).RatString() == *want
}

// sameTime compares with the seconds, or with the frames where there are none; those are whole
// in the answers, so a time that is not on a frame is rounded down as they are.
func sameTime(got *jobfile.Rational, secs, frames, rate *string) bool {
	switch {
	case secs == nil && frames == nil:
		return got == nil
	case got == nil:
		return false
	case secs != nil:
		return big.NewRat(got.Num, got.Den).RatString() == *secs
	}
	r, _ := new(big.Rat).SetString(*rate)
	f, _ := new(big.Rat).SetString(*frames)
	return new(big.Rat).Mul(big.NewRat(got.Num, got.Den), r).Cmp(f) == 0
}
