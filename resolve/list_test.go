package resolve

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s differs; got:\n%s", name, got)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	b := fake(t, world(t, "film"))
	p, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "film.golden.json", append(text, '\n'))
}

// What an older version does not know is left open; ids of media do.
func TestListOfAnOlderVersion(t *testing.T) {
	t.Parallel()
	film := strings.Replace(world(t, "film"), ", loop = true", "", 1)
	b := fake(t, strings.Replace(film, "{", "{ old = true, way = 'bmd',", 1))
	p, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Items) != 8 || p.Items[2].MediaID != "m-a" || p.Items[2].ID != "" {
		t.Errorf("%d items, the third is %+v", len(p.Items), p.Items[2])
	}
	if p.ID != "" || len(p.Timelines) != 2 || p.Timelines[0].Name != "Trailer" || !p.Timelines[0].Active {
		t.Errorf("timelines: %+v", p.Timelines)
	}
	if n := len(p.Timelines[1].Uses); n != 4 { // a, b, and a and c of the sound
		t.Errorf("%d uses: %+v", n, p.Timelines[1].Uses)
	}
}

// A bin that holds itself ends even where bins cannot be told apart.
func TestBinInItself(t *testing.T) {
	t.Parallel()
	b := fake(t, `{ name = "x", old = true, bins = { name = "b", clips = { "a" }, loop = true }, clips = { a = { media = "m", props = {} } } }`)
	p, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Notes) != 1 || len(p.Items) > 100 {
		t.Errorf("%d items, notes %q", len(p.Items), p.Notes)
	}
}

// Values come in the language of the windows, and so may the keys.
func TestListInAnotherLanguage(t *testing.T) {
	t.Parallel()
	b := fake(t, `{ name = "映画", way = "global", noise = "Banner without an end",
		bins = { clips = { "a", "b", "c", "d" } },
		clips = {
			a = { media = "1", props = { ["File Path"] = "/m/a.mov", ["Data Level"] = "自動", ["H-FLIP"] = "オフ", ["V-FLIP"] = "オフ", ["Proxy"] = "なし" } },
			b = { media = "2", props = { ["File Path"] = "/m/b.mov", ["Data Level"] = "自動", ["H-FLIP"] = "オン", ["V-FLIP"] = "オフ", ["Proxy"] = "960 x 540", ["Proxy Media Path"] = "/m/Proxy/b.mov" } },
			c = { media = "3", props = { ["File Path"] = "/m/c.mov", ["Data Level"] = "Full", ["Proxy"] = "オフライン", ["Proxy Media Path"] = "/m/Proxy/c.mov" } },
			d = { media = "4", props = { ["ファイルパス"] = "/m/d.mov" } },
		} }`)
	p, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Item{
		{Level: LevelAuto, HFlip: FlipUnknown, VFlip: FlipUnknown, Proxy: ProxyNone},
		{Level: LevelAuto, HFlip: FlipUnknown, VFlip: FlipUnknown, Proxy: ProxyLive},
		{Level: LevelFull, Proxy: ProxyOffline},
		{Proxy: ProxyNone},
	} {
		got := p.Items[i]
		if got.Level != want.Level || got.HFlip != want.HFlip || got.VFlip != want.VFlip || got.Proxy != want.Proxy {
			t.Errorf("item %d: %+v", i, got)
		}
	}
	golden(t, "language.golden", []byte(strings.Join(p.Notes, "\n")+"\n"))
}

// Timelines nested in a circle, or in each other many times over, end.
func TestNestedTimelines(t *testing.T) {
	t.Parallel()
	var records []record
	add := func(kind string, fields ...string) {
		r := record{kind, map[string]string{}}
		for i := 0; i < len(fields); i += 2 {
			r.fields[fields[i]] = fields[i+1]
		}
		records = append(records, r)
	}
	add("begin", "format", "1")
	add("project", "name", "x")
	add("item", "media", "m", "path", "/a.mov")
	const n = 40
	name := func(i int) string { return "t" + strings.Repeat("'", i%n) }
	for i := range n {
		add("item", "media", name(i))
	}
	for i := range n {
		add("timeline", "index", name(i), "name", name(i), "poolmedia", name(i))
	}
	for i := range n {
		for range 2 {
			add("use", "timeline", name(i), "kind", "video", "media", name(i+1), "count", "1")
		}
		add("use", "timeline", name(i), "kind", "video", "media", "m", "count", "1")
	}
	p, err := build(records)
	if err != nil {
		t.Fatal(err)
	}
	for _, tl := range p.Timelines {
		if len(tl.Uses) != 1 || tl.Uses[0].Item != 0 {
			t.Errorf("%s: %+v", tl.Name, tl.Uses)
		}
	}
	if len(p.Notes) > 0 {
		t.Errorf("notes: %q", p.Notes)
	}
}

func TestOf(t *testing.T) {
	p := &Project{Items: []Item{{MediaID: "1", Path: "/a"}, {Path: "/a"}, {MediaID: "1"}, {MediaID: "2", Path: "/b"}, {}, {}}}
	if got := p.Of(0); len(got) != 3 {
		t.Errorf("%v", got)
	}
	if got := p.Of(4); len(got) != 1 {
		t.Errorf("an item without ids has no others: %v", got)
	}
}
