package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxima/internal/faultfs"
	"proxima/jobfile"
	"proxima/jobfile/sharefs"
)

// crowd makes a farm with so many jobs that wait and so many that are finished, by copies of one
// that was queued; without ffmpeg and without syncing. Of those that wait the first is begun.
func crowd(t testing.TB, waiting, finished int) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "farm")
	if _, err := jobfile.Init(dir); err != nil {
		t.Fatal(err)
	}
	store, _, err := jobfile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	j := crowdJob()
	if err := store.Create(j); err != nil {
		t.Fatal(err)
	}
	born := filepath.Join(dir, "jobs", j.ID)
	text, err := os.ReadFile(filepath.Join(born, "job.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range waiting + finished {
		id := fmt.Sprintf("49_20260305-%02d%02d%02d_clip%05d_abcde", i/3600%24, i/60%60, i%60, i)
		top, folders := "jobs", []string{"todo", "doing", "done", "failed", "log", "parts"}
		if i >= waiting {
			top, folders = "done", []string{"log"}
		}
		at := filepath.Join(dir, top, id)
		for _, f := range folders {
			if err := os.MkdirAll(filepath.Join(at, f), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		write(filepath.Join(at, "job.yaml"), strings.ReplaceAll(string(text), j.ID, id))
		if i >= waiting {
			write(filepath.Join(at, "DONE.yaml"), fmt.Sprintf("format: 1\njob: %s\noutput:\n  path: /o.mov\nworker: w-abcde\nunits: 6\nfinished: 2026-03-05T00:00:00Z\n", id))
			continue
		}
		for _, u := range j.Plan.Units {
			write(filepath.Join(at, "todo", string(u.ID)+".a1.yaml"), "")
		}
	}
	if _, _, err := store.Claim(t.Context(), j.ID, jobfile.Ticket{Unit: "0000", Attempt: 1}, jobfile.Listing{}, "w-abcde"); err != nil {
		t.Fatal(err)
	}
	return dir
}

func crowdJob() *jobfile.Job {
	at := func(n int64) *int64 { return &n }
	j := &jobfile.Job{
		Format: 1, ID: "40_20260304-050607_first_abcde", Created: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), By: "ana@edit7", Version: "1",
		Source: jobfile.Source{Path: jobfile.Path{Rel: "/media/first.mov"}, Size: 1, Modified: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
		Output: jobfile.Output{Path: jobfile.Path{Rel: "/media/Proxy/first.mov"}, Base: jobfile.Path{Rel: "/media"}, Existing: jobfile.ExistingSkip},
		Recipe: jobfile.Recipe{
			Preset: "edit_proxy", Container: "mov", Ext: ".mov", Threads: 2, LogLevel: "error",
			Video: jobfile.VideoRecipe{Encoder: "dnxhd", Profile: "dnxhr_sq", PixelFormat: "yuv422p", MaxHeight: 720, ScaleFlags: "bicubic", IntraOnly: true},
			Sound: jobfile.SoundRecipe{Encoder: "pcm_s16le", SampleRate: 48000},
		},
		Media: jobfile.Media{
			Container: "mov", Timecode: "10:00:00:00",
			Video: jobfile.VideoStream{Codec: "h264", Width: 1920, Height: 1080, PixelFormat: "yuv420p", TimeBase: jobfile.Rational{Num: 1, Den: 12800}, FrameRate: jobfile.Rational{Num: 25, Den: 1}, SampleAspect: jobfile.Rational{Num: 1, Den: 1}},
			Sound: []jobfile.SoundStream{{Index: 1, Codec: "aac", Channels: 2, SampleRate: 48000}},
		},
		Plan: jobfile.Plan{Frames: 4000, Exact: true, ChunkTarget: jobfile.Duration(40 * time.Second), BytesRead: 1, LastPTS: at(3999 * 512)},
	}
	for i := range int64(4) {
		r := &jobfile.Range{Start: i * 512000}
		if i < 3 {
			r.End = at((i + 1) * 512000)
		}
		j.Plan.Units = append(j.Plan.Units, jobfile.Planned{ID: jobfile.ChunkID(int(i)), Range: r, Frames: 1000})
	}
	j.Plan.Units = append(j.Plan.Units, jobfile.Planned{ID: jobfile.UnitSound}, jobfile.Planned{ID: jobfile.UnitStitch})
	return j
}

// What a status costs the share grows with what waits, by three operations each, and not with what
// is finished; and a live screen that looks again asks about the waiting only in turn.
func TestStatusCostsWhatIsActive(t *testing.T) {
	t.Parallel()
	cost := func(waiting, finished int, w wish) (first, again int) {
		dir := crowd(t, waiting, finished)
		share := faultfs.New(sharefs.NewOS(dir))
		l := newLooker(jobfile.NewStore(share, dir), nil)
		doc, err := l.look(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		first = len(share.Ops())
		if r := doc.Room.Jobs; r.Queued != waiting || r.InWork != 1 || doc.Finished != finished || doc.Room.Frames != int64(waiting+1)*4000 {
			t.Errorf("%d wait and %d are finished, and it says %+v", waiting, finished, doc.Room)
		}
		w.again = true
		if _, err := l.look(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		for _, o := range share.Ops() {
			if o.Change {
				t.Errorf("a look changes something: %+v", o)
			}
		}
		return first, len(share.Ops()) - first
	}
	a, _ := cost(10, 0, wish{})
	b, _ := cost(10, 120, wish{})
	if a != b {
		t.Errorf("with 120 finished jobs a status takes %d operations, without %d", b, a)
	}
	c, again := cost(70, 10, wish{})
	if per := (c - a) / 60; per != 3 {
		t.Errorf("each job that waits costs %d operations, not 3 (%d and %d)", per, a, c)
	}
	if most := 10 + 2*turnOfOthers; again > most {
		t.Errorf("looking again takes %d operations, not at most %d", again, most)
	}
	d, _ := cost(10, 120, wish{finished: finishedShown})
	if most := a + 4*finishedShown; d > most {
		t.Errorf("with the latest finished jobs a status takes %d operations, not at most %d", d, most)
	}
}

// While nothing is begun nobody knows when the room is done.
func TestAPausedRoomHasNoEnd(t *testing.T) {
	t.Parallel()
	dir := crowd(t, 1, 0)
	store, _, err := jobfile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ holds, still string }{
		{"", ""},
		{"holds: the farm is paused\n", "nothing is begun: the farm is paused; 2 units are in work\n  next: proxima resume"},
	} {
		if c.still != "" {
			if err := os.WriteFile(filepath.Join(dir, "control", "pause.yaml"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		busy := fmt.Sprintf("  - {job: %s, unit: \"0000\", attempt: 1, frames: 10, of: 1000, fps: 25}\n", crowdJob().ID)
		worker := "format: 1\nid: w-abcde\nname: w\nslots: 2\nstate: working\n" + c.holds + "updated: " + time.Now().UTC().Format(time.RFC3339) + "\nbusy:\n" + busy + busy
		if err := os.WriteFile(filepath.Join(dir, "workers", "w-abcde.yaml"), []byte(worker), 0o644); err != nil {
			t.Fatal(err)
		}
		doc, err := newLooker(store, nil).look(t.Context(), wish{})
		if err != nil || doc.Room.FPS != 50 || doc.Still != c.still || (doc.Room.Left == 0) != (c.still != "") {
			t.Errorf("%v, %q, %+v", err, doc.Still, doc.Room)
		}
	}
}

// Ten thousand jobs that are finished and a thousand that wait.
func BenchmarkStatusOfALargeFarm(b *testing.B) {
	dir := crowd(b, 1000, 10000)
	b.ResetTimer()
	for b.Loop() {
		store, _, err := jobfile.Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := newLooker(store, nil).look(b.Context(), wish{}); err != nil {
			b.Fatal(err)
		}
	}
}
