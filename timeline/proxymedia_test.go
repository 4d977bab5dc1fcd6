package timeline

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// beside is what people mostly have: a proxy in a folder beside its source.
func beside(string) (string, bool) { return "/mnt/Ünïcode & more/Proxy/a 100%#1.mov", true }

// wearing puts an asset's or a clip's inside into a document.
func fcpxmlWith(version, asset string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="` + version + `">
    <resources>
` + asset + `
    </resources>
</fcpxml>
`
}

func TestProxiesInFCPXML(t *testing.T) {
	const url = "file:///mnt/%C3%9Cn%C3%AFcode%20%26%20more/Proxy/a%20100%25%231.mov"
	const proxy = `<media-rep kind="proxy-media" src="` + url + `"/>`
	for name, c := range map[string][2]string{
		"after the original, before the metadata": {
			`        <asset id="r1" name="a">
            <media-rep kind="original-media" src="file:///a.mov"/>
            <metadata/>
        </asset>`,
			`        <asset id="r1" name="a">
            <media-rep kind="original-media" src="file:///a.mov"/>
            ` + proxy + `
            <metadata/>
        </asset>`,
		},
		"after its bookmark": {
			"<asset id='r1'>\r\n\t<media-rep src='file:///a.mov'>\r\n\t\t<bookmark>Ym9v</bookmark>\r\n\t</media-rep>\r\n</asset>",
			"<asset id='r1'>\r\n\t<media-rep src='file:///a.mov'>\r\n\t\t<bookmark>Ym9v</bookmark>\r\n\t</media-rep>\r\n\t" + proxy + "\r\n</asset>",
		},
		"in one line": {
			`<asset id="r1"><media-rep kind="original-media" src="file:///a.mov"></media-rep></asset>`,
			`<asset id="r1"><media-rep kind="original-media" src="file:///a.mov"></media-rep>` + proxy + `</asset>`,
		},
		"instead of the one that was there": {
			`<asset id="r1">
  <media-rep kind="proxy-media" src="file:///old.mov"><bookmark>x</bookmark></media-rep>
  <media-rep kind="original-media" src="file:///a.mov"/>
  <media-rep kind="proxy-media" src="file:///older.mov"/>
</asset>`,
			`<asset id="r1">
  ` + proxy + `
  <media-rep kind="original-media" src="file:///a.mov"/>
</asset>`,
		},
		"not in what is no file, nor in a comment": {
			`<asset id="r1"><media-rep kind="proxy-media" src="file:///only.mov"/></asset><!-- <asset><media-rep src="file:///a.mov"/></asset> --><media id="r2"><asset><media-rep src="file:///a.mov"/></asset></media><effect id="r3"/>`,
			`<asset id="r1"><media-rep kind="proxy-media" src="file:///only.mov"/></asset><!-- <asset><media-rep src="file:///a.mov"/></asset> --><media id="r2"><asset><media-rep src="file:///a.mov"/></asset></media><effect id="r3"/>`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, version := range []string{"1.9", "1.10", "1.14", "2.0"} {
				got, err := AttachProxies([]byte("\xEF\xBB\xBF"+fcpxmlWith(version, c[0])), FCPXML, beside)
				if err != nil {
					t.Fatal(err)
				}
				if want := "\xEF\xBB\xBF" + fcpxmlWith(version, c[1]); string(got) != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
			}
		})
	}
}

func TestProxiesInOTIO(t *testing.T) {
	const url = `"file:///mnt/%C3%9Cn%C3%AFcode%20%26%20more/Proxy/a%20100%25%231.mov"`
	const name = `"a 100%#1.mov"`
	ref := func(name, times, target string) string {
		return `{"OTIO_SCHEMA": "ExternalReference.1", "metadata": {}, "name": ` + name + `, "available_range": ` + times + `, "target_url": ` + target + `}`
	}
	const times = `{"OTIO_SCHEMA":"TimeRange.1", "start_time":  {"rate": NaN}}`
	for title, c := range map[string][2]string{
		"a second reference": {
			`{"OTIO_SCHEMA": "Clip.2", "media_references": {
    "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "available_range": ` + times + `, "target_url": "file:///a.mov"}
}, "metadata": {"x": [1, 2.50]}}`,
			`{"OTIO_SCHEMA": "Clip.2", "media_references": {
    "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "available_range": ` + times + `, "target_url": "file:///a.mov"},
    "PROXY": ` + ref(name, times, url) + `
}, "metadata": {"x": [1, 2.50]}}`,
		},
		"a bare path beside a bare path": {
			`{"OTIO_SCHEMA": "Clip.2", "active_media_reference_key": "HIGH", "media_references": {"HIGH": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "/a.mov"}}}`,
			`{"OTIO_SCHEMA": "Clip.2", "active_media_reference_key": "HIGH", "media_references": {"HIGH": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "/a.mov"},"PROXY": ` +
				ref(name, "null", `"/mnt/Ünïcode \u0026 more/Proxy/a 100%#1.mov"`) + `}}`,
		},
		"instead of the one that was there": {
			`{"OTIO_SCHEMA": "Clip.2", "media_references": {"PROXY" : {"OTIO_SCHEMA": "MissingReference.1"}, "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///a.mov"}}}`,
			`{"OTIO_SCHEMA": "Clip.2", "media_references": {"PROXY" : ` + ref(name, "null", url) + `, "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///a.mov"}}}`,
		},
		"of a clip that plays its proxy": {
			`{"OTIO_SCHEMA": "Clip.2", "active_media_reference_key": "PROXY", "media_references": {"PROXY": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///p.mov"}, "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///a.mov"}}}`,
			`{"OTIO_SCHEMA": "Clip.2", "active_media_reference_key": "PROXY", "media_references": {"PROXY": ` + ref(name, "null", url) + `, "DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///a.mov"}}}`,
		},
		"a clip of one reference": {
			"{\n  \"OTIO_SCHEMA\": \"Clip.1\",\n  \"media_reference\": {\"OTIO_SCHEMA\": \"ExternalReference.1\", \"target_url\": \"file:///a.mov\"},\n  \"name\": \"x\"\n}",
			"{\n  \"OTIO_SCHEMA\": \"Clip.2\",\n  \"media_references\": {\"DEFAULT_MEDIA\": {\"OTIO_SCHEMA\": \"ExternalReference.1\", \"target_url\": \"file:///a.mov\"}, \"PROXY\": " +
				ref(name, "null", url) + "},\n  \"active_media_reference_key\": \"DEFAULT_MEDIA\",\n  \"name\": \"x\"\n}",
		},
		"not in what is no file": {
			`{"OTIO_SCHEMA": "Clip.2", "media_references": {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "GeneratorReference.1", "target_url": "file:///a.mov"}}}`,
			`{"OTIO_SCHEMA": "Clip.2", "media_references": {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "GeneratorReference.1", "target_url": "file:///a.mov"}}}`,
		},
	} {
		t.Run(title, func(t *testing.T) {
			around := `{"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [{"OTIO_SCHEMA": "Track.1", "children": [%]}]}}`
			got, err := AttachProxies([]byte(strings.Replace(around, "%", c[0], 1)), OTIO, beside)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(around, "%", c[1], 1); string(got) != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestProxiesAreRefusedWithAReason(t *testing.T) {
	relative := func(string) (string, bool) { return "Proxy/a.mov", true }
	old := fcpxmlWith("1.8", `<asset id="r1" src="file:///a.mov"/>`)
	const clip = `{"OTIO_SCHEMA": "Clip.2", "active_media_reference_key": "PROXY", "media_references": {"PROXY": {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "/a.mov"}}}`
	for name, c := range map[string]struct {
		text    string
		format  Format
		proxies func(string) (string, bool)
		want    string
	}{
		"an old version":           {old, FCPXML, beside, "came with 1.9"},
		"no version":               {strings.Replace(old, `version="1.8"`, "", 1), FCPXML, beside, "came with 1.9"},
		"an asset of an old shape": {strings.Replace(old, "1.8", "1.10", 1), FCPXML, beside, ":5: asset r1: it has no media-rep"},
		"another root":             {"<xmeml/>", FCPXML, beside, "not fcpxml"},
		"cut off":                  {old[:strings.Index(old, "</resources>")], FCPXML, beside, "cut off"},
		"UTF-16":                   {"\xFF\xFE<\x00", FCPXML, beside, "UTF-16"},
		"no path":                  {fcpxmlWith("1.9", `<asset><media-rep src="a.mov"/></asset>`), FCPXML, relative, "no absolute path"},
		"no path in OTIO":          {strings.ReplaceAll(clip, "PROXY", "A"), OTIO, relative, "no absolute path"},
		"plays the proxy":          {clip, OTIO, beside, "plays its proxy"},
		"no OTIO":                  {"{}", OTIO, beside, "OTIO_SCHEMA"},
		"broken JSON":              {`{"OTIO_SCHEMA": "Clip.2",`, OTIO, beside, "cut off"},
		"another format":           {"<xmeml/>", XMEML, beside, "no place for proxies"},
	} {
		_, err := AttachProxies([]byte(c.text), c.format, c.proxies)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(":"+itoa(e.Line)+": "+e.Error(), c.want) && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := AttachProxies(make([]byte, maxFile+1), FCPXML, beside); err == nil || !strings.Contains(err.Error(), "larger than 256 MiB") {
		t.Errorf("too large: %v", err)
	}
}

func TestFileURLIsReadBack(t *testing.T) {
	for path, c := range map[string]struct{ url, read string }{
		"/mnt/a b.mov":               {"file:///mnt/a%20b.mov", ""},
		"/mnt/a+b&c<'\">.mov":        {"file:///mnt/a+b%26c%3C%27%22%3E.mov", ""},
		"/mnt/100%/#1?.mov":          {"file:///mnt/100%25/%231%3F.mov", ""},
		"/mnt/日本/\xff.mov":           {"file:///mnt/%E6%97%A5%E6%9C%AC/%FF.mov", ""},
		`D:\Footage\a b.mov`:         {"file:///D:/Footage/a%20b.mov", "D:/Footage/a b.mov"},
		"d:/a.mov":                   {"file:///d:/a.mov", ""},
		`\\nas\footage\a#.mov`:       {"file://nas/footage/a%23.mov", "//nas/footage/a#.mov"},
		"//nas/footage/a.mov":        {"file://nas/footage/a.mov", ""},
		`\\?\UNC\nas\footage\a.mov`:  {"file://nas/footage/a.mov", "//nas/footage/a.mov"},
		`\\?\D:\long\a.mov`:          {"file:///D:/long/a.mov", "D:/long/a.mov"},
		"/Volumes/Footage/é e\u0301": {"file:///Volumes/Footage/%C3%A9%20e%CC%81", ""},
	} {
		url, ok := FileURL(path)
		if !ok || url != c.url {
			t.Errorf("%q: %q %v", path, url, ok)
		}
		want := c.read
		if want == "" {
			want = path
		}
		if got, err := Decode(url, ""); err != nil || got.Path != want {
			t.Errorf("%q is read back as %q, %v", path, got.Path, err)
		}
	}
	for _, path := range []string{"", "a.mov", "Proxy/a.mov", "D:", "D:/", "D:a", "/", "//", "//nas", `\\nas\`, `\\?\`, `\\.\pipe\x`, "/a\x00b", `\a`, strings.Repeat("/a", 20<<10)} {
		if url, ok := FileURL(path); ok {
			t.Errorf("%q is %q", path, url)
		}
	}
}

// samplesWithProxies are all samples that can have proxies.
func samplesWithProxies(t testing.TB) map[string]Format {
	t.Helper()
	out := map[string]Format{}
	for pattern, format := range map[string]Format{
		"testdata/fcpxml/*.fcpxml": FCPXML, "testdata/synthetic/*.fcpxml": FCPXML, "testdata/synthetic/*/Info.fcpxml": FCPXML,
		"testdata/otio/*.otio": OTIO, "testdata/synthetic/*.otio": OTIO, "testdata/synthetic/*/content.otio": OTIO,
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range files {
			out[f] = format
		}
	}
	return out
}

// What editors wrote keeps its media and its cut, gets a proxy everywhere, and gets no second
// one when it is done again.
func TestSamplesWithProxiesAreReadAsBefore(t *testing.T) {
	for file, format := range samplesWithProxies(t) {
		t.Run(file, func(t *testing.T) {
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			asked := map[string]bool{}
			after, err := AttachProxies(before, format, func(target string) (string, bool) {
				asked[target] = true
				return "/proxies" + "/" + "p.mov", true
			})
			var e *Error
			if errors.As(err, &e) && strings.Contains(e.Reason, "came with 1.9") {
				t.Skip(e.Reason)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range readAs(t, file, format, before).Media {
				if m.Target != "" && m.Kind != Sequence && !asked[m.Target] && !strings.Contains(strings.ToLower(m.Target), "proxy") {
					t.Errorf("%q was not asked for", m.Target)
				}
			}
			if n := bytes.Count(after, []byte("/proxies/p.mov")); n < len(asked) {
				t.Errorf("%d proxies for %d media", n, len(asked))
			}
			if got, want := whatIsPlayed(readAs(t, file, format, after)), whatIsPlayed(readAs(t, file, format, before)); !reflect.DeepEqual(got, want) {
				t.Errorf("it is read as\n%+v\nand was\n%+v", got, want)
			}
			again, err := AttachProxies(after, format, func(string) (string, bool) { return "/proxies/p.mov", true })
			if err != nil || !bytes.Equal(again, after) {
				t.Errorf("done again it changes: %v", err)
			}
			same, err := AttachProxies(before, format, func(string) (string, bool) { return "", false })
			if err != nil || !bytes.Equal(same, before) {
				t.Errorf("without proxies it changes: %v", err)
			}
		})
	}
}

func readAs(t testing.TB, file string, format Format, data []byte) *Project {
	t.Helper()
	p, err := map[Format]reader{FCPXML: readFCPXML, OTIO: readOTIO}[format](file, data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return p
}

// played is a timeline with the media that it plays; what is linked beside them is left out.
type played struct {
	Timeline
	Media []Media
}

func whatIsPlayed(p *Project) []played {
	var out []played
	for _, tl := range p.Timelines {
		w := played{Timeline: tl}
		w.Uses = nil
		for _, u := range tl.Uses {
			if u.Active {
				w.Media = append(w.Media, p.Media[u.Media])
				u.Media = 0
				w.Uses = append(w.Uses, u)
			}
		}
		out = append(out, w)
	}
	return out
}

func FuzzAttachProxies(f *testing.F) {
	for file, format := range samplesWithProxies(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 8<<10)], format == OTIO)
		if len(data) < 32<<10 {
			f.Add(data, format == OTIO)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, otio bool) {
		format, read := FCPXML, reader(readFCPXML)
		if otio {
			format, read = OTIO, readOTIO
		}
		after, err := AttachProxies(data, format, func(target string) (string, bool) { return "/p/\u00e9 &<\"'.mov", len(target)%4 > 0 })
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		was, err := read("x", data)
		if err != nil {
			return // its references multiply
		}
		is, err := read("x", after)
		if err != nil {
			t.Fatalf("cannot be read any more: %v\n%s", err, after)
		}
		if got, want := whatIsPlayed(is), whatIsPlayed(was); !reflect.DeepEqual(got, want) {
			t.Fatalf("it is read as\n%+v\nand was\n%+v\n%s", got, want, after)
		}
	})
}
