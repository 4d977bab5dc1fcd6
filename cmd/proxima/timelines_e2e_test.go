//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"proxima/jobfile"
)

// Timelines of all kinds, written on other machines, go in; the media that they use are found
// through the roots and by a search; and a daemon makes their proxies.
func TestTimelinesBecomeProxies(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	places := map[string]string{ // root: where the timelines were written
		"rushes": `windows: 'D:\Rushes'`,
		"media":  `windows: 'D:\media'`,
		"card":   `darwin: /Volumes/Media`,
	}
	doc := "format: 1\nroots:\n"
	for root, there := range places {
		here := filepath.Join(r.dir, root)
		doc += fmt.Sprintf("  %s: {%s, 'host:%s': '%s'}\n", root, there, jobfile.Hostname(), here)
		if err := os.MkdirAll(here, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(r.farm, "farm.yaml"), []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	type made struct{ rate, timecode, frames string }
	plain := made{"25", "01:00:00:00", "5"}
	media := map[string]made{
		// resolve_shape_1_9.fcpxml
		"rushes/Day 2/C0001.MP4": plain, "rushes/drone & sea.mov": plain,
		// premiere_example, as FCP7 XML and as OTIO
		"media/sc01_sh010_anim.mov": plain, "media/sc01_sh020_anim.mov": plain, "media/sc01_sh030_anim.mov": plain,
		"media/sc01_master_layerA_sh030_temp.mov": plain,
		// metadata_utf16le.csv, beside Day 2's
		"card/Day 1/A001_C002.mov": plain, "card/Day 1/name, with comma.mov": plain,
		// drop_frame.edl: by path, by name, by reel and timecode
		"rushes/A001C001_250101_AB12.mov": {"30000/1001", "00:59:58;00", "5"},
		"rushes/conform/x/A001C002.mov":   {"30000/1001", "00:10:00;00", "12"},
		"rushes/conform/A001C003_R1.mov":  {"30000/1001", "00:20:00;00", "61"},
	}
	wrong := map[string]made{ // of the same reel, and of the same name
		"rushes/conform/A001C003_R2.mov": {"30000/1001", "00:30:00;00", "61"},
		"rushes/conform/y/A001C002.mov":  {"30000/1001", "00:40:00;00", "12"},
	}
	if os.PathSeparator == '/' {
		media["card/clip with: colon.mov"] = plain // Windows has no such names
	}
	all := maps.Clone(media)
	maps.Copy(all, wrong)
	for name, m := range all {
		p := filepath.Join(r.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=64x48:r="+m.rate, "-frames:v", m.frames, "-c:v", "mjpeg", "-timecode", m.timecode, "-f", "mov", p)
	}
	args := []string{"queue", "--preset", "mjpeg_proxy", "--search", filepath.Join(r.dir, "rushes", "conform"), "--json"}
	for _, sample := range []string{
		"synthetic/resolve_shape_1_9.fcpxml", "xmeml/premiere_example.xml", "otio/premiere_example.otio", "csv/metadata_utf16le.csv", "edl/drop_frame.edl",
	} {
		p, err := filepath.Abs(filepath.Join("..", "..", "timeline", "testdata", filepath.FromSlash(sample)))
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, p)
	}
	out, code, errs := r.try(args...)
	var d queueDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	var found []string
	for _, c := range d.Clips {
		if c.Status != "make" {
			if filepath.Base(c.Target) != "clip with: colon.mov" || os.PathSeparator == '/' {
				t.Errorf("%s %s: %s", c.Status, c.Target, c.Reason)
			}
			continue
		}
		rel, err := filepath.Rel(r.dir, c.Source)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, filepath.ToSlash(rel))
	}
	slices.Sort(found)
	if want := slices.Sorted(maps.Keys(media)); !slices.Equal(found, want) {
		t.Errorf("queued %q\nwant %q", found, want)
	}
	if code != 0 && os.PathSeparator == '/' || len(d.Timelines) != 4 {
		t.Errorf("exit code %d, %d timelines\n%s", code, len(d.Timelines), errs)
	}
	r.run("work", "--until-idle", "--name", "w")
	for name, m := range media {
		p := filepath.Join(r.dir, filepath.FromSlash(name))
		stem := filepath.Base(p)
		stem = stem[:len(stem)-len(filepath.Ext(stem))]
		if got := countFrames(t, filepath.Join(filepath.Dir(p), "Proxy", stem+".mov")); got != m.frames {
			t.Errorf("the proxy of %s has %s frames, not %s", name, got, m.frames)
		}
	}
	out, code, errs = r.try(args...)
	d = queueDocument{}
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("%v: %s%s", err, out, errs)
	}
	if d.Summary.Exist != len(media) || d.Summary.Make != 0 || code != 0 && os.PathSeparator == '/' {
		t.Errorf("queued again: %+v, exit code %d\n%s", d.Summary, code, errs)
	}
}
