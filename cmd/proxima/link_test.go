package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"proxima/internal/testprog"
	"proxima/jobfile"
	"proxima/resolve"
)

// resolve puts a stand-in for DaVinci Resolve into the room, with a world in Lua that shows in
// it; the room's settings lead to it.
func (r *room) resolve(world string) {
	r.t.Helper()
	if runtime.GOOS == "windows" {
		r.t.Skip("the stand-in for fuscript is a shell script")
	}
	if _, err := exec.LookPath("luajit"); err != nil {
		if os.Getenv("CI") != "" {
			r.t.Fatal("luajit is not installed: make deps gets it")
		}
		r.t.Skip("luajit is not installed: make deps gets it")
	}
	script, err := filepath.Abs("../../resolve/testdata/fuscript")
	if err != nil {
		r.t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(r.dir, "resolve", name) }
	for name, text := range map[string]string{
		"resolve/world.lua":  "return " + world,
		"resolve/fuscript":   "#!/bin/sh\nPROXIMA_FAKE_WORLD='" + at("world.lua") + "' PROXIMA_FAKE_STATE='" + at("state") + "' exec '" + script + "' \"$@\"\n",
		"config/config.yaml": "fuscript: " + at("fuscript") + "\n",
	} {
		file := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			r.t.Fatal(err)
		}
		testprog.Write(r.t, file, text)
	}
}

// copyProxy makes a proxy as an editor's own generator does: beside its source, all frames and
// the timecode.
func (r *room) copyProxy(source string, args ...string) string {
	r.t.Helper()
	out := filepath.Join(filepath.Dir(source), "Proxy", filepath.Base(source))
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		r.t.Fatal(err)
	}
	ffmpeg(r.t, append(append([]string{"-i", source, "-c:v", "mjpeg", "-s", "160x90"}, args...), out)...)
	return out
}

func (r *room) links(args ...string) (map[string]*linked, int) {
	r.t.Helper()
	out, code, errs := r.try(append([]string{"link", "--json"}, args...)...)
	var d linkDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		r.t.Fatalf("%v\n%s%s", err, out, errs)
	}
	m := map[string]*linked{}
	for _, l := range d.Clips {
		m[l.Clip] = l
	}
	return m, code
}

