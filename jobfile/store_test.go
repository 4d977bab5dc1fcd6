package jobfile

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func farm(t *testing.T) *Store {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "farm")
	if made, err := Init(dir); err != nil || !made {
		t.Fatal(made, err)
	}
	s, _, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func withJob(t *testing.T, s *Store) *Job {
	t.Helper()
	j := testJob()
	j.ID = NewJobID(50, time.Now(), "/m/A001.mov")
	if err := s.Create(j); err != nil {
		t.Fatal(err)
	}
	return j
}

func look(t *testing.T, s *Store, j *Job) View {
	t.Helper()
	l, err := s.Look(j.ID)
	if err != nil {
		t.Fatal(err)
	}
	return Fold(j.Plan.Units, l)
}

func TestInitIsSafeToRepeatAndRefusesStrangers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "farm")
	if made, err := Init(dir); err != nil || !made {
		t.Fatal(made, err)
	}
	conf := filepath.Join(dir, FarmFile)
	if err := os.WriteFile(conf, []byte("format: 1 # mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, ReadMeFile)); err != nil {
		t.Fatal(err)
	}
	if made, err := Init(dir); err != nil || made {
		t.Fatal(made, err)
	}
	if b, _ := os.ReadFile(conf); !strings.Contains(string(b), "mine") {
		t.Error("farm.yaml was overwritten")
	}
	if _, err := os.Stat(filepath.Join(dir, ReadMeFile)); err != nil {
		t.Error("what was missing was not added")
	}

	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "holiday.jpg"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var u *Unusable
	if _, err := Init(other); !errors.As(err, &u) || !strings.Contains(u.Reason, "holiday.jpg") || u.Next == "" {
		t.Errorf("a folder with something else: %v", err)
	}
	if es, _ := os.ReadDir(other); len(es) != 1 {
		t.Error("something was made in a folder that was refused")
	}

	half := t.TempDir()
	if err := os.Mkdir(filepath.Join(half, "jobs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if made, err := Init(half); err != nil || !made {
		t.Errorf("an init that died half way cannot be completed: %v", err)
	}
}

func TestAFolderWithoutFarmYamlIsNoFarm(t *testing.T) {
	var u *Unusable
	if _, _, err := Open(t.TempDir()); !errors.As(err, &u) || !strings.Contains(u.Next, "proxima init") {
		t.Errorf("%v", err)
	}
	if _, _, err := Open("/does/not/exist"); !errors.As(err, &u) {
		t.Errorf("%v", err)
	}
	s := farm(t)
	for _, newer := range []string{"format: 99\n", "mood: good\nformat: 2\ndefaults: {lease: {min: 1m}}\n"} {
		if err := os.WriteFile(filepath.Join(s.Dir(), FarmFile), []byte(newer), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Farm(); !errors.As(err, &u) || !strings.Contains(err.Error(), "newer") || !strings.Contains(u.Next, "install") {
			t.Errorf("a newer farm: %v", err)
		}
	}
}

func TestAJobAppearsWholeOrNotAtAll(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	ids, strange, err := s.JobIDs()
	if err != nil || len(ids) != 1 || len(strange) != 0 {
		t.Fatal(ids, strange, err)
	}
	v := look(t, s, j)
	if todo, _, _, _ := v.Counts(); todo != 4 {
		t.Fatalf("%d units to do", todo)
	}
	got, err := NewStore(s.fs, s.dir).Job(j.ID)
	if err != nil || got.Plan.Frames != j.Plan.Frames {
		t.Fatal(err)
	}
	// What a queuer leaves that is killed before the rename is invisible.
	half := testJob()
	half.ID = NewJobID(50, time.Now(), "/m/half.mov")
	if err := s.build("jobs/.new-"+half.ID, half, nil); err != nil {
		t.Fatal(err)
	}
	if ids, strange, _ := s.JobIDs(); len(ids) != 1 || len(strange) != 0 {
		t.Fatal(ids, strange)
	}
	bad := testJob()
	bad.Plan.Units = nil
	if err := s.Create(bad); err == nil {
		t.Fatal("a job without units was created")
	}
}

func tree(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		names = append(names, strings.TrimPrefix(p, dir))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func claim(t *testing.T, s *Store, j *Job, unit UnitID, attempt int, worker string) Ticket {
	t.Helper()
	k, _, err := s.Claim(context.Background(), j.ID, Ticket{Unit: unit, Attempt: attempt}, looked(t, s, j), worker)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func looked(t *testing.T, s *Store, j *Job) Listing {
	t.Helper()
	l, err := s.Look(j.ID)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func stage(t *testing.T, s *Store, j *Job, k Ticket, content string) *Result {
	t.Helper()
	st, err := s.Stage(j.ID, k, looked(t, s, j))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Log.Close()
	if err := os.WriteFile(st.Video, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return &Result{Video: &VideoPart{Size: int64(len(content)), Frames: 1, Digest: "x"}}
}

func TestACommitIsThePartThenTheResult(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	if err := s.Commit(j.ID, k, stage(t, s, j, k, "picture")); err != nil {
		t.Fatal(err)
	}
	u := look(t, s, j).Unit("0000")
	if u.State != Done || len(u.Litter) != 0 {
		t.Fatalf("%+v", u)
	}
	r, err := s.ReadResult(j.ID, u.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.PartPath(j.ID, r.Video.File)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(p); err != nil || string(b) != "picture" {
		t.Fatal(string(b), err)
	}
	if _, err := s.PartPath(j.ID, "../../../etc/passwd"); err == nil {
		t.Fatal("a part's name left its folder")
	}
}

// A zombie wakes after its unit was taken over: whatever it does, it commits nothing.
func TestAZombieCommitsNothing(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	zombie := claim(t, s, j, "0000", 1, "w-zombie")
	r := stage(t, s, j, zombie, "old")
	if err := s.Release(j.ID, zombie); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(j.ID, zombie, r); !errors.Is(err, ErrLost) {
		t.Fatalf("taken over: %v", err)
	}
	heir := claim(t, s, j, "0000", 2, "w-heir")
	if err := s.Commit(j.ID, zombie, r); !errors.Is(err, ErrLost) {
		t.Fatalf("claimed by another: %v", err)
	}
	if err := s.Commit(j.ID, heir, stage(t, s, j, heir, "new")); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(j.ID, zombie, r); !errors.Is(err, ErrLost) {
		t.Fatalf("done by another: %v", err)
	}
	s.Unstage(j.ID, zombie)
	if u := look(t, s, j).Unit("0000"); u.Ticket != heir {
		t.Fatalf("%+v", u)
	}
	for _, n := range tree(t, s.Dir()) {
		if strings.Contains(n, "partial") || strings.Contains(n, "zombie") && !strings.Contains(n, "/log/") {
			t.Errorf("%s was left", n)
		}
	}
	// The folder moves away under its feet.
	late := claim(t, s, j, "0001", 1, "w-late")
	lr := stage(t, s, j, late, "late")
	if err := os.Rename(s.fs.Path(dirJobs+"/"+j.ID), s.fs.Path(dirDone+"/"+j.ID)); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(j.ID, late, lr); !errors.Is(err, ErrLost) {
		t.Fatalf("the job moved: %v", err)
	}
	s.Unstage(j.ID, late)
	for _, n := range tree(t, s.Dir()) {
		if strings.Contains(n, "partial") {
			t.Errorf("%s was left", n)
		}
	}
}

func TestAPartThatLostBytesOnTheShareIsNotCommitted(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	k := claim(t, s, j, "0000", 1, "w-1")
	r := stage(t, s, j, k, "short")
	r.Video.Size = 500
	if err := s.Commit(j.ID, k, r); err == nil {
		t.Fatal("committed")
	}
	if u := look(t, s, j).Unit("0000"); u.State != Doing {
		t.Fatalf("%v", u.State)
	}
}

func TestFailuresTravelWithTheUnitAndAPersonMayDragItBack(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	for i, w := range []string{"a", "b", "c"} {
		k := claim(t, s, j, "0000", i+1, w+"-1")
		if err := s.Fail(j.ID, k, Failure{Worker: w, Kind: FaultUnit, Reason: "ffmpeg \x1b[31mfell over\nbadly", Next: "see the log"}, i == 2); err != nil {
			t.Fatal(err)
		}
	}
	v := look(t, s, j)
	u := v.Unit("0000")
	if u.State != Failed || u.Attempt != 4 {
		t.Fatalf("%+v", u)
	}
	doc, err := s.ReadUnit(j.ID, Placed{Failed, u.Ticket})
	if err != nil || len(doc.Failures) != 0 || len(doc.GivenUp) != 3 || doc.GivenUp[2].Worker != "c" {
		t.Fatalf("%+v, %v", doc, err)
	}
	file := s.fs.Path("jobs/" + j.ID + "/failed/" + u.Ticket.File())
	raw, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(raw), "# What went wrong: ffmpeg") || strings.Contains(string(raw), "\x1b") {
		t.Fatalf("%q, %v", raw, err)
	}
	if m, err := s.Mark(j, v, "w-1"); m == nil || err != nil {
		t.Fatal(err)
	}
	m, state, err := s.Marker(j.ID)
	if err != nil || state != Failed || !strings.Contains(m.Error, "0000") {
		t.Fatal(m, state, err)
	}
	if err := os.Rename(file, strings.Replace(file, "/failed/", "/todo/", 1)); err != nil {
		t.Fatal(err)
	}
	if m, err := s.Mark(j, v, "w-1"); m != nil || err != nil {
		t.Errorf("a look from before it was dragged back marked the job: %+v, %v", m, err)
	}
	v = look(t, s, j)
	if v.Unit("0000").State != Todo || !v.FailMark {
		t.Fatalf("%+v", v.Unit("0000"))
	}
	back, err := s.ReadUnit(j.ID, Placed{Todo, u.Ticket})
	if err != nil || len(back.Failures) != 0 {
		t.Fatalf("dragging it back is no retry: %+v, %v", back, err)
	}
	claim(t, s, j, "0000", 4, "d-1")
}

func TestABrokenUnitFileDoesNotStopItsUnit(t *testing.T) {
	s := farm(t)
	j := withJob(t, s)
	if err := os.WriteFile(s.fs.Path("jobs/"+j.ID+"/todo/0000.a1.yaml"), []byte("{[ not yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	k := claim(t, s, j, "0000", 1, "a-1")
	if err := s.Fail(j.ID, k, Failure{Worker: "a", Reason: "x"}, false); err != nil {
		t.Fatal(err)
	}
	if u, err := s.ReadUnit(j.ID, Placed{Todo, Ticket{Unit: "0000", Attempt: 2}}); err != nil || len(u.Failures) != 1 {
		t.Fatal(u, err)
	}
}
