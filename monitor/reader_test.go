package monitor

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"proxima/jobfile"
	"proxima/jobfile/sharefs"
)

// counting counts what a look costs the share.
type counting struct {
	sharefs.FS
	n atomic.Int64
}

func (c *counting) ReadDir(d string) ([]sharefs.Entry, error) { c.n.Add(1); return c.FS.ReadDir(d) }

func (c *counting) ReadFile(n string, l int64) ([]byte, error) {
	c.n.Add(1)
	return c.FS.ReadFile(n, l)
}
func (c *counting) Size(n string) (int64, error)          { c.n.Add(1); return c.FS.Size(n) }
func (c *counting) Create(string) (io.WriteCloser, error) { panic("the reader writes") }

func aJob(clip string) *jobfile.Job {
	at := int64(640000)
	crf := 20
	return &jobfile.Job{
		Format: jobfile.Format, ID: jobfile.NewJobID(50, time.Now(), clip), Created: time.Now().UTC().Truncate(time.Second), By: "ana@edit7", Version: "1",
		Source: jobfile.Source{Path: jobfile.Path{Root: "footage", Rel: "day1/" + clip}, Size: 1234567},
		Output: jobfile.Output{Path: jobfile.Path{Root: "footage", Rel: "day1/Proxy/" + clip + ".mov"}, Base: jobfile.Path{Root: "footage", Rel: "day1"}, Existing: jobfile.ExistingSkip},
		Recipe: jobfile.Recipe{
			Preset: "edit_proxy", Container: "mov", Ext: ".mov", Threads: 2, LogLevel: "warning",
			Video: jobfile.VideoRecipe{Encoder: "libx264", PixelFormat: "yuv420p", MaxHeight: 720, CRF: &crf, ScaleFlags: "bicubic"},
		},
		Media: jobfile.Media{
			Container: "mov",
			Video:     jobfile.VideoStream{Codec: "h264", Width: 1920, Height: 1080, PixelFormat: "yuv420p", TimeBase: jobfile.Rational{Num: 1, Den: 12800}, FrameRate: jobfile.Rational{Num: 25, Den: 1}, SampleAspect: jobfile.Rational{Num: 1, Den: 1}},
		},
		Plan: jobfile.Plan{
			Frames: 2500, Exact: true, ChunkTarget: jobfile.Duration(time.Minute),
			Units: []jobfile.Planned{
				{ID: "0000", Range: &jobfile.Range{Start: 0, End: &at}, Frames: 1250}, {ID: "0001", Range: &jobfile.Range{Start: at}, Frames: 1250}, {ID: jobfile.UnitStitch},
			},
		},
	}
}

// What a look costs grows neither with what is finished nor, after the first, with what waits.
func TestWhatALookCosts(t *testing.T) {
	t.Parallel()
	cfg, _ := testConfig(t, true)
	dir := cfg.Store.Dir()
	share := &counting{FS: sharefs.NewOS(dir)}
	cfg.Store = jobfile.NewStore(share, dir)
	make, _, err := jobfile.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		if err := make.Create(aJob(fmt.Sprintf("A001_C%03d.mov", i))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 500 { // their records are read for the latest only
		if err := os.Mkdir(filepath.Join(dir, "done", fmt.Sprintf("49_20250304-%06d_old_abcde", i)), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	r := newReader(cfg)
	now := time.Now()
	cost := func() int64 {
		t.Helper()
		before := share.n.Load()
		now = now.Add(2 * time.Second)
		f, err := r.look(now)
		if err != nil {
			t.Fatal(err)
		}
		if f.head.Queued+f.head.Unread != 50 || f.head.Finished != 500 || f.head.State != "waiting" {
			t.Errorf("%+v", f.head)
		}
		return share.n.Load() - before
	}
	if n := cost(); n > 50*9+200 {
		t.Errorf("the first look cost %d operations", n)
	}
	for range 3 {
		cost()
	}
	for range 3 {
		if n := cost(); n > (headOfQueue+turns)*5+10 {
			t.Errorf("a look costs %d operations", n)
		}
	}
}

// Names that would do something reach the page as words.
func TestNamesOfTheFolderArePlain(t *testing.T) {
	t.Parallel()
	cfg, _ := testConfig(t, true)
	j := aJob("a\x1b[31m\u202egpj<b>.mov")
	if err := cfg.Store.Create(j); err != nil {
		t.Fatal(err)
	}
	// A worker who took a piece, and a piece that failed.
	jobs := filepath.Join(cfg.Store.Dir(), "jobs", j.ID)
	if err := os.Rename(filepath.Join(jobs, "todo", "0000.a1.yaml"), filepath.Join(jobs, "doing", "0000.a1.edit7-abcde.yaml")); err != nil {
		t.Fatal(err)
	}
	failed := "format: 1\njob: " + j.ID + "\nunit: \"0001\"\ngiven_up:\n  - {worker: edit9, kind: unit, reason: \"no\\e[31m\\u202E pictures\", next: \"look\\nthere\", attempt: 3, time: 2026-03-04T05:06:07Z}\n"
	if err := os.Remove(filepath.Join(jobs, "todo", "0001.a1.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(jobs, "failed", "0001.a3.yaml"), []byte(failed), 0o644); err != nil {
		t.Fatal(err)
	}
	worker := "format: 1\nid: edit7-abcde\nname: edit7\nhost: \"h\\e[1m\"\nversion: \"1\\u202E\"\nslots: 2\nstate: \"w\\e\"\nholds: \"lunch\\u2066\"\nupdated: " + time.Now().UTC().Format(time.RFC3339) +
		"\nbusy:\n  - {job: " + j.ID + ", unit: \"0000\", attempt: 1, frames: 250, of: 1250, fps: 25}\n"
	if err := os.WriteFile(filepath.Join(cfg.Store.Dir(), "workers", "edit7-abcde.yaml"), []byte(worker), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := newReader(cfg).look(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, err := pieces(f)
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, v := range s {
		all += string(v)
	}
	for _, raw := range []string{"\x1b", `\u001b`, "\u202e", "\u2066", `\u202e`[1:] + "\\"} {
		if strings.Contains(all, raw) {
			t.Errorf("%q stands in\n%s", raw, all)
		}
	}
	d := f.jobs[0]
	if d.State != "failed" || d.Cells != "wft" || d.Whose != "0--" || d.Done != 250 || d.Name != `a\x1b[31m\u202egpj<b>.mov` || len(d.Failures) != 1 || d.Failures[0].Next != `look\nthere` {
		t.Errorf("%+v", d)
	}
	if w := f.workers[0]; w.State != `w\x1b` || w.Words != `lunch\u2066` || len(w.Does) != 1 || f.head.Failed != 1 || f.head.State != "working" {
		t.Errorf("%+v %+v", w, f.head)
	}
}