// From a clip in Resolve to its linked proxy, by a farm that makes it.
func TestLinkWhatTheFarmMade(t *testing.T) {
	t.Parallel() // it mostly waits
	if testing.Short() {
		t.Skip("one process after the other: run without the race detector")
	}
	r := newRoom(t)
	a := r.clip("A001.mov", 2)
	r.resolve(fmt.Sprintf(`{ name = "Film", id = "p",
		bins = { name = "Master", clips = { "a" }, bins = { { name = "Day 1", clips = { "again" } } } },
		clips = {
			a = { media = "m", id = "i1", facts = { frames = 50, rate = "25/1", timecode = "10:00:00:00" },
				props = { ["File Path"] = %q, ["Clip Name"] = "A001.mov", ["FPS"] = 25, ["Frames"] = "50", ["Start TC"] = "10:00:00:00" } },
			again = { media = "m", id = "i2", props = { ["File Path"] = %q, ["Clip Name"] = "A001 again" } },
		} }`, a, a))
	if out := r.run("link"); !strings.Contains(out, `project "Film": 0 linked, 0 were linked, 0 have another proxy, 1 have none`) {
		t.Errorf("before there is a proxy:\n%s", out)
	}
	r.run("queue", a, "--output", "proxies")
	r.run("work", "--name", "w", "--until-idle")
	proxy := filepath.Join(r.dir, "proxies", "A001.mov")
	out := r.run("link", "--dry-run")
	if !strings.Contains(out, "would link") || !strings.Contains(out, "1 to link") {
		t.Errorf("dry run:\n%s", out)
	}
	got, code := r.links("A001")
	if l := got["A001.mov"]; code != 0 || l == nil || l.Status != linkDone || l.Proxy != proxy || l.Items != 2 || !strings.Contains(l.Job, "A001") {
		t.Errorf("exit %d, %+v", code, l)
	}
	if out = r.run("link"); !strings.Contains(out, "0 linked, 1 were linked") {
		t.Errorf("linked once:\n%s", out)
	}
	if _, code, errs := r.try("link", "A002"); code != exitRefused || !strings.Contains(errs, "no job is called") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// Each way in which a proxy may not be linked says why.
func TestLinkSaysWhyNot(t *testing.T) {
	t.Parallel() // it mostly waits
	if testing.Short() {
		t.Skip("one process after the other: run without the race detector")
	}
	r := newRoom(t)
	var clips strings.Builder
	for _, c := range []struct{ name, more, props string }{
		{"short", "", ""},
		{"offline", "", `["Proxy"] = "Offline", ["Proxy Media Path"] = "/Volumes/away/offline.mov"`},
		{"other", "", `["Proxy"] = "640x360", ["Proxy Media Path"] = "/elsewhere/other.mov"`},
		{"moved", "refuses = true,", `["Start TC"] = "11:00:00:00"`},
		{"bare", "", ""},
	} {
		src := r.clip(c.name+".mov", 1)
		fmt.Fprintf(&clips, "%s = { media = %q, id = %q, %s props = { [\"File Path\"] = %q, [\"Clip Name\"] = %q, [\"FPS\"] = 25, [\"Frames\"] = \"25\", %s } },\n",
			c.name, c.name, c.name, c.more, src, c.name, c.props)
		switch c.name {
		case "bare":
		case "short":
			r.copyProxy(src, "-frames:v", "20", "-an")
		default:
			r.copyProxy(src, "-an")
		}
	}
	r.resolve(`{ name = "Film", bins = { clips = { "short", "offline", "other", "moved", "bare" } }, clips = {
` + clips.String() + `},
		timelines = { { name = "Reel 1/A", video = { { items = { { clip = "offline" }, { clip = "bare" } } } }, audio = { { items = { { clip = "moved" } } } } } } }`)

	got, code := r.links()
	for name, want := range map[string]struct{ status, reason string }{
		"short":   {linkDiffers, "it has 20 frames, its source 25"},
		"offline": {linkDone, ""},
		"other":   {linkElsewhere, "another proxy is linked"},
		"moved":   {linkRefused, "the clip in Resolve 11:00:00:00"},
		"bare":    {linkNone, "no proxy was found"},
	} {
		if l := got[name]; l == nil || l.Status != want.status || !strings.Contains(l.Reason, want.reason) {
			t.Errorf("%s: %+v", name, l)
		}
	}
	if l := got["short"]; l == nil || l.Next != notOurs {
		t.Errorf("what no flag replaces is not to be made again: %+v", l)
	}
	if code != exitRefused {
		t.Errorf("exit %d", code)
	}
	// A timeline's clips alone; sound needs no proxy. The names of others help.
	if got, code = r.links("--timeline", "reel*A"); code != 0 || len(got) != 2 || got["offline"].Status != linkLive {
		t.Errorf("exit %d: %v", code, got)
	}
	if _, code, errs := r.try("link", "--timeline", "Reel 2"); code != exitRefused || !strings.Contains(errs, "Reel 1/A") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestLinkWithoutResolve(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	r.resolve("{ absent = true }")
	if out, code, errs := r.try("link"); code != exitFailed || out != "" || !strings.Contains(errs, "Resolve") || !strings.Contains(errs, "next: ") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if _, code, errs := r.try("link", "--fuscript", filepath.Join(r.dir, "nowhere")); code != exitFailed || !strings.Contains(errs, "there is no fuscript at") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// A window of Resolve makes it refuse everything.
func TestLinkUnderAWindow(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	a, b := r.clip("a.mov", 1), r.clip("b.mov", 1)
	r.copyProxy(a, "-an")
	r.copyProxy(b, "-an")
	r.resolve(fmt.Sprintf(`{ name = "Film", modal = true, bins = { clips = { "a", "b" } }, clips = {
		a = { media = "a", props = { ["File Path"] = %q } }, b = { media = "b", props = { ["File Path"] = %q } } } }`, a, b))
	_, code, errs := r.try("link")
	if code != exitRefused || !strings.Contains(errs, "proxima: Resolve refused all 2 proxies") || !strings.Contains(errs, "close the Project Manager") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// Where a source cannot be read here, and after a refusal, a proxy is held against Resolve's words.
func TestProxyAgainstResolve(t *testing.T) {
	src := proxyFacts{frames: 100, exact: true, rate: jobfile.Rational{Num: 24000, Den: 1001}, timecode: "10:00:00:00"}
	with := func(f func(*proxyFacts)) *proxyFacts { c := src; f(&c); return &c }
	for _, c := range []struct {
		name  string
		proxy *proxyFacts
		item  resolve.Item
		want  string
	}{
		{"the same", with(func(*proxyFacts) {}), resolve.Item{Frames: 100, FPS: "23.976", StartTC: "10:00:00:00"}, ""},
		{"Resolve rounds, and writes the separator as it likes", with(func(p *proxyFacts) { p.rate, p.timecode = jobfile.Rational{Num: 30000, Den: 1001}, "10:00:00;02" }), resolve.Item{FPS: "29,97", StartTC: "10:00:00:02"}, ""},
		{"one frame less", with(func(p *proxyFacts) { p.frames = 99 }), resolve.Item{Frames: 100}, "99 frames, the clip in Resolve 100"},
		{"an estimate", with(func(p *proxyFacts) { p.frames, p.exact = 99, false }), resolve.Item{Frames: 100}, ""},
		{"a bad estimate", with(func(p *proxyFacts) { p.frames, p.exact = 90, false }), resolve.Item{Frames: 100}, "90 frames"},
		{"24 is not 23.976", with(func(p *proxyFacts) { p.rate = jobfile.Rational{Num: 24, Den: 1} }), resolve.Item{FPS: "23.976"}, "the proxy has 24 fps, the clip in Resolve 23.976"},
		{"no timecode is zero", with(func(p *proxyFacts) { p.timecode = "" }), resolve.Item{StartTC: "00:00:00:00"}, ""},
		{"no timecode", with(func(p *proxyFacts) { p.timecode = "" }), resolve.Item{StartTC: "01:00:00:00"}, "no start timecode, the clip in Resolve 01:00:00:00"},
		{"Resolve tells nothing", with(func(*proxyFacts) {}), resolve.Item{}, ""},
	} {
		if got := c.proxy.differsFromResolve(&c.item); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
}

func TestDecide(t *testing.T) {
	const p, other = "/m/Proxy/a.mov", "/x/a.mov"
	none := resolve.Item{ID: "1", Proxy: resolve.ProxyNone}
	live := func(path string) resolve.Item {
		return resolve.Item{ID: "2", Proxy: resolve.ProxyLive, ProxyPath: path}
	}
	off := resolve.Item{ID: "3", Proxy: resolve.ProxyOffline, ProxyPath: p}
	bare := func(it resolve.Item) resolve.Item { it.ID = ""; return it }
	for _, c := range []struct {
		name    string
		items   []resolve.Item
		found   bool
		replace bool
		status  string
		todo    []int
	}{
		{"no proxy", []resolve.Item{none}, false, false, linkNone, []int{0}},
		{"none is linked", []resolve.Item{none}, true, false, "", []int{0}},
		{"offline", []resolve.Item{off}, true, false, "", []int{0}},
		{"linked", []resolve.Item{live(p)}, true, false, linkLive, nil},
		{"one of two", []resolve.Item{live(p), none}, true, false, "", []int{1}},
		{"elsewhere", []resolve.Item{live(other)}, true, false, linkElsewhere, nil},
		{"linked, replaced", []resolve.Item{live(p)}, true, true, "", []int{0}},
		{"elsewhere, replaced", []resolve.Item{live(other)}, true, true, "", []int{0}},
		{"one elsewhere, one not", []resolve.Item{live(other), none}, true, false, "", []int{1}},
		{"the same without ids", []resolve.Item{bare(live(other)), bare(none)}, true, false, linkElsewhere, []int{1}},
	} {
		pr := &resolve.Project{Items: c.items}
		m := &linked{}
		for i := range c.items {
			m.items = append(m.items, i)
		}
		if c.found {
			m.found = []foundProxy{{path: p}}
		}
		if m.decide(pr, c.replace); m.Status != c.status || !slices.Equal(m.items, c.todo) {
			t.Errorf("%s: %s, %v", c.name, m.Status, m.items)
		}
	}
}
