package timeline

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

const fcpxmlHead = `<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE fcpxml><fcpxml version="1.11"><resources>
<format id="r0" frameDuration="1/25s"/><asset id="a" name="a" hasVideo="1" hasAudio="1" format="r0" src="file:///m/a.mov"/>`

// fcpxmlOf puts media (compounds) and a spine into a document.
func fcpxmlOf(media, spine string) []byte {
	return []byte(fcpxmlHead + media + `</resources><project name="p"><sequence format="r0"><spine>` + spine + `</spine></sequence></project></fcpxml>`)
}

func TestReferencesThatGoRoundInACircleEnd(t *testing.T) {
	t.Parallel()
	p, err := readFCPXML("x", fcpxmlOf(`
<media id="m1"><sequence><spine><asset-clip ref="a"/><ref-clip ref="m2"/></spine></sequence></media>
<media id="m2"><sequence><spine><ref-clip ref="m1"/><mc-clip ref="m3"/></spine></sequence></media>
<media id="m3"><multicam><mc-angle angleID="1"><mc-clip ref="m3"/><ref-clip ref="m1"/></mc-angle></multicam></media>`,
		`<ref-clip ref="m1"/>`))
	if err != nil || len(p.Timelines[0].Uses) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = readXMEML("x", []byte(`<xmeml><sequence id="s1"><name>a</name><media><video><track>
<clipitem><sequence id="s1"/></clipitem><clipitem><sequence id="s2"><media><video><track><clipitem><sequence id="s1"/></clipitem>
<clipitem><file id="f"><pathurl>file:///m/a.mov</pathurl></file></clipitem></track></video></media></sequence></clipitem>
</track></video></media></sequence></xmeml>`))
	if err != nil || len(p.Timelines) != 1 || len(p.Timelines[0].Uses) != 1 || p.Timelines[0].Counts.Nested != 3 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestClipsThatHoldThemselvesEnd(t *testing.T) {
	t.Parallel()
	p, err := readXMEML("x", []byte(`<xmeml><sequence id="s"><media><video><track>
<clipitem><multiclip id="m"><angle><clipitem><multiclip id="m"/></clipitem></angle><angle><clip id="c"><media><video><track>
<clip id="c"/><clipitem><multiclip id="m"/></clipitem><clipitem><file id="f"><pathurl>file:///m/a.mov</pathurl></file></clipitem>
</track></video></media></clip></angle></multiclip></clipitem></track></video></media></sequence></xmeml>`))
	if err != nil || len(p.Timelines) != 1 || len(p.Timelines[0].Uses) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// What nobody reads is looked at again for every reference.
func TestChaffIsNotWalkedOverForEver(t *testing.T) {
	t.Parallel()
	chaff, many := strings.Repeat("<x/>", 50_000), 20_000
	began := time.Now()
	p, err := readXMEML("x", []byte(`<xmeml><sequence id="s"><media><video><track><clipitem><sequence id="n">`+chaff+`<media><video>`+chaff+`<track>`+chaff+`</track></video></media></sequence></clipitem>`+
		strings.Repeat(`<clipitem><sequence id="n"/></clipitem>`, many)+`</track></video></media></sequence></xmeml>`))
	if err != nil || p.Timelines[0].Counts.Nested != many+1 {
		t.Errorf("%v", err)
	}
	p, err = readFCPXML("x", fcpxmlOf(`<media id="m">`+chaff+`<multicam>`+chaff+`<mc-angle><asset-clip ref="a"><metadata>`+chaff+`</metadata></asset-clip></mc-angle></multicam></media>`,
		strings.Repeat(`<mc-clip ref="m"/>`, many)))
	if err != nil || p.Timelines[0].Counts.Nested != many {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Ten compounds in each of twelve levels are 10^12 clips.
func TestReferencesThatMultiplyEnd(t *testing.T) {
	t.Parallel()
	var m strings.Builder
	for i := range 12 {
		fmt.Fprintf(&m, `<media id="m%d"><sequence><spine>%s<asset-clip ref="a"/></spine></sequence></media>`, i, strings.Repeat(fmt.Sprintf(`<ref-clip ref="m%d"/>`, i+1), 10))
	}
	m.WriteString(`<media id="m12"><sequence><spine><asset-clip ref="a"/></spine></sequence></media>`)
	began := time.Now()
	p, err := readFCPXML("x", fcpxmlOf(m.String(), `<ref-clip ref="m0"/>`))
	if err != nil || len(p.Timelines[0].Uses) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	m.Reset()
	m.WriteString(`<xmeml>`)
	for i := range 12 {
		fmt.Fprintf(&m, `<sequence id="s%d"><media><video><track>%s</track></video></media></sequence>`, i, strings.Repeat(fmt.Sprintf(`<clipitem><sequence id="s%d"/></clipitem>`, i+1), 10))
	}
	m.WriteString(`<sequence id="s12"><media><video><track><clipitem><file id="f"><pathurl>file:///m/a.mov</pathurl></file></clipitem></track></video></media></sequence></xmeml>`)
	p, err = readXMEML("x", []byte(m.String()))
	if err != nil || len(p.Timelines) != 13 || len(p.Timelines[0].Uses) != 1 {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestWhatIsTooDeepOrTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		read reader
		data string
	}{
		"deep XML":     {readFCPXML, "<fcpxml>" + strings.Repeat("<a>", 100_000)},
		"deep skipped": {readFCPXML, "<fcpxml>" + strings.Repeat("<note>", 100_000)},
		"much XML": {func(file string, data []byte) (*Project, error) {
			_, err := parseXML(file, data, skipXMEML, 100)
			return nil, err
		}, "<xmeml>" + strings.Repeat("<a/>", 100)},
		"many attributes": {func(file string, data []byte) (*Project, error) {
			_, err := parseXML(file, data, skipXMEML, 100)
			return nil, err
		}, "<xmeml>" + strings.Repeat("<a"+strings.Repeat(` a=""`, 200)+"/>", 3) + "</xmeml>"},
		"attributes":    {readXMEML, "<xmeml" + strings.Repeat(` a=""`, maxAttrs+1) + ">"},
		"deep JSON":     {readOTIO, strings.Repeat(`{"children":[`, 10_000)},
		"deep metadata": {readOTIO, `{"OTIO_SCHEMA":"Timeline.1","metadata":` + strings.Repeat("[", 1_000_000)},
		"much JSON": {func(file string, data []byte) (*Project, error) {
			_, err := parseJSON(file, data, 100)
			return nil, err
		}, `{"OTIO_SCHEMA":"Timeline.1","children":[` + strings.Repeat("0,", 100) + "0]}"},
	} {
		_, err := c.read("x", []byte(c.data))
		var e *Error
		if !errors.As(err, &e) || e.Line != 1 || e.Next == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Five thousand clips of Resolve's are more than 64 MiB of OTIO, nearly all of it passed over.
func TestALargeTimelineIsRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.otio")
	if err := os.WriteFile(file, []byte(`{"OTIO_SCHEMA":"Timeline.1","metadata":"`+strings.Repeat("x", 65<<20)+`","tracks":{"OTIO_SCHEMA":"Stack.1"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Read(file)
	if err != nil || len(p.Timelines) != 1 {
		t.Errorf("%v", err)
	}
	file = strings.TrimSuffix(file, "otio") + "edl"
	if err := os.WriteFile(file, []byte("TITLE: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, 65<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(file); err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("a list: %v", err)
	}
}

func TestAnEntityDoesNotGrow(t *testing.T) {
	t.Parallel()
	_, err := readFCPXML("x", []byte(`<!DOCTYPE fcpxml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>
<fcpxml><resources><asset id="r" name="&b;"/></resources></fcpxml>`))
	var e *Error
	if !errors.As(err, &e) || e.Line != 2 {
		t.Errorf("%v", err)
	}
}

// otiozOf makes a bundle.
func otiozOf(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, data := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestAZipThatGrowsIsRefused(t *testing.T) {
	t.Parallel()
	bomb := otiozOf(t, map[string][]byte{otioContent: make([]byte, 1<<20+1)})
	for name, data := range map[string][]byte{
		"a bomb": bomb, "no timeline": otiozOf(t, map[string][]byte{"other.otio": nil}), "no zip": []byte("PK\x03\x04"), "cut off": bomb[:len(bomb)-30],
	} {
		_, err := unzipOTIO("x.otioz", bytes.NewReader(data), int64(len(data)), 1<<20)
		var e *Error
		if !errors.As(err, &e) || e.Reason == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&limitedAt{r: bytes.NewReader(bomb), left: 10}).ReadAt(make([]byte, 11), 0); !errors.Is(err, errTooMuch) {
		t.Errorf("read on: %v", err)
	}
}

func TestAFileIsKnownByItsContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fcp, xmeml, otio := string(fcpxmlOf("", "")), `<xmeml version="5"/>`, `{"OTIO_SCHEMA":"Timeline.1"}`
	wide := "\xFF\xFE"
	for _, u := range utf16.Encode([]rune(strings.Replace(xmeml, "<xmeml", `<?xml version="1.0" encoding="UTF-16"?><xmeml`, 1))) {
		wide += string([]byte{byte(u), byte(u >> 8)})
	}
	for _, c := range []struct {
		name, data string
		want       Format // "" for an error
		reason     string
	}{
		{"a.xml", fcp, FCPXML, ""},
		{"b.xml", xmeml, XMEML, ""},
		{"c.fcpxml", xmeml, XMEML, ""},
		{"d.XML", "\xEF\xBB\xBF\n" + xmeml, XMEML, ""},
		{"e.xml", wide, XMEML, ""},
		{"f", fcp, FCPXML, ""},
		{"g.otio", otio, OTIO, ""},
		{"h.json", otio, OTIO, ""},
		{"i.xml", "<html></html>", "", "neither fcpxml nor xmeml"},
		{"j.xml", "hello", "", "no XML"},
		{"k.xml", "", "", "no XML"},
		{"l.bin", "hello", "", "no kind"},
		{"m.aaf", "hello", "", "AAF"},
		{"m.prproj", "\x1f\x8b", "", "Premiere"},
		{"m.avb", "\n\x00Domain", "", "Media Composer"},
		{"n.otio", "[]", "", "OTIO_SCHEMA"},
		{"o.otio", "", "", "ends too early"},
		{"p.fcpxml", "<fcpxml><a></fcpxml>", "", "did not begin"},
		{"q.fcpxml", "<fcpxml>\xFF</fcpxml>", "", "UTF-8"},
		{"r.otioz", "hello", "", "no zip"},
	} {
		file := filepath.Join(dir, c.name)
		if err := os.WriteFile(file, []byte(c.data), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Read(file)
		var e *Error
		switch {
		case c.want != "" && (err != nil || p.Format != c.want):
			t.Errorf("%s: %v", c.name, err)
		case c.want == "" && (!errors.As(err, &e) || !strings.Contains(e.Reason, c.reason) || !strings.HasPrefix(e.Error(), file)):
			t.Errorf("%s: %v, want %s", c.name, err, c.reason)
		}
	}
	if _, err := Read(dir); err == nil {
		t.Error("a folder is no timeline")
	}
	if _, err := Read(filepath.Join(dir, "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	large := filepath.Join(dir, "large.otio")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, maxFile+1); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(large); err == nil || !strings.Contains(err.Error(), "256 MiB") {
		t.Errorf("%v", err)
	}
}

// samples are the bytes of every sample file with one of the extensions.
func samples(f *testing.F, exts ...string) [][]byte {
	f.Helper()
	var all [][]byte
	for _, ext := range exts {
		for _, pattern := range []string{"testdata/*/*" + ext, "testdata/*/*/*" + ext} {
			files, err := filepath.Glob(pattern)
			if err != nil {
				f.Fatal(err)
			}
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					f.Fatal(err)
				}
				all = append(all, data)
			}
		}
	}
	if len(all) == 0 {
		f.Fatal("no samples")
	}
	return all
}

// sound checks what holds for every project, whatever was read.
func sound(t *testing.T, p *Project, err error) {
	t.Helper()
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || e.Reason == "" {
			t.Errorf("an error of another kind: %v", err)
		}
		return
	}
	for _, tl := range p.Timelines {
		for _, u := range tl.Uses {
			if u.Media < 0 || u.Media >= len(p.Media) || u.Count < 1 || (!u.Video && !u.Audio) {
				t.Errorf("use %+v of %d media", u, len(p.Media))
			}
		}
		if tl.Duration < 0 || tl.Display == "" {
			t.Errorf("timeline %+v", tl)
		}
	}
	for _, m := range p.Media {
		if m.Target == "" || m.Kind == "" || (m.Start != nil && m.Start.Num < 0) || (m.Duration != nil && m.Duration.Den <= 0) {
			t.Errorf("medium %+v", m)
		}
	}
}

func fuzzReader(f *testing.F, read reader, exts ...string) {
	for _, data := range samples(f, exts...) {
		f.Add(data)
		// Some prefixes: a file that is being written ends anywhere.
		for _, n := range []int{1, 2, 3, 5} {
			f.Add(data[:len(data)*n/7])
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := read("x", data)
		sound(t, p, err)
	})
}

func FuzzOTIO(f *testing.F) { fuzzReader(f, readOTIO, ".otio") }

func FuzzFCPXML(f *testing.F) { fuzzReader(f, readFCPXML, ".fcpxml") }

func FuzzXMEML(f *testing.F) { fuzzReader(f, readXMEML, ".xml") }

func FuzzOTIOZ(f *testing.F) {
	fuzzReader(f, func(file string, data []byte) (*Project, error) {
		return unzipOTIO(file, bytes.NewReader(data), int64(len(data)), maxFile)
	}, ".otioz")
}
