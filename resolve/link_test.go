package resolve

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	proxy := filepath.Join(dir, "it's \\ a\ttab %d $(x) é.mov")
	if err := os.WriteFile(proxy, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := fake(t, `{ name = "Film", id = "p-1",
		bins = { name = "Master", clips = { "a", "b" }, bins = { { name = "Day 1", clips = { "a2", "a3", "c", "d", "e" } } } },
		clips = {
			a = { media = "m-a", id = "i-a", props = {} }, a2 = { media = "m-a", id = "i-a2", props = {} },
			a3 = { media = "m-b", id = "i-a3", props = {} }, b = { media = "m-b", id = "i-b", refuses = true, props = {} },
			c = { media = "m-c", id = "i-c", raises = "no such thing", props = {} },
			d = { media = "m-d", props = {} }, e = { id = "i-e", props = {} },
		} }`)
	p, err := b.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.Link(t.Context(), p, []Pair{
		{MediaID: "m-a", Path: proxy},
		{MediaID: "m-b", ID: "i-b", Path: proxy},
		{MediaID: "m-c", ID: "i-c", Path: proxy},
		{MediaID: "m-d", Path: proxy},
		{ID: "i-e", Path: filepath.Join(dir, "absent.mov")},
		{MediaID: "m-gone", Path: proxy},
	})
	if err != nil {
		t.Fatal(err)
	}
	// a3 shares b's medium, and was not asked for.
	want := map[string]bool{"a": true, "a2": true, "b": false, "c": false, "d": true, "e": false}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for _, o := range got {
		if o.Linked != want[o.Name] {
			t.Errorf("%+v", o)
		}
		if o.Linked && (o.Proxy != ProxyLive || o.ProxyPath != proxy) {
			t.Errorf("%s: %s at %q", o.Name, o.Proxy, o.ProxyPath)
		}
		if strings.Contains(o.Why, "no such thing") != (o.Name == "c") {
			t.Errorf("%s: %s", o.Name, o.Why)
		}
		if o.Name == "a2" && (o.Pair != 0 || o.Bin != "Day 1") {
			t.Errorf("%+v", o)
		}
	}
	if again, err := b.List(t.Context()); err != nil || again.Items[0].Proxy != ProxyLive || again.Items[0].ProxyPath != proxy {
		t.Errorf("a linked proxy stays: %v", err)
	}
}

// Between listing and linking somebody may open another project, with other ids.
func TestLinkInAnotherProject(t *testing.T) {
	t.Parallel()
	const clips = `bins = { clips = { "a" } }, clips = { a = { media = "m", props = {} } } }`
	for _, c := range []struct{ world, name, id string }{
		{`{ name = "Film", id = "p-2", ` + clips, "Film", "p-1"},
		{`{ name = "Holiday", old = true, ` + clips, "Film", ""},
	} {
		_, err := fake(t, c.world).Link(t.Context(), &Project{Name: c.name, ID: c.id}, []Pair{{MediaID: "m", Path: "/x"}})
		var p *Problem
		if !errors.As(err, &p) || p.Kind != OtherProject {
			t.Errorf("%s: %v", c.world, err)
		}
	}
}

// A clip at which Resolve hangs is named, and what was linked before it is told.
func TestLinkHangs(t *testing.T) {
	t.Parallel()
	proxy := filepath.Join(t.TempDir(), "p.mov")
	if err := os.WriteFile(proxy, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b := fake(t, `{ name = "Film", bins = { clips = { "a", "b" } },
		clips = { a = { media = "m-a", props = {} }, b = { media = "m-b", hanglink = true, props = {} } } }`)
	b.Stall = 2 * time.Second
	got, err := b.Link(t.Context(), &Project{Name: "Film"}, []Pair{{MediaID: "m-a", Path: proxy}, {MediaID: "m-b", Path: proxy}})
	var p *Problem
	if !errors.As(err, &p) || p.Kind != Hung || !strings.Contains(p.What, `"b"`) {
		t.Errorf("%v", err)
	}
	if len(got) != 1 || !got[0].Linked {
		t.Errorf("%+v", got)
	}
}

func TestLinkNothing(t *testing.T) {
	b := &Bridge{Fuscript: "nowhere"}
	if got, err := b.Link(t.Context(), &Project{}, nil); got != nil || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}
