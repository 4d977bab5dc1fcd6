package jobfile

import (
	"strings"
	"testing"
	"time"
)

func TestTheFirstRuleThatMatchesDecides(t *testing.T) {
	t.Parallel()
	ntsc := Rational{Num: 24000, Den: 1001}
	clip := func(edit func(*Facts)) *Facts {
		f := &Facts{
			Path: "/mnt/footage/DAY_01/B-Cam/A001_C002.MXF", Camera: "Sony ILME-FX6", Duration: 2 * time.Minute,
			Video: VideoStream{Codec: "h264", Width: 3840, Height: 2160, FrameRate: ntsc},
		}
		if edit != nil {
			edit(f)
		}
		return f
	}
	for name, c := range map[string]struct {
		when string
		edit func(*Facts)
		want bool
	}{
		"nothing asked":             {"{}", nil, true},
		"extension":                 {"{ext: mxf}", nil, true},
		"extension with its dot":    {"{ext: [.mov, .mxf]}", nil, true},
		"another extension":         {"{ext: [mov, mp4]}", nil, false},
		"no part of an extension":   {"{ext: xf}", nil, false},
		"codec":                     {"{codec: [prores, H264]}", nil, true},
		"another codec":             {"{codec: hevc}", nil, false},
		"folder anywhere":           {"{path: 'b-cam/*'}", nil, true},
		"folder from the root":      {"{path: '/mnt/footage/**'}", nil, true},
		"folder between":            {"{path: '**/day_01/**/*.mxf'}", nil, true},
		"another folder":            {"{path: 'c-cam/**'}", nil, false},
		"a star stays in a folder":  {"{path: '/mnt/*.mxf'}", nil, false},
		"name":                      {"{path: 'A001*'}", nil, true},
		"alternatives":              {"{path: '{a,b}001*'}", nil, true},
		"camera":                    {"{camera: 'sony*'}", nil, true},
		"camera that is unknown":    {"{camera: 'sony*'}", func(f *Facts) { f.Camera = "" }, false},
		"height":                    {"{min_height: 2160, max_height: 2160}", nil, true},
		"higher":                    {"{min_height: 2161}", nil, false},
		"lower":                     {"{max_height: 1080}", nil, false},
		"width":                     {"{min_width: 2000, max_width: 4096}", nil, true},
		"narrower":                  {"{max_width: 1920}", nil, false},
		"wider":                     {"{min_width: 4096}", nil, false},
		"rate as people say it":     {"{frame_rate: 23.976}", nil, true},
		"rate, shorter":             {"{frame_rate: [25, 23.98]}", nil, true},
		"rate as a fraction":        {"{frame_rate: 24000/1001}", nil, true},
		"24 is not 23.976":          {"{frame_rate: 24}", nil, false},
		"rate that is unknown":      {"{frame_rate: 24}", func(f *Facts) { f.Video.FrameRate = Rational{} }, false},
		"longer":                    {"{longer_than: 1m}", nil, true},
		"not longer":                {"{longer_than: 2m}", nil, false},
		"shorter":                   {"{shorter_than: 2m1s}", nil, true},
		"not shorter":               {"{shorter_than: 30s}", nil, false},
		"one of several does not":   {"{ext: mxf, codec: hevc}", nil, false},
		"all of several":            {"{ext: mxf, codec: h264, min_height: 1081, camera: '*fx6'}", nil, true},
		"a path without any folder": {"{path: 'x/*'}", func(f *Facts) { f.Path = "a.mxf" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var doc struct {
				Rules Rules `yaml:"rules"`
			}
			if err := Decode("r.yaml", []byte("rules:\n- when: "+c.when+"\n  presets: first\n- presets: [second, third]\n"), &doc); err != nil {
				t.Fatal(err)
			}
			if err := doc.Rules.Validate(); err != nil {
				t.Fatal(err)
			}
			want := 1
			if c.want {
				want = 0
			}
			if got := doc.Rules.Choose(clip(c.edit)); got != want {
				t.Errorf("rule %d, not %d", got, want)
			}
		})
	}
	if n := (Rules{{When: When{Ext: Words{"mov"}}, Presets: Words{"x"}}}).Choose(clip(nil)); n != -1 {
		t.Errorf("rule %d of those that do not match", n)
	}
}

func TestRulesThatCannotBeMeantAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"- when: {ext: mov}":                                          "rules[0]: it names no presets",
		"- presets: a\n- {presets: a, skip: why}":                     "rules[1].skip: it names presets too",
		"- {presets: a, when: {path: '[a'}}":                          "rules[0].when.path",
		"- {presets: a, when: {camera: '{a'}}":                        "rules[0].when.camera",
		"- {presets: a, when: {min_height: -1}}":                      "rules[0].when.min_height",
		"- {presets: a, when: {frame_rate: fast}}":                    "rules[0].when.frame_rate",
		"- {presets: a, when: {frame_rate: 24/0}}":                    "rules[0].when.frame_rate",
		"- {presets: a, when: {frame_rate: 0}}":                       "rules[0].when.frame_rate",
		"- {presets: a, when: {longer_than: 10}}":                     "is not a duration like",
		"- {presets: a, when: {weather: rain}}":                       "unknown field",
		"- {presets: a, when: {frame_rate: 1e99}}":                    "rules[0].when.frame_rate",
		"- {presets: a, when: {frame_rate: 99999999999999999999999}}": "rules[0].when.frame_rate",
	} {
		f := NewFarm()
		err := Decode("farm.yaml", []byte("format: 1\nrules:\n"+text+"\n"), f)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", text, err, want)
		}
	}
}

func TestFiltersSayWhyASourceIsLeftOut(t *testing.T) {
	t.Parallel()
	s := &Facts{Path: "/a/b.MOV", Video: VideoStream{FrameRate: Rational{Num: 30000, Den: 1001}}}
	for _, c := range []struct {
		f    Filters
		want string
	}{
		{Filters{}, ""},
		{Filters{Extensions: Words{".mov"}, FrameRates: Words{"25", "29.97"}}, ""},
		{Filters{Extensions: Words{"mxf"}}, "its extension is none of filters.extensions"},
		{Filters{FrameRates: Words{"30"}}, "its frame rate is none of filters.frame_rates"},
	} {
		if got := c.f.Refuses(s); got != c.want {
			t.Errorf("%+v: %q, not %q", c.f, got, c.want)
		}
	}
}
