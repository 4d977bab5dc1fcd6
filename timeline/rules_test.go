package timeline

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// uses writes the uses of a timeline in short: "a" seen and heard, "a:v" seen, "a:s" heard,
// with "-" switched off and "?" not picked.
func uses(p *Project, i int) string {
	var out []string
	for _, u := range p.Timelines[i].Uses {
		s := stem(p.Media[u.Media].Path)
		switch {
		case !u.Audio:
			s += ":v"
		case !u.Video:
			s += ":s"
		}
		if !u.Enabled {
			s += "-"
		}
		if !u.Active {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestFCPXMLRules(t *testing.T) {
	t.Parallel()
	assets := ""
	for _, id := range []string{"b", "c", "d"} {
		assets += fmt.Sprintf(`<asset id="%s" name="%[1]s" hasVideo="1" hasAudio="1" format="r0"><media-rep kind="proxy-media" src="file:///proxy/%[1]s.mov"/><media-rep kind="original-media" src="file:///m/%[1]s.mov"/></asset>`, id)
	}
	for name, c := range map[string]struct{ media, spine, want string }{
		"both":                        {"", `<asset-clip ref="a"/>`, "a"},
		"its halves are one use":      {"", `<video ref="a"><audio ref="a" lane="-1"/></video>`, "a"},
		"switched off":                {"", `<asset-clip ref="a" enabled="0"/><asset-clip ref="a"/>`, "a- a"},
		"connected plays on":          {"", `<asset-clip ref="a" enabled="0"><asset-clip ref="b" lane="1"/></asset-clip>`, "a- b"},
		"contents go off":             {"", `<clip enabled="0"><video ref="a"><audio ref="a" lane="-1"/></video></clip>`, "a-"},
		"connected in contents, too":  {"", `<sync-clip enabled="0"><asset-clip ref="a"><asset-clip ref="b" lane="-1"/></asset-clip></sync-clip>`, "a- b-"},
		"connected to contents":       {"", `<clip enabled="0"><video ref="a"/><asset-clip ref="b" lane="1"/></clip>`, "a:v- b"},
		"connected to a gap":          {"", `<gap><spine lane="1"><asset-clip ref="a"/></spine></gap>`, "a"},
		"in a title":                  {"", `<title ref="none"><asset-clip ref="a" lane="1"/></title>`, "a"},
		"in an element from tomorrow": {"", `<hologram><asset-clip ref="a"/></hologram>`, "a"},
		"only its sound":              {"", `<asset-clip ref="a" srcEnable="audio"/>`, "a:s"},
		"a take":                      {"", `<audition><asset-clip ref="a"/><asset-clip ref="b"><asset-clip ref="c" lane="1"/></asset-clip></audition>`, "a b? c?"},
		"the sound of a compound": {
			`<media id="m"><sequence><spine><asset-clip ref="a"/><asset-clip ref="b" srcEnable="video"/></spine></sequence></media>`,
			`<ref-clip ref="m" srcEnable="audio"/>`, "a:s",
		},
		"a compound that is off": {
			`<media id="m"><sequence><spine><asset-clip ref="a"><asset-clip ref="b" lane="1"/></asset-clip></spine></sequence></media>`,
			`<ref-clip ref="m" enabled="0"><asset-clip ref="c" lane="1"/></ref-clip>`, "a- b- c",
		},
		"angles": {
			`<media id="m"><multicam><mc-angle angleID="1"><asset-clip ref="a"/></mc-angle><mc-angle angleID="2"><asset-clip ref="b"/></mc-angle><mc-angle angleID="3"><asset-clip ref="c"/></mc-angle></multicam></media>`,
			`<mc-clip ref="m"><mc-source angleID="2" srcEnable="video"/><mc-source angleID="1" srcEnable="audio"/></mc-clip>`, "a:s b:v c?",
		},
		"no angle is picked": {
			`<media id="m"><multicam><mc-angle angleID="1"><asset-clip ref="a"/></mc-angle><mc-angle angleID="2"><asset-clip ref="b"/></mc-angle></multicam></media>`,
			`<mc-clip ref="m"/>`, "a b?",
		},
	} {
		p, err := readFCPXML("x", fcpxmlOf(assets+c.media, c.spine))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := uses(p, 0); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if len(p.Media) != 4 || p.Media[1].Path != "/m/b.mov" {
			t.Errorf("%s: media %+v", name, p.Media)
		}
	}
	p, err := readFCPXML("x", []byte(`<fcpxml><resources><effect id="g"/><asset id="p"><media-rep kind="proxy-media" src="file:///p.mov"/></asset></resources>
<project name=""><sequence><spine><video ref="g"/><title/><asset-clip ref="p"/><ref-clip ref="gone"/></spine></sequence></project></fcpxml>`))
	if err != nil || p.Timelines[0].Counts != (Counts{Generators: 2, Nested: 1, Missing: 2}) || p.Timelines[0].Display != "x" || len(p.Notes) != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = readFCPXML("x", []byte(fcpxmlHead+`</resources><asset-clip ref="a"/></fcpxml>`))
	if err != nil || len(p.Timelines) != 0 || len(p.Media) != 1 || len(p.Notes) != 1 {
		t.Errorf("clips without a project: %+v, %v", p, err)
	}
}

func TestFormatsThatFinalCutKnowsByName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"FFVideoFormat1080p2398": "24000/1001", "FFVideoFormat1080p25": "25/1", "FFVideoFormat1080i5994": "30000/1001",
		"FFVideoFormat1080i50": "25/1", "FFVideoFormat720x576i50_16x9": "25/1", "FFVideoFormatDV720x480p2997": "30000/1001", "FFVideoFormatRateUndefined": "0/0",
		"FFVideoFormat1080p": "0/0", "": "0/0", "FFVideoFormat": "0/0", "25": "0/0",
	} {
		data := fmt.Sprintf(`<fcpxml><resources><format id="r" name="%s"/></resources><project><sequence format="r"/></project></fcpxml>`, name)
		p, err := readFCPXML("x", []byte(data))
		if err != nil || p.Timelines[0].Rate.String() != want {
			t.Errorf("%s is %v, %v", name, p.Timelines[0].Rate, err)
		}
	}
}

// A format of which no rate is known makes no still of a film, and none is left out for it.
func TestStillsOfFCPXML(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		format, file, duration string
		want                   Kind
	}{
		"a film":                     {`name="FFVideoFormat1080p25"`, "a.mov", "2s", Video},
		"without a rate":             {`width="1920" height="1080"`, "a.mov", "2s", Video},
		"without a rate, of no kind": {`width="1920" height="1080"`, "a", "2s", Video},
		"of no length":               {`name="FFVideoFormat1080p25"`, "a.mp4", "0s", Video},
		"a picture":                  {`name="FFVideoFormatRateUndefined"`, "a.png", "0s", Still},
		"a picture by its format":    {`name="FFVideoFormatRateUndefined"`, "a.afphoto", "3600s", Still},
		"a picture by its length":    {`name="FFVideoFormat1080p25"`, "a.afphoto", "0s", Still},
	} {
		p, err := readFCPXML("x", fmt.Appendf(nil, `<fcpxml><resources><format id="r" %s/><asset id="a" hasVideo="1" format="r" duration="%s"><media-rep src="file:///m/%s"/></asset></resources></fcpxml>`, c.format, c.duration, c.file))
		if err != nil || len(p.Media) != 1 || p.Media[0].Kind != c.want {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestAnAssetWithoutAPlaceIsWantedByItsName(t *testing.T) {
	t.Parallel()
	p, err := readFCPXML("x", fcpxmlOf(`<asset id="b" name="A001_C002" hasVideo="1" format="r0"/><asset id="c" name="A001_C002" hasVideo="1" format="r0"><media-rep kind="proxy-media" src="file:///proxy/c.mov"/></asset><asset id="d" hasVideo="1"/>`,
		`<asset-clip ref="b"/><asset-clip ref="c"/><asset-clip ref="d" name="none"/>`))
	if err != nil {
		t.Fatal(err)
	}
	s := p.Select(Choice{Timelines: []int{0}})
	if len(s.Media) != 1 || s.LeftOut.Missing != 1 {
		t.Fatalf("%+v of %+v", s, p)
	}
	if m := p.Media[s.Media[0]]; m.Target != "A001_C002" || m.Path != "" || m.Kind != Video {
		t.Errorf("%+v", m)
	}
}

func TestXMEMLRules(t *testing.T) {
	t.Parallel()
	file := func(id, inner string) string {
		return `<file id="` + id + `"><pathurl>file:///m/` + id + `.mov</pathurl>` + inner + `</file>`
	}
	for name, c := range map[string]struct{ video, audio, want string }{
		"both":             {`<track><clipitem>` + file("a", "") + `</clipitem></track>`, `<track><clipitem><file id="a"/></clipitem></track>`, "a"},
		"named before":     {`<track><clipitem><file id="a"/></clipitem></track>`, `<track><clipitem>` + file("a", "") + `</clipitem></track>`, "a"},
		"a track is off":   {`<track><clipitem>` + file("a", "") + `</clipitem><enabled>FALSE</enabled></track>`, "", "a:v-"},
		"a clip is off":    {`<track><clipitem><enabled>false</enabled>` + file("a", "") + `</clipitem></track>`, "", "a:v-"},
		"nested for sound": {"", `<track><clipitem><sequence id="n"><media><video><track><clipitem>` + file("a", "") + `</clipitem></track></video><audio><track><clipitem>` + file("b", "") + `</clipitem></track></audio></media></sequence></clipitem></track>`, "b:s"},
		"a multiclip":      {`<track><clipitem><multiclip><angle><activevideoangle>FALSE</activevideoangle><clip>` + file("a", "") + `</clip></angle><angle><activevideoangle>TRUE</activevideoangle><clip>` + file("b", "") + `</clip></angle></multiclip></clipitem></track>`, "", "a:v? b:v"},
		"a multiclip that is named again": {
			`<track><clipitem><multiclip id="m"/></clipitem><clipitem><multiclip id="m"><angle><clip>` + file("a", "") + `</clip></angle><angle><activevideoangle>TRUE</activevideoangle><clip>` + file("b", "") + `</clip></angle></multiclip></clipitem></track>`,
			`<track><clipitem><multiclip id="m"/></clipitem></track>`, "a:v? b:v a:s b:s?",
		},
		"a multiclip that picks none": {`<track><clipitem><multiclip><angle><clip>` + file("a", "") + `</clip></angle><angle><clip>` + file("b", "") + `</clip></angle></multiclip></clipitem></track>`, "", "a:v b:v?"},
		"a clip that is named again": {
			`<track><clipitem><multiclip><angle><clip id="c"/></angle></multiclip></clipitem></track>`,
			`<track><clip id="c"><enabled>FALSE</enabled>` + file("a", "") + `</clip></track>`, "a-",
		},
		"a file by no name": {`<track><clipitem><file/></clipitem><generatoritem/><clipitem/></track>`, "", ""},
	} {
		p, err := readXMEML("x", []byte(`<xmeml><sequence id="s"><media><video>`+c.video+`</video><audio>`+c.audio+`</audio></media></sequence></xmeml>`))
		if err != nil || len(p.Timelines) != 1 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := uses(p, 0); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	p, err := readXMEML("x", []byte(`<xmeml><bin><children><clip>`+file("a", `<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><duration>30.0</duration><timecode><string>00:01:00;02</string></timecode>`)+`</clip></children></bin></xmeml>`))
	if err != nil || len(p.Media) != 1 || p.Media[0].Start.String() != "3003/50" || p.Media[0].Duration.String() != "1001/1000" {
		t.Errorf("a clip in a bin: %+v, %v", p, err)
	}
}

func TestOTIORules(t *testing.T) {
	t.Parallel()
	clip := func(name, more string) string {
		return `{"OTIO_SCHEMA":"Clip.2"` + more + `,"media_references":{"DEFAULT_MEDIA":{"OTIO_SCHEMA":"ExternalReference.1","target_url":"/m/` + name + `.mov","metadata":{"x":NaN,"y":[-Infinity]}}}}`
	}
	track := func(kind, kids string) string {
		return `{"OTIO_SCHEMA":"Track.1","kind":"` + kind + `","children":[` + kids + `]}`
	}
	stack := func(kids string) string { return `{"OTIO_SCHEMA":"Stack.1","children":[` + kids + `]}` }
	inner := stack(track("Video", clip("a", "")) + "," + track("Audio", clip("b", "")))
	for name, c := range map[string]struct{ root, want string }{
		"a timeline":   {`{"OTIO_SCHEMA":"Timeline.1","tracks":` + stack(track("Video", clip("a", ""))+","+track("Audio", clip("a", ""))) + `}`, "a"},
		"a bare track": {track("Audio", clip("a", "")), "a:s"},
		"a bare stack": {stack(clip("a", `,"enabled":false`)), "a:v-"},
		"a proxy plays": {stack(`{"OTIO_SCHEMA":"Clip.2","active_media_reference_key":"Proxy 540p","media_references":{"Proxy 540p":{"OTIO_SCHEMA":"ExternalReference.1","target_url":"/m/p.mov"},` +
			`"cam":{"OTIO_SCHEMA":"ExternalReference.1","target_url":"/m/c.mov"},"DEFAULT_MEDIA":{"OTIO_SCHEMA":"ExternalReference.1","target_url":"/m/a.mov"}}}`), "a:v p:v? c:v?"},
		"nothing but a proxy":     {stack(`{"OTIO_SCHEMA":"Clip.2","active_media_reference_key":"PROXY","media_references":{"PROXY":{"OTIO_SCHEMA":"ExternalReference.1","target_url":"/m/p.mov"}}}`), "p:v"},
		"a compound":              {stack(track("Video", inner)), "a:v b:s"},
		"a compound for sound":    {stack(track("Audio", inner)), "b:s"},
		"an old clip":             {stack(`{"OTIO_SCHEMA":"Clip.1","media_reference":{"OTIO_SCHEMA":"ExternalReference.1","target_url":"a.mov"}}`), "a:v"},
		"a reference of no clip":  {stack(`{"OTIO_SCHEMA":"Clip.2","media_references":null},{"OTIO_SCHEMA":"Clip.2"},null,7`), ""},
		"schemas from tomorrow":   {stack(`{"OTIO_SCHEMA":"Hologram.9","children":[]},` + clip("a", "")), "a:v"},
		"two spellings, one file": {stack(clip("Zu\u0308rich", "") + "," + clip("Z\u00fcrich", "")), "Zu\u0308rich:v"},
	} {
		p, err := readOTIO("x", []byte(c.root))
		if err != nil || len(p.Timelines) != 1 {
			t.Errorf("%s: %+v, %v", name, p, err)
			continue
		}
		if got := uses(p, 0); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	p, err := readOTIO("x", []byte(`{"OTIO_SCHEMA":"SerializableCollection.1","children":[`+clip("a", "")+`]}`))
	if err != nil || len(p.Timelines) != 0 || len(p.Media) != 1 || len(p.Notes) != 1 {
		t.Errorf("clips alone: %+v, %v", p, err)
	}
	p, err = readOTIO("x", []byte(stack(`{"OTIO_SCHEMA":"Clip.2","source_range":{"OTIO_SCHEMA":"TimeRange.1","start_time":{"OTIO_SCHEMA":"RationalTime.1","rate":29.97,"value":0},"duration":{"OTIO_SCHEMA":"RationalTime.1","rate":29.97,"value":30.000000000001}},
"media_references":{"DEFAULT_MEDIA":{"OTIO_SCHEMA":"ImageSequenceReference.1","target_url_base":"file:///m%201/","name_prefix":"a%20b.","name_suffix":".exr","start_frame":7,"frame_zero_padding":4}}}`)))
	if err != nil {
		t.Fatal(err)
	}
	m := p.Media[0]
	if tl := p.Timelines[0]; tl.Rate.String() != "30000/1001" || tl.Duration != 30 || tl.Display != "x" {
		t.Errorf("%+v", tl)
	}
	if m.Kind != Sequence || m.Path != "/m 1/a b.####.exr" || m.Names[0] != "a b.0007.exr" {
		t.Errorf("%+v", m)
	}
}

func TestTimelinesTellHowLongTheyAre(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]int64{
		"synthetic/resolve_shape.xml": {150, 10}, "synthetic/resolve_shape_1_9.fcpxml": {250}, "synthetic/two_timelines.otio": {200, 124},
		"fcpxml/29.97d.fcpxml": {887}, "xmeml/premiere_example.xml": {636}, "otio/resolve_base.otio": {1500},
	} {
		p, err := Read(filepath.Join("testdata", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		for i, tl := range p.Timelines {
			if tl.Duration != want[i] {
				t.Errorf("%s: %s lasts %d frames, want %d", file, tl.Display, tl.Duration, want[i])
			}
		}
	}
}

func TestABundleTellsWhereItsMediaAre(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "synthetic")
	p, err := Read(filepath.Join(dir, "bundle.otiod") + string(filepath.Separator))
	if err != nil || p.Timelines[0].Display != "Bundled" {
		t.Fatalf("%+v, %v", p, err)
	}
	m := p.Media[1]
	if m.Path != "testdata/synthetic/bundle.otiod/media/y z.mov" || m.Names[0] != "testdata/synthetic/bundle.otiod/media/y%20z.mov" {
		t.Errorf("%+v", m)
	}
	p, err = Read(filepath.Join(dir, "bundle.otioz"))
	if err != nil || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "inside the bundle") {
		t.Errorf("%+v, %v", p, err)
	}
	if _, packed := p.Packed(0); !packed {
		t.Errorf("%+v is not in the bundle", p.Media[0])
	}
	p, err = Read(filepath.Join(dir, "path_shapes.otio"))
	if err != nil || len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "https://example.com") || p.Media[13].Path != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestKindsByName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Kind{
		"a.mov": Video, "a.R3D": Video, "a": Video, "a.WAV": Sound, "a.b.png": Still, "a[1].png": Still,
		"a.[0001-0100].exr": Sequence, "a[1-2].dpx": Sequence, "a[1-2].mov": Video, "a[-].exr": Still,
	} {
		if got := kindOf(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
