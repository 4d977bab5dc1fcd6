package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"proxima/jobfile"
	"proxima/timeline"
)

func TestReaderPath(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths of this machine are a Unix machine's here")
	}
	farm := &jobfile.Farm{Roots: map[string]map[string]string{
		"footage": {"linux": "/mnt/footage", "darwin": "/Volumes/Footage", "windows": `R:\Footage`, "host:edit7": `\\nas\footage`},
		"proxies": {"linux": "/mnt/proxies", "darwin": "/Volumes/Proxies", "windows": `P:\`},
		"deep":    {"darwin": "/Volumes/Footage/Deep", "linux": "/mnt/deep"},
	}}
	if runtime.GOOS == "darwin" {
		farm.Roots["footage"]["darwin"], farm.Roots["footage"]["linux"] = farm.Roots["footage"]["linux"], farm.Roots["footage"]["darwin"]
		farm.Roots["proxies"]["darwin"], farm.Roots["proxies"]["linux"] = farm.Roots["proxies"]["linux"], farm.Roots["proxies"]["darwin"]
	}
	none := &jobfile.Farm{}
	const source = "/mnt/footage/Day 1/A.mov"
	for _, c := range []struct {
		name, target, source, proxy, want string
		farm                              *jobfile.Farm
	}{
		{"the same machine", source, source, "/mnt/proxies/A.mov", "/mnt/proxies/A.mov", none},
		{"a Mac, beside", "/Volumes/Footage/Day 1/A.mov", source, "/mnt/footage/Day 1/Proxy/A.mov", "/Volumes/Footage/Day 1/Proxy/A.mov", farm},
		{"a Mac, elsewhere", "/volumes/footage/Day 1/A.mov", source, "/mnt/proxies/Day 1/A.mov", "/Volumes/Proxies/Day 1/A.mov", farm},
		{"Windows", "R:/Footage/Day 1/A.mov", source, "/mnt/proxies/Day 1/A.mov", `P:\Day 1\A.mov`, farm},
		{"a host of its own", "//nas/footage/Day 1/A.mov", source, "/mnt/footage/Proxy/A.mov", `\\nas\footage\Proxy\A.mov`, farm},
		{"no roots, beside", "/Volumes/X/A.mov", source, "/mnt/footage/Day 1/Proxy/A_Proxy.mov", "/Volumes/X/Proxy/A_Proxy.mov", none},
		{"no roots, beside, Windows", "D:/X/A.mov", source, "/mnt/footage/Day 1/Proxy/A.mov", `D:\X\Proxy\A.mov`, none},
		{"no roots, elsewhere", "/Volumes/X/A.mov", source, "/mnt/proxies/A.mov", "", none},
		{"a root that the host has not", "//nas/footage/Day 1/A.mov", source, "/mnt/proxies/A.mov", "", farm},
		{"only a name", "A.mov", source, "/mnt/proxies/A.mov", "", farm},
	} {
		got, ok := readerPath(c.farm, c.target, sourceProxy{c.source, c.proxy})
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", c.name, got, ok, c.want)
		}
	}
}

const smallFCPXML = `<?xml version="1.0" encoding="UTF-8"?>
<fcpxml version="1.10"><resources>
  <format id="f" frameDuration="1/25s"/>
  <asset id="r1" name="A" hasVideo="1" format="f" start="0s" duration="4s">
    <media-rep kind="original-media" src="file:///Volumes/X/Day%201/A.mov"/>
  </asset>
  <asset id="r2" name="A" hasVideo="1" format="f" start="0s" duration="4s">
    <media-rep kind="original-media" src="file://localhost/Volumes/X/Day%201/A.mov"/>
  </asset>
  <asset id="r3" name="B" hasVideo="1" format="f" start="0s" duration="4s">
    <media-rep kind="original-media" src="file:///Volumes/X/B.mov"/>
  </asset>
</resources><library><event><project name="P"><sequence format="f"><spine>
  <asset-clip ref="r1"/><asset-clip ref="r2"/><asset-clip ref="r3"/>
</spine></sequence></project></event></library></fcpxml>
`

func put(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func readTimeline(t *testing.T, file string) *timeline.Project {
	t.Helper()
	p, err := timeline.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestExportWritesTheDocumentWithProxies(t *testing.T) {
	dir := t.TempDir()
	for _, file := range []string{
		put(t, filepath.Join(dir, "edit.fcpxml"), smallFCPXML),
		filepath.Dir(put(t, filepath.Join(dir, "edit.fcpxmld", "Info.fcpxml"), smallFCPXML)),
	} {
		to := filepath.Join(dir, filepath.Ext(file)+".out.fcpxml")
		e, err := newExport(&jobfile.Farm{}, file, readTimeline(t, file), to)
		if err != nil {
			t.Fatal(err)
		}
		src := filepath.Join(dir, "src")
		r, err := e.write(map[string]sourceProxy{
			"file:///Volumes/X/Day%201/A.mov": {filepath.Join(src, "A.mov"), filepath.Join(src, "Proxy", "A.mov")},
			"file:///Volumes/X/B.mov":         {filepath.Join(src, "B.mov"), filepath.Join(dir, "elsewhere", "B.mov")},
			"file:///Volumes/X/C.mov":         {filepath.Join(src, "C.mov"), filepath.Join(src, "Proxy", "C.mov")},
		})
		if err != nil || r.Attached != 1 || len(r.Left) != 1 || r.Left[0] != "file:///Volumes/X/B.mov" {
			t.Errorf("%+v, %v", r, err)
		}
		got, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		const rep = "\n    " + `<media-rep kind="proxy-media" src="file:///Volumes/X/Day%201/Proxy/A.mov"/>`
		want := strings.ReplaceAll(smallFCPXML, `/Day%201/A.mov"/>`, `/Day%201/A.mov"/>`+rep)
		if string(got) != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		var out, errs bytes.Buffer
		a := &app{stdout: &out, stderr: &errs}
		a.reportExport(e, r)
		if !strings.HasPrefix(out.String(), "wrote ") || !strings.HasSuffix(out.String(), " with 1 proxy\n") || !strings.Contains(errs.String(), "B.mov") || !strings.Contains(errs.String(), "\n  next: ") {
			t.Errorf("%s%s", out.String(), errs.String())
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".proxima-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		if _, err := e.write(nil); !errors.Is(err, os.ErrExist) {
			t.Errorf("it is written over what came between: %v", err)
		}
	}
}

func TestExportIsRefusedBeforeAnythingIsQueued(t *testing.T) {
	dir := t.TempDir()
	edit := put(t, filepath.Join(dir, "edit.fcpxml"), smallFCPXML)
	old := put(t, filepath.Join(dir, "old.fcpxml"), `<fcpxml version="1.8"><resources><asset id="r1" src="file:///a.mov"/></resources></fcpxml>`)
	relative := put(t, filepath.Join(dir, "sub", "edit.fcpxml"), strings.ReplaceAll(smallFCPXML, "file:///Volumes/X/", "./"))
	edl := put(t, filepath.Join(dir, "edit.edl"), "TITLE: X\n001  A001 V C 01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00\n")
	bundle := filepath.Dir(put(t, filepath.Join(dir, "full.fcpxmld", "Info.fcpxml"), smallFCPXML))
	put(t, filepath.Join(bundle, "tracking data"), "x")
	out := filepath.Join(dir, "out.fcpxml")
	for name, c := range map[string]struct{ file, to, want string }{
		"another ending":           {edit, filepath.Join(dir, "out.otio"), "does not end in .fcpxml"},
		"over itself":              {edit, edit, "would write over"},
		"an old version":           {old, out, "old.fcpxml:1: version: FCPXML 1.8 has no place for proxies"},
		"relative, another folder": {relative, out, "relative to its own folder"},
		"no folder":                {edit, filepath.Join(dir, "not", "there", "out.fcpxml"), "in no folder"},
		"a bundle with its media":  {filepath.Join("..", "..", "timeline", "testdata", "synthetic", "bundle.otioz"), filepath.Join(dir, "out.otio"), "cannot write into"},
		"an edit list":             {edl, out, "cannot write proxies into"},
		"a bundle with more":       {bundle, out, "holds more than a timeline"},
	} {
		_, err := newExport(&jobfile.Farm{}, c.file, readTimeline(t, c.file), c.to)
		var h *hinted
		if !errors.As(err, &h) || !strings.Contains(err.Error(), c.want) || h.next == "" || h.code != exitRefused {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newExport(&jobfile.Farm{}, relative, readTimeline(t, relative), filepath.Join(dir, "sub", "out.fcpxml")); err != nil {
		t.Error(err)
	}
	nameless := put(t, filepath.Join(dir, "sub", "name.fcpxml"), `<fcpxml version="1.9"><resources><asset id="r1" name="A001" hasVideo="1"/></resources></fcpxml>`)
	if _, err := newExport(&jobfile.Farm{}, nameless, readTimeline(t, nameless), out); err != nil {
		t.Errorf("a name is no place: %v", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("it was written all the same")
	}
}
