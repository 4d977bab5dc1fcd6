package jobfile

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestOrphansAreOurTemporaryFilesThatNobodyHolds(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	job := "jobs/" + j.ID
	unborn := "jobs/.new-" + NewJobID(50, j.Created, "/m/A002.mov")
	if err := os.MkdirAll(s.fs.Path(unborn+"/todo"), 0o755); err != nil {
		t.Fatal(err)
	}
	orphans := []string{job + "/.DONE.yaml.abc234.tmp", job + "/todo/.0001.a2.yaml.abc234.tmp", job + "/parts/.0001.a1.w-2.mov.partial", "workers/.w-9.yaml.abc234.tmp"}
	others := []string{job + "/parts/.0000.a1.w-1.mov.partial", job + "/.DS_Store", job + "/parts/0000.a1.w-3.mov", "workers/w-9.yaml", "jobs/.new-mine", "jobs/.hidden.tmp"}
	for _, n := range append(slices.Clone(orphans), others...) {
		if err := os.WriteFile(s.fs.Path(n), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := []Orphan{Orphan(unborn)}
	for _, o := range orphans {
		want = append(want, Orphan(o))
	}
	ids := []string{j.ID, NewJobID(50, j.Created, "/m/gone.mov")}
	got, err := s.Orphans(ids, ids)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("got  %q\nwant %q", got, want)
	}
	for range 2 {
		for _, o := range got {
			if err := s.RemoveOrphan(o); err != nil {
				t.Error(err)
			}
		}
	}
	for _, n := range others {
		if _, err := os.Stat(filepath.Join(s.Dir(), n)); err != nil {
			t.Error(err)
		}
	}
	if err := s.Holds(j.ID, k); err != nil {
		t.Error(err)
	}
}
