package watcher

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxima/jobfile"
)

// Whoever can write to the share can write a job: where it may lead is this machine's to say.
func TestAJobThatLeadsOutsideOfTheFenceIsNotDone(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(r *room, j *jobfile.Job, outside string)
	}{
		{"source", func(r *room, j *jobfile.Job, outside string) {
			secret := filepath.Join(outside, "secret.mov")
			r.must(os.WriteFile(secret, []byte("secret"), 0o644))
			j.Source.Path, j.Source.Size = jobfile.Path{Rel: secret}, 6
		}},
		{"output", func(_ *room, j *jobfile.Job, outside string) {
			j.Output.Path = jobfile.Path{Rel: filepath.Join(outside, "a.mov")}
			j.Output.Base = jobfile.Path{Rel: outside}
		}},
		{"output through a link", func(r *room, j *jobfile.Job, outside string) {
			link := filepath.Join(r.dir, "media", "out")
			if err := os.Symlink(outside, link); err != nil {
				r.t.Skip(err)
			}
			j.Output.Path = jobfile.Path{Root: "media", Rel: "out/a.mov"}
			j.Output.Base = jobfile.Path{Root: "media", Rel: "out"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, r *room) {
				outside := t.TempDir()
				j := r.newJob("A001.mov", 1)
				c.edit(r, j, outside)
				r.must(r.store.Create(j))
				p := r.worker("w", func(c *Config) { c.Fence = jobfile.Fence{filepath.Join(r.dir, "media")} })
				if err := p.run(t.Context(), nil); err != nil {
					t.Error(err)
				}
				if c.name == "source" && len(p.fake.tries()) > 0 {
					t.Errorf("read: %v", p.fake.tries())
				}
				if _, err := os.Stat(filepath.Join(outside, "a.mov")); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("written: %v", err)
				}
				if !strings.Contains(p.said.String(), "outside of the folders that jobs may use") || p.said.charges() > 0 {
					t.Errorf("%s", p.said)
				}
			})
		})
	}
}
