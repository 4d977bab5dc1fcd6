package main

import (
	"bytes"
	"os"
	"path/filepath"
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
	var out, errs bytes.Buffer
	a := &app{stdin: os.Stdin, stdout: &out, stderr: &errs, farmFlag: r.farm, getenv: func(k string) string {
		if k == "PROXIMA_CONFIG" {
			return filepath.Join(r.dir, "config")
		}
		return os.Getenv(k)
	}}
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
