package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"proxima/jobfile"
)

// A farm full of jobs that somebody wrote by hand, a real daemon with real programs, and a
// folder that it may not touch: nothing of it is read into a proxy, and nothing is written there.
func TestNoJobLeadsOutOfWhatTheMachineAllows(t *testing.T) {
	t.Parallel() // it mostly waits
	if testing.Short() {
		t.Skip("about what is opened: run without the race detector")
	}
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	r := newRoom(t)
	root, outside := filepath.Join(r.dir, "root"), filepath.Join(r.dir, "outside")
	for _, d := range []string{root, outside, filepath.Join(root, "out")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	clip, secret := r.clip("root/a.mov", 1), r.clip("outside/secret.mov", 1)
	for name, to := range map[string]string{"way": outside, "film.mov": secret, "nowhere": filepath.Join(outside, "new")} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	r.run("queue", clip, "--output", filepath.Join(root, "out"))
	store, _, err := jobfile.Open(r.farm)
	if err != nil {
		t.Fatal(err)
	}
	ids, _, err := store.JobIDs()
	if err != nil || len(ids) != 1 {
		t.Fatal(ids, err)
	}
	source := func(p string) func(*jobfile.Job) {
		return func(j *jobfile.Job) {
			st, err := os.Stat(p)
			if err != nil {
				t.Fatal(err)
			}
			j.Source = jobfile.Source{Path: jobfile.Path{Rel: p}, Size: st.Size(), Modified: st.ModTime()}
		}
	}
	output := func(p string) func(*jobfile.Job) {
		return func(j *jobfile.Job) {
			j.Output.Path, j.Output.Base = jobfile.Path{Rel: p}, jobfile.Path{Rel: filepath.Dir(p)}
		}
	}
	movie := ",movie=" + strings.ReplaceAll(secret, ":", `\:`)
	evil := []struct {
		name string
		edit func(*jobfile.Job)
	}{
		{"source outside", source(secret)},
		{"source by a link", source(root + "/film.mov")},
		{"source below a link", source(root + "/way/secret.mov")},
		{"source that climbs", source(root + "/../outside/secret.mov")},
		{"source of the system", source("/etc/hosts")},
		{"source that is a device", func(j *jobfile.Job) { j.Source.Path.Rel = "/dev/zero" }},
		{"source that is a URL", func(j *jobfile.Job) { j.Source.Path.Rel = "http://127.0.0.1/" }},
		{"source that is a protocol", func(j *jobfile.Job) { j.Source.Path.Rel = "concat:" + secret }},
		{"output outside", output(outside + "/x.mov")},
		{"output over the secret", func(j *jobfile.Job) { output(secret)(j); j.Output.Existing = jobfile.ExistingOverwrite }},
		{"output below a link", output(root + "/way/x.mov")},
		{"output below a link to nothing", func(j *jobfile.Job) { output(root + "/nowhere/x.mov")(j); j.Output.Base.Rel = root }},
		{"output that climbs", output(root + "/../outside/x.mov")},
		{"output with another base", func(j *jobfile.Job) { output(outside + "/new/x.mov")(j); j.Output.Base.Rel = root }},
		{"output by a link", func(j *jobfile.Job) { output(root + "/film.mov")(j); j.Output.Existing = jobfile.ExistingOverwrite }},
		{"hidden output", output(root + "/.bashrc.mov")},
		{"output of another kind", output(root + "/x.sh")},
		{"arguments", func(j *jobfile.Job) { j.Recipe.Video.Args = []string{"-i", secret} }},
		{"arguments that write", func(j *jobfile.Job) { j.Recipe.Video.Args = []string{"-flags", "+pass1"} }},
		{"filter by the pixel format", func(j *jobfile.Job) { j.Recipe.Video.PixelFormat += movie }},
		{"filter by the scaler", func(j *jobfile.Job) { j.Recipe.Video.ScaleFlags += movie }},
		{"encoder", func(j *jobfile.Job) { j.Recipe.Video.Encoder = "h264_v4l2m2m" }},
		{"container", func(j *jobfile.Job) { j.Recipe.Container = "tee" }},
	}
	for i, e := range evil {
		j := evilJob(t, store, ids[0], i)
		e.edit(j)
		writeJob(t, r, j)
	}
	// These fields never reach a command line: the proxy is made as if they said nothing.
	j := evilJob(t, store, ids[0], len(evil))
	output(root + "/out/labels.mov")(j)
	j.Media.Video.Primaries, j.Media.Video.Matrix, j.Media.Video.Range = "bt709"+movie, "bt709"+movie, "pc"+movie
	j.Media.Reel = "-i " + secret
	writeJob(t, r, j)

	before := listing(t, outside)
	w := r.command("work", "--name", "w", "--until-idle", "--allow", root)
	w.Dir = filepath.Join(r.dir, "cwd")
	if err := os.Mkdir(w.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	said, err := w.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
	if after := listing(t, outside); after != before {
		t.Errorf("outside was\n%s\nand is\n%s", before, after)
	}
	if left := listing(t, w.Dir); left != "" {
		t.Errorf("the daemon's own folder holds\n%s", left)
	}
	want := map[string]bool{filepath.Join(root, "out", "a.mov"): true, filepath.Join(root, "out", "labels.mov"): true}
	for _, f := range strings.Fields(listing(t, root)) {
		p, _, _ := strings.Cut(f, "=")
		if p != clip && !want[p] {
			t.Errorf("%s was made\n%s", p, said)
		}
		delete(want, p)
	}
	if len(want) > 0 {
		t.Errorf("%v was not made\n%s", want, said)
	}
}

// evilJob is a copy of a job under another name, with an output of its own.
func evilJob(t *testing.T, s *jobfile.Store, id string, i int) *jobfile.Job {
	t.Helper()
	j, err := s.Job(id)
	if err != nil {
		t.Fatal(err)
	}
	c := *j
	c.ID = fmt.Sprintf("50_20260101-%06d_evil_abcde", i)
	c.Output.Path.Rel = fmt.Sprintf("%s/evil%d.mov", filepath.Dir(c.Output.Path.Rel), i)
	return &c
}

// writeJob puts a job's folder there as it is, valid or not.
func writeJob(t *testing.T, r *room, j *jobfile.Job) {
	t.Helper()
	dir := filepath.Join(r.farm, "jobs", j.ID)
	for _, d := range []string{"todo", "doing", "done", "failed", "parts", "log"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put := func(name string, doc any) {
		data, err := jobfile.Encode("", doc)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range j.Plan.Units {
		put(filepath.Join("todo", jobfile.Ticket{Unit: u.ID, Attempt: 1}.File()), j.Unit(u))
	}
	put("job.yaml", j)
}

// listing is what lies below a folder, with sizes.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(dir, func(p string, st os.FileInfo, err error) error {
		if err == nil && st.Mode().IsRegular() {
			fmt.Fprintf(&b, "%s=%d@%d\n", p, st.Size(), st.ModTime().UnixNano())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
