package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"proxima/jobfile"
	"proxima/resolve"
	"proxima/timeline"
)

// The whole way: what is open in Resolve is queued as it is set there, made and linked.
func TestQueueWhatIsOpenInResolve(t *testing.T) {
	t.Parallel() // it mostly waits
	if testing.Short() {
		t.Skip("one process after the other: run without the race detector")
	}
	r := newRoom(t)
	a, b := r.clip("A001.mov", 1), r.clip("B002.mov", 1)
	r.resolve(fmt.Sprintf(`{ name = "Film", id = "p", current = 1,
		bins = { name = "Master", clips = { "a", "b" } },
		clips = {
			a = { media = "m1", id = "i1", facts = { frames = 25, rate = "25/1", timecode = "10:00:00:00" },
				props = { ["File Path"] = %q, ["Clip Name"] = "A001.mov", ["FPS"] = 25, ["Data Level"] = "Full", ["H-FLIP"] = "Off", ["V-FLIP"] = "On" } },
			b = { media = "m2", id = "i2", props = { ["File Path"] = %q, ["Clip Name"] = "B002.mov", ["H-FLIP"] = "オフ" } },
		},
		timelines = {
			{ name = "Reel 1", id = "t1", fps = "25", first = 90000, last = 90025, video = { { items = { { clip = "a" }, { name = "Title" } } } }, audio = { { items = { { clip = "b" } } } } },
			{ name = "Reel 2", id = "t2", fps = "25", video = { { items = { { clip = "b" } } } } },
		} }`, a, b))
	if _, code, errs := r.try("queue", "resolve", "--link"); code != exitUsage || !strings.Contains(errs, "--wait --link") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if _, code, errs := r.try("queue", "resolve"); code != exitUsage || !strings.Contains(errs, "Reel 1 (1 clip, 25 fps, open in the editor)") || !strings.Contains(errs, "Reel 2") {
		t.Errorf("exit %d: %s", code, errs)
	}
	r.worker("w")
	out, code, errs := r.try("queue", "resolve", "--timeline", "reel 1", "--yes", "--wait", "--link", "--json")
	var d queueDocument
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 0 {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, errs)
	}
	if len(d.Clips) != 1 || d.Clips[0].Level != "full" || d.Clips[0].Flip != "vertical" || d.Clips[0].Result != "done" {
		t.Errorf("%+v", d.Clips)
	}
	if len(d.Links) != 1 || d.Links[0].Status != linkDone || d.Links[0].Proxy != filepath.Join(r.dir, "Proxy", "A001.mov") {
		t.Errorf("%+v", d.Links)
	}
	if len(d.Notes) != 1 || !strings.Contains(d.Notes[0], "H-FLIP of 1 clip is") {
		t.Errorf("notes: %q", d.Notes)
	}
	store, _, err := jobfile.Open(r.farm)
	if err != nil {
		t.Fatal(err)
	}
	j, err := store.Job(d.Clips[0].Job)
	if err != nil || j.Recipe.Video.Flip != "vertical" || j.Recipe.Video.DataLevel != "full" || len(j.Preset["flip"]) == 0 {
		t.Errorf("%v, %+v", err, j)
	}
	// A dry run links nothing, also where a proxy is there.
	if err := os.Remove(filepath.Join(r.dir, "resolve", "state")); err != nil {
		t.Fatal(err)
	}
	out, code, errs = r.try("queue", "resolve", "--timeline", "reel 1", "--wait", "--link", "--dry-run")
	if code != 0 || !strings.Contains(out, "would link") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if out = r.run("link"); !strings.Contains(out, "1 linked") {
		t.Errorf("the dry run linked:\n%s", out)
	}
	// Once more: it is there, it fits, it is linked.
	out, code, errs = r.try("queue", "resolve", "--timeline", "reel 1", "--yes", "--wait", "--link")
	if code != 0 || !strings.Contains(out, "0 linked, 1 were linked") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	// Resolve is gone when the proxies are ready.
	if err := os.WriteFile(filepath.Join(r.dir, "resolve", "world.lua"), []byte("return { absent = true }"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, code, errs = r.try("queue", "resolve"); code != exitFailed || !strings.Contains(errs, "DaVinci Resolve") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

func TestProjectOfResolve(t *testing.T) {
	yes, first := true, int64(107892)
	got := projectOf(&resolve.Project{
		Name: "Film", Notes: []string{"n"},
		Items: []resolve.Item{
			{Name: "Cut"},
			{
				Name: "A", Path: `E:\Day 1\A.mov`, FPS: "29.97", StartTC: "01:00:00:02", Drop: true, Frames: 30,
				Level: resolve.LevelVideo, HFlip: resolve.FlipOn, VFlip: resolve.FlipOn, Reel: "A001",
			},
			{Name: "B", Path: `/m/b\c.wav`, HFlip: resolve.FlipUnknown},
		},
		Timelines: []resolve.Timeline{{
			Name: "Cut", FPS: "29.97", Drop: &yes, First: &first, Duration: 9, Active: true, Blank: 2,
			Uses: []resolve.Use{{Item: 1, Video: true, Enabled: true, Count: 3}, {Item: 2, Count: 1}},
		}},
	})
	ntsc := jobfile.Rational{Num: 30000, Den: 1001}
	want := &timeline.Project{
		File: "Film", Format: timeline.Resolve, Notes: []string{"n"},
		Media: []timeline.Media{
			{
				Target: `E:\Day 1\A.mov`, Path: "E:/Day 1/A.mov", Kind: timeline.Video, Name: "A", Reel: "A001", Rate: ntsc,
				Start: &jobfile.Rational{Num: 107894 * 1001 / 2, Den: 15000}, Duration: &jobfile.Rational{Num: 1001, Den: 1000},
				DataLevel: "video", Flip: "both",
			},
			{Target: `/m/b\c.wav`, Path: `/m/b\c.wav`, Kind: timeline.Sound, Name: "B"},
		},
		Timelines: []timeline.Timeline{{
			Name: "Cut", Display: "Cut", Rate: ntsc, DropFrame: &yes, Start: &first, Duration: 9, Active: true,
			Uses: []timeline.Use{
				{Media: 0, Video: true, Enabled: true, Active: true, Count: 3},
				{Media: 1, Audio: true, Active: true, Count: 1},
			},
			Counts: timeline.Counts{Generators: 2},
		}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	if p := got.Media[0].Start; *p != *want.Media[0].Start {
		t.Errorf("start %v", p)
	}
}

// A file that is several clips, which are set otherwise, gets no setting of either.
func TestClipsOfOneFileDiffer(t *testing.T) {
	m := func(level, flip string) *timeline.Media { return &timeline.Media{DataLevel: level, Flip: flip} }
	for _, c := range []struct {
		media  []*timeline.Media
		want   clipSettings
		differ bool
	}{
		{nil, clipSettings{}, false},
		{[]*timeline.Media{m("full", "both")}, clipSettings{"full", "both"}, false},
		{[]*timeline.Media{m("full", ""), m("full", "")}, clipSettings{"full", ""}, false},
		{[]*timeline.Media{m("full", ""), m("", "")}, clipSettings{}, true},
		{[]*timeline.Media{m("", ""), m("", "both")}, clipSettings{}, true},
	} {
		got, differ := (&candidate{media: c.media}).settings()
		if got != c.want || differ != c.differ {
			t.Errorf("%+v, %v", got, differ)
		}
	}
	for want, c := range map[string]clip{
		"":                    {},
		"of full data levels": {Level: "full"},
		"flipped both ways":   {Flip: "both"},
		"of video data levels, flipped vertically": {Level: "video", Flip: "vertical"},
	} {
		if got := c.settingsText(); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

// queueProject queues a project that is in no file, as readResolve's; then is told what came of it.
func (a *app) queueProject(ctx context.Context, name string, p *timeline.Project, o queueOptions, then func([]clip) error) error {
	q, err := a.newQueuing(ctx, o)
	if err != nil {
		return err
	}
	q.sources = append(q.sources, source{project: newProject(name, p)})
	return q.run(ctx, then)
}
