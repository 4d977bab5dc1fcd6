package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxima/jobfile"
	"proxima/timeline"
)

// What an editor has open comes as a project and not as a file; what becomes of each of its media
// is told by the media themselves, since several may be one file.
func TestAProjectThatIsNoFileIsQueued(t *testing.T) {
	t.Parallel() // it mostly waits
	if testing.Short() {
		t.Skip("one process after the other: run without the race detector")
	}
	r := newRoom(t)
	path := filepath.ToSlash(r.clip("a.mov", 1))
	p := &timeline.Project{
		Timelines: []timeline.Timeline{
			{Name: "Cut", Display: "Cut", Active: true, Uses: []timeline.Use{
				{Media: 0, Video: true, Enabled: true, Active: true, Count: 1},
				{Media: 1, Video: true, Enabled: true, Active: true, Count: 1},
				{Media: 2, Video: true, Enabled: true, Active: true, Count: 1},
				{Media: 3, Audio: true, Enabled: true, Active: true, Count: 1},
			}},
			{Name: "Other", Display: "Other"},
		},
		Media: []timeline.Media{
			{Target: path, Path: path, Kind: timeline.Video},
			{Target: path + "#2", Path: path, Kind: timeline.Video},
			{Target: "/gone/b.mov", Path: "/gone/b.mov", Kind: timeline.Video},
			{Target: "/gone/c.wav", Path: "/gone/c.wav", Kind: timeline.Sound},
		},
	}
	a, _, errs := appIn(r)
	var got []clip
	err := a.queueProject(t.Context(), "the open project", p, queueOptions{existing: "skip", priority: 50, timelines: []string{"cut"}}, func(cs []clip) error {
		got = cs
		return nil
	})
	if h, ok := err.(*hinted); !ok || h.code != exitRefused {
		t.Errorf("%v\n%s", err, errs.String())
	}
	if len(got) != 2 || got[0].Status != "make" || got[1].Status != "missing" {
		t.Fatalf("%+v\n%s", got, errs.String())
	}
	if m := got[0].media; len(m) != 2 || m[0] != &p.Media[0] || m[1] != &p.Media[1] {
		t.Errorf("the clip is %v of the project", m)
	}
	store, _, err := jobfile.Open(r.farm)
	if err != nil {
		t.Fatal(err)
	}
	if ids, _, err := store.JobIDs(); err != nil || len(ids) != 1 || ids[0] != got[0].Job {
		t.Errorf("%v %v", ids, err)
	}
}

// appIn is the program in a room, in this process.
func appIn(r *room) (a *app, out, errs *bytes.Buffer) {
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{stdin: strings.NewReader(""), stdout: out, stderr: errs, farmFlag: r.farm, getenv: func(k string) string {
		if k == "PROXIMA_CONFIG" {
			return filepath.Join(r.dir, "config")
		}
		return os.Getenv(k)
	}}, out, errs
}

// A timeline may come from anybody: its names are shown as what they are, and what lies outside of
// the farm's roots is not looked into.
func TestAHostileTimelineNeitherSpeaksToTheTerminalNorLeadsOut(t *testing.T) {
	t.Parallel()
	r := newRoom(t)
	root := filepath.Join(r.dir, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(r.dir, "secret.mov")
	for file, text := range map[string]string{
		secret:                             "no film, which nobody is to know",
		filepath.Join(r.farm, "farm.yaml"): "format: 1\nroots: {a: {'host:" + jobfile.Hostname() + "': '" + root + "'}}\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	evil := "x\x1b]0;evil\x07\r\n\u202e\u009b31m.mov"
	use := func(n int) (us []timeline.Use) {
		for i := range n {
			us = append(us, timeline.Use{Media: i, Video: true, Enabled: true, Active: true, Count: 1})
		}
		return us
	}
	media := []timeline.Media{
		{Target: evil, Path: "/gone/" + evil, Kind: timeline.Video, Name: evil, Reel: evil, Names: []string{evil + "2"}},
		{Target: evil + "3", Kind: timeline.Video},
		{Target: secret, Path: filepath.ToSlash(secret), Kind: timeline.Video},
	}
	p := &timeline.Project{Notes: []string{evil}, Media: media, Timelines: []timeline.Timeline{{Name: evil, Display: evil, Uses: use(3)}, {Name: "b", Display: "b" + evil}}}
	for name, o := range map[string]queueOptions{
		"listed": {}, "no match": {timelines: []string{"c" + evil}}, "queued": {timelines: []string{"x*"}, search: []string{root}},
		"for a script": {timelines: []string{"x*"}, json: true}, "verbose": {allMedia: true, verbose: true, dryRun: true},
	} {
		o.existing = "skip"
		a, out, errs := appIn(r)
		code := a.report(a.queueProject(t.Context(), evil, p, o, nil))
		said := out.String() + errs.String()
		if code == exitOK || strings.ContainsAny(said, "\x1b\x07\r\u202e\u009b") {
			t.Errorf("%s: exit code %d, %q", name, code, said)
		}
		if strings.Contains(said, "no film") || o.timelines != nil && name != "no match" && !strings.Contains(said, "lies outside of the folders") {
			t.Errorf("%s: %s", name, said)
		}
	}
}
